"""Access as customers live it: it goes in steps, comes back at once, and does not care in which order it was told."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from billing_desk.models import WebhookDelivery, WebhookEndpoint
from ledger.disputes.chargebacks import lose_chargeback, record_chargeback
from ledger.disputes.operations import open_dispute
from ledger.entitlements.models import Access
from ledger.entitlements.operations import (
    AccessAlreadyOverridden,
    NotASupervisor,
    end_access_override,
    override_access,
    review_access,
    review_due_access,
)
from ledger.entitlements.queries import access_of, sentence_of, time_to_restore
from ledger.events import kinds
from ledger.holds.operations import lift_holds, place_hold
from ledger.payments.operations import record_failure, record_payment
from notifications.models import Message
from tests.conftest import berlin
from tests.ledger.collections.worlds import owe, recorded
from tests.ledger.worlds import SYSTEM, eur, open_ana, prove

pytestmark = pytest.mark.django_db
FIRST = berlin(2026, 3, 1, 8)


def march(day: int, hour: int = 9, minute: int = 25):
    return berlin(2026, 3, day, hour, minute)


@pytest.fixture(autouse=True)
def _no_documents(settings) -> None:
    settings.DOCUMENTS_FROM = "9999-12-31"


@pytest.fixture
def ana():
    return open_ana(at=berlin(2026, 2, 1, 10))


@pytest.fixture
def bill(ana):
    return owe(ana, 2500, due_on=date(2026, 3, 1), at=FIRST)


@pytest.fixture
def unpaid(ana, bill):
    """The renewal of 1 March failed."""
    record_failure(ana.pk, amount=eur(2500), code="insufficient_funds", by=SYSTEM, at=FIRST)
    return bill


def nights(first: int, last: int) -> None:
    for day in range(first, last + 1):
        review_due_access(at=march(day))


def state(ana) -> str:
    return access_of(ana.pk).state


def told(ana) -> list[str]:
    templates = Message.objects.filter(customer_id=ana.pk, template__startswith="access").order_by("pk")
    return [name.partition(".")[0] for name in templates.values_list("template", flat=True)]


def test_a_failed_renewal_goes_from_grace_over_a_warning_to_a_pause_that_says_what_cures_it(ana, unpaid, run_reactions):
    run_reactions(at=FIRST + timedelta(seconds=2))
    assert state(ana) == "grace"
    nights(2, 7)
    assert (state(ana), [event.occurred_at.day for event in recorded(kinds.ENTITLEMENT_WARNED, ana)]) == ("grace", [6])

    nights(8, 8)

    access = access_of(ana.pk)
    assert (access.state, access.since_on) == ("restricted", date(2026, 3, 8))
    assert sentence_of(access) == "Service paused because the €25.00 of 1 March failed. Pay now to restore."
    nights(9, 22)
    assert state(ana) == "suspended"
    run_reactions(at=march(23))
    assert told(ana) == ["access_warning", "access_restricted", "access_suspended"]


def test_paying_restores_within_a_minute_with_a_webhook_and_one_notice(ana, unpaid, run_reactions):
    nights(2, 24)
    WebhookEndpoint.objects.create(name="Shop", url="https://shop.example/hook", secret="whsec_x", created_at=FIRST)
    paid_at = march(24, 10, 4)

    record_payment(ana.pk, amount=eur(2500), by=SYSTEM, at=paid_at)
    for seconds in (2, 4):
        run_reactions(at=paid_at + timedelta(seconds=seconds))

    (event,) = recorded(kinds.ENTITLEMENT_RESTORED, ana)
    assert (state(ana), event.data["waited_s"]) == ("active", 2)
    assert told(ana).count("access_restored") == 1
    assert "Seit 10:04 Uhr wieder offen" in Message.objects.get(template__startswith="access_restored").body
    assert WebhookDelivery.objects.filter(event_id=event.pk).count() == 1
    found = time_to_restore(since=march(24, 0), until=march(25, 0))
    assert (found.count, found.median_s, found.within_promise) == (1, 2, 1)


def test_a_failure_reported_after_the_payment_leaves_access_open(ana, bill, run_reactions):
    record_payment(ana.pk, amount=eur(2500), by=SYSTEM, at=FIRST)
    record_failure(ana.pk, amount=eur(2500), code="insufficient_funds", by=SYSTEM, at=FIRST + timedelta(minutes=1))

    run_reactions(at=FIRST + timedelta(minutes=2))
    nights(2, 30)

    assert state(ana) == "active"
    assert not Access.objects.filter(customer=ana).exists()


def test_a_dispute_a_plan_and_a_decision_give_access_back_at_once(ana, unpaid, run_reactions):
    nights(2, 24)
    assert state(ana) == "suspended"
    open_dispute(unpaid.lines.get().pk, amount=eur(2500), reason="duplicate", proof=prove(ana, at=march(25)),
                 by=SYSTEM, at=march(25))  # fmt: skip
    run_reactions(at=march(25))
    assert state(ana) == "active"

    other = owe(ana, 1000, due_on=date(2026, 2, 20), at=berlin(2026, 2, 19, 10))
    nights(26, 28)
    assert state(ana) == "restricted"
    place_hold(ana.pk, kind="payment_plan", stops=["restriction"], source="payment_plan:1", why="Agreed",
               invoice_id=other.pk, by=SYSTEM, at=march(28, 12))  # fmt: skip
    run_reactions(at=march(28, 12))
    assert state(ana) == "active"

    lift_holds("payment_plan:1", by=SYSTEM, at=march(29, 12))
    run_reactions(at=march(29, 12))
    assert state(ana) == "grace"  # warned anew before anything is taken away


def test_money_a_bank_takes_back_for_good_brings_the_restriction_back_after_a_warning(ana, unpaid, run_reactions):
    nights(2, 9)
    payment = record_payment(ana.pk, amount=eur(2500), by=SYSTEM, at=march(10))
    run_reactions(at=march(10))
    assert state(ana) == "active"
    chargeback = record_chargeback(
        payment.pk, amount=eur(2500), external_id="cb_1", reason="general", by=SYSTEM, at=march(11)
    )
    run_reactions(at=march(11))
    assert state(ana) == "active"  # the bank has not decided

    lose_chargeback(chargeback.pk, by=SYSTEM, at=march(12))
    run_reactions(at=march(12))
    nights(13, 15)
    assert state(ana) == "grace"
    nights(16, 17)
    assert state(ana) == "grace"
    nights(18, 18)
    assert state(ana) == "restricted"
    warned = [event.occurred_at.day for event in recorded(kinds.ENTITLEMENT_WARNED, ana)]
    assert warned == [6, 16]
    record_payment(ana.pk, amount=eur(2500), by=SYSTEM, at=march(19))
    run_reactions(at=march(19))
    assert state(ana) == "active"


def test_a_supervisors_word_holds_until_its_day_and_nobody_elses_does(ana, unpaid, mia, pia):
    nights(2, 8)
    with pytest.raises(NotASupervisor):
        override_access(ana.pk, state="active", until=date(2026, 3, 12), why="In hospital", by=mia, at=march(8, 12))

    override_access(ana.pk, state="active", until=date(2026, 3, 12), why="In hospital", by=pia, at=march(8, 12))

    with pytest.raises(AccessAlreadyOverridden):
        override_access(ana.pk, state="grace", until=date(2026, 3, 20), why="Longer", by=pia, at=march(9))
    nights(9, 12)
    assert state(ana) == "active"
    nights(13, 13)
    assert state(ana) == "restricted"
    end_access_override(ana.pk, by=pia, at=march(14))


def test_nothing_is_written_twice_when_nothing_changed(ana, unpaid):
    nights(2, 8)
    before = Access.objects.get(customer=ana).rank

    for _ in range(3):
        review_access(ana.pk, at=march(8, 10))

    assert len(recorded(kinds.ENTITLEMENT_RESTRICTED, ana)) == 1
    assert Access.objects.get(customer=ana).rank == before + 1  # the restriction itself is the newest event


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(order=some.permutations(["fail", "fail_again", "hold", "lift", "pay_part", "pay_rest"]), seed=some.randoms())
def test_whatever_order_things_are_told_in_access_ends_the_same(order, seed, db):
    with transaction.atomic():
        ana = open_ana(at=berlin(2026, 2, 1, 10), email=f"ana{seed.random()}@example.com")
        owe(ana, 2500, due_on=date(2026, 3, 1), at=FIRST)
        hold = {"kind": "review", "stops": ["restriction"], "why": "We look", "by": SYSTEM}
        acts = {
            "fail": lambda: record_failure(ana.pk, amount=eur(2500), code="do_not_honor", by=SYSTEM, at=FIRST),
            "fail_again": lambda: record_failure(ana.pk, amount=eur(2500), code="expired_card", by=SYSTEM, at=FIRST),
            "hold": lambda: place_hold(ana.pk, source=f"review:{ana.pk}", at=FIRST, **hold),
            "lift": lambda: lift_holds(f"review:{ana.pk}", by=SYSTEM, at=FIRST),
            "pay_part": lambda: record_payment(ana.pk, amount=eur(1000), by=SYSTEM, at=FIRST),
            "pay_rest": lambda: record_payment(ana.pk, amount=eur(1000), by=SYSTEM, at=FIRST),
        }
        for name in order:
            acts[name]()
            if seed.random() < 0.5:
                review_access(ana.pk, at=FIRST)
        lift_holds(f"review:{ana.pk}", by=SYSTEM, at=FIRST)
        review_access(ana.pk, at=FIRST)
        for day in (6, 8):
            review_access(ana.pk, at=march(day))

        access = access_of(ana.pk)
        found = (access.state, access.reason, access.amount_minor, access.since_on, access.restricts_on)
        assert found == ("restricted", "failed", 500, date(2026, 3, 8), date(2026, 3, 8))
        transaction.set_rollback(True)
