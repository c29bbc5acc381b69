"""A payment plan from the proposal to its end: consent, authority, holds, the clock, what the bills say."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from ledger.authority.operations import ApprovalLimitExceeded, ApproverIsRequester
from ledger.customers.acceptance import Acceptance, WordingDiffers
from ledger.customers.proof import ProofMissing
from ledger.disputes.operations import open_dispute, reject_dispute, uphold_dispute
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.hardship.operations import start_hardship
from ledger.holds.queries import is_stopped
from ledger.instalments.acceptance import PlanAcceptance
from ledger.instalments.accepting import PlanIsOver, accept_plan
from ledger.instalments.deciding import approve_plan, cancel_plan
from ledger.instalments.keeping import keep_plans
from ledger.instalments.models import Instalment, PaymentPlan
from ledger.instalments.moving import PlanNotInState
from ledger.instalments.operations import NothingDue, PaymentPlanAlreadyAgreed
from ledger.instalments.terms import NotAffordable
from ledger.invoices.crediting import issue_credit_note
from ledger.invoices.models import Invoice
from ledger.payments.operations import record_payment
from tests.conftest import NOW, berlin
from tests.ledger.instalments.worlds import (
    MIA,
    again,
    agreed,
    followed,
    lefts,
    parts,
    proposed,
    states,
    terms,
)
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana, pay, prove

pytestmark = pytest.mark.django_db

STOPS = ("collection", "reminders", "fees", "restriction")


def held(invoice: Invoice, at=NOW) -> list[bool]:
    return [is_stopped(invoice.customer_id, stop, invoice_id=invoice.pk, at=at) for stop in STOPS]


def recorded(kind: str) -> dict:
    return Event.objects.filter(kind=kind).latest("pk").data


def test_an_agreed_plan_stops_everything_on_its_bill_and_nothing_on_another():
    ana = open_ana()
    covered, other = bill(ana, 100_00), bill(ana, 20_00)

    plan = agreed(covered)

    assert (plan.state, plan.covered, lefts(plan)) == ("active", eur(100_00), [33_34, 33_33, 33_33])
    assert (held(covered), held(other)) == ([True] * 4, [False] * 4)
    kept = PlanAcceptance.objects.get(plan=plan)
    assert (kept.wording_hash, kept.channel, kept.accepted_by) == (plan.wording_hash, "portal", "Ana Berg")
    assert "33,34\u00a0€" in plan.wording


def test_a_plan_over_two_bills_covers_only_what_is_not_disputed():
    ana = open_ana()
    disputed, whole = bill(ana, 60_00), bill(ana, 40_00)
    open_dispute(disputed.lines.get().pk, amount=eur(10_00), reason="other", proof=prove(ana), by=MIA, at=NOW)

    assert proposed(disputed, whole).covered == eur(90_00)


def test_a_bill_is_in_one_plan_at_a_time_and_a_paid_one_in_none():
    ana = open_ana()
    once, paid = bill(ana, 100_00), bill(ana, 20_00)
    record_payment(ana.pk, amount=eur(20_00), invoice_id=paid.pk, by=SYSTEM, at=NOW)
    plan = proposed(once)

    with pytest.raises(PaymentPlanAlreadyAgreed, match=plan.number):
        proposed(once)
    with pytest.raises(NothingDue):
        proposed(paid)


def test_what_cannot_be_afforded_is_refused_and_nothing_is_written():
    invoice = bill(open_ana(), 100_00)

    with pytest.raises(NotAffordable, match="With 5 monthly instalments it fits"):
        proposed(invoice, wanted=terms(3, monthly=20_00))

    assert PaymentPlan.objects.count() == 0


@pytest.mark.parametrize(("minor", "state"), [(500_00, "proposed"), (500_01, "waiting_approval")])
def test_above_the_agents_limit_a_plan_waits_for_somebody_elses_word(minor, state):
    plan = proposed(bill(open_ana(), minor), wanted=terms(10, monthly=100_00))

    assert plan.state == state


def test_nobody_approves_their_own_plan_and_the_supervisor_may(pia, noe):
    plan = proposed(bill(open_ana(), 3_000_00), by=noe, wanted=terms(10, monthly=400_00))

    with pytest.raises(ApproverIsRequester):
        approve_plan(plan.pk, by=noe, at=NOW)
    with pytest.raises(ApprovalLimitExceeded):
        approve_plan(plan.pk, by=MIA, at=NOW)

    assert approve_plan(plan.pk, by=pia, at=NOW).state == "proposed"


def test_consent_is_to_exactly_the_words_that_were_shown_and_proved_where_an_agent_takes_it_down():
    ana = open_ana()
    plan = proposed(bill(ana, 100_00))
    by_phone = Acceptance(plan.wording_hash, channel="phone")

    with pytest.raises(WordingDiffers):
        accept_plan(plan.pk, acceptance=Acceptance("0" * 64), by=Actor.customer(ana.pk), at=NOW)
    with pytest.raises(ProofMissing):
        accept_plan(plan.pk, acceptance=by_phone, by=MIA, at=NOW)

    assert accept_plan(plan.pk, acceptance=by_phone, proof=prove(ana), by=MIA, at=NOW).acceptance.proof_reference


def test_a_plan_whose_bill_changed_since_it_was_proposed_cannot_be_agreed_to():
    ana = open_ana()
    plan = proposed(bill(ana, 100_00))
    pay(ana, 10_00)

    with pytest.raises(PlanIsOver, match="has changed since"):
        accept_plan(plan.pk, acceptance=Acceptance(plan.wording_hash), by=Actor.customer(ana.pk), at=NOW)


def test_payments_count_to_the_oldest_instalment_and_everything_early_closes_the_plan():
    ana = open_ana()
    invoice = bill(ana, 100_00)
    plan = agreed(invoice)

    pay(ana, 40_00)
    followed(plan)
    assert (lefts(plan), states(plan)) == ([0, 26_67, 33_33], ["paid", "due", "due"])
    pay(ana, 60_00)
    followed(plan)

    assert (again(plan).state, states(plan)) == ("settled_early", ["paid"] * 3)
    assert recorded("payment_plan.settled_early")["paid_minor"] == 100_00
    assert held(invoice) == [False] * 4


def test_a_plan_paid_on_its_days_is_kept():
    ana = open_ana()
    plan = agreed(bill(ana, 100_00))

    for minor, at in [(33_34, berlin(2026, 4, 1)), (33_33, berlin(2026, 5, 4)), (33_33, berlin(2026, 6, 1))]:
        pay(ana, minor, at=at)
        followed(plan, at)

    assert again(plan).state == "kept"


def test_a_missed_instalment_is_told_can_be_cured_for_seven_days_and_then_ends_the_plan():
    ana = open_ana()
    invoice = bill(ana, 100_00)
    plan = agreed(invoice, wanted=terms(charges_automatically=False))

    keep_plans(at=berlin(2026, 4, 1, 23))
    assert states(plan) == ["due", "due", "due"]
    keep_plans(at=berlin(2026, 4, 2, 1))
    assert states(plan)[0] == "missed"
    # Seven days after 2 April is the 9th, a Thursday.
    assert recorded("instalment.missed")["cure_until"] == "2026-04-09"
    keep_plans(at=berlin(2026, 4, 9, 23))
    assert again(plan).state == "active"
    keep_plans(at=berlin(2026, 4, 10, 1))

    assert again(plan).state == "defaulted"
    assert recorded("payment_plan.defaulted")["left_minor"] == 100_00
    assert held(invoice, berlin(2026, 4, 10, 2)) == [False] * 4


def test_a_missed_instalment_made_good_within_seven_days_goes_on_as_agreed():
    ana = open_ana()
    plan = agreed(bill(ana, 100_00), wanted=terms(charges_automatically=False))
    keep_plans(at=berlin(2026, 4, 2, 1))

    pay(ana, 33_34, at=berlin(2026, 4, 9, 9))
    keep_plans(at=berlin(2026, 4, 10, 1))

    assert (again(plan).state, states(plan)) == ("active", ["paid", "due", "due"])


def test_nobody_defaults_while_help_in_hardship_is_under_way():
    ana = open_ana()
    plan = agreed(bill(ana, 100_00), wanted=terms(charges_automatically=False))
    keep_plans(at=berlin(2026, 4, 2, 1))
    start_hardship(ana.pk, words="I cannot pay", by=MIA, at=berlin(2026, 4, 3))

    keep_plans(at=berlin(2026, 4, 20))

    assert again(plan).state == "active"


def test_a_plan_nobody_agreed_to_lapses_after_a_fortnight_and_frees_its_bill():
    invoice = bill(open_ana(), 100_00)
    plan = proposed(invoice)

    keep_plans(at=NOW + timedelta(days=14))
    assert again(plan).state == "proposed"
    keep_plans(at=NOW + timedelta(days=15))

    assert again(plan).state == "cancelled"
    assert proposed(invoice).state == "proposed"


def test_the_customer_is_reminded_three_days_ahead_once():
    agreed(bill(open_ana(), 100_00))

    for day in (28, 29, 30):
        keep_plans(at=berlin(2026, 3, day, 9))

    assert Event.objects.filter(kind="instalment.coming").count() == 1
    assert recorded("instalment.coming")["due_on"] == "2026-04-01"


def test_a_new_dispute_leaves_the_plan_and_comes_back_when_it_is_rejected(pia):
    ana = open_ana()
    invoice = bill(ana, 100_00)
    plan = agreed(invoice)

    dispute = open_dispute(invoice.lines.get().pk, amount=eur(30_00), reason="other", proof=prove(ana), by=MIA, at=NOW)
    followed(plan)
    assert (again(plan).covered, lefts(plan)) == (eur(70_00), [23_34, 23_33, 23_33])
    told = recorded("payment_plan.changed")
    assert (told["why"], told["part_minor"], told["left_minor"]) == ("disputed", 30_00, 70_00)
    reject_dispute(dispute.pk, explanation="It was delivered.", by=pia, at=NOW)
    followed(plan)

    assert (again(plan).covered, sum(lefts(plan))) == (eur(100_00), 100_00)
    assert recorded("payment_plan.changed")["why"] == "owed_again"


def test_an_upheld_dispute_changes_nothing_more_and_the_plan_closes_without_it(pia):
    ana = open_ana()
    invoice = bill(ana, 100_00)
    plan = agreed(invoice)
    dispute = open_dispute(invoice.lines.get().pk, amount=eur(30_00), reason="other", proof=prove(ana), by=MIA, at=NOW)
    followed(plan)
    pay(ana, 70_00)
    followed(plan)
    assert again(plan).state == "active"

    uphold_dispute(dispute.pk, explanation="You are right.", by=pia, at=NOW)
    followed(plan)

    assert (again(plan).state, again(plan).covered) == ("settled_early", eur(70_00))


def test_a_credit_note_shortens_the_plan_from_its_end(pia):
    invoice = bill(open_ana(), 100_00)
    plan = agreed(invoice)

    issue_credit_note(invoice.lines.get().pk, amount=eur(40_00), reason="Wrong price", by=pia, at=NOW)
    followed(plan)

    assert (lefts(plan), states(plan)) == ([33_34, 26_66, 0], ["due", "due", "waived"])
    assert recorded("payment_plan.changed")["why"] == "credited"


def test_following_twice_changes_nothing():
    ana = open_ana()
    plan = agreed(bill(ana, 100_00))
    pay(ana, 40_00)
    followed(plan)
    events = Event.objects.count()

    followed(plan)

    assert Event.objects.count() == events


def test_a_plan_called_off_lifts_its_holds_and_cannot_be_called_off_twice():
    invoice = bill(open_ana(), 100_00)
    plan = agreed(invoice)

    cancel_plan(plan.pk, reason="The customer pays by transfer", by=MIA, at=NOW)

    assert held(invoice, NOW + timedelta(seconds=1)) == [False] * 4
    with pytest.raises(PlanNotInState):
        cancel_plan(plan.pk, reason="Again", by=MIA, at=NOW)


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE ledger_paymentplan SET state = 'kept', closed_at = now()", "may not go from proposed to kept"),
        ("UPDATE ledger_paymentplan SET wording = 'other words'", "is_never_changed"),
        ("UPDATE ledger_instalment SET amount_minor = amount_minor + 1 WHERE position = 1", "payment_plan_adds_up"),
        ("UPDATE ledger_instalment SET state = 'paid', paid_minor = amount_minor - 1", "nothing_left"),
    ],
)
def test_the_database_refuses_what_the_plan_does_not_allow(statement, constraint):
    proposed(bill(open_ana(), 100_00))

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"{statement}; SET CONSTRAINTS ALL IMMEDIATE")


def test_the_first_day_passed_means_that_a_new_plan_is_asked_for():
    ana = open_ana()
    plan = proposed(bill(ana, 100_00), wanted=terms(first_on=date(2026, 3, 4)))
    assert parts(plan)[0].due_on == date(2026, 3, 4)

    with pytest.raises(PlanIsOver):
        accept_plan(plan.pk, acceptance=Acceptance(plan.wording_hash), by=Actor.customer(ana.pk), at=berlin(2026, 3, 5))

    assert Instalment.objects.filter(plan=plan, state="due").count() == 3
