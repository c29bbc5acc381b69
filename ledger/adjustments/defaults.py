"""The reasons for a gift that come with the product; supervisors change them, and what they changed stays."""

from __future__ import annotations

from ledger.adjustments.models import AdjustmentReason

Kind, Cause = AdjustmentReason.Kind, AdjustmentReason.Cause

#: Code, title, kind, cause, and how often a year to one customer.
REASONS = (
    ("GOODWILL", "Goodwill", Kind.CREDIT, Cause.SERVICE, 2),
    ("OUR-MISTAKE", "Our mistake", Kind.CREDIT, Cause.COMPANY_ERROR, None),
    ("FIRST-LATE-FEE", "First late fee waived", Kind.FEE_WAIVER, Cause.LOYALTY, 1),
    ("THANK-YOU", "Thank you for your patience", Kind.DISCOUNT, Cause.SERVICE, 1),
)


def ensure_reasons() -> None:
    """This will add the reasons that are missing; those that are there stay as they are."""
    AdjustmentReason.objects.bulk_create(
        [
            AdjustmentReason(code=code, title=title, kind=kind, cause=cause, per_year=per_year)
            for code, title, kind, cause, per_year in REASONS
        ],
        ignore_conflicts=True,
    )
