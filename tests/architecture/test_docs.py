"""The generated pages of docs/ say what the code says."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from billing_desk import docs_writer
from billing_desk.reactions import REACTIONS


def test_the_generated_pages_are_up_to_date() -> None:
    assert [page.name for page in docs_writer.stale_pages()] == []


def test_every_kind_of_event_stands_on_the_page_once() -> None:
    page = docs_writer.events_page()

    assert {kind: page.count(f"| `{kind}` |") for kind in REACTIONS} == dict.fromkeys(REACTIONS, 1)


def test_what_follows_from_a_paid_refund_can_be_read_off_the_page() -> None:
    row = next(line for line in docs_writer.events_page().splitlines() if line.startswith("| `refund.paid` |"))

    handlers = (
        "note_progress",
        "tell_customer",
        "keep_promises",
        "book_exchange_difference",
        "close_refunded_inquiry",
        "queue_webhooks",
    )
    assert row == f"| `refund.paid` | {', '.join(f'`{name}`' for name in handlers)} |"


def test_the_ticket_diagram_shows_every_move_and_where_it_ends() -> None:
    page = docs_writer.state_machines_page()
    diagram = page.split("### Ticket\n")[1].split("```mermaid\n")[1].split("```")[0]

    assert [line.strip() for line in diagram.splitlines()] == [
        "stateDiagram-v2",
        "[*] --> open",
        "open --> waiting: wait",
        "open --> resolved: resolve",
        "waiting --> open: reopen",
        "waiting --> resolved: resolve",
        "resolved --> open: reopen",
        "resolved --> closed: close",
        "closed --> [*]",
    ]


@pytest.fixture
def pages_elsewhere(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    return tmp_path / "docs"


def test_a_stale_page_is_named_and_left_as_it_is_by_the_check(pages_elsewhere) -> None:
    call_command("write_docs")
    (pages_elsewhere / "events.md").write_text("edited by hand")

    with pytest.raises(CommandError, match=r"Stale: docs/events\.md\. Run"):
        call_command("write_docs", check=True)

    assert (pages_elsewhere / "events.md").read_text() == "edited by hand"


def test_writing_makes_a_stale_page_right_again(pages_elsewhere) -> None:
    call_command("write_docs")
    (pages_elsewhere / "state-machines.md").unlink()

    call_command("write_docs")

    assert docs_writer.stale_pages() == []
    call_command("write_docs", check=True)
