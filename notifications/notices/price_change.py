"""Higher prices ahead: told within the days the rules of the customer's country name, once for each day they plan.

California, for one, wants a notice at most 30 and at least 7 days before. A notice that can only go out later than that
goes out at once, and is recorded as late for supervisors to see; `ledger.subscriptions.price_notice` keeps that from
happening when a price is added.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction

from ledger.catalogue.price_text import price_in_words
from ledger.catalogue.tariff import price_of
from ledger.customers.models import Customer
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.jurisdictions.queries import rule_book
from ledger.jurisdictions.rules import NoRule, Place, RuleBook
from ledger.jurisdictions.windows import Window, days_to_send, window_before
from ledger.later import run_later
from ledger.subscriptions.price_notice import KIND, NewPrice, new_prices
from notifications import events
from notifications.delivery.channels import working_channels
from notifications.delivery.models import Message
from notifications.delivery.operations import queue_message
from notifications.notices.models import Notice
from notifications.preferences.queries import NobodyToReach, Reach, how_to_reach
from notifications.wording.figures import known, say_day

log = logging.getLogger(__name__)

WORDING = "price_change"
RUNNER = Actor.system("send_price_notices")
#: No rule looks farther ahead.
AHEAD = timedelta(days=400)


def send_price_notices(*, at: datetime) -> int:
    """Tell who gets a higher price and is due to be told; return how many were. Safe to run twice, or two at once."""
    today, rules = at.date(), rule_book([KIND])
    told = sum(_tell(found, rules, at=at) for found in new_prices(today=today, until=today + AHEAD))
    if told:
        run_later("notifications.tasks.deliver_due_messages")
    return told


def due_notice(found: NewPrice, rules: RuleBook, today: date) -> tuple[int, Window] | None:
    """Return which of the planned notices is due (1: the first), with its window; None before the first.

    :raises NoRule: if no rule says when the customer is told
    """
    customer = found.subscription.customer
    rule = rules.get(KIND, Place(customer.country, customer.region, customer.kind), today)
    planned = days_to_send(rule, found.on)
    passed = sum(1 for day in planned if day <= today)
    return (passed, window_before(rule, found.on)) if passed else None


@transaction.atomic
def _tell(found: NewPrice, rules: RuleBook, *, at: datetime) -> bool:
    """Queue the message of one notice; whoever wrote its row first has told it."""
    customer = found.subscription.customer
    try:
        due = due_notice(found, rules, customer.local_day(at))
        reach = how_to_reach(customer, at, working=working_channels())
    except (NobodyToReach, NoRule) as refusal:
        log.warning("the price notice for %s is not sent: %s", found.subscription, refusal)
        return False
    if due is None:
        return False
    number, window = due
    subject = f"subscription:{found.subscription.pk}/{found.product.code}"[:60]
    notice, is_new = Notice.objects.get_or_create(
        kind=f"price_change_{number}",
        subject=subject,
        about_on=found.on,
        defaults={"customer": customer, "currency": found.new.currency, "created_at": at},
    )
    if not is_new:
        return False
    notice.message = _queue(notice, found, reach, at=at)
    notice.save(update_fields=["message"])
    first = not Notice.objects.filter(subject=subject, about_on=found.on).exclude(pk=notice.pk).exists()
    if first and customer.local_day(at) > window.latest:
        _record_late(customer, found, window, at=at)
    return True


def _queue(notice: Notice, found: NewPrice, reach: Reach, *, at: datetime) -> Message:
    language = known(reach.language)
    return queue_message(
        key=f"notice:{notice.pk}",
        customer_id=notice.customer_id,
        template=WORDING,
        values={
            "plan": found.product.name,
            "old": _price(found, language, is_new=False),
            "new": _price(found, language, is_new=True),
            "date": say_day(found.on, language),
            "page": f"{settings.PUBLIC_URL}/account/subscriptions/",
        },
        about=notice.subject,
        urgent=False,
        at=at,
    )


def _price(found: NewPrice, language: str, *, is_new: bool) -> str:
    """Return a price as the customer knows it: for their quantity, or step by step where use decides."""
    tariff = (found.new if is_new else found.old).tariff
    if found.product.meter or tariff.tiers:
        return "; ".join(price_in_words(tariff, found.product.unit, language))
    return price_of(tariff, found.quantity).display(language)


def _record_late(customer: Customer, found: NewPrice, window: Window, *, at: datetime) -> None:
    record_event(
        events.PRICE_NOTICE_LATE,
        subject=found.subscription,
        customer_id=customer.pk,
        by=RUNNER,
        at=at,
        takes_effect_on=found.on.isoformat(),
        latest=window.latest.isoformat(),
    )
