"""JurisdictionRule and TaxIdCheck."""

from __future__ import annotations

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.jurisdictions.kinds import KINDS
from ledger.jurisdictions.rules import Place, Rule
from ledger.states import StateField

#: Who wrote the rules that come with the product; a supervisor confirms them.
SHIPPED = "system:defaults"


class JurisdictionRule(models.Model):
    """One dated rule of a country or region. It is never edited: the next one follows it, or it ends.

    proposed ──approve──▶ approved          proposed ──discard──▶ discarded

    Somebody else than its author approves it. An empty country, region, customer type or category means any.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed"
        APPROVED = "approved"
        DISCARDED = "discarded"

    class CustomerType(models.TextChoices):
        CONSUMER = "consumer"
        BUSINESS = "business"

    kind = models.CharField(max_length=30, choices=[(code, kind.title) for code, kind in KINDS.items()])
    country = models.CharField(max_length=2, blank=True, default="", help_text="ISO 3166-1; EU: every member state")
    region = models.CharField(max_length=6, blank=True, default="", help_text="ISO 3166-2 code, e.g. US-CA")
    customer_type = models.CharField(max_length=10, choices=CustomerType.choices, blank=True, default="")
    category = models.SlugField(max_length=40, blank=True, default="", help_text="Of goods, or of the notice")
    params = models.JSONField(help_text='What it says, e.g. {"rate": "19", "treatment": "standard", "name": "USt"}')
    wording = models.JSONField(
        default=dict, blank=True, help_text='What documents say, per language: {"en": "Reverse charge"}'
    )
    note = models.CharField(max_length=500, blank=True, default="", help_text="What it means, in plain words")
    source = models.CharField(max_length=500, help_text="Law, section, and where it can be read")
    owner = models.CharField(max_length=80, help_text="Who keeps it up to date")
    examples = models.JSONField(default=list, blank=True, help_text="What comes in and what has to come out")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="The first day without it; empty: until it is ended")
    state = StateField(max_length=9, choices=State.choices, default=State.PROPOSED, protected=True)
    author = models.CharField(max_length=80)
    proposed_at = models.DateTimeField()
    reviewed_by = models.CharField(max_length=80, blank=True, default="")
    reviewed_at = models.DateTimeField(null=True)
    closing_reason = models.CharField(max_length=300, blank=True, default="", help_text="Why it was ended or discarded")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(KINDS)), name="jurisdiction_rule_kind_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "approved", "discarded"]), name="jurisdiction_rule_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(country="") | Q(country__regex="^[A-Z]{2}$"), name="jurisdiction_rule_country_is_iso"
            ),
            models.CheckConstraint(
                condition=Q(customer_type__in=["", "consumer", "business"]),
                name="jurisdiction_rule_customer_type_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(country="") | ~Q(kind__in=[code for code, kind in KINDS.items() if kind.needs_country]),
                name="jurisdiction_rule_of_tax_names_its_country",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="jurisdiction_rule_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="jurisdiction_rule_has_a_source"),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(author=SHIPPED) | ~Q(reviewed_by=""),
                name="jurisdiction_rule_in_force_is_reviewed",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by="") | ~Q(reviewed_by=F("author")),
                name="jurisdiction_rule_reviewed_by_someone_else",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "country", "valid_from"], name="jurisdiction_rule_by_place"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.place}, from {self.valid_from}"

    @property
    def place(self) -> Place:
        """For whom it is."""
        return Place(self.country, self.region, self.customer_type, self.category)

    @property
    def rule(self) -> Rule:
        """The rule as the pure modules read it."""
        return Rule(
            id=self.pk or 0,
            kind=self.kind,
            place=self.place,
            params=self.params,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            source=self.source,
            wording=self.wording,
        )

    def is_in_force(self, on: date) -> bool:
        """Whether it holds on a day."""
        return self.state == self.State.APPROVED and self.rule.in_force(on)

    @transition(state, source=State.PROPOSED, target=State.APPROVED)
    def approve(self, *, by: str, at: datetime) -> None:
        """Set who said yes and when."""
        self.reviewed_by, self.reviewed_at = by, at

    @transition(state, source=State.PROPOSED, target=State.DISCARDED)
    def discard(self, *, reason: str) -> None:
        """Set why it was dropped."""
        self.closing_reason = reason


class TaxIdCheck(models.Model):
    """What somebody found out about a customer's VAT id, and where: evidence, never changed.

    The right form of an id does not mean that it is registered: only `registered` lets the customer account for tax.
    """

    class Result(models.TextChoices):
        FORMAT_VALID = "format_valid", "has the right form"
        REGISTERED = "registered"
        NOT_REGISTERED = "not_registered", "not registered"
        UNAVAILABLE = "unavailable", "could not be asked"

    # Customers are above the rules in the line of imports, so this is a number, not a reference.
    customer_id = models.BigIntegerField()
    country = models.CharField(max_length=2)
    vat_id = models.CharField(max_length=20)
    result = models.CharField(max_length=14, choices=Result.choices)
    source = models.CharField(max_length=200, help_text="Who was asked, and the reference they gave")
    response = models.TextField(blank=True, default="", help_text="What they answered, word for word")
    checked_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        verbose_name = "VAT id check"
        constraints = [
            models.CheckConstraint(
                condition=Q(result__in=["format_valid", "registered", "not_registered", "unavailable"]),
                name="tax_id_check_result_is_known",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="tax_id_check_has_a_source"),
        ]
        indexes = [models.Index(fields=["customer_id", "-checked_at"], name="tax_id_check_by_customer")]

    def __str__(self) -> str:
        return f"{self.vat_id}: {self.get_result_display()}"
