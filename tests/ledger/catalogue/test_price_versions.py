"""Which version of a price applies, to whom and since when; and what a catalogue refuses."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import psycopg
import pytest
from django.db import IntegrityError, InternalError, ProgrammingError, transaction

from ledger.catalogue.operations import (
    InvalidPrice,
    InvalidProduct,
    PriceDayTaken,
    PriceInThePast,
    PriceTerms,
    ProductNotOnSale,
    add_price,
    add_product,
    offer_product_again,
    retire_product,
)
from ledger.catalogue.queries import (
    NoSuchProduct,
    PriceBook,
    coming_version,
    get_product,
    interval_of,
    price_for,
    version_of,
    why_not_sold,
)
from ledger.catalogue.tariff import InvalidTariff
from ledger.errors import InvalidInput
from ledger.models import Event, OneOffItem, Plan, Price, Product, Subscription
from ledger.money import UnknownCurrency
from ledger.periods import MONTHLY, QUARTERLY, WEEKLY, YEARLY
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM, open_ana

pytestmark = pytest.mark.django_db
JAN, FEB, MAR, APR, MAY, JUN = (date(2026, month, 1) for month in range(1, 7))


@pytest.fixture
def plus():
    return add_product(Plan(code="plus", name="Plus", kind="plan"), by=SYSTEM, at=NOW)


def version(product, minor, valid_from, *, by=SYSTEM, **more):
    terms = PriceTerms(currency="EUR", valid_from=valid_from, amount_minor=minor, **more)
    return add_price(product.pk, terms=terms, by=by, at=NOW)


def pays(product, *, on, held_since):
    price = price_for(product, "EUR", on=on, held_since=held_since)
    return price and price.amount_minor


def test_a_new_version_reaches_new_and_running_ones_from_its_first_day(plus):
    version(plus, 2500, JAN)
    version(plus, 2700, APR)

    assert pays(plus, on=date(2026, 3, 31), held_since=JAN) == 2500
    assert pays(plus, on=APR, held_since=JAN) == 2700
    assert pays(plus, on=APR, held_since=APR) == 2700


def test_running_ones_keep_their_price_until_the_day_the_version_reaches_them(plus):
    version(plus, 2500, JAN)
    version(plus, 2700, APR, existing_from=JUN)

    assert pays(plus, on=MAY, held_since=MAR) == 2500
    assert pays(plus, on=MAY, held_since=APR) == 2700
    assert pays(plus, on=date(2026, 5, 31), held_since=MAR) == 2500
    assert pays(plus, on=JUN, held_since=MAR) == 2700


def test_a_version_for_new_ones_only_never_reaches_running_ones(plus):
    version(plus, 2500, JAN)
    version(plus, 3000, APR, is_for_new_only=True)

    assert pays(plus, on=date(2036, 1, 1), held_since=MAR) == 2500
    assert pays(plus, on=APR, held_since=APR) == 3000


def test_a_later_version_for_everybody_ends_an_older_ones_privilege(plus):
    version(plus, 2500, JAN)
    version(plus, 3000, APR, is_for_new_only=True)
    version(plus, 3200, JUN)

    assert pays(plus, on=MAY, held_since=MAR) == 2500
    assert pays(plus, on=JUN, held_since=MAR) == 3200


def test_before_its_first_version_and_in_another_currency_a_product_has_no_price(plus):
    version(plus, 2500, APR)

    assert pays(plus, on=MAR, held_since=MAR) is None
    assert price_for(plus, "USD", on=JUN, held_since=JUN) is None


def test_the_price_book_answers_as_the_single_read_does_with_one_query(plus, django_assert_num_queries):
    version(plus, 2500, JAN)
    version(plus, 2700, APR, existing_from=JUN)
    days = [JAN, MAR, APR, MAY, JUN]

    with django_assert_num_queries(1):
        book = PriceBook.load(["EUR"])
        found = [book.price(plus.pk, "EUR", on=on, held_since=since) for on in days for since in days]

    assert [price and price.amount_minor for price in found] == [
        pays(plus, on=on, held_since=since) for on in days for since in days
    ]
    assert book.price(plus.pk, "USD", on=JUN, held_since=JUN) is None


def test_a_customer_is_told_which_version_applies_to_them_and_since_when(plus):
    first = version(plus, 2500, JAN)
    second = version(plus, 2700, APR, existing_from=JUN)

    held_since_february = {"held_since": date(2026, 2, 10)}
    now = version_of(plus, "EUR", on=MAY, **held_since_february)
    later = version_of(plus, "EUR", on=date(2026, 7, 1), **held_since_february)
    newcomer = version_of(plus, "EUR", on=MAY, held_since=date(2026, 4, 20))
    coming = coming_version(plus, "EUR", on=MAY, **held_since_february)

    assert (now.price, now.since) == (first, date(2026, 2, 10))
    assert (later.price, later.since) == (second, JUN)
    assert (newcomer.price, newcomer.since) == (second, date(2026, 4, 20))
    assert (coming.price, coming.since) == (second, JUN)
    assert coming_version(plus, "EUR", on=JUN, **held_since_february) is None


def test_a_version_in_between_that_a_holder_never_had_does_not_shift_the_day(plus):
    version(plus, 2500, JAN)
    version(plus, 3000, MAR, is_for_new_only=True)
    everybody = version(plus, 3200, MAY)

    found = version_of(plus, "EUR", on=JUN, held_since=FEB)

    assert (found.price, found.since) == (everybody, MAY)


@pytest.mark.parametrize(
    ("interval", "length"), [("week", WEEKLY), ("month", MONTHLY), ("quarter", QUARTERLY), ("year", YEARLY)]
)
def test_every_interval_is_known(interval, length):
    assert interval_of(Product(interval=interval)) == length


def test_a_product_and_its_price_leave_events_with_what_they_say(plus, pia):
    version(plus, 2500, APR, by=pia)

    added = Event.objects.get(kind="product.added")
    priced = Event.objects.get(kind="price.added")
    assert (added.subject, added.data["after"]["code"]) == (f"plan:{plus.pk}", "plus")
    assert priced.actor == str(pia)
    assert (priced.data["after"]["amount_minor"], priced.data["after"]["valid_from"]) == (2500, "2026-04-01")


def test_two_products_never_share_a_code(plus):
    with pytest.raises(InvalidProduct, match="code"):
        add_product(Product(code="plus", name="Another", kind="add_on"), by=SYSTEM, at=NOW)
    with pytest.raises(InvalidProduct, match="name"):
        add_product(Product(code="other", name="", kind="add_on"), by=SYSTEM, at=NOW)


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"model": "graduated"}, InvalidTariff, "only the last"),
        ({"model": "graduated", "tiers": [{"up_to": None}], "amount_minor": 1}, InvalidPrice, "tiered one its steps"),
        ({"tiers": [{"up_to": None}]}, InvalidTariff, "Only graduated and volume"),
        ({"model": "per_unit", "unit_minor": Decimal("0.123456789")}, InvalidPrice, "eight digits"),
        ({"model": "per_unit", "unit_minor": Decimal("1e99")}, InvalidPrice, "too large"),
        ({"model": "per_unit", "unit_minor": Decimal("NaN")}, InvalidPrice, "too large"),
        ({"amount_minor": 10**18}, InvalidPrice, "too large"),
        ({"amount_minor": -1}, InvalidTariff, "not below zero"),
        ({"tax_rate": Decimal(100)}, InvalidPrice, "below 100 per cent"),
        ({"existing_from": FEB}, InvalidPrice, "first day or later"),
        ({"existing_from": JUN, "is_for_new_only": True}, InvalidPrice, "never reaches"),
        ({"currency": "ZZZ"}, UnknownCurrency, "ZZZ"),
    ],
)
def test_a_version_whose_terms_cannot_be_is_refused_in_words(plus, more, error, words):
    terms = PriceTerms(**{"currency": "EUR", "valid_from": APR, **more})

    with pytest.raises(error, match=words):
        add_price(plus.pk, terms=terms, by=SYSTEM, at=NOW)
    assert not Price.objects.exists()


def test_a_day_has_one_version(plus):
    version(plus, 2500, APR)

    with pytest.raises(PriceDayTaken, match="from 2026-04-01 on already"):
        version(plus, 2600, APR)


def test_what_was_never_sold_may_be_priced_in_the_past(plus):
    version(plus, 2500, JAN)
    version(plus, 2400, FEB)

    assert pays(plus, on=MAR, held_since=MAR) == 2400


def test_once_sold_a_version_begins_today_at_the_earliest(plus):
    version(plus, 2500, JAN)
    Subscription.objects.create(
        customer=open_ana(), plan=plus, currency="EUR", anchor_on=FEB, renews_on=FEB, started_at=NOW
    )

    with pytest.raises(PriceInThePast, match="today or later"):
        version(plus, 2600, date(2026, 3, 1))

    assert version(plus, 2600, date(2026, 3, 2), existing_from=date(2026, 3, 12)).amount_minor == 2600


def test_a_one_off_item_that_could_be_bought_is_not_repriced_in_the_past():
    setup = add_product(OneOffItem(code="setup", name="Set-up", kind="one_off"), by=SYSTEM, at=NOW)
    version(setup, 5000, JAN)

    with pytest.raises(PriceInThePast):
        version(setup, 6000, FEB)


def test_nobody_rewrites_or_removes_a_version(plus):
    price = version(plus, 2500, APR)

    for write in (
        lambda: Price.objects.filter(pk=price.pk).update(amount_minor=1),
        lambda: Price.objects.filter(pk=price.pk).delete(),
        lambda: Product.objects.filter(pk=plus.pk).delete(),
    ):
        with pytest.raises((ProgrammingError, InternalError, IntegrityError)), transaction.atomic():
            write()
    price.refresh_from_db()
    assert price.amount_minor == 2500


@pytest.mark.django_db(transaction=True)
def test_not_even_the_owner_rewrites_a_version(owner):
    plan = Plan.objects.create(code="plus", name="Plus")
    Price.objects.create(product=plan, currency="EUR", amount_minor=2500, valid_from=APR)

    with pytest.raises(psycopg.errors.RestrictViolation, match="never changed"):
        owner.execute("UPDATE ledger_price SET amount_minor = 1")


def test_the_database_wants_steps_exactly_where_the_model_has_them(plus):
    for fields in ({"model": "graduated"}, {"model": "flat", "tiers": [{"up_to": None}]}):
        with pytest.raises(IntegrityError, match="price_has_steps"), transaction.atomic():
            Price.objects.create(product=plus, currency="EUR", valid_from=APR, **fields)


def test_a_retired_product_says_why_and_what_to_take_instead(plus, pia):
    version(plus, 2500, JAN)
    add_product(Plan(code="pro", name="Pro", kind="plan"), by=SYSTEM, at=NOW)

    retire_product(plus.pk, reason="Pro has it all.", replaced_by="pro", by=pia, at=NOW)

    plus = get_product("plus")
    assert why_not_sold(plus, "EUR", on=MAR) == "Plus is no longer sold. Pro has it all. Pro is offered instead."
    event = Event.objects.get(kind="product.retired")
    assert (event.actor, event.data["reason"], event.data["replaced_by"]) == (str(pia), "Pro has it all.", "pro")
    with pytest.raises(ProductNotOnSale):
        retire_product(plus.pk, reason="Again", by=pia, at=NOW)

    offer_product_again(plus.pk, by=pia, at=NOW)
    assert why_not_sold(get_product("plus"), "EUR", on=MAR) is None


def test_a_product_is_not_retired_without_a_reason_or_for_itself(plus):
    with pytest.raises(InvalidInput, match="Say why"):
        retire_product(plus.pk, reason=" ", by=SYSTEM, at=NOW)
    with pytest.raises(InvalidInput, match="another product"):
        retire_product(plus.pk, reason="Old", replaced_by="plus", by=SYSTEM, at=NOW)
    with pytest.raises(NoSuchProduct):
        retire_product(plus.pk, reason="Old", replaced_by="nothing", by=SYSTEM, at=NOW)


def test_a_product_without_a_price_says_so(plus):
    assert why_not_sold(plus, "EUR", on=MAR) == "Plus has no price in EUR on 2026-03-01."
