"""Ticket, its messages and their attachments."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django_fsm import transition

from ledger.states import StateField


class Ticket(models.Model):
    """One case of one customer, over whatever channels it runs.

        open ──wait──▶ waiting ──reopen──▶ open        open, waiting ──resolve──▶ resolved ──reopen──▶ open
        resolved ──close──▶ closed (an answer after that opens a new, linked ticket)

    `waiting` means the customer has the next word. `sort_at` is the moment it is promised by, else opened at.
    """

    class State(models.TextChoices):
        OPEN = "open"
        WAITING = "waiting"
        RESOLVED = "resolved"
        CLOSED = "closed"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, null=True, blank=True, related_name="tickets")
    requester = models.CharField(max_length=254, help_text="Address or number the case came from")
    requester_name = models.CharField(max_length=200, blank=True, default="")
    linked_because = models.CharField(max_length=200, blank=True, default="", help_text="Why this customer was chosen")
    candidates = ArrayField(
        models.BigIntegerField(), default=list, blank=True, help_text="Customers it may be from, while none is linked"
    )
    subject = models.CharField(max_length=300)
    channel = models.CharField(max_length=10, help_text="Where it began: email, portal, phone, api, sms")
    state = StateField(max_length=8, choices=State.choices, default=State.OPEN, protected=True)
    topic = models.CharField(max_length=40, default="general")
    topic_words = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    language = models.CharField(max_length=12, default="en")
    priority = models.PositiveSmallIntegerField(default=2)
    queue = models.ForeignKey("tickets.Queue", models.PROTECT, related_name="tickets")
    assignee_id = models.BigIntegerField(null=True, blank=True)
    assigned_at = models.DateTimeField(null=True)
    sort_at = models.DateTimeField()
    token = models.CharField(max_length=36, unique=True, help_text="A UUID in the Reply-To address; not guessable")
    notice_id = models.BigIntegerField(null=True, help_text="The notice it answers")
    subject_of_question = models.CharField(max_length=60, blank=True, default="", help_text="e.g. invoice:7")
    continues = models.ForeignKey("self", models.PROTECT, null=True, related_name="continued_by")
    opened_at = models.DateTimeField()
    last_message_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True, help_text="When the automatic acknowledgement was queued")
    first_answered_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    reopened_count = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0, help_text="Counts changes, so a reply on stale ground is noticed")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "waiting", "resolved", "closed"]), name="ticket_state_is_known"
            ),
            models.CheckConstraint(condition=Q(priority__in=[1, 2, 3]), name="ticket_priority_is_known"),
        ]
        indexes = [
            models.Index(
                fields=["queue", "priority", "sort_at", "id"],
                name="ticket_next",
                condition=Q(state="open", assignee_id=None),
            ),
            models.Index(fields=["queue", "state", "sort_at", "id"], name="ticket_queue_page"),
            models.Index(fields=["assignee_id", "state", "sort_at", "id"], name="ticket_of_assignee"),
            models.Index(fields=["customer", "-id"], name="ticket_by_customer"),
            models.Index(Lower("requester"), models.F("id").desc(), name="ticket_by_requester"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.subject}"

    @property
    def number(self) -> str:
        """The number customers and agents say: #1042."""
        return f"#{self.pk}"

    @transition(state, source=State.OPEN, target=State.WAITING)
    def wait(self) -> None:
        """The customer has the next word."""

    @transition(state, source=[State.OPEN, State.WAITING], target=State.RESOLVED)
    def resolve(self, *, at: datetime) -> None:
        """Answered for good, as far as we know."""
        self.resolved_at = at

    @transition(state, source=[State.WAITING, State.RESOLVED], target=State.OPEN)
    def reopen(self) -> None:
        """The customer wrote again."""
        if self.state == self.State.RESOLVED:
            self.reopened_count, self.resolved_at = self.reopened_count + 1, None

    @transition(state, source=State.RESOLVED, target=State.CLOSED)
    def close(self) -> None:
        """Nothing more came; what comes now is a new case."""


class Message(models.Model):
    """One message in a case: in from the customer, out to them, an internal note, or an event of the case."""

    class Kind(models.TextChoices):
        IN = "in"
        OUT = "out"
        NOTE = "note"
        EVENT = "event"

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    channel = models.CharField(max_length=10)
    author = models.CharField(max_length=80, help_text="An actor's reference, or the sender's address")
    author_name = models.CharField(max_length=200, blank=True, default="")
    is_participant = models.BooleanField(default=True, help_text="False: from somebody not known in this case")
    text = models.TextField(help_text="The whole text, card numbers masked")
    new_text = models.TextField(blank=True, default="", help_text="Without quoted history and signature")
    html = models.TextField(blank=True, default="", help_text="Cleaned; empty for plain messages")
    masked = ArrayField(models.CharField(max_length=30), default=list, blank=True, help_text="What was masked")
    remarks = ArrayField(
        models.CharField(max_length=300), default=list, blank=True, help_text="What was mended or left out on reading"
    )
    ticket_version = models.PositiveIntegerField(default=0, help_text="The ticket's version this message made")
    mailbox = models.CharField(max_length=254, blank=True, default="")
    message_id = models.CharField(max_length=998, blank=True, default="")
    in_reply_to = models.CharField(max_length=998, blank=True, default="")
    references = ArrayField(models.CharField(max_length=998), default=list, blank=True)
    body_digest = models.CharField(max_length=64, blank=True, default="")
    is_auto_reply = models.BooleanField(default=False)
    about = models.CharField(max_length=60, blank=True, default="", help_text="For events: the object, e.g. refund:42")
    key = models.CharField(max_length=120, null=True, unique=True, help_text="Cause of an event line, told once")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["in", "out", "note", "event"]), name="message_kind_is_known"),
            models.UniqueConstraint(
                fields=["mailbox", "message_id", "body_digest"],
                condition=Q(kind="in") & ~Q(message_id=""),
                name="one_message_per_mail_received",
            ),
        ]
        indexes = [
            models.Index(fields=["ticket", "written_at", "id"], name="message_in_ticket"),
            models.Index(fields=["message_id"], name="message_by_message_id", condition=~Q(message_id="")),
            GinIndex(fields=["references"], name="message_by_reference"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} message {self.pk} of ticket {self.ticket_id}"


class Attachment(models.Model):
    """A file that came with a message, cleaned; or one that was refused, with the reason."""

    message = models.ForeignKey(Message, models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=255)
    media_type = models.CharField(max_length=100, blank=True, default="")
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True, default="")
    content = models.BinaryField(null=True, help_text="Empty when refused")
    refused_because = models.CharField(max_length=300, blank=True, default="")

    def __str__(self) -> str:
        return self.name


class Reference(models.Model):
    """Something a message speaks of that we found: linked when it is certain, a choice when it is not."""

    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="found_references")
    message = models.ForeignKey(Message, models.PROTECT, related_name="found_references")
    words = models.CharField(max_length=200, help_text="What the customer wrote")
    subject = models.CharField(max_length=60, blank=True, default="", help_text="payment:9, once certain")
    candidates = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    refused_because = models.CharField(max_length=200, blank=True, default="")
    chosen_by = models.CharField(max_length=80, blank=True, default="")

    def __str__(self) -> str:
        return self.words
