"""The ladders we ship; supervisors change them in the admin."""

from __future__ import annotations

from django.db import transaction

from ledger.collections.models import Action, Ladder, Rung, Wording

#: By segment: days after the due day, what is done, which message is sent. Consumers are asked for no fee: a country's
#: rule may allow it, a supervisor may add the step.
DEFAULTS: dict[str, tuple[tuple[int, str, str], ...]] = {
    "consumer": (
        (3, Action.REMINDER, Wording.PAYMENT_REMINDER),
        (10, Action.REMINDER, Wording.SECOND_REMINDER),
        (17, Action.PHONE_TASK, ""),
        (24, Action.FINAL_NOTICE, Wording.FINAL_NOTICE),
        (60, Action.WRITE_OFF_PROPOSAL, ""),
    ),
    "business": (
        (3, Action.REMINDER, Wording.PAYMENT_REMINDER),
        (10, Action.REMINDER, Wording.SECOND_REMINDER),
        (14, Action.FEE, ""),
        (21, Action.PHONE_TASK, ""),
        (30, Action.FINAL_NOTICE, Wording.FINAL_NOTICE),
        (45, Action.FEE, ""),
        (75, Action.FEE, ""),
        (90, Action.WRITE_OFF_PROPOSAL, ""),
    ),
}


@transaction.atomic
def ensure_ladders() -> None:
    """Write the ladders that are missing; what supervisors changed stays. Repeating it is harmless."""
    for customer_kind, rungs in DEFAULTS.items():
        if Ladder.objects.filter(customer_kind=customer_kind).exists():
            continue
        ladder = Ladder.objects.create(name=f"Standard, {customer_kind}", customer_kind=customer_kind)
        Rung.objects.bulk_create(
            Rung(ladder=ladder, days_after_due=days, action=action, wording=wording) for days, action, wording in rungs
        )
