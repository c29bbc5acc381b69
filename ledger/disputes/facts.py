"""facts_of: what the books know about a disputed charge, for the recommendation."""

from __future__ import annotations

from ledger.agreements.models import Agreement
from ledger.charges.models import Charge
from ledger.charges.queries import look_alike_charges
from ledger.disputes.models import Dispute
from ledger.disputes.recommending import Facts, Recommendation, recommend
from ledger.invoices.models import InvoiceLine
from ledger.money import Money
from ledger.subscriptions.models import Subscription
from ledger.usage.models import UsageEvent


def recommendation_for(dispute: Dispute) -> Recommendation:
    """Return what the facts recommend for a dispute, about what is still contested."""
    return recommend(facts_of(dispute))


def facts_of(dispute: Dispute) -> Facts:
    """Return what the books know now: a standing duplicate, the agreed price, the end of service, any use."""
    line = InvoiceLine.objects.select_related("charge").get(pk=dispute.line_id)
    charge = line.charge
    subscription = _subscription(charge)
    return Facts(
        reason=dispute.reason,
        disputed=dispute.contested,
        charged=line.total,
        credited_minor=line.credited_minor,
        duplicate_of=_duplicate_of(charge),
        agreed=_agreed(line, subscription),
        period_start=charge.period_start,
        period_end=charge.period_end,
        ended_on=subscription.ends_on if subscription else None,
        was_used=_was_used(charge),
    )


def _duplicate_of(charge: Charge) -> str:
    for pair in look_alike_charges(charge.customer_id):
        if charge.pk in (pair.first.pk, pair.second.pk):
            other = pair.first if charge.pk == pair.second.pk else pair.second
            line = getattr(other, "invoice_line", None)
            where = f"{line.invoice.number}, line {line.position}" if line is not None else "not billed yet"
            return f"{other.description} ({where}), {pair.why}"
    return ""


def _subscription(charge: Charge) -> Subscription | None:
    kind, _, pk = charge.source.partition(":")
    if kind != "subscription" or not pk.isdigit():
        return None
    return Subscription.objects.filter(pk=int(pk), customer_id=charge.customer_id).first()


def _agreed(line: InvoiceLine, subscription: Subscription | None) -> Money | None:
    """Return the agreed price of a plan's whole period with tax, where an accepted agreement names one."""
    charge = line.charge
    if subscription is None or charge.kind != Charge.Kind.PLAN or charge.period_start is None or not line.net_minor:
        return None
    accepted = Agreement.objects.filter(
        subscription=subscription, plan_id=subscription.plan_id, accepted_at__isnull=False
    ).filter(currency=line.currency, price_minor__isnull=False, starts_on__lte=charge.period_start)
    found = accepted.exclude(until_on__lte=charge.period_start).order_by("-version").first()
    if found is None or found.price_minor is None:
        return None
    net = found.price_minor * subscription.quantity
    gross, _ = Money(line.total.minor, line.currency).allocate([net, max(line.net_minor - net, 0)])
    return gross if net < line.net_minor else line.total


def _was_used(charge: Charge) -> bool | None:
    if charge.period_start is None or charge.period_end is None:
        return None
    of_customer = UsageEvent.objects.filter(customer_id=charge.customer_id)
    in_period = of_customer.filter(happened_at__date__gte=charge.period_start, happened_at__date__lt=charge.period_end)
    if in_period.exists():
        return True
    return False if of_customer.exists() else None
