"""LateFee: what late payment of a bill cost, with the formula."""

from django.db import models
from django.db.models import F, Q

from ledger.money import Money


class LateFee(models.Model):
    """What late payment of one bill cost over some days: interest, or the fixed sum the law adds once.

    It is charged like anything else (`charge`), with its formula, and may be waived by somebody with the authority.
    """

    class Kind(models.TextChoices):
        INTEREST = "interest"
        FIXED = "fixed", "fixed sum"

    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, related_name="late_fees")
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="late_fees")
    charge = models.OneToOneField("ledger.Charge", models.PROTECT, related_name="late_fee")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    span_start = models.DateField()
    span_end = models.DateField(help_text="The first day after the span")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    formula = models.JSONField(help_text="Every figure it was computed from")
    explanation = models.TextField(help_text="The same as a sentence, in the customer's language")
    charged_at = models.DateTimeField()
    charged_by = models.CharField(max_length=80)
    waived_by = models.CharField(max_length=80, blank=True, default="")
    waived_at = models.DateTimeField(null=True)
    waiver_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice", "kind", "span_start"], name="one_late_fee_per_invoice_and_span"),
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(kind="fixed"), name="one_fixed_late_fee_per_invoice"
            ),
            models.CheckConstraint(condition=Q(kind__in=["interest", "fixed"]), name="late_fee_kind_is_known"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="late_fee_above_zero"),
            models.CheckConstraint(condition=Q(span_end__gt=F("span_start")), name="late_fee_span_is_half_open"),
            models.CheckConstraint(
                condition=Q(waived_at=None) | (~Q(waiver_reason="") & ~Q(waived_by="")),
                name="late_fee_waived_says_why",
            ),
        ]
        indexes = [models.Index(fields=["customer", "-id"], name="late_fee_by_customer")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.amount} on invoice {self.invoice_id}"

    @property
    def amount(self) -> Money:
        """What was charged."""
        return Money(self.amount_minor, self.currency)
