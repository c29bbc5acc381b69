"""DisputeDraft: what a customer said on the telephone before the dispute could be opened."""

from django.db import models
from django.db.models import Q

from ledger.money import Money


class DisputeDraft(models.Model):
    """A dispute that was begun and not opened: the line dropped, or the proof was missing. It expects a call back.

    Until it is opened, given up or `holds_until` has passed, a hold of kind review keeps the bill from being collected,
    reminded of, charged with fees or followed by a restriction.
    """

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="dispute_drafts")
    line = models.ForeignKey("ledger.InvoiceLine", models.PROTECT, related_name="dispute_drafts")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=40)
    words = models.TextField(blank=True, default="", help_text="What the customer said, as it was noted")
    conversation = models.CharField(max_length=60, help_text="The case, e.g. ticket:9")
    received_at = models.DateTimeField(help_text="When the customer said it: the call's time")
    saved_by = models.CharField(max_length=80)
    saved_at = models.DateTimeField()
    holds_until = models.DateTimeField()
    dispute = models.OneToOneField("ledger.Dispute", models.PROTECT, null=True, related_name="draft")
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="dispute_draft_above_zero"),
            models.CheckConstraint(
                condition=Q(dispute=None) | Q(given_up_at=None), name="dispute_draft_opened_or_given_up"
            ),
            models.UniqueConstraint(
                fields=["conversation", "line"],
                condition=Q(dispute=None, given_up_at=None),
                name="one_dispute_draft_per_case_and_line",
            ),
        ]
        indexes = [
            models.Index(
                fields=["saved_at", "id"], name="dispute_draft_waiting", condition=Q(dispute=None, given_up_at=None)
            )
        ]

    def __str__(self) -> str:
        return f"draft of a dispute over {self.amount}"

    @property
    def amount(self) -> Money:
        """What the customer disputes, tax included."""
        return Money(self.amount_minor, self.currency)
