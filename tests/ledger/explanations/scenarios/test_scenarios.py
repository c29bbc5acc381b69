"""Every scenario is recognised in an account that has it, and not in one that almost has it."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest

from ledger.catalogue.tariff import Model, Tariff, Tier
from ledger.charges.basis import AppliedDiscount, Basis
from ledger.explanations.scenarios.facts import (
    AccountFacts,
    Agreed,
    Bill,
    Disputed,
    Happened,
    Line,
    Note,
    Paid,
    Refunded,
    TakenBack,
    Version,
)
from ledger.explanations.scenarios.recognising import DETECTORS, recognise_in
from ledger.explanations.scenarios.words import WORDS
from ledger.money import Money
from tests.ledger.worlds import eur

TODAY = date(2026, 3, 2)
MARCH, FEBRUARY = date(2026, 3, 1), date(2026, 2, 1)
SOURCE = "subscription:9"


def basis(minor: int = 2500, **more: object) -> Basis:
    tariff = Tariff(Model.FLAT, "EUR", flat_minor=minor)
    return replace(Basis("plan", "plus", "Plus", tariff, days=31, of_days=31, cause="renewal"), **more)


def line(pk: int = 2, minor: int = 2500, *, start: date | None = MARCH, **more: object) -> Line:
    shown = more.pop("basis", None) or basis(minor)
    end = start + timedelta(days=31) if start else None
    fields = {"source": SOURCE, "rate": "19", "start": start, "end": end, **more}
    return Line(pk, shown, eur(minor), eur(0), **fields)


def bill(pk: int = 2, *lines: Line, on: date = MARCH, **more: object) -> Bill:
    lines = lines or (line(pk),)
    total = sum((one.total for one in lines), eur(0))
    fields = {"state": "open", "due": total, "paid": eur(0), **more}
    return Bill(pk, f"INV-{pk}", issued_on=on, due_on=on + timedelta(days=14), total=total, lines=lines, **fields)


def february(*lines: Line, **more: object) -> Bill:
    return bill(1, *(lines or (line(1, start=FEBRUARY),)), on=FEBRUARY, state="paid", due=eur(0), **more)


def account(*bills: Bill, **more: object) -> AccountFacts:
    """Return an account whose bills are given newest first."""
    return AccountFacts(7, "EUR", TODAY, bills=bills, **more)


def plans(now: Line, before: Line) -> AccountFacts:
    return account(bill(2, now), february(before))


def running(**more: object) -> Agreed:
    return replace(Agreed(9, "Plus", "active", date(2025, 6, 1)), **more)


def paid(pk: int, minor: int, on: date, state: str = "succeeded", **more: object) -> Paid:
    return Paid(pk, f"P-{pk}", state, eur(minor), on, last4="4242", **more)


def metered(quantity: int) -> Line:
    tiers = (Tier(Fraction(1000), Fraction(0)), Tier(None, Fraction("1.23")))
    shown = basis(kind="usage", name="Meter", quantity=Fraction(quantity), cause="usage")
    minor = round(max(0, quantity - 1000) * Fraction("1.23"))
    return line(2, minor, basis=replace(shown, tariff=Tariff(Model.GRADUATED, "EUR", tiers=tiers)))


SEATS = basis(quantity=Fraction(2))
LOYAL = basis(discounts=(AppliedDiscount("LOYAL-10", 250, Fraction(10)),))
HALF = basis(part=Fraction(16, 31), days=16, cause="change")
STUB = basis(part=Fraction(12, 31), days=12)
YEAR = line(2, start=MARCH, end=date(2027, 3, 1))
OLD_YEAR = line(1, start=date(2025, 3, 1), end=MARCH)
MOVED = Happened(1, "subscription.billing_day_moved", SOURCE, MARCH)
RESUMED = Happened(1, "subscription.resumed", SOURCE, MARCH)
REFUND = Refunded(3, "R-3", "paid", eur(900), FEBRUARY, FEBRUARY, date(2026, 2, 27), "GW-1")
DISPUTE = Disputed(4, "D-4", True, eur(500), 2, MARCH, date(2026, 3, 16))
BANK = TakenBack(5, "received", eur(2500), 1, MARCH)
USD = replace(february(), total=Money(2700, "USD"))
VOID = replace(bill(1, line(1, start=MARCH)), state="void")
FREE = Version("plus", date(2025, 1, 1), is_free=True)
NOT_FREE = Version("plus", date(2025, 1, 1), is_free=False)
PRICED = line(2, basis=basis(price_from=MARCH))
CREDIT_NOTE = Note(6, "CN-6", 1, eur(516), MARCH, source=f"{SOURCE}:change-1/1")

#: Scenario, an account that has it, and one that almost has it.
PLANTED: dict[str, tuple[AccountFacts, AccountFacts]] = {
    "double_charge": (
        account(bill(3, line(3)), bill(2, line(2))),
        account(bill(3, line(3)), bill(2, line(2, credited=eur(2500)))),
    ),
    "proration_after_change": (
        account(bill(2, line(2, 1290, basis=HALF)), february(), notes=(CREDIT_NOTE,)),
        account(bill(2, line(2, 968, basis=STUB)), february()),
    ),
    "price_rise": (plans(line(2, 2700), line(1)), plans(line(2, 5000, basis=SEATS), line(1))),
    "expired_discount": (
        plans(line(2), line(1, 2250, basis=LOYAL)),
        plans(line(2, 2250, basis=LOYAL), line(1, 2250, basis=LOYAL)),
    ),
    "annual_renewal": (
        account(bill(2, YEAR), bill(1, OLD_YEAR, on=date(2025, 3, 1))),
        account(bill(2, YEAR), subscriptions=(running(started_on=MARCH),)),
    ),
    "late_fee": (
        account(bill(2, line(2, 500, basis=basis(500, kind="late_fee", name="Reminder fee")))),
        account(bill(2, line(2, 500, basis=basis(500, kind="fee", name="Paper bill")))),
    ),
    "one_off_item": (account(bill(2, line(2, 4900, basis=basis(4900, kind="one_off")))), account(bill())),
    "usage_above_free": (account(bill(2, metered(1001 + 80))), account(bill(2, metered(1000)))),
    "late_usage": (
        account(bill(2, line(2, basis=basis(kind="usage", cause="late_usage")))),
        account(bill(2, line(2, basis=basis(kind="usage", cause="usage")))),
    ),
    "quantity_increased": (
        plans(line(2, 5000, basis=SEATS), line(1)),
        plans(line(2), line(1, 5000, basis=SEATS)),
    ),
    "add_on_added": (
        account(bill(2, line(2), line(3, 500, basis=basis(500, kind="add_on", product="storage"))), february()),
        account(
            bill(2, line(2), line(3, 500, basis=basis(500, kind="add_on", product="storage"))),
            february(line(1), line(4, 500, basis=basis(500, kind="add_on", product="storage"))),
        ),
    ),
    "tax_change": (plans(line(2, rate="16"), line(1)), plans(line(2, 2700), line(1))),
    "reverse_charge_began": (
        plans(line(2, rate="0", treatment="reverse_charge"), line(1, treatment="standard")),
        plans(line(2, rate="0", treatment="exempt"), line(1, treatment="standard")),
    ),
    "reverse_charge_ended": (
        plans(line(2, treatment="standard"), line(1, rate="0", treatment="reverse_charge")),
        plans(line(2, treatment="reverse_charge"), line(1, treatment="reverse_charge")),
    ),
    "exchange_rate": (account(bill(), USD), account(bill(), february())),
    "first_bill_shorter": (
        account(bill(2, line(2, 968, basis=STUB))),
        account(bill(2, line(2, 968, basis=STUB)), events=(MOVED,)),
    ),
    "first_bill_longer": (
        account(bill(2, line(2), line(3, start=FEBRUARY))),
        account(bill(2, line(2), line(3, start=FEBRUARY)), february()),
    ),
    "trial_ended": (
        account(bill(), subscriptions=(running(trial_ends_on=MARCH),)),
        account(bill(), subscriptions=(running(trial_ends_on=date(2026, 4, 1), state="trial"),)),
    ),
    "free_plan_ended": (
        account(bill(2, PRICED), subscriptions=(running(),), versions=(FREE,)),
        account(bill(2, PRICED), subscriptions=(running(),), versions=(NOT_FREE,)),
    ),
    "plan_paused": (
        account(february(), subscriptions=(running(state="paused", paused_on=FEBRUARY),)),
        account(february(), subscriptions=(running(state="active", paused_on=None),)),
    ),
    "plan_resumed": (
        account(bill(), subscriptions=(running(),), events=(RESUMED,)),
        account(bill(), subscriptions=(running(),), events=(replace(RESUMED, on=date(2025, 12, 1)),)),
    ),
    "final_bill": (
        account(bill(), subscriptions=(running(state="cancelled", ends_on=date(2026, 4, 1)),)),
        account(bill(), subscriptions=(running(state="cancelled", ends_on=date(2026, 3, 20)),)),
    ),
    "billing_day_moved": (
        account(bill(), subscriptions=(running(),), events=(MOVED,)),
        account(bill(), subscriptions=(running(),), events=(replace(MOVED, subject="subscription:8"),)),
    ),
    "failed_then_paid": (
        account(february(), payments=(paid(2, 2500, MARCH), paid(1, 2500, date(2026, 2, 27), "failed"))),
        account(february(), payments=(paid(2, 2400, MARCH), paid(1, 2500, date(2026, 2, 27), "failed"))),
    ),
    "payment_failed": (
        account(bill(), payments=(paid(1, 2500, MARCH, "failed", failed="expired_card"),)),
        account(february(), payments=(paid(1, 2500, MARCH, "failed", failed="expired_card"),)),
    ),
    "payment_pending": (
        account(bill(), payments=(paid(1, 2500, date(2026, 2, 27), "pending"),)),
        account(bill(), payments=(paid(1, 2500, date(2026, 2, 20), "pending"),)),
    ),
    "duplicate_payment": (
        account(february(), payments=(paid(2, 2500, MARCH), paid(1, 2500, MARCH, settled={1: eur(2500)}))),
        account(
            payments=(paid(2, 2500, MARCH, settled={2: eur(2500)}), paid(1, 2500, MARCH, settled={1: eur(2500)})),
        ),
    ),
    "overpayment": (
        account(february(), payments=(paid(1, 3000, MARCH, settled={1: eur(2500)}),)),
        account(february(), payments=(paid(1, 2500, MARCH, settled={1: eur(2500)}),)),
    ),
    "partial_payment": (
        account(bill(due=eur(1500)), payments=(paid(1, 1000, MARCH, settled={2: eur(1000)}),)),
        account(bill(due=eur(2500)), payments=(paid(1, 1000, MARCH, settled={8: eur(1000)}),)),
    ),
    "credit_applied": (account(bill(credit_used=eur(500)), credit=eur(100)), account(bill(credit_used=eur(0)))),
    "credit_used_up": (
        account(bill(), february(credit_used=eur(500)), credit=eur(0)),
        account(bill(), february(credit_used=eur(500)), credit=eur(700)),
    ),
    "refund_under_way": (account(refunds=(REFUND,)), account(refunds=(replace(REFUND, closed_on=FEBRUARY),))),
    "refund_failed": (
        account(refunds=(replace(REFUND, state="failed"),)),
        account(refunds=(replace(REFUND, state="declined"),)),
    ),
    "dispute_hold": (
        account(bill(), disputes=(DISPUTE,)),
        account(bill(), disputes=(replace(DISPUTE, is_open=False),)),
    ),
    "chargeback": (account(chargebacks=(BANK,)), account(chargebacks=(replace(BANK, state="won"),))),
    "voided_and_reissued": (account(bill(), VOID), account(bill(2, line(2, start=FEBRUARY)), VOID)),
    "written_off": (
        account(bill(state="uncollectible", written_off=eur(2500), due=eur(0))),
        account(bill(state="open")),
    ),
}


def scenarios(facts: AccountFacts) -> set[str]:
    return {found.scenario for found in recognise_in(facts)}


@pytest.mark.parametrize("scenario", PLANTED)
def test_a_planted_account_is_recognised_and_a_near_miss_is_not(scenario):
    planted, near_miss = PLANTED[scenario]

    assert scenario in scenarios(planted)
    assert scenario not in scenarios(near_miss)


@pytest.mark.parametrize("scenario", PLANTED)
def test_the_words_of_a_scenario_can_be_said_in_both_languages(scenario):
    found = next(one for one in recognise_in(PLANTED[scenario][0]) if one.scenario == scenario)

    assert found.refs
    for language in ("en", "de-DE"):
        said = [found.title(language), found.for_customer(language), found.for_agent(language)]
        assert all(said)
        assert not any("{" in words or "None" in words for words in said)
    assert found.for_customer("en") != found.for_customer("de")


def test_every_detector_has_words_in_every_language_and_a_planted_account():
    names = {detect.__name__ for detect in DETECTORS}

    assert names == set(PLANTED)
    assert len(names) >= 25
    for words in WORDS.values():
        assert set(words) == names


def test_both_languages_say_the_same_figures():
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    differing = {
        scenario: fields(WORDS["en"][scenario][1]) ^ fields(WORDS["de"][scenario][1])
        for scenario in WORDS["en"]
        if fields(WORDS["en"][scenario][1]) != fields(WORDS["de"][scenario][1])
    }

    assert differing == {}


def test_a_quiet_account_is_in_no_situation():
    assert recognise_in(account(bill(), february(), subscriptions=(running(),))) == []
    assert recognise_in(account()) == []


def test_two_situations_at_once_are_both_listed_the_better_fit_first():
    both = account(bill(2, line(2, 2700)), february(), payments=(paid(1, 2500, date(2026, 2, 27), "pending"),))

    assert [found.scenario for found in recognise_in(both)] == ["payment_pending", "price_rise"]


def test_what_concerns_the_bill_that_is_asked_about_comes_first():
    more = paid(1, 3000, TODAY, settled={1: eur(2500)})
    facts = account(bill(2, line(2, 2700)), february(), payments=(more,))

    assert [found.scenario for found in recognise_in(facts)] == ["overpayment", "price_rise"]
    assert [found.scenario for found in recognise_in(replace(facts, about=2))] == ["price_rise", "overpayment"]


def test_what_is_long_ago_is_not_why_somebody_asks_today():
    facts = account(bill(), payments=(paid(1, 2500, date(2025, 12, 1), "failed"),))

    assert scenarios(facts) == set()
