"""Promise: what we told a customer would happen, and by when."""

from django.db import models
from django.db.models import Q


class Promise(models.Model):
    """A promise made in a ticket; kept by an event of the ledger, or found broken once it is overdue."""

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, related_name="promises")
    what = models.CharField(max_length=20, help_text="refund, credit, answer")
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, blank=True, default="")
    about = models.CharField(max_length=60, blank=True, default="", help_text="What will keep it, e.g. refund:42")
    words = models.CharField(max_length=300, help_text="What the customer was told")
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField()
    kept_at = models.DateTimeField(null=True)
    kept_by = models.CharField(
        max_length=60, blank=True, default="", help_text="The object that kept it, e.g. refund:42"
    )
    broken_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True, help_text="The customer was told that it will not happen after all")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kept_at__isnull=True) | Q(broken_at__isnull=True) | Q(kept_at__gte=models.F("broken_at")),
                name="promise_kept_or_broken",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="promise_due",
                condition=Q(kept_at=None, broken_at=None, withdrawn_at=None),
            ),
            models.Index(fields=["ticket", "id"], name="promise_by_ticket"),
            models.Index(fields=["about"], name="promise_about", condition=Q(kept_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.what} promised in ticket {self.ticket_id}"
