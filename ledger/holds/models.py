"""Hold: why nothing is collected, charged for lateness or restricted for a while."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Hold(models.Model):
    """A stop on what follows from not paying: of one invoice, or of everything a customer owes.

    A disputed amount needs no hold: it is held in the books, amount by amount.
    """

    class Kind(models.TextChoices):
        PAYMENT_PLAN = "payment_plan", "payment plan"
        PROMISE = "promise", "promise to pay"
        HARDSHIP = "hardship", "hardship"
        INSOLVENCY = "insolvency", "insolvency"
        REVIEW = "review", "review"

    class Stop(models.TextChoices):
        COLLECTION = "collection", "charging the method on file"
        REMINDERS = "reminders"
        FEES = "fees", "late fees and interest"
        RESTRICTION = "restriction", "restriction of access"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="holds")
    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, null=True, related_name="holds")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    stops = ArrayField(models.CharField(max_length=11, choices=Stop.choices))
    source = models.CharField(max_length=60, help_text="What it comes from, e.g. payment_plan:7")
    why = models.CharField(max_length=300)
    placed_by = models.CharField(max_length=80)
    placed_at = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="It ends by itself then")
    lifted_by = models.CharField(max_length=80, blank=True, default="")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(stops=[]), name="hold_stops_something"),
            models.CheckConstraint(condition=~Q(why=""), name="hold_says_why"),
            models.UniqueConstraint(
                fields=["source", "invoice"],
                condition=Q(lifted_at=None),
                nulls_distinct=False,
                name="one_live_hold_per_source_and_invoice",
            ),
        ]
        indexes = [models.Index(fields=["customer", "invoice"], name="hold_live", condition=Q(lifted_at=None))]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} hold of customer {self.customer_id}"

    def is_live(self, at: datetime) -> bool:
        """Return whether it stops anything at a moment."""
        begun = self.placed_at <= at and (self.until is None or at < self.until)
        return begun and (self.lifted_at is None or at < self.lifted_at)
