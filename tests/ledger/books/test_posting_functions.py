"""The posting functions called in plain SQL by the application's role: no argument makes them break a law."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from ledger.books import posting_rules
from ledger.books.entry import Entry
from ledger.books.models import JournalEntry, Posting
from ledger.books.operations import close_period, post_entries, post_entry, reverse_entry
from ledger.books.queries import balance, first_break
from tests.conftest import NOW
from tests.ledger.books.conftest import APRIL_1, CUSTOMER, charge, eur, invoice, payment
from tests.ledger.books.test_at_once import at_once
from tests.ledger.books.test_laws import ACCOUNT, ENTRY, POSTING, refused

pytestmark = pytest.mark.django_db

PAIR = {
    "key": "hand:1",
    "kind": "hand",
    "customer": CUSTOMER,
    "source": "hand:1",
    "reason": "",
    "effective": APRIL_1,
    "reverses": None,
    "currency": "EUR",
    "minor": 500,
    "code": "unbilled",
    "owner": f"customer:{CUSTOMER}",
    "other_code": "revenue",
    "other_owner": "",
    "actor": "system:test",
    "at": NOW,
}
#: One entry of two lines on the accounts of the first charge; a test changes one array.
BATCH = {
    "key": ["hand:1"],
    "kind": ["hand"],
    "customer": [CUSTOMER],
    "source": ["hand:1"],
    "reason": [""],
    "effective": [APRIL_1],
    "reverses": [None],
    "account_code": ["unbilled", "revenue"],
    "account_owner": [f"customer:{CUSTOMER}", ""],
    "account_currency": ["EUR", "EUR"],
    "account_side": ["debit", "credit"],
    "account_buffered": [False, True],
    "account_floor": [None, None],
    "line_entry": [1, 1],
    "line_account": [1, 2],
    "line_currency": ["EUR", "EUR"],
    "line_amount": [500, -500],
}
TYPES = "text text bigint text text date bigint text text text text boolean bigint integer integer text bigint".split()


def call_pair(**changed: object) -> int | None:
    """Call the function for two lines; return its answer."""
    given = PAIR | changed
    names = ", ".join(f"p_{name} => %s" for name in given)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT ledger_post_pair({names})", list(given.values()))
        return cursor.fetchone()[0]


def call_batch(**changed: object) -> list[tuple[int, bool]]:
    """Call the function for many entries; return its answer."""
    given = BATCH | changed
    names = ", ".join(f"p_{name} => %s::{kind}[]" for name, kind in zip(given, TYPES, strict=True))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM ledger_post_entries({names}, p_actor => 'system:test', p_at => now())", list(given.values())
        )
        return cursor.fetchall()


def refused_by(law: str):
    """Expect that the database refuses and names the law."""
    return pytest.raises(DatabaseError, check=lambda error: error.__cause__.diag.constraint_name == law)


@pytest.fixture
def accounts(post) -> None:
    """The accounts of a charge, an invoice and a payment are open; the customer has 4.00 of credit."""
    post(charge(1))
    post(invoice(1, "119.00"))
    post(payment(1, "123.00", "4.00"))


CREDIT = {"code": "customer_credit", "minor": 401, "other_code": "cash"}


@pytest.mark.parametrize(
    ("changed", "law"),
    [
        ({"minor": 0}, "posting_amount_is_not_zero"),
        ({"key": ""}, "journal_entry_has_a_key"),
        ({"other_code": "unbilled", "other_owner": PAIR["owner"]}, "posting_names_each_account_once"),
        ({"reverses": 10**9}, "journal_entry_reverses_one_that_exists"),
        ({"effective": date(2026, 1, 31)}, "posting_takes_effect_in_an_open_period"),
        (CREDIT, "customer_credit_is_never_overdrawn"),
        ({"code": "cash", "owner": "", "minor": -401, "other_code": "customer_credit", "other_owner": PAIR["owner"]},
         "customer_credit_is_never_overdrawn"),
        ({"key": "charge_added:charge:1"}, "journal_entry_key_means_one_content"),
    ],
    ids=["zero", "no key", "one account", "reverses nothing", "closed", "overdrawn", "overdrawn by the other", "key"],
)  # fmt: skip
def test_the_function_for_two_lines_refuses_what_breaks_a_law(accounts, system, changed, law):
    close_period(date(2026, 1, 1), date(2026, 1, 31), by=system, at=NOW)
    before = Posting.objects.count()

    with refused_by(law):
        call_pair(**changed)

    assert Posting.objects.count() == before
    assert first_break() is None


@pytest.mark.parametrize("missing", ["key", "kind", "source", "reason", "effective", "minor", "actor", "at"])
def test_the_function_for_two_lines_refuses_an_entry_with_a_part_missing(accounts, missing):
    with pytest.raises(DatabaseError, match="null value"):
        call_pair(**{missing: None})


@pytest.mark.parametrize("changed", [{"code": "till"}, {"other_owner": "customer:17"}, {"currency": "USD"}])
def test_the_function_for_two_lines_writes_nothing_where_an_account_is_not_open(accounts, changed):
    before = JournalEntry.objects.count()

    assert call_pair(**changed) is None

    assert JournalEntry.objects.count() == before


def test_the_last_cent_of_credit_can_be_taken_by_the_function_for_two_lines(accounts):
    assert call_pair(**CREDIT | {"minor": 400}) > 0

    assert balance("customer_credit", "EUR", customer_id=CUSTOMER) == eur("0.00")
    assert balance("cash", "EUR") == eur("119.00")  # 123.00 − 4.00
    assert first_break() is None


def test_an_entry_is_reversed_once_by_the_function_for_two_lines(post, system):
    wrong = post(charge(1))
    reverse_entry(wrong.id, reason="mistake", by=system, at=NOW)

    with refused_by("journal_entry_reversed_at_most_once"):
        call_pair(reverses=wrong.id)


@pytest.mark.parametrize(
    ("changed", "law"),
    [
        ({"line_amount": [500, -499]}, "journal_entry_balances_in_every_currency"),
        ({"line_currency": ["EUR", "USD"]}, "journal_entry_balances_in_every_currency"),
        ({"line_currency": ["USD", "USD"]}, "posting_is_in_the_currency_of_its_account"),
        ({"line_entry": [2, 2]}, "journal_entry_has_two_postings_or_more"),
        ({"line_entry": [None, None]}, "journal_entry_has_two_postings_or_more"),
        ({"line_entry": [], "line_account": [], "line_currency": [], "line_amount": []},
         "journal_entry_has_two_postings_or_more"),
        ({"line_entry": [1], "line_account": [1], "line_currency": ["EUR"], "line_amount": [0]},
         "journal_entry_has_two_postings_or_more"),
        ({"line_account": [1, 1]}, "posting_names_each_account_once"),
        ({"line_amount": [500, -500, 7]}, "journal_entry_has_two_postings_or_more"),
        ({"line_currency": ["EUR", "EUR", "EUR"]}, "journal_entry_balances_in_every_currency"),
        ({"effective": [date(2026, 1, 31)]}, "posting_takes_effect_in_an_open_period"),
    ],
    ids=["a cent apart", "across currencies", "other currency", "lines of no entry", "lines of nothing", "no lines",
         "one line", "one account", "an amount too many", "a currency too many", "closed"],
)  # fmt: skip
def test_the_function_for_many_entries_refuses_what_breaks_a_law(accounts, system, changed, law):
    close_period(date(2026, 1, 1), date(2026, 1, 31), by=system, at=NOW)
    before = JournalEntry.objects.count()

    with refused_by(law):
        call_batch(**changed)

    assert JournalEntry.objects.count() == before
    assert first_break() is None


@pytest.mark.parametrize("absent", ["line_account", "effective", "key"])
def test_the_function_for_many_entries_refuses_arrays_with_a_part_missing(accounts, absent):
    with pytest.raises(DatabaseError, match="null value"):
        call_batch(**{absent: [None, *BATCH[absent][1:]]})


def test_days_counted_from_zero_are_not_taken_for_the_days_of_other_entries(accounts):
    with pytest.raises(DatabaseError, match="null value"):
        call_batch(
            **{name: BATCH[name] * 2 for name in ("kind", "customer", "source", "reason", "reverses")},
            key=["hand:1", "hand:2"],
            effective="[0:1]={2026-04-01,2026-04-02}",
            line_entry=[1, 1, 2, 2],
            line_account=[1, 2, 1, 2],
            line_currency=["EUR"] * 4,
            line_amount=[500, -500, 500, -500],
        )


def test_whichever_function_wrote_an_entry_the_other_knows_it_as_the_same(system):
    alone, in_a_batch = charge(1), charge(2, "7.00")
    backwards = Entry("t:3", "t", CUSTOMER, "t:3", APRIL_1, tuple(reversed(charge(3).lines)))
    first = [post_entry(alone, by=system, at=NOW), *post_entries([in_a_batch, backwards], by=system, at=NOW)]

    again = [*post_entries([alone], by=system, at=NOW)]
    again += [post_entry(entry, by=system, at=NOW) for entry in (in_a_batch, backwards)]

    assert [(entry.id, entry.replayed) for entry in again] == [(entry.id, True) for entry in first]
    assert balance("revenue", "EUR") == eur("207.00")  # 100.00 + 7.00 + 100.00, each once


def test_an_entry_repeated_after_its_day_was_closed_is_still_the_one_that_was_posted(post, system):
    posted = post(charge(1))
    close_period(date(2026, 4, 1), date(2026, 4, 30), by=system, at=NOW)

    again = post(charge(1))

    assert (again.id, again.replayed) == (posted.id, True)


@pytest.mark.parametrize(
    ("missing", "law"),
    [("entry", "posting_belongs_to_an_entry"), ("account", "posting_is_in_the_currency_of_its_account")],
)
def test_a_posting_by_hand_that_names_what_does_not_exist_is_refused(owner, missing, law):
    with refused(law), owner.transaction():
        [entry] = owner.execute(ENTRY, ["reference", 2]).fetchone()
        [account] = owner.execute(ACCOUNT, ["till", "EUR", "debit", False, None]).fetchone()
        names = {"entry": entry, "account": account} | {missing: 10**9}
        owner.execute(POSTING, [names["entry"], names["account"], "EUR", 1, APRIL_1])


@pytest.mark.parametrize(
    "change", ["account SET id = id + 1000", "account SET currency = 'USD'", "journalentry SET id = 0"]
)
def test_what_a_posting_names_never_changes_either(owner, change):
    with refused("books_are_only_added_to"):
        owner.execute(f"UPDATE ledger_{change}")


def test_nobody_logs_in_as_the_role_of_the_posting_functions_nor_is_the_application_a_member(owner):
    role = owner.execute(
        "SELECT rolcanlogin, rolsuper, rolbypassrls, pg_has_role('billing_desk_app', oid, 'member')"
        " FROM pg_roles WHERE rolname = 'billing_desk_poster'"
    )
    assert role.fetchone() == (False, False, False, False)


@pytest.mark.parametrize("write", ["DELETE FROM ledger_posting", "UPDATE ledger_account SET floor_minor = NULL"])
def test_the_role_of_the_posting_functions_can_only_add(owner, write):
    owner.execute("SET ROLE billing_desk_poster")

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        owner.execute(write)


def test_a_posting_function_that_lost_its_role_posts_nothing(owner):
    names = ", ".join(f"p_{name} => %s" for name in PAIR)
    with owner.transaction(force_rollback=True):
        owner.execute(
            "DO $$ BEGIN EXECUTE format('ALTER FUNCTION %s OWNER TO CURRENT_USER',"
            " 'ledger_post_pair'::regproc::oid::regprocedure); END $$"
        )

        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="sync_roles"):
            owner.execute(f"SELECT ledger_post_pair({names})", list(PAIR.values()))


@pytest.mark.django_db(transaction=True)
def test_two_accounts_in_opposite_order_do_not_block_each_other(system):
    post_entries([invoice(1, "119.00"), payment(1, "163.00", "44.00")], by=system, at=NOW)

    def use(number: int) -> object:
        applied = posting_rules.credit_applied(
            eur("1.00"), customer_id=CUSTOMER, invoice="invoice:1", on=APRIL_1, number=number
        )
        lines = applied.lines if number % 2 else tuple(reversed(applied.lines))
        return post_entry(Entry(applied.key, "t", CUSTOMER, "t", APRIL_1, lines), by=system, at=NOW)

    answers = at_once([lambda n=n: [use(10 * n + turn) for turn in range(5)] for n in range(8)])

    assert [len(answer) for answer in answers] == [5] * 8
    assert balance("customer_credit", "EUR", customer_id=CUSTOMER) == eur("4.00")  # 44.00 − 8 × 5 × 1.00
    assert first_break() is None


@pytest.mark.django_db(transaction=True)
def test_posting_goes_on_after_the_connection_was_lost(post):
    post(charge(1))
    connection.close()

    post(charge(2))

    assert balance("revenue", "EUR") == eur("200.00")
