"""Every forbidden write, tried as plain SQL: as the application's role, and as the owner of the tables."""

from __future__ import annotations

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction

from ledger.books.operations import post_entry
from ledger.books.queries import balance
from tests.conftest import NOW
from tests.ledger.books.conftest import APRIL_1, charge, eur

pytestmark = pytest.mark.django_db

TABLES = ["account", "journalentry", "posting", "balance", "balancedelta", "dayclose", "period", "seal"]
FACTS = ["account", "journalentry", "posting", "seal", "period"]

ENTRY = """
INSERT INTO ledger_journalentry (key, content_hash, kind, effective_on, posted_at, posting_count, source, actor, reason)
VALUES (%s, '', 'test', '2026-04-01', now(), %s, 'test:1', 'system:test', '') RETURNING id
"""
POSTING = """
INSERT INTO ledger_posting (entry_id, account_id, currency, amount_minor, effective_on)
VALUES (%s, %s, %s, %s, %s)
"""
ACCOUNT = """
INSERT INTO ledger_account (code, owner, currency, normal_side, buffered, floor_minor)
VALUES (%s, '', %s, %s, %s, %s) RETURNING id
"""


def refused(law: str):
    """Expect a refusal that names the law."""
    return pytest.raises(psycopg.Error, check=lambda error: error.diag.constraint_name == law)


def forbidden():
    """Expect that the role lacks the right."""
    return pytest.raises(ProgrammingError, check=lambda error: error.__cause__.sqlstate == "42501")


def execute(statement: str) -> None:
    """Run one statement as the application's role."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_tests_themselves_act_as_the_role_that_may_not_write():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("billing_desk_app",)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "write",
    ["INSERT INTO ledger_{} DEFAULT VALUES", "DELETE FROM ledger_{}", "TRUNCATE ledger_{} CASCADE"],
    ids=["insert", "delete", "truncate"],
)
def test_the_application_cannot_write_a_table_of_the_books(table, write):
    with forbidden():
        execute(write.format(table))


@pytest.mark.parametrize(
    "write",
    [
        "UPDATE ledger_posting SET amount_minor = 1",
        "UPDATE ledger_journalentry SET effective_on = '2026-01-01'",
        "UPDATE ledger_account SET floor_minor = NULL",
        "UPDATE ledger_balance SET amount_minor = 0",
        "UPDATE ledger_balancedelta SET amount_minor = 0",
        "UPDATE ledger_dayclose SET closing_minor = 0",
        "UPDATE ledger_period SET closed_at = NULL, closed_by = ''",
        "UPDATE ledger_seal SET hash = ''",
        "ALTER TABLE ledger_posting DISABLE TRIGGER ALL",
        "DROP TRIGGER postings_keep_the_laws ON ledger_posting",
        "SET session_replication_role = replica",
        "SELECT setval('ledger_journalentry_id_seq', 1)",
        "SELECT nextval('ledger_journalentry_id_seq')",
        "SELECT ledger_open_accounts('{cash}', '{}', '{EUR}', '{debit}', '{t}', '{NULL}')",
        "CREATE OR REPLACE FUNCTION ledger_fold_balances() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
    ],
)
def test_the_application_cannot_change_a_figure_or_a_law(write):
    with forbidden():
        execute(write)


def test_a_table_of_the_callers_own_does_not_deceive_the_posting_function(post):
    execute("CREATE TEMP TABLE ledger_account AS TABLE public.ledger_account")
    execute("SET LOCAL search_path = pg_temp, public")
    post(charge(2))
    execute("SET LOCAL search_path = public")
    execute("DROP TABLE pg_temp.ledger_account")

    assert balance("revenue", "EUR") == eur("100.00")


@pytest.mark.parametrize("table", FACTS)
@pytest.mark.parametrize("write", ["DELETE FROM ledger_{}", "TRUNCATE ledger_{} CASCADE"], ids=["delete", "truncate"])
def test_not_even_the_owner_deletes_a_fact(owner, table, write):
    with refused("books_are_only_added_to"):
        owner.execute(write.format(table))


@pytest.mark.parametrize(
    "change",
    [
        "posting SET amount_minor = 1",
        "journalentry SET reason = 'x'",
        "seal SET hash = ''",
        "account SET floor_minor = NULL",
    ],
)
def test_not_even_the_owner_changes_a_fact(owner, change):
    with refused("books_are_only_added_to"):
        owner.execute(f"UPDATE ledger_{change}")


@pytest.mark.parametrize("change", ["closed_at = NULL, closed_by = ''", "span = '[2021-01-01,2021-02-01)'"])
def test_not_even_the_owner_opens_or_moves_a_closed_period(owner, change):
    with refused("period_closes_once"), owner.transaction():
        owner.execute("SELECT ledger_close_period('2020-01-01', '2020-01-31', 'agent:4', now())")
        owner.execute(f"UPDATE ledger_period SET {change}")


def write_by_hand(
    owner: psycopg.Connection, count: int, *lines: tuple[str, int], day: str = "2026-04-01", currency: str = "EUR"
) -> None:
    """Write an entry with fresh accounts kept in EUR, as the owner and without the posting functions."""
    [entry] = owner.execute(ENTRY, [f"hand:{lines}", count]).fetchone()
    accounts: dict[str, int] = {}
    for code, amount in lines:
        if code not in accounts:
            [accounts[code]] = owner.execute(ACCOUNT, [code, "EUR", "debit", False, None]).fetchone()
        owner.execute(POSTING, [entry, accounts[code], currency, amount, day])


def test_a_balanced_entry_by_hand_is_accepted(owner):
    with owner.transaction(force_rollback=True):
        write_by_hand(owner, 2, ("till", 100), ("shop", -100))
        owner.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    ("count", "lines"),
    [(2, [("till", 100), ("shop", -99)]), (2, []), (3, [("till", 100), ("shop", -100)]), (2, [("till", 100)])],
    ids=["a cent apart", "no postings", "fewer than declared", "one side only"],
)
def test_an_entry_that_does_not_balance_is_refused_at_commit(owner, count, lines):
    with refused("journal_entry_balances_in_every_currency"), owner.transaction():
        write_by_hand(owner, count, *lines)


def test_an_entry_that_balances_only_across_currencies_is_refused_at_commit(owner):
    with refused("journal_entry_balances_in_every_currency"), owner.transaction():
        [entry] = owner.execute(ENTRY, ["across", 2]).fetchone()
        for currency, amount in (("EUR", 100), ("USD", -100)):
            [account] = owner.execute(ACCOUNT, ["till", currency, "debit", False, None]).fetchone()
            owner.execute(POSTING, [entry, account, currency, amount, APRIL_1])


def test_a_posting_of_zero_is_refused(owner):
    with refused("posting_amount_is_not_zero"), owner.transaction():
        write_by_hand(owner, 2, ("till", 0))


def test_a_posting_in_another_currency_than_its_account_is_refused(owner):
    with refused("posting_is_in_the_currency_of_its_account"), owner.transaction():
        write_by_hand(owner, 2, ("till", 100), ("shop", -100), currency="USD")


def test_a_posting_on_another_day_than_its_entry_is_refused(owner):
    with refused("posting_takes_effect_with_its_entry"), owner.transaction():
        write_by_hand(owner, 2, ("till", 100), ("shop", -100), day="2026-04-02")


def test_an_account_named_twice_in_an_entry_is_refused(owner):
    with refused("posting_names_each_account_once"), owner.transaction():
        write_by_hand(owner, 2, ("till", 100), ("till", -100))


def test_a_closed_day_takes_no_posting_by_hand_either(owner):
    with refused("posting_takes_effect_in_an_open_period"), owner.transaction():
        owner.execute("SELECT ledger_close_period('2026-04-01', '2026-04-30', 'agent:4', now())")
        write_by_hand(owner, 2, ("till", 100), ("shop", -100))


def test_an_account_with_a_floor_does_not_fall_below_it_by_hand_either(owner):
    with refused("account_stays_above_its_floor"), owner.transaction():
        [entry] = owner.execute(ENTRY, ["floor", 2]).fetchone()
        [account] = owner.execute(ACCOUNT, ["till", "EUR", "debit", False, 0]).fetchone()
        owner.execute(POSTING, [entry, account, "EUR", -1, APRIL_1])


def test_one_entry_is_reversed_once_even_by_hand(owner):
    with refused("journal_entry_reversed_at_most_once"), owner.transaction():
        [entry] = owner.execute(ENTRY, ["wrong", 2]).fetchone()
        reversal = ENTRY.replace("(key,", "(reverses_id, key,").replace("VALUES (", f"VALUES ({entry}, ")
        owner.execute(reversal, ["first", 2])
        owner.execute(reversal, ["second", 2])


def test_the_same_account_exists_once(owner):
    with refused("account_exists_once"), owner.transaction():
        for _ in range(2):
            owner.execute(ACCOUNT, ["till", "EUR", "debit", False, None])


def test_a_buffered_account_cannot_have_a_floor(owner):
    with refused("account_with_floor_is_not_buffered"):
        owner.execute(ACCOUNT, ["till", "EUR", "debit", True, 0])


@pytest.mark.django_db(transaction=True)
def test_a_balanced_pair_cannot_be_added_to_an_entry_later(owner, system):
    posted = post_entry(charge(1), by=system, at=NOW)
    accounts = dict(owner.execute("SELECT code, id FROM ledger_account").fetchall())
    [other] = owner.execute(ACCOUNT, ["till", "EUR", "debit", False, None]).fetchone()

    with refused("journal_entry_takes_no_late_postings"), owner.transaction():
        owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
        owner.execute(POSTING, [posted.id, other, "EUR", 5, APRIL_1])

    assert set(accounts) == {"unbilled", "revenue"}
    assert balance("revenue", "EUR") == eur("100.00")


def test_a_posting_added_in_the_same_transaction_after_checking_early_is_refused_by_the_count(owner):
    with refused("journal_entry_has_two_postings_or_more"):
        owner.execute(ENTRY, ["early", 1])
    with refused("journal_entry_balances_in_every_currency"), owner.transaction():
        owner.execute("SET CONSTRAINTS ALL IMMEDIATE")
        owner.execute(ENTRY, ["early", 2])
