"""Charge: an amount a customer owes, with the period and the reason it is for."""

from django.db import models
from django.db.models import F, Q

from ledger.money import Money


class Charge(models.Model):
    """One amount owed, net of tax. It becomes a line of exactly one invoice, or is reversed before that.

    `basis` says how it was computed (`ledger.charges.basis`): from it the amount comes out again, to the minor unit.
    """

    class Kind(models.TextChoices):
        PLAN = "plan"
        ADD_ON = "add_on", "add-on"
        USAGE = "usage"
        ONE_OFF = "one_off", "one-off item"
        LATE_FEE = "late_fee", "late fee"
        FEE = "fee"
        OTHER = "other"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="charges")
    description = models.CharField(max_length=200)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.OTHER)
    amount_minor = models.BigIntegerField(help_text="Net after discounts, in minor units")
    currency = models.CharField(max_length=3)
    basis = models.JSONField(default=dict, blank=True)
    discount_minor = models.BigIntegerField(default=0, help_text="Taken off the list price; of a price with tax, gross")
    tax_rate = models.DecimalField(
        max_digits=6, decimal_places=3, null=True, default=0, help_text="Per cent; empty: the tax rules decide"
    )
    tax_category = models.SlugField(max_length=40, default="standard")
    tax_treatment = models.CharField(
        max_length=20, blank=True, default="", help_text="Set when the tax rules decided as the tax was taken out"
    )
    included_tax_minor = models.BigIntegerField(null=True, help_text="Tax taken out of a price that includes it")
    charged_on = models.DateField(help_text="The day it takes effect, in the customer's time zone")
    period_start = models.DateField(null=True)
    period_end = models.DateField(null=True, help_text="The first day after the period")
    source = models.CharField(max_length=60, blank=True, default="", help_text="What caused it, e.g. subscription:9")
    external_id = models.CharField(max_length=100, null=True, unique=True)
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()
    reversed_at = models.DateTimeField(null=True)
    reversal_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="charge_amount_not_below_zero"),
            models.CheckConstraint(condition=Q(discount_minor__gte=0), name="charge_discount_not_below_zero"),
            models.CheckConstraint(
                condition=Q(period_start=None, period_end=None) | Q(period_end__gt=F("period_start")),
                name="charge_period_is_half_open",
            ),
            models.CheckConstraint(
                condition=Q(tax_rate=None) | Q(tax_rate__gte=0, tax_rate__lt=100), name="charge_tax_rate_is_per_cent"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["plan", "add_on", "usage", "one_off", "late_fee", "fee", "other"]),
                name="charge_kind_is_known",
            ),
            models.CheckConstraint(
                condition=Q(included_tax_minor=None) | Q(included_tax_minor__gte=0, tax_rate__isnull=False),
                name="charge_with_tax_taken_out_knows_the_rate",
            ),
            models.CheckConstraint(
                condition=Q(reversed_at=None) | ~Q(reversal_reason=""), name="charge_taken_back_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-charged_on", "-id"], name="charge_by_customer"),
            models.Index(fields=["customer"], name="charge_not_reversed", condition=Q(reversed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.description}: {self.amount}"

    @property
    def amount(self) -> Money:
        """The net amount."""
        return Money(self.amount_minor, self.currency)
