"""Event and Reaction: what happened, and what is still to be done about it."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class Event(models.Model):
    """One fact, written once: audit trail, timeline, feed and outbox in one row.

    `position`, `previous_hash` and `hash` are filled once, by the sealer, and chain the events in one order; every
    other column never changes, and no row is ever deleted (enforced by triggers, see migrations/sql/events.sql).
    """

    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=60, help_text="What it happened to, e.g. refund:42")
    customer_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=80)
    on_behalf_of = models.CharField(max_length=80, blank=True, default="")
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    data = models.JSONField(default=dict)
    position = models.BigIntegerField(null=True, unique=True)
    previous_hash = models.CharField(max_length=64, blank=True, default="")
    hash = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["customer_id", "-id"], name="event_by_customer"),
            models.Index(fields=["subject", "-id"], name="event_by_subject"),
            models.Index(fields=["id"], name="event_not_sealed", condition=Q(position=None)),
            models.Index(fields=["kind", "-id"], name="event_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Reaction(models.Model):
    """One handler's duty towards one event; done exactly once, kept with its error while it fails.

    Duties of one handler in one stream (a customer, else the subject) are done in the order of the events, so a
    customer is never told the second step before the first.
    """

    event = models.ForeignKey(Event, models.PROTECT, related_name="reactions")
    handler = models.CharField(max_length=120)
    stream = models.CharField(max_length=60)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "handler"], name="one_reaction_per_event_and_handler"),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="reaction_still_due", condition=Q(done_at=None)),
            models.Index(fields=["handler", "stream", "id"], name="reaction_in_its_stream", condition=Q(done_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.handler} for event {self.event_id}"
