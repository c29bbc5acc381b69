"""check_books: exit 0 on books that hold, 1 naming the first break, also when a superuser did it."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from ledger.books import claims
from ledger.books.models import Posting, Seal
from ledger.books.operations import close_day, fold_balances, post_entry, seal_entries
from tests.conftest import NOW, berlin
from tests.ledger.books.conftest import APRIL_1, charge, invoice, payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(system) -> dict[str, int]:
    """Six sealed entries of two customers, half of the deltas folded, a day closed; one entry not yet sealed.

    Returns the ids by short names: e1 is the first entry, p1 the first posting, a1 and a2 its two accounts.
    """
    posted = []
    for number, customer in enumerate((17, 18), start=1):
        posted.append(post_entry(charge(number, "100.00", customer=customer), by=system, at=NOW))
        posted.append(post_entry(invoice(number, "100.00", "19.00", customer=customer), by=system, at=NOW))
        posted.append(post_entry(payment(number, "123.00", "4.00", customer=customer), by=system, at=NOW))
        if number == 1:
            fold_balances()
    close_day(APRIL_1, at=berlin(2026, 6, 1))
    assert seal_entries(at=NOW) == 6
    assert seal_entries(at=NOW) == 0
    posted.append(post_entry(charge(9, "1.00", on=date(2026, 4, 2)), by=system, at=NOW))
    # As a commit would: the checks of the entries are done before anybody tampers with them.
    connection.check_constraints()
    ids = {f"e{place}": entry.id for place, entry in enumerate(posted, start=1)}
    postings = Posting.objects.filter(entry_id__in=ids.values()).order_by("id")
    ids |= {f"p{place}": posting.pk for place, posting in enumerate(postings, start=1)}
    return ids | {f"a{place}": posting.account_id for place, posting in enumerate(postings[:2], start=1)}


def tamper(books: dict[str, int], *statements: str) -> None:
    """Act as a superuser who switches the triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE none")
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement.format(**books))
            assert cursor.rowcount > 0
        cursor.execute("SET LOCAL session_replication_role = origin")
        cursor.execute("SET LOCAL ROLE billing_desk_app")


def first_break() -> str:
    with pytest.raises(CommandError) as failure:
        call_command("check_books", stdout=StringIO())
    assert failure.value.returncode == 1
    return str(failure.value)


def test_books_that_hold_are_summed_up_in_one_line(books):
    out = StringIO()

    call_command("check_books", stdout=out)

    assert out.getvalue().startswith("The books hold: 7 entries, 18 postings, ")  # 2 × (2 + 3 + 3) + 2
    assert out.getvalue().count("\n") == 1


def test_empty_books_hold(db):
    call_command("check_books", stdout=StringIO())


def test_a_changed_amount_is_named_by_its_posting_and_entry(books):
    tamper(books, "UPDATE ledger_posting SET amount_minor = amount_minor + 1 WHERE id = {p4}")

    assert "posting {p4} of entry {e2} (unbilled of customer:17 in EUR): ".format(**books) in first_break()


def test_a_changed_amount_that_still_balances_is_found_by_the_entrys_hash(books):
    tamper(
        books,
        "UPDATE ledger_posting SET amount_minor = amount_minor * 2 WHERE entry_id = {e1}",
        "UPDATE ledger_balance b SET amount_minor = (SELECT sum(amount_minor) FROM ledger_posting p"
        " WHERE p.account_id = b.account_id) - (SELECT coalesce(sum(amount_minor), 0) FROM ledger_balancedelta d"
        " WHERE d.account_id = b.account_id)",
    )

    assert f"entry {books['e1']}: what is stored is not what was posted" in first_break()


def test_an_entry_rewritten_with_its_hash_and_all_balances_is_found_by_the_seal(books):
    tamper(
        books,
        "UPDATE ledger_posting SET amount_minor = amount_minor * 2 WHERE entry_id = {e1}",
        "UPDATE ledger_journalentry e SET content_hash = ledger_content_hash(kind, customer_id, effective_on, source,"
        " reason, reverses_id, (SELECT string_agg(account_id || ':' || amount_minor, ';' ORDER BY account_id)"
        " FROM ledger_posting WHERE entry_id = e.id)) WHERE id = {e1}",
    )

    assert (
        "seal of entries {e1} to {e6}: an entry was changed, added or removed after sealing".format(**books)
        in first_break()
    )


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (
            "UPDATE ledger_journalentry SET reason = 'x' WHERE id = {e2}",
            "entry {e2}: what is stored is not what was posted",
        ),
        ("UPDATE ledger_journalentry SET actor = 'agent:9' WHERE id = {e2}", "seal of entries {e1} to {e6}"),
        ("DELETE FROM ledger_posting WHERE id = {p3}", "entry {e2}: the entry has 2 postings, not 3"),
        ("DELETE FROM ledger_journalentry WHERE id = {e3}", "of entry {e3}: there is no such entry"),
        (
            "UPDATE ledger_posting SET effective_on = '2026-05-01' WHERE id = {p1}",
            "posting {p1} of entry {e1} takes effect on",
        ),
        (
            "UPDATE ledger_posting SET currency = 'USD' WHERE id = {p1}",
            "posting {p1} of entry {e1} is in USD, its account EUR",
        ),
        (
            "UPDATE ledger_balance SET amount_minor = amount_minor + 1 WHERE account_id = {a1}",
            "balance of account {a1} (",
        ),
        (
            "DELETE FROM ledger_balance WHERE account_id = {a1}",
            "balance of account {a1} (unbilled of customer:17 in EUR)",
        ),
        ("DELETE FROM ledger_balancedelta WHERE account_id = {a2}", "balance of account {a2} (revenue in EUR)"),
        (
            "UPDATE ledger_dayclose SET closing_minor = 0 WHERE account_id = {a2}",
            "closing of 2026-04-01 of account {a2}",
        ),
        ("UPDATE ledger_seal SET prev_hash = 'x'", "it does not continue the seal before it"),
        ("UPDATE ledger_account SET currency = 'USD' WHERE id = {a2}", "its account USD"),
    ],
)
def test_every_kind_of_tampering_is_named(books, change, found):
    tamper(books, change)

    assert found.format(**books) in first_break()


def test_a_deleted_entry_with_its_postings_is_found_by_the_seal(books):
    tamper(
        books,
        "DELETE FROM ledger_posting WHERE entry_id = {e6}",
        "DELETE FROM ledger_journalentry WHERE id = {e6}",
    )

    assert "seal of entries {e1} to {e6}".format(**books) in first_break()


def test_a_claim_of_another_concept_is_checked_too(books, monkeypatch):
    holds = ("Nobody owes anything.", "SELECT id FROM ledger_account WHERE false")
    fails = ("No customer has credit.", "SELECT owner FROM ledger_account WHERE code = 'customer_credit' ORDER BY id")
    monkeypatch.setattr(claims, "CLAIMS", [holds, fails])

    assert first_break() == "The books do not hold: No customer has credit. But not here: customer:17"


def test_the_seal_goes_on_where_it_ended(books):
    assert seal_entries(at=NOW) == 1

    call_command("check_books", stdout=StringIO())
    blocks = Seal.objects.order_by("to_id").values_list("from_id", "to_id")
    assert list(blocks) == [(books["e1"], books["e6"]), (books["e7"], books["e7"])]
