"""Message and DeliveryAttempt: what customers are told, once each, and what became of it."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django_fsm import transition

from ledger.states import StateField


class Message(models.Model):
    """One message to one customer on one channel.

        queued ──send──▶ sent ──bounce──▶ bounced        queued ──fail──▶ failed ──retry──▶ queued

    `key` names its cause (`event:81`, `notice:5`, `reply:12`), so that one cause is told once. Its Message-ID and
    Reply-To are its own, so that an answer finds what it answers.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        FAILED = "failed"
        BOUNCED = "bounced"

    key = models.CharField(max_length=120, unique=True)
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, null=True, related_name="messages")
    channel = models.CharField(max_length=6, choices=[("email", "E-mail"), ("sms", "Text message")])
    recipient = models.CharField(max_length=254)
    template = models.CharField(max_length=80, help_text="Key and version of the wording used, e.g. refund_paid.en.1")
    language = models.CharField(max_length=12)
    subject = models.CharField(max_length=200, blank=True, default="")
    body = models.TextField()
    is_secret = models.BooleanField(default=False, help_text="Holds a code: the body is cleared once it is sent")
    message_id = models.CharField(max_length=200, unique=True)
    in_reply_to = models.CharField(max_length=998, blank=True, default="")
    references = ArrayField(models.CharField(max_length=998), default=list, blank=True)
    reply_to = models.CharField(max_length=254)
    about = models.CharField(max_length=60, blank=True, default="", help_text="What it is about, e.g. refund:42")
    conversation = models.CharField(
        max_length=60, blank=True, default="", help_text="ticket:9, where it belongs to one"
    )
    is_automatic = models.BooleanField(default=True, help_text="Marked Auto-Submitted, so no robot answers it")
    document = models.ForeignKey(
        "ledger.Document", models.PROTECT, null=True, related_name="messages", help_text="What is attached to it"
    )
    state = StateField(max_length=7, choices=State.choices, default=State.QUEUED, protected=True)
    queued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sent", "failed", "bounced"]), name="message_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="message_sent_at_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="message_to_send", condition=Q(state="queued")),
            models.Index(fields=["recipient", "id"], name="message_order", condition=Q(state="queued")),
            models.Index(fields=["customer", "-id"], name="message_by_customer"),
            models.Index(fields=["reply_to"], name="message_by_reply_address"),
            models.Index(fields=["conversation", "id"], name="message_by_conversation", condition=~Q(conversation="")),
        ]

    def __str__(self) -> str:
        return f"{self.template} to customer {self.customer_id}"

    @property
    def shown_body(self) -> str:
        """What staff may read: a code is never shown to them, not even while it waits to be sent."""
        return "(A one-time code or link. It is shown to nobody but its recipient.)" if self.is_secret else self.body

    @transition(state, source=State.QUEUED, target=State.SENT)
    def send(self, *, at: datetime) -> None:
        """Handed over to the next server."""
        self.sent_at, self.last_error = at, ""

    @transition(state, source=State.QUEUED, target=State.FAILED)
    def fail(self) -> None:
        """Given up; somebody must look."""

    @transition(state, source=State.FAILED, target=State.QUEUED)
    def retry(self, *, at: datetime) -> None:
        """Try again now."""
        self.due_at = at

    @transition(state, source=[State.SENT, State.QUEUED], target=State.BOUNCED)
    def bounce(self, *, why: str) -> None:
        """The address refused it."""
        self.last_error = why


class DeliveryAttempt(models.Model):
    """One try to hand a message over; append-only."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="delivery_attempts")
    tried_at = models.DateTimeField()
    succeeded = models.BooleanField()
    answer = models.CharField(max_length=500, blank=True, default="", help_text="What the server said")

    def __str__(self) -> str:
        return f"attempt on message {self.message_id}"
