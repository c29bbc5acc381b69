"""S0-7: customers have their agreement changed to pay less, with what they really used as the reason."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from ledger.agreements.cheaper import cheaper_plan
from ledger.agreements.deciding import approve_agreement
from ledger.agreements.offering import accept_agreement, offer_agreement
from ledger.agreements.operations import propose_amendment
from ledger.agreements.queries import current_agreement, differences_of
from ledger.agreements.terms import Difference, Proposal
from ledger.billing.operations import run_billing
from ledger.customers.acceptance import Acceptance
from ledger.events.actor import Actor
from ledger.models import AddOn, AgreementAcceptance, Approval, InvoiceLine, Product
from ledger.subscriptions.changes import apply_change
from ledger.subscriptions.terms import Change, What
from ledger.usage.operations import UsageReport, report_usage
from tests.conftest import berlin
from tests.ledger.subscriptions.worlds import sell, sell_all, subscribed
from tests.ledger.worlds import SYSTEM, eur

pytestmark = pytest.mark.django_db
#: Three full months on Plus, from 1 December to the end of February, lie behind T0.
BEGAN, T0 = berlin(2025, 12, 1, 9), berlin(2026, 3, 2, 10)


@pytest.fixture
def plus(db):
    """Ana on Plus for 25.00 a month; Basic for 10.00 has no chat and allows 100 mails a month."""
    sell_all(tax=0)
    sell("mailing", 0, kind=AddOn, meter="mails", tax=0)
    Product.objects.filter(code="basic").update(usage_limit=100)
    subscription = subscribed("plus", at=BEGAN)
    for month in (1, 2, 3):
        run_billing(at=berlin(2026, month, 1, 9))
    return subscription


def use(subscription, quantity, at, meter="mails"):
    report = UsageReport(subscription.customer_id, meter, Decimal(quantity), at, f"{meter}-{at.isoformat()}", None)
    assert report_usage([report], by=SYSTEM, at=T0).accepted == 1


def test_use_that_fits_basic_for_three_months_suggests_it_with_the_exact_saving(plus):
    for month, quantity in ((12, 99), (1, 100), (2, 7)):
        use(plus, quantity, berlin(2025 if month == 12 else 2026, month, 15))

    found = cheaper_plan(plus.pk, at=T0)

    assert (found.plan, found.lost_features) == ("basic", ("Chat",))
    assert (found.paid, found.would_pay, found.saving) == (eur(7500), eur(3000), eur(4500))
    assert [(cost.period.start, cost.paid, cost.would_pay) for cost in found.costs] == [
        (date(2025, 12, 1), eur(2500), eur(1000)),
        (date(2026, 1, 1), eur(2500), eur(1000)),
        (date(2026, 2, 1), eur(2500), eur(1000)),
    ]
    assert found.why.startswith("On Basic the last 3 periods would have cost 30.00 EUR instead of 75.00 EUR")


def test_one_month_above_what_basic_allows_suggests_nothing_and_says_so(plus):
    use(plus, 101, berlin(2026, 1, 15))

    found = cheaper_plan(plus.pk, at=T0)

    assert (found.plan, found.costs) == ("", ())
    assert found.why == "No plan on sale would have cost less than Plus for what was used."


def test_use_counts_in_the_period_in_which_it_is_midnight_for_the_customer(plus):
    use(plus, 100, berlin(2026, 1, 31, 23, 59))
    use(plus, 100, berlin(2026, 2, 1, 0, 0))

    assert cheaper_plan(plus.pk, at=T0).plan == "basic"


def test_a_month_too_few_or_a_plan_off_sale_suggests_nothing(plus):
    early = cheaper_plan(plus.pk, at=berlin(2026, 2, 28))
    Product.objects.filter(code="basic").update(is_on_sale=False)

    assert early.why == "Only 2 full periods on Plus lie behind; 3 have to."
    assert cheaper_plan(plus.pk, at=T0).plan == ""


def test_seats_are_counted_as_they_were_billed(plus):
    apply_change(plus.pk, Change(What.QUANTITY, quantity=3), by=SYSTEM, at=T0)

    found = cheaper_plan(plus.pk, at=berlin(2026, 4, 2))

    # 1 day of 31 for one seat, 30 for three: 0.81 and 72.58 on Plus, 0.32 and 29.03 on Basic
    assert [cost.paid for cost in found.costs] == [eur(2500), eur(2500), eur(7339)]
    assert [cost.would_pay for cost in found.costs] == [eur(1000), eur(1000), eur(2935)]


def test_a_metered_plan_is_compared_by_what_was_used(db):
    metered = sell("metered", 10, tax=0, meter="calls", unit="call")
    sell("pack", 1500, tax=0)
    calls = subscribed("metered", at=BEGAN)
    for month, quantity in ((12, 100), (1, 200), (2, 300)):
        use(calls, quantity, berlin(2025 if month == 12 else 2026, month, 15), meter="calls")

    found = cheaper_plan(calls.pk, at=T0)

    assert metered.meter == "calls"
    assert (found.plan, found.paid, found.would_pay) == ("pack", eur(6000), eur(4500))  # 10 + 20 + 30 against 3 × 15
    assert [cost.saving for cost in found.costs] == [eur(-500), eur(500), eur(1500)]


def test_an_accepted_amendment_keeps_both_versions_who_when_and_the_hash_of_the_words(plus, mia, noe):
    ana = Actor.customer(plus.customer_id, name="Ana Berg")

    def agree(proposal, at):
        drafted = propose_amendment(plus.pk, proposal=proposal, reason="Basic is enough", by=mia, at=at)
        if drafted.state == "waiting_approval":
            approve_agreement(drafted.pk, by=noe, at=at)
        offer_agreement(drafted.pk, by=mia, at=at)
        return accept_agreement(drafted.pk, acceptance=Acceptance(drafted.wording_hash), by=ana, at=at)

    old = agree(Proposal(price=eur(2400), term_months=12), T0)
    new = agree(Proposal(plan="basic", starts_on=date(2026, 5, 1)), berlin(2026, 3, 3))

    assert differences_of(new) == (
        Difference("plan_name", "Plus", "Basic"),
        Difference("starts_on", date(2026, 4, 1), date(2026, 5, 1)),
        Difference("price", eur(2400), None),
        Difference("ends_on", date(2027, 4, 1), None),
    )
    assert [current_agreement(plus.pk, date(2026, month, 1)) for month in (4, 5)] == [old, new]
    kept = AgreementAcceptance.objects.get(agreement=new)
    assert (kept.accepted_by, kept.accepted_at, kept.wording_hash) == (
        "Ana Berg", berlin(2026, 3, 3), new.wording_hash,
    )  # fmt: skip
    # 24.00 on Plus in April, the list price of Basic in May; the giveaway was 14.00 × 12 and needed Noe.
    assert Approval.objects.get(subject=f"agreement:{new.pk}").decided_by == str(noe)
    run_billing(at=berlin(2026, 4, 1, 9))
    run_billing(at=berlin(2026, 5, 1, 9))
    lines = InvoiceLine.objects.filter(charge__source=f"subscription:{plus.pk}").order_by("pk")
    assert [line.net_minor for line in lines][-2:] == [2400, 1000]


def test_a_term_amended_early_beyond_authority_waits_and_bills_nothing(plus, mia):
    early = propose_amendment(
        plus.pk, proposal=Proposal(price=eur(1500), term_months=12), reason="Threatens to leave", by=mia, at=T0
    )

    run_billing(at=berlin(2026, 4, 1, 9))

    assert (early.state, early.worth) == ("waiting_approval", eur(12000))  # 12 × 10.00
    assert InvoiceLine.objects.order_by("-pk").first().net_minor == 2500
    assert current_agreement(plus.pk, date(2026, 4, 1)) is None
