"""Exchanging money: two balanced pairs, the rate as a note, gains and losses at average cost in the book currency."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.books.entry import Entry, Line, UnbalancedEntry
from ledger.errors import InvalidInput
from ledger.fx.models import Exchange
from ledger.fx.operations import NotTreasurer, RateDoesNotFit, ReferenceReused, add_rates, exchange, realise
from ledger.fx.positions import Position, gain_between
from ledger.fx.queries import position_of
from ledger.fx.rates import NoRate, Rate
from ledger.models import Event
from ledger.money import Money
from tests.conftest import NOW

ON = date(2026, 3, 2)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def at_rate(value: str, currency: str = "USD", to: str = "EUR") -> Rate:
    return Rate(Decimal(value), "ECB", ON, currency, to)


def balances() -> dict[tuple[str, str], int]:
    """Return what every account moved by, debits above zero."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.code, p.currency, sum(p.amount_minor) FROM ledger_posting p JOIN ledger_account a "
            "ON a.id = p.account_id GROUP BY 1, 2"
        )
        return {(code, currency): int(total) for code, currency, total in cursor.fetchall() if total}


@pytest.mark.django_db
class TestExchange:
    def test_case_f03_the_fee_stays_in_the_currency_that_was_given(self, olg):
        add_rates([at_rate("1.4200", "EUR", "CAD")], by=olg, at=NOW)
        exchange(
            sold=Money(11_850, "CAD"), bought=usd(10_000), fee=Money(150, "CAD"), reference="CIBC-1",
            exchanged_on=ON, by=olg, at=NOW,
        )  # fmt: skip

        assert balances() == {
            ("cash", "CAD"): -12_000,
            ("processor_fees", "CAD"): 150,
            ("fx", "CAD"): 11_850,
            ("cash", "USD"): 10_000,
            ("fx", "USD"): -10_000,
        }

    def test_case_f04_ten_dollars_for_euros_make_four_postings_and_each_currency_is_zero(self, olg):
        row = exchange(
            sold=usd(1_000), bought=eur(926), rate=at_rate("0.9259"), reference="B-1", exchanged_on=ON, by=olg, at=NOW
        )

        moved = balances()
        assert moved == {("cash", "USD"): -1_000, ("fx", "USD"): 1_000, ("cash", "EUR"): 926, ("fx", "EUR"): -926}
        assert (row.rate, row.rate_source, row.rate_on) == (Decimal("0.9259"), "ECB", ON)

    def test_case_f04_a_transfer_straight_from_dollars_to_euros_is_refused(self):
        with pytest.raises(UnbalancedEntry):
            Entry("k", "transfer", None, "t:1", ON, (Line("cash", usd(-1_000)), Line("cash", eur(926))))

    def test_without_a_rate_the_one_the_amounts_imply_is_noted(self, olg):
        row = exchange(sold=usd(10_000), bought=eur(9_259), reference="B-1", exchanged_on=ON, by=olg, at=NOW)

        assert (row.rate, row.rate_source) == (Decimal("0.9259"), "implied by the amounts")

    def test_bought_at_92_and_sold_at_95_three_euros_are_gained(self, olg):
        exchange(sold=eur(9_200), bought=usd(10_000), reference="B-1", exchanged_on=ON, by=olg, at=NOW)
        exchange(sold=usd(10_000), bought=eur(9_500), reference="B-2", exchanged_on=ON, by=olg, at=NOW)

        moved = balances()
        assert moved[("fx_gain", "EUR")] == -300
        # Nothing is held any more: the trading accounts are empty in both currencies.
        assert ("fx", "USD") not in moved
        assert ("fx", "EUR") not in moved
        assert position_of("USD") == Position.none("USD", "EUR")

    def test_what_is_left_in_the_trading_account_is_what_the_position_cost(self, olg):
        exchange(sold=eur(9_200), bought=usd(10_000), reference="B-1", exchanged_on=ON, by=olg, at=NOW)
        exchange(sold=eur(9_600), bought=usd(10_000), reference="B-2", exchanged_on=ON, by=olg, at=NOW)
        exchange(sold=usd(5_000), bought=eur(4_500), reference="B-3", exchanged_on=ON, by=olg, at=NOW)

        # 200.00 USD cost 188.00; 50.00 of them cost 47.00 and bring 45.00: 2.00 lost, 141.00 left.
        assert position_of("USD") == Position(usd(15_000), eur(14_100))
        moved = balances()
        assert moved[("fx_loss", "EUR")] == 200
        assert (moved[("fx", "USD")], moved[("fx", "EUR")]) == (-15_000, 14_100)

    def test_the_same_reference_books_once_and_never_other_amounts(self, olg):
        def once(bought: int) -> Exchange:
            return exchange(sold=usd(1_000), bought=eur(bought), reference="B-1", exchanged_on=ON, by=olg, at=NOW)

        assert once(926).pk == once(926).pk
        with pytest.raises(ReferenceReused):
            once(927)
        assert balances()[("cash", "EUR")] == 926
        assert Event.objects.filter(kind="currency.exchanged").count() == 1

    @pytest.mark.parametrize(
        ("facts", "refusal"),
        [
            ({"sold": usd(0)}, InvalidInput),
            ({"bought": usd(926)}, InvalidInput),
            ({"fee": eur(1)}, InvalidInput),
            ({"fee": usd(-1)}, InvalidInput),
            ({"reference": " "}, InvalidInput),
            ({"rate": at_rate("9.259")}, RateDoesNotFit),
            ({"bought": Money(842, "GBP")}, NoRate),
        ],
    )
    def test_an_exchange_that_cannot_be_is_refused_and_leaves_nothing(self, olg, facts, refusal):
        given = {"sold": usd(1_000), "bought": eur(926), "reference": "B-1", **facts}

        with pytest.raises(refusal):
            exchange(**given, exchanged_on=ON, by=olg, at=NOW)
        assert balances() == {}
        assert not Exchange.objects.exists()

    def test_an_agent_exchanges_nothing(self, mia):
        with pytest.raises(NotTreasurer):
            exchange(sold=usd(1_000), bought=eur(926), reference="B-1", exchanged_on=ON, by=mia, at=NOW)

    def test_a_loss_on_a_refund_is_booked_once(self, system):
        for _ in range(2):
            lost = realise(
                "refund:42", usd(10_000), came_at=at_rate("0.90"), leaves_at=at_rate("0.95"), on=ON, by=system, at=NOW
            )

        assert lost == eur(-500)
        assert balances() == {("fx_loss", "EUR"): 500, ("fx", "EUR"): -500}
        assert Event.objects.get(kind="currency.gain_realised").data["gained_minor"] == -500

    def test_gains_are_booked_in_the_book_currency_only(self, system):
        to_yen = at_rate("150", to="JPY")

        with pytest.raises(InvalidInput, match="booked in EUR"):
            realise("refund:42", usd(1), came_at=to_yen, leaves_at=to_yen, on=ON, by=system, at=NOW)


def test_sold_before_it_was_bought_the_gain_comes_when_it_is_bought_back():
    short, nothing = Position.none("USD", "EUR").sold(usd(10_000), proceeds=eur(9_500))
    assert (short, nothing) == (Position(usd(-10_000), eur(-9_500)), eur(0))

    closed, gained = short.bought(usd(10_000), cost=eur(9_700))

    assert (closed, gained) == (Position.none("USD", "EUR"), eur(-200))


def test_selling_more_than_is_held_closes_the_position_and_opens_the_other_way():
    held, _ = Position.none("USD", "EUR").bought(usd(10_000), cost=eur(9_200))

    after, gained = held.sold(usd(15_000), proceeds=eur(14_250))

    # 100.00 of the 150.00 bring 95.00 for 92.00; the other 50.00 are short at 47.50.
    assert (after, gained) == (Position(usd(-5_000), eur(-4_750)), eur(300))


def test_a_refund_at_a_better_rate_gains():
    assert gain_between(usd(10_000), came_at=at_rate("0.95"), leaves_at=at_rate("0.90")) == eur(500)


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 10**9), st.integers(1, 10**9)), min_size=1, max_size=30))
@settings(max_examples=60)
def test_whatever_the_order_money_in_less_money_out_is_the_cost_left_less_the_gains(trades):
    position, gains, paid = Position.none("USD", "EUR"), 0, 0
    for is_sale, amount, worth in trades:
        move = position.sold if is_sale else position.bought
        position, gained = move(usd(amount), **{"proceeds" if is_sale else "cost": eur(worth)})
        gains += gained.minor
        paid += -worth if is_sale else worth

    assert position.cost.minor == paid + gains
    assert position.held.minor == sum(-amount if is_sale else amount for is_sale, amount, _ in trades)
    assert position.held.minor or not position.cost.minor
