"""ensure_limits: what each role may agree in instalments alone, where no limit is given yet."""

from __future__ import annotations

from ledger.authority.models import AuthorityLimit
from ledger.instalments.operations import ACT, SELF_SERVICE

#: Role to what it may agree alone: cents, pence, or yen, where the figure is worth about as much.
LIMITS = {
    SELF_SERVICE: 500_00,
    "agent": 500_00,
    "senior_agent": 2_500_00,
    "supervisor": 10_000_00,
    "finance": 100_000_00,
}
CURRENCIES = ("EUR", "USD", "GBP", "JPY")


def ensure_limits() -> None:
    """This will add the limits that are missing; one that was edited stays."""
    AuthorityLimit.objects.bulk_create(
        [
            AuthorityLimit(role=role, act=ACT, currency=currency, amount_minor=minor)
            for role, minor in LIMITS.items()
            for currency in CURRENCIES
        ],
        ignore_conflicts=True,
    )
