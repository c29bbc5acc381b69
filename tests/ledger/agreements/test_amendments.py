"""An amendment is proposed within authority, offered, accepted by the customer, and billed from its first day on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from ledger.agreements.deciding import approve_agreement, decline_agreement
from ledger.agreements.moving import AgreementNotInState
from ledger.agreements.offering import (
    OfferHasLapsed,
    accept_agreement,
    end_agreement,
    keep_agreements,
    offer_agreement,
)
from ledger.agreements.operations import AmendmentIsOpen, PlanDoesNotFit, StartsTooEarly, propose_amendment
from ledger.agreements.queries import NoSuchAgreement, current_agreement, differences_of, get_agreement, list_agreements
from ledger.agreements.terms import Proposal
from ledger.authority.operations import ApproverIsRequester
from ledger.billing.operations import run_billing
from ledger.customers.acceptance import Acceptance, WordingDiffers
from ledger.customers.operations import OwnAccount
from ledger.customers.proof import ProofMissing
from ledger.errors import InvalidInput
from ledger.events.actor import Actor
from ledger.models import Agreement, AgreementAcceptance, Approval, Event, InvoiceLine, SubscriptionTerms
from ledger.subscriptions.changes import apply_change
from ledger.subscriptions.forecast import forecast
from ledger.subscriptions.operations import cancel_subscription
from ledger.subscriptions.planning import PlanNotOnSale, SubscriptionNotInState
from ledger.subscriptions.terms import Change, What
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import again, net_billed, sell_all, subscribed
from tests.ledger.worlds import SYSTEM, eur, prove

pytestmark = pytest.mark.django_db
#: Ana has had Plus for 25.00 since 1 March; April is billed on 1 April.
START, TODAY = berlin(2026, 3, 1, 9), berlin(2026, 3, 10, 12)
APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)


@pytest.fixture
def plus(db):
    sell_all(tax=0)
    return subscribed("plus", at=START)


def propose(subscription, *, by, at=TODAY, reason="Wants to stay, for less", **said):
    return propose_amendment(subscription.pk, proposal=Proposal(**said), reason=reason, by=by, at=at)


def said_yes(agreement, *, at=TODAY, by=None, **more):
    by = by or Actor.customer(agreement.customer_id, name="Ana Berg")
    return accept_agreement(
        agreement.pk, acceptance=Acceptance(agreement.wording_hash, **more), by=by, at=at
    )  # fmt: skip


def agreed(subscription, *, by, at=TODAY, **said):
    agreement = propose(subscription, by=by, at=at, **said)
    offer_agreement(agreement.pk, by=by, at=at)
    return said_yes(agreement, at=at)


def bills(subscription, *days):
    """Run billing on the days and return the net of each line since, oldest first."""
    for day in days:
        run_billing(at=berlin(day.year, day.month, day.day, 9))
    lines = InvoiceLine.objects.filter(charge__source=f"subscription:{subscription.pk}").order_by("pk")
    return [line.net_minor for line in lines]


def test_an_accepted_price_is_billed_from_the_next_billing_day_on(plus, noe):
    agreement = agreed(plus, by=noe, price=eur(2000), term_months=12)

    assert (agreement.starts_on, agreement.ends_on) == (APRIL, date(2027, 4, 1))
    assert [bill.likely for bill in forecast(plus.pk, at=TODAY)] == [eur(2000)] * 3
    assert bills(plus, APRIL, MAY) == [2500, 2000, 2000]
    assert current_agreement(plus.pk, date(2026, 3, 31)) is None
    assert current_agreement(plus.pk, APRIL) == agreement


def test_a_percentage_comes_off_the_list_price(plus, olg):
    agreed(plus, by=olg, percent=Decimal(10))

    assert bills(plus, APRIL) == [2500, 2250]  # 25.00 less 10 %


@pytest.mark.parametrize("state", ["waiting_approval", "proposed", "offered", "declined", "lapsed"])
def test_an_amendment_that_is_not_accepted_is_never_billed(plus, mia, noe, state):
    agreement = propose(plus, by=mia if state == "waiting_approval" else noe, price=eur(2000))
    if state in ("offered", "lapsed"):
        offer_agreement(agreement.pk, by=noe, at=TODAY)
    if state == "declined":
        decline_agreement(agreement.pk, reason="Not wanted any more", by=noe, at=TODAY)

    billed = bills(plus, APRIL)
    if state == "lapsed":
        keep_agreements(at=berlin(2026, 4, 1, 10))

    assert Agreement.objects.get().state == state
    assert billed == [2500, 2500]
    assert not SubscriptionTerms.objects.exists()


def test_above_the_limit_somebody_else_approves_first(plus, mia, noe):
    agreement = propose(plus, by=mia, price=eur(2000), term_months=6)  # 6 × 5.00 = 30.00, above 25.00

    assert (agreement.state, agreement.worth) == ("waiting_approval", eur(3000))
    with pytest.raises(AgreementNotInState):
        offer_agreement(agreement.pk, by=mia, at=TODAY)
    with pytest.raises(ApproverIsRequester):
        approve_agreement(agreement.pk, by=mia, at=TODAY)
    approve_agreement(agreement.pk, by=noe, at=TODAY)
    assert (Approval.objects.get().state, Approval.objects.get().act) == ("approved", "agreement")
    assert offer_agreement(agreement.pk, by=mia, at=TODAY).state == "offered"


@pytest.mark.parametrize(("months", "state"), [(5, "proposed"), (6, "waiting_approval")])
def test_the_limit_is_what_is_given_away_over_the_whole_term(plus, mia, months, state):
    agreement = propose(plus, by=mia, price=eur(2000), term_months=months)  # 5.00 a month, 25.00 alone

    assert agreement.state == state


def test_split_gifts_are_added_up(plus, mia):
    first = propose(plus, by=mia, price=eur(2000), term_months=4)  # 20.00
    decline_agreement(first.pk, reason="Another one", by=mia, at=TODAY)

    again_20 = propose(plus, by=mia, price=eur(2000), term_months=4)

    assert again_20.state == "waiting_approval"  # with 20.00 given within the day


def test_a_running_term_is_amended_early_only_with_approval_beyond_the_limit(plus, mia, olg):
    agreed(plus, by=olg, price=eur(2400), term_months=12)
    later = berlin(2026, 6, 10, 12)
    bills(plus, APRIL, MAY, date(2026, 6, 1))

    usual = propose(plus, by=mia, at=later, price=eur(1500))
    decline_agreement(usual.pk, reason="Wants it now", by=mia, at=later)
    early = propose(plus, by=mia, at=later, price=eur(1500), starts_on=date(2026, 7, 1), term_months=9)

    assert usual.starts_on == date(2027, 4, 1)  # after the term
    assert (early.starts_on, early.earliest_on) == (date(2026, 7, 1), date(2027, 4, 1))
    assert (early.state, early.worth) == ("waiting_approval", eur(8100))  # 9 × 9.00 up to April 2027
    assert [each.what for each in differences_of(early)] == ["starts_on", "price"]


def test_the_next_version_supersedes_the_one_before_from_its_first_day(plus, olg):
    first = agreed(plus, by=olg, price=eur(2000))
    second = agreed(plus, by=olg, price=eur(1800), starts_on=MAY)

    first = Agreement.objects.get(pk=first.pk)
    assert (first.state, first.until_on) == ("superseded", MAY)
    assert (second.version, second.replaces) == (2, first)
    assert [current_agreement(plus.pk, day) for day in (APRIL, MAY)] == [first, second]
    assert bills(plus, APRIL, MAY) == [2500, 2000, 1800]
    assert [each.version for each in list_agreements(plus.customer_id)] == [2, 1]


def test_an_agreement_to_another_plan_changes_the_plan_on_its_first_day(plus, olg):
    agreed(plus, by=olg, plan="basic", price=eur(800))

    assert bills(plus, APRIL) == [2500, 800]
    assert again(plus).plan.code == "basic"
    assert net_billed(plus) == 3300


def test_a_term_that_runs_out_gives_the_list_price_back_and_one_that_renews_goes_on(plus, olg):
    agreed(plus, by=olg, price=eur(2000), term_months=1)

    assert bills(plus, APRIL, MAY) == [2500, 2000, 2500]
    assert keep_agreements(at=berlin(2026, 5, 1, 10)) == 1
    assert Agreement.objects.get().state == "ended"
    agreed(plus, by=olg, at=berlin(2026, 5, 2), price=eur(2000), term_months=1, renews_months=1)
    assert bills(plus, date(2026, 6, 1), date(2026, 7, 1))[3:] == [2000, 2000]
    assert keep_agreements(at=berlin(2026, 7, 1, 10)) == 0


def test_ended_by_hand_it_counts_up_to_the_billing_day_after_its_notice(plus, olg):
    agreement = agreed(plus, by=olg, price=eur(2000), notice_days=10)
    bills(plus, APRIL)

    ended = end_agreement(agreement.pk, reason="Asked for by the customer", by=olg, at=berlin(2026, 4, 25))

    assert ended.until_on == date(2026, 6, 1)  # 25 April and 10 days is 5 May
    assert bills(plus, MAY, date(2026, 6, 1)) == [2500, 2000, 2000, 2500]


def test_what_is_accepted_is_kept_with_who_when_how_and_which_words(plus, noe):
    agreement = propose(plus, by=noe, price=eur(2000))
    offer_agreement(agreement.pk, by=noe, at=TODAY)
    point = plus.customer.contact_points.get()

    said_yes(agreement, contact_point_id=point.pk, ip_address="192.0.2.7", user_agent="Firefox")

    kept = AgreementAcceptance.objects.get()
    assert (kept.accepted_by, kept.channel, kept.contact_point, kept.ip_address) == (
        "Ana Berg", "portal", point, "192.0.2.7",
    )  # fmt: skip
    assert (kept.wording_hash, kept.language, kept.accepted_at) == (agreement.wording_hash, "de-DE", TODAY)
    event = Event.objects.get(kind="agreement.accepted")
    assert event.data["wording_hash"] == agreement.wording_hash


def test_other_words_are_not_what_was_offered(plus, noe):
    agreement = propose(plus, by=noe, price=eur(2000))
    offer_agreement(agreement.pk, by=noe, at=TODAY)

    with pytest.raises(WordingDiffers):
        accept_agreement(
            agreement.pk, acceptance=Acceptance("0" * 64), by=Actor.customer(agreement.customer_id), at=TODAY
        )


def test_staff_take_a_yes_down_only_with_a_proof_of_this_customer(plus, noe):
    agreement = propose(plus, by=noe, price=eur(2000))
    offer_agreement(agreement.pk, by=noe, at=TODAY)
    spoken, proof = Acceptance(agreement.wording_hash, channel="phone"), prove(plus.customer, at=TODAY)

    for wrong in (None, replace(proof, customer_id=999), replace(proof, level=1), replace(proof, expires_at=TODAY)):
        with pytest.raises(ProofMissing):
            accept_agreement(agreement.pk, acceptance=spoken, proof=wrong, by=noe, at=TODAY)
    with pytest.raises(InvalidInput, match="themselves"):
        accept_agreement(agreement.pk, acceptance=replace(spoken, channel="portal"), proof=proof, by=noe, at=TODAY)
    accept_agreement(agreement.pk, acceptance=spoken, proof=proof, by=noe, at=TODAY)

    assert AgreementAcceptance.objects.get().proof_reference == "check:1"


def test_a_yes_by_letter_is_kept_with_its_own_day_between_the_offer_and_now(plus, noe):
    agreement = propose(plus, by=noe, price=eur(2000))
    offer_agreement(agreement.pk, by=noe, at=TODAY)
    arrived, proof = berlin(2026, 3, 14, 9), prove(plus.customer, at=berlin(2026, 3, 14, 9))
    letter = Acceptance(agreement.wording_hash, channel="letter", accepted_by="Ana Berg", said_at=berlin(2026, 3, 12))

    for impossible in (berlin(2026, 3, 9), berlin(2026, 3, 15)):
        with pytest.raises(InvalidInput, match="after it was offered"):
            accept_agreement(
                agreement.pk, acceptance=replace(letter, said_at=impossible), proof=proof, by=noe, at=arrived
            )
    accept_agreement(agreement.pk, acceptance=letter, proof=proof, by=noe, at=arrived)

    kept = AgreementAcceptance.objects.get()
    assert (kept.channel, kept.accepted_at, kept.recorded_by) == ("letter", berlin(2026, 3, 12), str(noe))


def test_another_customer_neither_sees_nor_decides_it(plus, noe):
    agreement = propose(plus, by=noe, price=eur(2000))
    stranger = Actor.customer(999)

    with pytest.raises(NoSuchAgreement):
        get_agreement(agreement.pk, customer_id=agreement.customer_id)  # not offered yet
    offer_agreement(agreement.pk, by=noe, at=TODAY)
    assert get_agreement(agreement.pk, customer_id=agreement.customer_id) == agreement
    with pytest.raises(NoSuchAgreement):
        said_yes(agreement, by=stranger)
    with pytest.raises(NoSuchAgreement):
        decline_agreement(agreement.pk, reason="No", by=stranger, at=TODAY)


def test_an_offer_is_not_accepted_after_its_first_day_was_billed_nor_twice(plus, noe):
    agreement = propose(plus, by=noe, price=eur(2000))
    offer_agreement(agreement.pk, by=noe, at=TODAY)
    bills(plus, APRIL)

    with pytest.raises(OfferHasLapsed):
        said_yes(agreement, at=berlin(2026, 4, 1, 10))
    assert keep_agreements(at=berlin(2026, 4, 1, 10)) == 1
    with pytest.raises(AgreementNotInState):
        said_yes(agreement, at=berlin(2026, 4, 1, 11))


def test_what_cannot_be_proposed_is_refused_in_words(plus, noe):
    with pytest.raises(StartsTooEarly, match="2026-04-01"):
        propose(plus, by=noe, price=eur(2000), starts_on=date(2026, 3, 9))
    with pytest.raises(PlanNotOnSale):
        propose(plus, by=noe, plan="gold")
    with pytest.raises(PlanDoesNotFit):
        propose(plus, by=noe, plan="plus-y")
    with pytest.raises(InvalidInput, match="Say why"):
        propose(plus, by=noe, price=eur(2000), reason=" ")
    with pytest.raises(OwnAccount):
        propose(plus, by=replace(noe, customer_id=plus.customer_id), price=eur(2000))
    propose(plus, by=noe, price=eur(2000))
    with pytest.raises(AmendmentIsOpen, match="Version 1 is proposed"):
        propose(plus, by=noe, price=eur(1900))


def test_nothing_is_agreed_on_for_what_was_cancelled(plus, noe):
    cancel_subscription(plus.pk, by=SYSTEM, at=TODAY)

    with pytest.raises(SubscriptionNotInState):
        propose(plus, by=noe, price=eur(2000))


@pytest.mark.parametrize(
    ("write", "refusal"),
    [
        ("UPDATE ledger_agreement SET price_minor = 1", IntegrityError),
        ("UPDATE ledger_agreement SET wording = 'x'", IntegrityError),
        ("UPDATE ledger_agreement SET state = 'proposed'", IntegrityError),
        ("UPDATE ledger_agreement SET accepted_at = NULL", IntegrityError),
        ("DELETE FROM ledger_agreement", ProgrammingError),
        ("UPDATE ledger_agreementacceptance SET wording_hash = ''", ProgrammingError),
        ("UPDATE ledger_subscriptionterms SET price_minor = 1", ProgrammingError),
        (
            "INSERT INTO ledger_subscriptionterms (subscription_id, product_id, currency, valid_from, source,"
            " recorded_at, price_minor) SELECT subscription_id, product_id, currency, valid_from, 'agreement:999',"
            " recorded_at, 1 FROM ledger_subscriptionterms",
            IntegrityError,
        ),
    ],
)
def test_the_database_keeps_what_was_agreed_and_bills_nothing_nobody_accepted(plus, noe, write, refusal):
    agreed(plus, by=noe, price=eur(2000))

    with pytest.raises(refusal), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(write)


def test_a_seat_more_within_an_agreed_period_costs_the_agreed_price(plus, noe):
    agreed(plus, by=noe, price=eur(2000))
    bills(plus, APRIL)

    apply_change(plus.pk, Change(What.QUANTITY, quantity=2), by=SYSTEM, at=berlin(2026, 4, 16))

    assert net_billed(plus) == 2500 + 2000 + 1000  # half of April for one more seat at 20.00
