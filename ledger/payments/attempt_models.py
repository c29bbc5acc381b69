"""Attempts to collect a bill, the lock that keeps them apart, and what gateways told us."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django_fsm import transition

from ledger.money import Money
from ledger.states import StateField


class Attempt(models.Model):
    """One try to get one bill paid through a gateway, known there by its key for ever.

        started, unknown ──wait──▶ pending        started ──lose_sight──▶ unknown
        started, unknown, pending, failed ──succeed──▶ succeeded
        started, unknown, pending ──fail──▶ failed

    No move leads back, so reports of a gateway may come twice and in any order. `unknown` is not a decline: nobody
    knows yet, and the gateway is asked before anything else is tried. Money may still arrive for a failed one.
    """

    class State(models.TextChoices):
        STARTED = "started"
        UNKNOWN = "unknown"
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    class Trigger(models.TextChoices):
        CUSTOMER = "customer", "the customer"
        SCHEDULE = "schedule"
        AGENT = "agent", "a member of staff"

    key = models.CharField(max_length=60, unique=True, help_text="What the gateway knows it by, so it charges once")
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="attempts")
    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, related_name="attempts")
    method = models.ForeignKey(
        "ledger.PaymentMethod",
        models.PROTECT,
        null=True,
        related_name="attempts",
        help_text="None: the customer pays on a page of the gateway",
    )
    payment = models.OneToOneField("ledger.Payment", models.PROTECT, null=True, related_name="attempt")
    gateway = models.CharField(max_length=20)
    trigger = models.CharField(max_length=8, choices=Trigger.choices)
    despite = models.CharField(
        max_length=60, blank=True, default="", help_text="The source of a hold that arranged it, e.g. payment_plan:7"
    )
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = StateField(max_length=9, choices=State.choices, default=State.STARTED, protected=True)
    gateway_reference = models.CharField(max_length=100, null=True, unique=True)
    failure_code = models.CharField(max_length=60, blank=True, default="")
    started_by = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    asked = models.PositiveIntegerField(default=0, help_text="How often the gateway was asked what became of it")
    ask_again_at = models.DateTimeField(null=True, help_text="None: the answer is final, or a person has to look")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["started", "unknown", "pending", "succeeded", "failed"]),
                name="attempt_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(trigger__in=["customer", "schedule", "agent"]), name="attempt_trigger_is_known"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="attempt_above_zero"),
            models.CheckConstraint(
                condition=~Q(state="succeeded") | Q(payment__isnull=False), name="attempt_that_succeeded_is_a_payment"
            ),
            models.CheckConstraint(
                condition=~Q(state="failed") | ~Q(failure_code=""), name="attempt_that_failed_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["invoice", "-id"], name="attempt_by_invoice"),
            models.Index(
                fields=["ask_again_at", "id"],
                name="attempt_to_ask_about",
                condition=Q(state__in=["started", "unknown", "pending"]),
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk} on invoice {self.invoice_id}"

    @property
    def amount(self) -> Money:
        """What was tried to be collected."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_open(self) -> bool:
        """Whether its answer is still to come."""
        return self.state in (self.State.STARTED, self.State.UNKNOWN, self.State.PENDING)

    @transition(state, source=State.STARTED, target=State.UNKNOWN)
    def lose_sight(self) -> None:
        """The gateway's answer never came."""

    @transition(state, source=[State.STARTED, State.UNKNOWN], target=State.PENDING)
    def wait(self, *, reference: str) -> None:
        """Set what the gateway knows it by; it says later whether the money came."""
        self.gateway_reference = reference or None

    @transition(state, source=[State.STARTED, State.UNKNOWN, State.PENDING, State.FAILED], target=State.SUCCEEDED)
    def succeed(self, *, payment_id: int, reference: str, at: datetime) -> None:
        """Set the payment it became."""
        self.payment_id, self.gateway_reference, self.answered_at = payment_id, reference or None, at
        self.failure_code, self.ask_again_at = "", None

    @transition(state, source=[State.STARTED, State.UNKNOWN, State.PENDING], target=State.FAILED)
    def fail(self, *, code: str, at: datetime) -> None:
        """Set why no money came."""
        self.failure_code, self.answered_at, self.ask_again_at = code, at, None


class Collection(models.Model):
    """The lock on a bill while one attempt is out: who holds it, until when it counts as alive.

    Only a final answer closes it. One whose holder died is not taken over but resolved: the gateway is asked first.
    """

    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, related_name="collections")
    attempt = models.OneToOneField(Attempt, models.PROTECT, related_name="collection")
    owner = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(closed_at=None), name="one_open_collection_per_invoice"
            ),
        ]

    def __str__(self) -> str:
        return f"collection of invoice {self.invoice_id} by {self.owner}"


class GatewayReport(models.Model):
    """What a gateway told us, kept once: its id and the hash of what it sent, never the content."""

    gateway = models.CharField(max_length=20)
    report_id = models.CharField(max_length=100)
    body_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=60, blank=True, default="", help_text="What it was about, e.g. attempt:7")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gateway", "report_id", "body_hash"], name="gateway_report_is_kept_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.report_id}"


class GatewayCircuit(models.Model):
    """Whether a gateway is asked at all: after several technical errors it rests, then one call tries it out.

    closed ──trip──▶ open ──try_out──▶ half_open ──recover──▶ closed        half_open ──trip──▶ open
    """

    class State(models.TextChoices):
        CLOSED = "closed", "asked"
        OPEN = "open", "resting"
        HALF_OPEN = "half_open", "tried out"

    gateway = models.CharField(max_length=20, unique=True)
    state = StateField(max_length=9, choices=State.choices, default=State.CLOSED, protected=True)
    errors = models.PositiveIntegerField(default=0, help_text="Technical errors since `counted_from`")
    counted_from = models.DateTimeField(null=True)
    tripped_at = models.DateTimeField(null=True)
    try_again_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["closed", "open", "half_open"]), name="gateway_circuit_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="closed") | Q(try_again_at__isnull=False), name="gateway_rests_until_a_moment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gateway}: {self.get_state_display()}"

    @transition(state, source=[State.CLOSED, State.HALF_OPEN], target=State.OPEN)
    def trip(self, *, at: datetime, try_again_at: datetime) -> None:
        """Set since when and until when nothing is asked."""
        self.tripped_at, self.try_again_at = at, try_again_at

    @transition(state, source=State.OPEN, target=State.HALF_OPEN)
    def try_out(self, *, try_again_at: datetime) -> None:
        """Set until when the one call that tries it out has time."""
        self.try_again_at = try_again_at

    @transition(state, source=State.HALF_OPEN, target=State.CLOSED)
    def recover(self) -> None:
        """It answers again."""
        self.errors, self.counted_from, self.try_again_at = 0, None, None


class PaymentLink(models.Model):
    """A link with which whoever holds it sees and pays one bill, without signing in; only its hash is kept."""

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="payment_links")
    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, related_name="payment_links")
    hash = models.CharField(max_length=64, unique=True)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("made_at")), name="payment_link_lives_a_while"),
        ]

    def __str__(self) -> str:
        return f"link to pay invoice {self.invoice_id}"
