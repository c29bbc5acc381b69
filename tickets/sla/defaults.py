"""What a fresh installation starts with: hours, one policy, four queues and the rules that fill them."""

from __future__ import annotations

from django.db import transaction

from tickets.queues.models import Queue, RoutingRule
from tickets.sla.models import BusinessHours, SlaPolicy

OFFICE_HOURS = {str(day): [["09:00", "17:30"]] for day in range(1, 6)}
FIRST_RESPONSE_MINUTES = NEXT_RESPONSE_MINUTES = 4 * 60
#: Three business days of eight and a half hours.
RESOLUTION_MINUTES = 3 * 510

QUEUES = (
    ("billing", "Billing", "Questions about bills, payments and accounts"),
    ("disputes", "Disputes", "Charges customers say are wrong"),
    ("finance", "Finance", "Payouts and payments that need the books"),
    ("retention", "Retention", "Customers who want to leave or change"),
)
#: (position, queue, topics, only business customers, priority); the last one takes what is left.
RULES: tuple[tuple[int, str, list[str], bool, int], ...] = (
    (10, "disputes", ["duplicate_charge", "refund_request"], False, 2),
    (20, "finance", ["payment_failed"], True, 2),
    (30, "retention", ["cancel", "plan_change"], False, 2),
    (100, "billing", [], False, 2),
)


@transaction.atomic
def ensure_defaults() -> None:
    """This will create what is missing and change nothing that is there; repeating it is harmless."""
    hours, _ = BusinessHours.objects.get_or_create(
        name="Billing desk hours",
        defaults={"time_zone": "Europe/Berlin", "weekly": OFFICE_HOURS, "holiday_country": "DE"},
    )
    if not SlaPolicy.objects.filter(is_default=True).exists():
        SlaPolicy.objects.create(
            name="Standard",
            hours=hours,
            first_response_minutes=FIRST_RESPONSE_MINUTES,
            next_response_minutes=NEXT_RESPONSE_MINUTES,
            resolution_minutes=RESOLUTION_MINUTES,
            is_default=True,
        )
    queues = {
        slug: Queue.objects.get_or_create(slug=slug, defaults={"name": name, "purpose": purpose})[0]
        for slug, name, purpose in QUEUES
    }
    if RoutingRule.objects.exists():
        return
    RoutingRule.objects.bulk_create(
        RoutingRule(position=place, queue=queues[slug], topics=topics, only_business_customers=only, priority=priority)
        for place, slug, topics, only, priority in RULES
    )
