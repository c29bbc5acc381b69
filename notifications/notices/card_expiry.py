"""Cards that expire: their customers are told thirty days ahead and again seven, once each.

Planning writes one Notice row per card, kind and day; the unique constraint forbids a second. Telling queues the
message of a planned notice, if it is still true, in a transaction of its own: a run that dies has told whom it told.
"""

from __future__ import annotations

import logging
from datetime import date, datetime

from babel.dates import format_skeleton
from django.conf import settings
from django.db import connection, transaction

from ledger.customers.models import Customer
from ledger.later import run_later
from ledger.payments.models import PaymentMethod
from notifications.delivery.channels import working_channels
from notifications.delivery.operations import queue_message
from notifications.notices.models import Notice
from notifications.preferences.queries import NobodyToReach, how_to_reach
from notifications.wording.figures import known, say_day

log = logging.getLogger(__name__)

WORDING = "card_expiring"
#: Kind of notice, and between how many days ahead of the first day without the card it goes out.
WINDOWS = (("card_expiry_30", 30, 8), ("card_expiry_7", 7, 1))

# A card on file that nothing newer stands beside: the newest method is the one that is charged. The day that counts is
# the first on which the card no longer works, as the customer's calendar has it.
PLAN = """
INSERT INTO notifications_notice (kind, subject, about_on, customer_id, currency, created_at)
SELECT %(kind)s, 'payment_method:' || m.id, m.expires_on + 1, c.id, c.currency, %(at)s
FROM ledger_paymentmethod m JOIN ledger_customer c ON c.id = m.customer_id AND c.closed_at IS NULL
WHERE m.removed_at IS NULL AND m.expires_on IS NOT NULL AND m.kind = 'card'
  AND m.expires_on BETWEEN %(at)s::date - 1 AND %(at)s::date + 32
  AND m.expires_on + 1 - (%(at)s AT TIME ZONE c.time_zone)::date BETWEEN %(last)s AND %(first)s
  AND NOT EXISTS (SELECT 1 FROM ledger_paymentmethod newer
                  WHERE newer.customer_id = m.customer_id AND newer.id > m.id AND newer.removed_at IS NULL
                    AND (newer.expires_on IS NULL OR newer.expires_on > m.expires_on))
ON CONFLICT (kind, subject, about_on) DO NOTHING
"""


def send_card_expiry_notices(*, at: datetime) -> int:
    """Plan and tell what is due; return how many customers were told. Run it twice, or two at once: told once."""
    with connection.cursor() as cursor:
        for kind, first, last in WINDOWS:
            cursor.execute(PLAN, {"kind": kind, "first": first, "last": last, "at": at})
    told = sum(_tell(pk, at=at) for pk in _untold(at.date()))
    if told:
        run_later("notifications.tasks.deliver_due_messages")
    return told


def _untold(today: date) -> list[int]:
    kinds = [kind for kind, _, _ in WINDOWS]
    found = Notice.objects.filter(kind__in=kinds, message=None, about_on__gte=today)
    return list(found.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _tell(notice_id: int, *, at: datetime) -> bool:
    """Queue the message of one notice, unless the card was replaced or nobody can be reached; say whether."""
    notice = Notice.objects.select_for_update(skip_locked=True).filter(pk=notice_id, message=None).first()
    if notice is None:
        return False
    card = PaymentMethod.objects.get(pk=int(notice.subject.partition(":")[2]))
    if not _is_still_true(card, notice):
        return False
    customer = Customer.objects.get(pk=notice.customer_id)
    try:
        reach = how_to_reach(customer, at, working=working_channels())
    except NobodyToReach as refusal:
        log.warning("the notice about %s reaches nobody: %s", notice.subject, refusal)
        return False
    language = known(reach.language)
    notice.message = queue_message(
        key=f"notice:{notice.pk}",
        customer_id=customer.pk,
        template=WORDING,
        values={
            "card": card.last4,
            "month": format_skeleton("yMMMM", card.expires_on, locale=language),
            "date": say_day(notice.about_on, language),
            "page": f"{settings.PUBLIC_URL}/account/",
        },
        about=notice.subject,
        urgent=False,
        at=at,
    )
    notice.save(update_fields=["message"])
    return True


def _is_still_true(card: PaymentMethod, notice: Notice) -> bool:
    """Return whether the card is still the one that is charged; a notice overtaken by a new card is never sent."""
    if card.removed_at is not None or card.expires_on is None or card.expires_on >= notice.about_on:
        return False
    newer = PaymentMethod.objects.filter(customer_id=card.customer_id, pk__gt=card.pk, removed_at=None)
    return not newer.exclude(expires_on__lte=card.expires_on).exists()
