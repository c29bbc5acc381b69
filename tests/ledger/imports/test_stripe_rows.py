"""Stripe's objects and Dashboard exports as rows of ours: its amounts, states and days. Pure."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ledger.imports.cells import LeftOut, RowRefused
from ledger.imports.rows import LineRow
from ledger.imports.sources import Asked, rows_of
from ledger.imports.stripe_invoices import invoice_of
from ledger.imports.stripe_rows import customer_of, price_of, subscription_of

CUSTOMER = {"id": "cus_1", "object": "customer", "name": "Ana Berg", "currency": "eur", "balance": -1250,
            "email": "ana@example.com", "address": {"country": "DE", "city": "Berlin", "line1": "Allee 1"}}  # fmt: skip
PRICE = {"id": "price_1", "object": "price", "product": "prod_1", "currency": "eur", "unit_amount": 3900,
         "unit_amount_decimal": "3900", "billing_scheme": "per_unit", "created": 1735689600, "type": "recurring",
         "active": True, "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"}}  # fmt: skip
SUBSCRIPTION = {"id": "sub_1", "object": "subscription", "customer": "cus_1", "status": "active",
                "billing_cycle_anchor": 1735689600,
                "items": {"object": "list", "data": [{"price": PRICE, "quantity": 3,
                                                      "current_period_end": 1775001600}]}}  # fmt: skip
INVOICE = {"id": "in_1", "object": "invoice", "number": "AB12-0007", "customer": "cus_1", "currency": "eur",
           "status": "open", "total": 11900, "total_excluding_tax": 10000, "amount_due": 11900, "amount_paid": 1900,
           "amount_remaining": 10000, "created": 1769904000, "due_date": 1771113600}  # fmt: skip


@pytest.mark.parametrize(
    ("currency", "wire", "minor"),
    [("eur", -1250, 1250), ("jpy", -500, 500), ("isk", -50000, 500), ("kwd", -5120, 5120)],
)
def test_a_balance_below_zero_is_credit_in_the_digits_of_the_wire(currency, wire, minor):
    row = customer_of({**CUSTOMER, "currency": currency, "balance": wire})

    assert (row.currency, row.credit) == (currency.upper(), minor)


def test_what_a_customer_lacks_comes_from_the_order_and_nothing_is_guessed():
    bare = {"id": "cus_2", "object": "customer", "email": "bo@example.com", "currency": None}

    row = customer_of(bare, country="SE", currency="SEK")
    with pytest.raises(RowRefused) as refused:
        customer_of(bare, currency="SEK")

    assert (row.name, row.country, row.currency, row.kind) == ("bo@example.com", "SE", "SEK", "consumer")
    assert refused.value.reasons == ("country: is empty.",)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"currency": "xbt"}, "'XBT' is not a currency we know"),
        ({"balance": 1250}, "owes this without a bill"),
        ({"balance": 12.5}, "not a whole number"),
        ({"object": "charge"}, "This is a 'charge', not a 'customer'"),
        ({"name": "A\u0000B"}, "cannot be printed"),
    ],
)
def test_a_customer_we_have_no_place_for_is_refused_in_words(changed, why):
    with pytest.raises(RowRefused, match=why):
        customer_of({**CUSTOMER, **changed})


def test_prices_keep_fractions_of_a_cent_tiers_and_their_interval():
    metered = {**PRICE, "unit_amount": None, "unit_amount_decimal": "0.8",
               "recurring": {"interval": "month", "interval_count": 3, "usage_type": "metered"}}  # fmt: skip
    steps = [{"up_to": 10, "unit_amount": 500, "flat_amount": 1000}, {"up_to": None, "unit_amount_decimal": "12.5"}]
    tiered = {**PRICE, "billing_scheme": "tiered", "tiers_mode": "volume", "unit_amount": None, "tiers": steps}

    assert price_of(PRICE).unit_minor == 3900
    assert (price_of(metered).unit_minor, price_of(metered).interval, price_of(metered).meter) == (
        Decimal("0.8"), "quarter", "price_1")  # fmt: skip
    assert price_of(tiered).tiers == (("10", "500", 1000), (None, "12.5", 0))
    assert price_of({**PRICE, "currency": "isk", "unit_amount_decimal": "50000"}).unit_minor == 500
    with pytest.raises(RowRefused, match="every 2 months; we bill every week, month, quarter or year"):
        price_of({**PRICE, "recurring": {"interval": "month", "interval_count": 2}})


@pytest.mark.parametrize(
    ("changed", "state"),
    [({}, "active"), ({"status": "trialing"}, "trial"), ({"status": "unpaid"}, "past_due"),
     ({"pause_collection": {"behavior": "void"}}, "paused"), ({"cancel_at_period_end": True}, "cancelled")],
)  # fmt: skip
def test_states_of_subscriptions_are_ours(changed, state):
    row = subscription_of({**SUBSCRIPTION, **changed})

    assert (row.state, row.quantity, row.plan) == (state, 3, "price_1")
    assert row.next_billing_on == datetime(2026, 4, 1, tzinfo=UTC)
    assert row.ends_on == (row.next_billing_on if state == "cancelled" else None)


@pytest.mark.parametrize("status", ["canceled", "incomplete", "incomplete_expired"])
def test_a_subscription_that_is_over_or_never_began_is_left_out(status):
    with pytest.raises(LeftOut):
        subscription_of({**SUBSCRIPTION, "status": status})


def test_a_bill_has_its_lines_where_they_add_up_and_one_line_where_not():
    line = {"description": "Plus", "amount": 10000, "tax_amounts": [{"amount": 1900, "inclusive": False}]}
    proration = {"description": "Unused time", "amount": -500, "tax_amounts": []}

    exact = invoice_of({**INVOICE, "lines": {"object": "list", "has_more": False, "data": [line]}})
    rest = invoice_of({**INVOICE, "lines": {"object": "list", "has_more": False, "data": [line, proration]}})

    assert exact.lines == (LineRow("Plus", 10000, 1900, Decimal("19.00")),)
    assert rest.lines == (LineRow("As billed on AB12-0007", 10000, 1900, Decimal("19.00")),)
    assert (exact.total, exact.paid, exact.owed) == (11900, 1900, 10000)


def test_tax_inside_the_amount_of_a_line_is_taken_out_of_it():
    line = {"description": "Plus", "amount": 11900, "taxes": [{"amount": 1900, "tax_behavior": "inclusive"}]}

    assert invoice_of({**INVOICE, "lines": {"data": [line]}}).lines[0] == LineRow("Plus", 10000, 1900, Decimal("19.00"))


@pytest.mark.parametrize("status", ["draft", "paid", "void", "uncollectible"])
def test_a_bill_on_which_nothing_is_owed_is_left_out(status):
    with pytest.raises(LeftOut):
        invoice_of({**INVOICE, "status": status})


def test_exports_of_the_dashboard_are_read_by_the_names_of_their_columns():
    customers = ('id,Description,Email,Name,Created (UTC),Card Address Country,Account Balance,Currency\n'
                 'cus_1,,ana@example.com,Ana Berg,2025-01-01 10:00,DE,-12.50,eur\n')  # fmt: skip
    invoices = ("id,Amount Due,Currency,Customer,Date (UTC),Due Date (UTC),Number,Status,Tax,Total,Amount Paid\n"
                "in_1,119.00,eur,cus_1,2026-02-01 09:00,2026-02-15 09:00,AB-1,open,19.00,119.00,19.00\n"
                "in_2,9.00,eur,cus_1,2026-02-01 09:00,,AB-2,paid,0,9.00,9.00\n"
                'in_3,9.00,eur,cus_1,2026-02-01 09:00,,AB-3,open,0,"9,00",0\n')  # fmt: skip

    (ana,) = rows_of(Asked("customers", "stripe_csv"), io.BytesIO(customers.encode()))
    owed, paid, comma = rows_of(Asked("invoices", "stripe_csv"), io.BytesIO(invoices.encode()))

    assert (ana.row.name, ana.row.country, ana.row.credit) == ("Ana Berg", "DE", 1250)
    assert (owed.row.issued_on, owed.row.due_on, owed.row.owed) == (date(2026, 2, 1), date(2026, 2, 15), 10000)
    assert (paid.row, paid.problems) == (None, ())
    assert comma.problems == ("total: '9,00' has a decimal comma: write 9.00.",)
