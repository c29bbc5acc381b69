"""Dispute (a customer against us), Chargeback (a bank against us), and the evidence kept for both."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django_fsm import transition

from ledger.money import Money
from ledger.states import StateField


class Dispute(models.Model):
    """A customer says that (part of) a charge is wrong. Only the disputed amount is held; the rest stays due.

    opened ──review──▶ in_review        opened, in_review ──uphold──▶ upheld
    opened, in_review ──reject──▶ rejected ──appeal──▶ in_review (once)        opened, in_review ──withdraw──▶ withdrawn
    """

    class State(models.TextChoices):
        OPENED = "opened"
        IN_REVIEW = "in_review"
        UPHELD = "upheld"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"

    number = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="disputes")
    line = models.ForeignKey("ledger.InvoiceLine", models.PROTECT, related_name="disputes")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="Tax included")
    unpaid_minor = models.BigIntegerField(help_text="The part not paid yet: held out of what is due")
    paid_minor = models.BigIntegerField(help_text="The part already paid: held as what we may have to give back")
    reason = models.CharField(max_length=40, help_text="A code of ledger/disputes/reasons.py")
    state = StateField(max_length=10, choices=State.choices, default=State.OPENED, protected=True)
    conversation = models.CharField(max_length=60, blank=True, default="")
    proof_reference = models.CharField(max_length=60)
    external_id = models.CharField(max_length=100, null=True, unique=True)
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(help_text="When the customer must have an answer")
    decided_by = models.CharField(max_length=80, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    explanation = models.TextField(blank=True, default="", help_text="What the customer is told about the decision")
    appealed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["opened", "in_review", "upheld", "rejected", "withdrawn"]),
                name="dispute_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(unpaid_minor__gte=0, paid_minor__gte=0, amount_minor__gt=0), name="dispute_above_zero"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor=models.F("unpaid_minor") + models.F("paid_minor")),
                name="dispute_parts_add_up",
            ),
            models.CheckConstraint(condition=~Q(proof_reference=""), name="dispute_stands_on_a_proof"),
            models.CheckConstraint(
                condition=Q(state__in=["opened", "in_review", "withdrawn"]) | ~Q(decided_by=""),
                name="dispute_decided_by_someone",
            ),
            models.UniqueConstraint(
                fields=["line"], condition=Q(state__in=["opened", "in_review"]), name="one_open_dispute_per_line"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="dispute_by_customer"),
            models.Index(fields=["due_at", "id"], name="dispute_open", condition=Q(state__in=["opened", "in_review"])),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def amount(self) -> Money:
        """The disputed amount, tax included."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_open(self) -> bool:
        """Whether its amount is on hold."""
        return self.state in (self.State.OPENED, self.State.IN_REVIEW)

    @transition(state, source=State.OPENED, target=State.IN_REVIEW)
    def review(self) -> None:
        """Somebody looks into it."""

    @transition(state, source=[State.OPENED, State.IN_REVIEW], target=State.UPHELD)
    def uphold(self, *, by: str, at: datetime, explanation: str) -> None:
        """Set who found for the customer, and what they are told."""
        self.decided_by, self.decided_at, self.explanation = by, at, explanation

    @transition(state, source=[State.OPENED, State.IN_REVIEW], target=State.REJECTED)
    def reject(self, *, by: str, at: datetime, explanation: str) -> None:
        """Set who found the charge right, and what the customer is told."""
        self.decided_by, self.decided_at, self.explanation = by, at, explanation

    @transition(state, source=[State.OPENED, State.IN_REVIEW], target=State.WITHDRAWN)
    def withdraw(self, *, by: str, at: datetime) -> None:
        """Set who took it back."""
        self.decided_by, self.decided_at = by, at

    @transition(state, source=State.REJECTED, target=State.IN_REVIEW, conditions=[lambda d: d.appealed_at is None])
    def appeal(self, *, at: datetime) -> None:
        """Looked into once more, with new evidence; only once."""
        self.appealed_at = at


class EvidenceBundle(models.Model):
    """Everything known when a dispute was opened, frozen: entries, bill, the customer's words, each with its hash.

    `content` is the canonical text; `hash` is its SHA-256, so a copy can be checked without us. Append-only by trigger.
    """

    dispute = models.OneToOneField(Dispute, models.PROTECT, related_name="evidence")
    content = models.TextField()
    hash = models.CharField(max_length=64)
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"evidence of dispute {self.dispute_id}"


class Chargeback(models.Model):
    """The customer's bank took a payment back.

    received ──win──▶ won        received ──lose──▶ lost
    """

    class State(models.TextChoices):
        RECEIVED = "received"
        WON = "won"
        LOST = "lost"

    payment = models.ForeignKey("ledger.Payment", models.PROTECT, related_name="chargebacks")
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="chargebacks")
    external_id = models.CharField(max_length=100, unique=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=60)
    state = StateField(max_length=8, choices=State.choices, default=State.RECEIVED, protected=True)
    received_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["received", "won", "lost"]), name="chargeback_state_is_known"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="chargeback_above_zero"),
        ]

    def __str__(self) -> str:
        return f"chargeback {self.external_id}"

    @property
    def amount(self) -> Money:
        """What the bank took."""
        return Money(self.amount_minor, self.currency)

    @transition(state, source=State.RECEIVED, target=State.WON)
    def win(self, *, at: datetime) -> None:
        """The bank gave it back."""
        self.decided_at = at

    @transition(state, source=State.RECEIVED, target=State.LOST)
    def lose(self, *, at: datetime) -> None:
        """The bank kept it."""
        self.decided_at = at
