"""Accounts and the contacts on file: opened once, reachable always, found by what a caller says."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg
import pytest

from ledger.customers.models import ContactPoint, Customer
from ledger.customers.operations import (
    ContactPointExists,
    InvalidCustomer,
    LastContactPoint,
    NoSuchContactPoint,
    OwnAccount,
    add_contact_point,
    open_customer,
    record_view,
    refuse_access,
    refuse_own_account,
    remove_contact_point,
)
from ledger.customers.proof import ProofMissing
from ledger.customers.queries import (
    InvalidEmailAddress,
    InvalidPhoneNumber,
    NoSuchCustomer,
    contact_points,
    find_by_contact,
    get_customer,
    normalise_contact,
    search_customers,
)
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.money import UnknownCurrency
from tests.conftest import NOW, berlin
from tests.ledger.worlds import SYSTEM, open_ana, prove

pytestmark = pytest.mark.django_db


def opened(**more):
    return open_customer(**{"name": "Ana Berg", "country": "DE", "currency": "EUR", "by": SYSTEM, "at": NOW, **more})


def add(customer, kind="email", value="desk@example.com", **more):
    return add_contact_point(customer.pk, kind=kind, value=value, by=SYSTEM, at=NOW, **more)


def test_an_account_is_opened_with_its_owners_contacts():
    ana = opened(email="Ana@Example.COM", phone="030 901820")

    assert [(point.kind, point.value, point.right) for point in contact_points(ana.pk)] == [
        ("email", "Ana@example.com", "owner"),
        ("phone", "+4930901820", "owner"),
    ]
    assert ana.number.startswith("C-")
    assert Event.objects.filter(kind="customer.opened").count() == 1


def test_the_same_external_id_opens_one_account():
    assert opened(external_id="crm-1").pk == opened(external_id="crm-1").pk
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 201}, "200 characters"),
        ({"country": "de"}, "country"),
        ({"country": "DEU"}, "country"),
        ({"country": "ÄÖ"}, "country"),
        ({"kind": "robot"}, "consumer or a business"),
        ({"time_zone": "Mars/Olympus"}, "time zone"),
        ({"time_zone": ""}, "time zone"),
        ({"time_zone": "../etc/passwd"}, "time zone"),
    ],
)
def test_an_account_that_cannot_be_is_refused_in_words(wrong, words):
    with pytest.raises(InvalidCustomer, match=words):
        opened(**wrong)
    assert not Customer.objects.exists()


def test_an_unknown_currency_is_refused():
    with pytest.raises(UnknownCurrency, match="'EURO'"):
        opened(currency="EURO")


@pytest.mark.parametrize(
    ("zone", "day"), [("Europe/Berlin", date(2026, 3, 3)), ("America/Los_Angeles", date(2026, 3, 2))]
)
def test_the_day_is_the_day_where_the_customer_lives(zone, day):
    assert opened(time_zone=zone).local_day(berlin(2026, 3, 3, 0, 30)) == day


@pytest.mark.parametrize(("value", "kept"), [("030 901820", "+4930901820"), ("+1 212 555 0100", "+12125550100")])
def test_a_number_is_kept_the_international_way(value, kept):
    assert normalise_contact("phone", value) == kept


@pytest.mark.parametrize("value", ["1", "call me", "+49", "1234567890123456789"])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(InvalidPhoneNumber, match="not a telephone number"):
        normalise_contact("phone", value)


@pytest.mark.parametrize(
    "value", ["ana", "ana@", "@example.com", "a b@example.com", "ana@localhost", "x" * 250 + "@a.de"]
)
def test_what_is_no_address_is_refused(value):
    with pytest.raises(InvalidEmailAddress, match="not an e-mail address"):
        normalise_contact("email", value)


def test_a_contact_is_on_file_once_whatever_its_case():
    ana = open_ana()

    with pytest.raises(ContactPointExists):
        add(ana, value="ANA@example.com")


@pytest.mark.parametrize("wrong", [{"kind": "fax"}, {"right": "king"}])
def test_a_contact_of_an_unknown_kind_or_right_is_refused(wrong):
    with pytest.raises(InvalidInput, match="owner, a finance contact or a user"):
        add(open_ana(), **wrong)


def test_nobody_unknown_gets_a_contact():
    with pytest.raises(NoSuchCustomer):
        add_contact_point(999, kind="email", value="x@example.com", by=SYSTEM, at=NOW)


def test_the_last_way_to_reach_a_customer_stays():
    ana = open_ana()
    first = contact_points(ana.pk)[0]
    with pytest.raises(LastContactPoint):
        remove_contact_point(first.pk, by=SYSTEM, at=NOW)
    add(ana)

    remove_contact_point(first.pk, by=SYSTEM, at=NOW)

    assert [point.value for point in contact_points(ana.pk)] == ["desk@example.com"]
    with pytest.raises(NoSuchContactPoint):
        remove_contact_point(first.pk, by=SYSTEM, at=NOW)


def test_an_address_taken_off_file_can_be_added_again_and_no_longer_finds_the_customer():
    ana = open_ana()
    add(ana)
    remove_contact_point(find_by_contact("email", "desk@example.com")[0].pk, by=SYSTEM, at=NOW)

    assert find_by_contact("email", "desk@example.com") == []
    assert add(ana).removed_at is None


def test_the_trail_and_the_screen_show_enough_to_recognise_and_not_enough_to_learn():
    add(open_ana(), value="desk@example.com")

    shown = Event.objects.filter(kind="contact_point.added").order_by("pk").last().data["contact"]

    assert shown == "d…k@example.com"


def test_an_address_two_customers_share_finds_both():
    open_ana(email="office@example.com")
    open_ana(email="Office@example.com")

    assert len(find_by_contact("email", " OFFICE@example.com ")) == 2


def test_customers_are_found_by_number_name_or_address():
    ana = opened(name="Ana Berg", email="ana@example.com", external_id="crm-9")
    opened(name="Bo Li", email="bo@example.com")

    for words in (ana.number.lower(), "berg", "ANA@example.com", "crm-9"):
        assert search_customers(words) == [ana]
    assert search_customers("  ") == []
    assert get_customer(ana.pk) == ana
    with pytest.raises(NoSuchCustomer):
        get_customer(ana.pk + 99)


@pytest.mark.parametrize(("right", "may"), [("owner", True), ("finance", True), ("user", False)])
def test_owners_and_finance_contacts_may_move_money_and_users_may_not(right, may):
    assert add(open_ana(), right=right).may_move_money is may


def test_staff_do_not_work_on_their_own_account_and_customers_do():
    with pytest.raises(OwnAccount, match="a colleague"):
        refuse_own_account(Actor.agent(1, customer_id=7), 7)

    refuse_own_account(Actor.agent(1, customer_id=7), 8)
    refuse_own_account(Actor.customer(7), 7)


def test_reads_and_refusals_stand_on_the_trail(mia):
    ana = open_ana()

    record_view(ana.pk, what="invoices", by=mia, at=NOW)
    refuse_access("invoice:9", why="not theirs", customer_id=ana.pk, by=mia, at=NOW)

    kinds = list(Event.objects.filter(actor=str(mia)).order_by("pk").values_list("kind", flat=True))
    assert kinds == ["account.viewed", "access.refused"]


@pytest.mark.parametrize(("minutes", "good"), [(29, True), (30, False)])
def test_a_proof_holds_until_the_minute_it_expires(minutes, good):
    ana = open_ana()
    proof, later = prove(ana, minutes=30), NOW + timedelta(minutes=minutes)

    if good:
        proof.check(customer_id=ana.pk, level=2, at=later)
    else:
        with pytest.raises(ProofMissing, match="expired"):
            proof.check(customer_id=ana.pk, level=2, at=later)


def test_the_database_refuses_a_second_live_copy_of_a_contact(owner, transactional_db):
    open_ana()

    with pytest.raises(psycopg.errors.UniqueViolation, match="contact_point_once_per_customer"):
        owner.execute(
            'INSERT INTO ledger_contactpoint (customer_id, kind, value, person, "right", added_at, failure) '
            'SELECT customer_id, kind, upper(value), person, "right", added_at, failure FROM ledger_contactpoint'
        )
    assert ContactPoint.objects.count() == 1
