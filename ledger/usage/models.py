"""UsageEvent: so much of something metered was used by a customer at a moment."""

from django.db import models
from django.db.models import Q


class UsageEvent(models.Model):
    """One report of use, counted once per key; a correction is an event of its own, below zero where needed."""

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="usage_events")
    subscription_id = models.BigIntegerField(null=True, help_text="Which one, where several share the meter")
    meter = models.SlugField(max_length=40)
    quantity = models.DecimalField(max_digits=20, decimal_places=6)
    happened_at = models.DateTimeField()
    key = models.CharField(max_length=100, unique=True, help_text="The reporter's own id for it")
    received_at = models.DateTimeField()
    received_from = models.CharField(max_length=80)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(quantity=0), name="usage_event_counts_something")]
        indexes = [models.Index(fields=["customer", "meter", "happened_at"], name="usage_by_customer_and_meter")]

    def __str__(self) -> str:
        return f"{self.quantity} {self.meter}"
