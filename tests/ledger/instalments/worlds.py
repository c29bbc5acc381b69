"""What the tests of payment plans begin from: bills of a customer, a plan over them, what is left of it."""

from __future__ import annotations

from datetime import date, datetime

from ledger.customers.acceptance import Acceptance
from ledger.events.actor import Actor
from ledger.instalments.accepting import accept_plan
from ledger.instalments.following import follow_plan
from ledger.instalments.models import Instalment, PaymentPlan
from ledger.instalments.operations import propose_plan
from ledger.instalments.terms import PlanTerms
from ledger.invoices.models import Invoice
from ledger.money import Money
from tests.conftest import NOW
from tests.ledger.worlds import SYSTEM

MIA = Actor.agent(1, name="Mia", roles=frozenset({"agent"}))


def terms(count: int = 3, *, first_on: date = date(2026, 4, 1), monthly: int = 50_00, **more) -> PlanTerms:
    """Return what is wanted: so many monthly instalments from 1 April on."""
    return PlanTerms(count=count, first_on=first_on, can_pay_monthly=Money(monthly, "EUR"), **more)


def proposed(*bills: Invoice, by: Actor = MIA, at: datetime = NOW, wanted: PlanTerms | None = None) -> PaymentPlan:
    """Propose a plan over bills."""
    return propose_plan(
        bills[0].customer_id,
        invoice_ids=[bill.pk for bill in bills],
        terms=wanted or terms(),
        reason="Lost her job",
        by=by,
        at=at,
    )


def agreed(*bills: Invoice, at: datetime = NOW, wanted: PlanTerms | None = None) -> PaymentPlan:
    """Propose a plan and take the customer's yes in the portal."""
    plan = proposed(*bills, at=at, wanted=wanted)
    customer = Actor.customer(plan.customer_id, name="Ana Berg")
    return accept_plan(plan.pk, acceptance=Acceptance(plan.wording_hash), by=customer, at=at)


def parts(plan: PaymentPlan) -> list[Instalment]:
    """Return the instalments as they stand now."""
    return list(Instalment.objects.filter(plan=plan).order_by("position"))


def lefts(plan: PaymentPlan) -> list[int]:
    """Return what is left of each instalment, in cents."""
    return [part.left.minor for part in parts(plan)]


def states(plan: PaymentPlan) -> list[str]:
    """Return the state of each instalment."""
    return [part.state for part in parts(plan)]


def followed(plan: PaymentPlan, at: datetime = NOW) -> PaymentPlan:
    """Bring a plan to what its bills say, as the reaction does."""
    return follow_plan(plan.pk, by=SYSTEM, at=at)


def again(plan: PaymentPlan) -> PaymentPlan:
    """Read it as it stands now."""
    return PaymentPlan.objects.get(pk=plan.pk)
