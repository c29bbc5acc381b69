"""System checks: a server needs secrets of its own, and the reactions table has to hold."""

from __future__ import annotations

from django.core.management import call_command

from billing_desk.checks import check_reactions, secret_problems
from ledger.events import outbox


def ids(problems) -> list[str]:
    return [problem.id for problem in problems]


def test_a_server_with_the_demos_key_is_refused():
    assert ids(secret_problems("not-secret-demo-and-tests", "x" * 24)) == ["billing_desk.E001"]


def test_a_short_hook_secret_is_refused_and_a_missing_one_warned_of():
    assert ids(secret_problems("k" * 60, "short")) == ["billing_desk.E002"]
    assert ids(secret_problems("k" * 60, "")) == ["billing_desk.W002"]
    assert secret_problems("k" * 60, "x" * 24) == []


def test_the_reactions_table_holds():
    assert check_reactions(None) == []


def test_a_handler_that_cannot_be_found_again_is_named(monkeypatch):
    table = {"charge.added": (lambda event, at: None,)}
    monkeypatch.setattr(outbox, "table", lambda: table)

    assert ids(check_reactions(None)) == ["billing_desk.E004"]


def test_a_handler_listed_twice_is_named(monkeypatch):
    monkeypatch.setattr(outbox, "table", lambda: {"charge.added": (outbox.run_due_reactions,) * 2})

    assert ids(check_reactions(None)) == ["billing_desk.E003"]


def test_the_checks_of_the_project_pass(db):
    call_command("check", verbosity=0)
