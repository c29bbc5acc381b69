"""ensure_rules: put the rules that come with the product where they are missing; what a supervisor decided stays."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ledger.jurisdictions.default_disputes import dispute_rules
from ledger.jurisdictions.default_notices import other_rules
from ledger.jurisdictions.default_tax import tax_rules
from ledger.jurisdictions.default_territories import territory_rules
from ledger.jurisdictions.models import SHIPPED, JurisdictionRule
from ledger.jurisdictions.operations import RuleSpec

Place = tuple[str, str, str, str, str]


def shipped_rules() -> list[RuleSpec]:
    """Return every rule that comes with the product, older versions before newer ones."""
    return sorted(
        [*tax_rules(), *territory_rules(), *other_rules(), *dispute_rules()], key=lambda spec: spec.valid_from
    )


@transaction.atomic
def ensure_rules() -> int:
    """This will add the shipped rules that are missing; return how many. Repeating it changes nothing.

    A rule that was shipped before is not touched, ended or not; where staff wrote a rule for the same days, theirs
    stays; an older shipped rule without an end ends where its newer version begins.
    """
    kept: dict[Place, list[JurisdictionRule]] = {}
    for row in JurisdictionRule.objects.filter(state=JurisdictionRule.State.APPROVED):
        kept.setdefault(_place(row), []).append(row)
    new = []
    for spec in shipped_rules():
        rows = kept.setdefault(_place(spec), [])
        if any(row.author == SHIPPED and row.valid_from == spec.valid_from for row in rows):
            continue
        overlapping = [row for row in rows if _overlap(row, spec)]
        if any(row.author != SHIPPED or row.valid_from > spec.valid_from for row in overlapping):
            continue
        for row in overlapping:
            _end(row, spec)
        new.append(_row(spec))
        rows.append(new[-1])
    JurisdictionRule.objects.bulk_create(new)
    return len(new)


def _place(row: JurisdictionRule | RuleSpec) -> Place:
    return (row.kind, row.country, row.region, row.customer_type, row.category)


def _overlap(row: JurisdictionRule, spec: RuleSpec) -> bool:
    begins_before = row.valid_to is None or spec.valid_from < row.valid_to
    return begins_before and (spec.valid_to is None or row.valid_from < spec.valid_to)


def _end(row: JurisdictionRule, spec: RuleSpec) -> None:
    row.valid_to, row.closing_reason = spec.valid_from, "Followed by a newer shipped rule"
    row.save(update_fields=["valid_to", "closing_reason"])


def _row(spec: RuleSpec) -> JurisdictionRule:
    return spec.row(state=JurisdictionRule.State.APPROVED, author=SHIPPED, proposed_at=timezone.now())
