"""The caps and the schedule that come with the product; what supervisors changed stays."""

from __future__ import annotations

from datetime import date
from typing import Any

from ledger.payments.retries import doubling
from ledger.payments.retry_models import NetworkRule, RetrySchedule

TABAPAY = "developers.tabapay.com, Excessive retry rules and Visa response code updates (read 2026-11-22)"
WORLDPAY = "developer.worldpay.com, Raw response codes: 15 in 30 days (read 2026-11-22)"
VISA_2026 = "Visa Core Rules of 18 April 2026, table 7-2: 20 in 30 days, as quoted by tomcn.uk; " + TABAPAY

#: Visa counts tries of one amount and Mastercard a calendar day and a tumbling month. We count every try on the card in
#: windows that roll, which is never more than they allow.
RULES: tuple[dict[str, Any], ...] = (
    {
        "network": "visa",
        "category": "categories 2 to 4",
        "most": 15,
        "window_days": 30,
        "basis": "card",
        "valid_from": date(2021, 4, 1),
        "valid_to": date(2026, 4, 18),
        "source": WORLDPAY,
    },
    {
        "network": "visa",
        "category": "categories 2 to 4",
        "most": 20,
        "window_days": 30,
        "basis": "card",
        "valid_from": date(2026, 4, 18),
        "valid_to": None,
        "source": VISA_2026,
    },
    {
        "network": "mastercard",
        "category": "every decline",
        "most": 10,
        "window_days": 1,
        "basis": "card",
        "valid_from": date(2021, 1, 1),
        "valid_to": None,
        "source": TABAPAY,
    },
    {
        "network": "mastercard",
        "category": "every decline of one amount",
        "most": 35,
        "window_days": 30,
        "basis": "card_and_amount",
        "valid_from": date(2021, 1, 1),
        "valid_to": None,
        "source": TABAPAY,
    },
)
KEY = ("network", "category", "basis", "window_days", "valid_from")


def ensure_retry_rules() -> None:
    """Write the caps and the schedule that are missing. Repeating it is harmless."""
    for rule in RULES:
        NetworkRule.objects.get_or_create(**{name: rule[name] for name in KEY}, defaults=rule)
    RetrySchedule.objects.get_or_create(
        segment=RetrySchedule.Segment.EVERYBODY,
        defaults={
            "name": "four in three weeks",
            "offsets": [2, 7, 14, 21],
            "may_move_days": 2,
            "waits_s": list(doubling(300, 8)),
        },
    )
