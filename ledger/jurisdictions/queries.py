"""Every read of the rules: which tax, which window, which checks are on file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from ledger.events import kinds
from ledger.events.models import Event
from ledger.jurisdictions import tax
from ledger.jurisdictions.examples import failures
from ledger.jurisdictions.models import JurisdictionRule, TaxIdCheck
from ledger.jurisdictions.rules import EU, Place, Rule, RuleBook
from ledger.jurisdictions.tax import TaxDecision, TaxSubject
from ledger.jurisdictions.territories import placed
from ledger.jurisdictions.vat_ids import normalise_vat_id

#: Results that say something; "could not be asked" does not take an earlier answer away.
DECISIVE = (TaxIdCheck.Result.REGISTERED, TaxIdCheck.Result.NOT_REGISTERED)


def rule_book(kinds_wanted: Iterable[str], *, countries: Iterable[str] = ()) -> RuleBook:
    """Return the approved rules of some kinds, past ones included, of all countries or a few; one query."""
    rows = JurisdictionRule.objects.filter(kind__in=list(kinds_wanted), state=JurisdictionRule.State.APPROVED)
    if countries:
        rows = rows.filter(country__in=[*countries, EU, ""])
    return RuleBook(row.rule for row in rows)


def rule_for(kind: str, place: Place, *, on: date) -> Rule:
    """Return the rule of a kind that is in force for a place, e.g. the notice window of a price change.

    :raises NoRule: if there is none, or the last one ended
    """
    return rule_book([kind], countries=[place.country]).get(kind, place, on)


def find_rule(kind: str, place: Place, *, on: date) -> Rule | None:
    """Return the rule of a kind that is in force for a place; None where a missing rule means that nothing applies."""
    return rule_book([kind], countries=[place.country]).find(kind, place, on)


def decide_tax(subject: TaxSubject, category: str, on: date) -> TaxDecision:
    """Return the tax of one customer's goods on a day; for many customers ask a `TaxRules` snapshot.

    :raises NoTaxRule: if no rule says (unknown country or category, expired rule)
    """
    rules = rule_book(tax.TAX_KINDS, countries=[subject.country, settings.SELLER_COUNTRY])
    return tax.decide(rules, subject, category, on, seller_country=settings.SELLER_COUNTRY)


@dataclass(slots=True)
class TaxRules:
    """The tax rules of one day in memory, for bulk work: one query to load, none to decide."""

    rules: RuleBook
    on: date
    seller_country: str
    _decided: dict[tuple[TaxSubject, str], TaxDecision] = field(default_factory=dict)

    @classmethod
    def in_force(cls, on: date) -> TaxRules:
        """Load the rules for a day."""
        return cls(rule_book(tax.TAX_KINDS), on, settings.SELLER_COUNTRY)

    def decide(self, subject: TaxSubject, category: str) -> TaxDecision:
        """Return the tax of a customer's goods; the decision is shared between equal questions, so do not change it.

        :raises NoTaxRule: if no rule says
        """
        subject = self.placed(subject)
        known = self._decided.get((subject, category))
        if known is None:
            known = tax.decide(self.rules, subject, category, self.on, seller_country=self.seller_country)
            self._decided[subject, category] = known
        return known

    def placed(self, subject: TaxSubject) -> TaxSubject:
        """Return the customer without their address, in the special territory it is in if it is in one."""
        return placed(self.rules, subject, self.on)

    def counts(self, subject: TaxSubject) -> bool:
        """Whether what is sold to the customer counts for a threshold that the seller has not waived."""
        found = tax.threshold_for(self.rules, subject.country, self.on, seller_country=self.seller_country)
        return found is not None


def tax_subject(customer_id: int, **facts: str) -> TaxSubject:
    """Return what the tax rules need of one customer, with the last check of the VAT id on file; see `subject_with`."""
    checks = registrations([customer_id]) if facts["vat_id"] else {}
    return subject_with(checks.get(customer_id), **facts)


def subject_with(
    check: TaxIdCheck | None,
    *,
    country: str,
    region: str,
    kind: str,
    vat_id: str,
    postal_code: str = "",
    city: str = "",
) -> TaxSubject:
    """Return what the tax rules need of a customer and a check of `registrations`; a check of another id is ignored."""
    number = normalise_vat_id(vat_id)
    subject = TaxSubject(country, region, kind, number, postal_code=postal_code, city=city)
    if check is None or check.vat_id != number:
        return subject
    return replace(
        subject,
        vat_id_valid=check.result == TaxIdCheck.Result.REGISTERED,
        vat_id_checked_on=timezone.localdate(check.checked_at),
        vat_id_source=check.source,
        vat_id_check=check.pk,
    )


def registrations(customer_ids: Iterable[int]) -> dict[int, TaxIdCheck]:
    """Return the last check that said yes or no, per customer who has one; one query."""
    rows = TaxIdCheck.objects.filter(customer_id__in=list(customer_ids), result__in=DECISIVE)
    latest = rows.order_by("customer_id", "-checked_at", "-id").distinct("customer_id")
    return {check.customer_id: check for check in latest}


def tax_id_checks(customer_id: int, *, limit: int = 20) -> list[TaxIdCheck]:
    """Return a customer's checks, newest first."""
    return list(TaxIdCheck.objects.filter(customer_id=customer_id).order_by("-checked_at", "-id")[:limit])


def versions_of(row: JurisdictionRule) -> list[JurisdictionRule]:
    """Return every rule for the same kind and place, newest first: the history of one rule."""
    same = Q(kind=row.kind, country=row.country, region=row.region)
    same &= Q(customer_type=row.customer_type, category=row.category)
    return list(JurisdictionRule.objects.filter(same).order_by("-valid_from", "-id"))


def rules_ending(*, after: date, before: date) -> list[JurisdictionRule]:
    """Return the rules whose last day is near and that nothing follows: what will block documents soon."""
    ending = JurisdictionRule.objects.filter(state="approved", valid_to__gt=after, valid_to__lte=before)
    return [row for row in ending.order_by("valid_to", "id") if not _is_followed(row)]


def _is_followed(row: JurisdictionRule) -> bool:
    return any(other.is_in_force(row.valid_to) for other in versions_of(row) if row.valid_to)


def rules_missing(*, limit: int = 50) -> list[Event]:
    """Return what was refused because a rule is missing, one event per gap that is still open, newest first."""
    newest: dict[str, Event] = {}
    for event in Event.objects.filter(kind=kinds.JURISDICTION_RULE_MISSING).order_by("-id")[:500]:
        newest.setdefault(event.subject, event)
    countries = {event.data.get("country", "") for event in newest.values()} | {EU, ""}
    reviewed = JurisdictionRule.objects.filter(country__in=countries, state="approved", reviewed_at__isnull=False)
    answers = list(reviewed.values_list("kind", "country", "reviewed_at"))
    return [event for event in newest.values() if not _is_answered(event, answers)][:limit]


def _is_answered(event: Event, answers: list[tuple[str, str, datetime | None]]) -> bool:
    """Whether a rule that can answer the question was approved since."""
    asked, country = event.data.get("rule_kind", ""), event.data.get("country", "")
    helpful = tax.TAX_KINDS if asked in tax.TAX_KINDS else (asked,)
    return any(
        kind in helpful and place in (country, EU, "") and at is not None and at > event.occurred_at
        for kind, place, at in answers
    )


def failing_examples(*, on: date) -> dict[JurisdictionRule, list[str]]:
    """Return the rules in force whose stored examples do not come out, with what is wrong."""
    rows = list(JurisdictionRule.objects.filter(state=JurisdictionRule.State.APPROVED))
    rules = [row.rule for row in rows]
    found = {row: failures(row.rule, row.examples, rules) for row in rows if row.is_in_force(on) and row.examples}
    return {row: wrong for row, wrong in found.items() if wrong}
