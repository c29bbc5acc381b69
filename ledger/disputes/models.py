"""Dispute (a customer against us) and who has seen what of it; the other tables of disputes are listed here."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.disputes.chargeback_models import Chargeback, ChargebackPack, ChargebackStep
from ledger.disputes.evidence_models import EvidenceBundle, EvidenceItem
from ledger.disputes.opening_models import DisputeDraft
from ledger.disputes.provisional_models import ProvisionalCredit
from ledger.money import Money
from ledger.states import StateField

__all__ = [
    "Chargeback",
    "ChargebackPack",
    "ChargebackStep",
    "Dispute",
    "DisputeDraft",
    "DisputeSight",
    "EvidenceBundle",
    "EvidenceItem",
    "ProvisionalCredit",
]

OPEN_STATES = ("opened", "acknowledged", "in_review")
STATES = (*OPEN_STATES, "upheld", "partly_upheld", "rejected", "withdrawn", "closed")


class Dispute(models.Model):
    """A customer says that (part of) a charge is wrong. Only the disputed amount is held; the rest stays due.

        opened ──acknowledge──▶ acknowledged        opened, acknowledged ──review──▶ in_review
        opened, acknowledged, in_review ──uphold──▶ upheld, ──uphold_partly──▶ partly_upheld, ──reject──▶ rejected
        rejected, partly_upheld ──appeal──▶ in_review (once)
        opened, acknowledged, in_review ──withdraw──▶ withdrawn
        upheld, partly_upheld, rejected, withdrawn ──close──▶ closed

    `granted_minor` is what the customer was given in all. What an appeal is about is the amount less what was granted
    before it (`settled_minor`); that is held in two parts, `unpaid_minor` and `paid_minor`.
    """

    class State(models.TextChoices):
        OPENED = "opened"
        ACKNOWLEDGED = "acknowledged"
        IN_REVIEW = "in_review"
        UPHELD = "upheld"
        PARTLY_UPHELD = "partly_upheld"
        REJECTED = "rejected"
        WITHDRAWN = "withdrawn"
        CLOSED = "closed"

    class Regime(models.TextChoices):
        BILL = "bill", "a bill of ours"
        CREDIT = "credit", "a credit account"
        TRANSFER = "transfer", "an electronic transfer"

    number = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="disputes")
    line = models.ForeignKey("ledger.InvoiceLine", models.PROTECT, related_name="disputes")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="Tax included")
    unpaid_minor = models.BigIntegerField(help_text="The part not paid yet: held out of what is due")
    paid_minor = models.BigIntegerField(help_text="The part already paid: held as what we may have to give back")
    granted_minor = models.BigIntegerField(default=0, help_text="Given to the customer by the decisions so far")
    settled_minor = models.BigIntegerField(default=0, help_text="Granted before an appeal, so not held again")
    reason = models.CharField(max_length=40, help_text="A code of ledger/disputes/reasons.py")
    state = StateField(max_length=14, choices=State.choices, default=State.OPENED, protected=True)
    outcome = models.CharField(max_length=14, blank=True, default="", help_text="The last decision, kept when closed")
    conversation = models.CharField(max_length=60, blank=True, default="")
    proof_reference = models.CharField(max_length=60)
    external_id = models.CharField(max_length=100, null=True, unique=True)
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True, help_text="When the customer told us; the clocks run from here")
    regime = models.CharField(max_length=8, choices=Regime.choices, default=Regime.BILL)
    clock_source = models.CharField(max_length=500, blank=True, default="", help_text="The rule the clocks come from")
    clock_rule_id = models.BigIntegerField(null=True, help_text="The jurisdiction rule; empty: our own promise")
    acknowledge_by = models.DateTimeField(null=True, help_text="When the customer must have our confirmation")
    acknowledged_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(help_text="When the customer must have an answer")
    warned_acknowledge_at = models.DateTimeField(null=True)
    warned_due_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=80, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    first_decided_by = models.CharField(max_length=80, blank=True, default="", help_text="Who decided before an appeal")
    first_outcome = models.CharField(max_length=14, blank=True, default="")
    explanation = models.TextField(blank=True, default="", help_text="What the customer is told about the decision")
    recommended = models.CharField(max_length=14, blank=True, default="", help_text="What the facts recommended")
    because = models.JSONField(default=list, blank=True, help_text="The facts behind the recommendation, as sentences")
    deviation = models.TextField(blank=True, default="", help_text="Why the decision is not what was recommended")
    material = models.PositiveIntegerField(default=0, help_text="How many messages and pieces of evidence came later")
    appealed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=list(STATES)), name="dispute_state_is_known"),
            models.CheckConstraint(
                condition=Q(unpaid_minor__gte=0, paid_minor__gte=0, amount_minor__gt=0), name="dispute_above_zero"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor=F("unpaid_minor") + F("paid_minor") + F("settled_minor")),
                name="dispute_parts_add_up",
            ),
            models.CheckConstraint(
                condition=Q(settled_minor__gte=0)
                & Q(granted_minor__gte=F("settled_minor"))
                & Q(amount_minor__gte=F("granted_minor")),
                name="dispute_never_grants_more_than_was_disputed",
            ),
            models.CheckConstraint(condition=~Q(proof_reference=""), name="dispute_stands_on_a_proof"),
            models.CheckConstraint(
                condition=Q(state__in=[*OPEN_STATES, "withdrawn"]) | ~Q(decided_by=""),
                name="dispute_decided_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["upheld", "partly_upheld", "rejected"])
                | Q(first_decided_by="")
                | ~Q(first_decided_by=F("decided_by")),
                name="dispute_appeal_decided_by_someone_else",
            ),
            models.UniqueConstraint(
                fields=["line"], condition=Q(state__in=list(OPEN_STATES)), name="one_open_dispute_per_line"
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="dispute_by_customer"),
            models.Index(fields=["due_at", "id"], name="dispute_open", condition=Q(state__in=list(OPEN_STATES))),
            models.Index(fields=["conversation"], name="dispute_by_conversation"),
            models.Index(
                fields=["decided_at", "id"],
                name="dispute_to_close",
                condition=Q(state__in=["upheld", "partly_upheld", "rejected", "withdrawn"]),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def amount(self) -> Money:
        """The disputed amount, tax included."""
        return Money(self.amount_minor, self.currency)

    @property
    def contested(self) -> Money:
        """What is still to be decided: the amount, less what was granted before an appeal."""
        return Money(self.amount_minor - self.settled_minor, self.currency)

    @property
    def granted(self) -> Money:
        """What the customer was given."""
        return Money(self.granted_minor, self.currency)

    @property
    def became_credit(self) -> Money:
        """What of the last decision's grant was paid already, so that it is credit now and can be refunded."""
        granted = self.granted_minor - self.settled_minor - self.unpaid_minor
        return Money(0 if self.is_open else max(granted, 0), self.currency)

    @property
    def told_at(self) -> datetime:
        """When the customer told us."""
        return self.received_at or self.opened_at

    @property
    def is_open(self) -> bool:
        """Whether its amount is on hold."""
        return self.state in OPEN_STATES

    @property
    def can_be_appealed(self) -> bool:
        """Whether the customer can still ask for another look."""
        return self.appealed_at is None and self.state in (self.State.REJECTED, self.State.PARTLY_UPHELD)

    @transition(state, source=State.OPENED, target=State.ACKNOWLEDGED)
    def acknowledge(self, *, at: datetime) -> None:
        """The customer has our confirmation in writing."""
        self.acknowledged_at = at

    @transition(state, source=[State.OPENED, State.ACKNOWLEDGED], target=State.IN_REVIEW)
    def review(self) -> None:
        """Somebody looks into it."""

    @transition(state, source=[State.OPENED, State.ACKNOWLEDGED, State.IN_REVIEW], target=State.UPHELD)
    def uphold(self, *, by: str, at: datetime, explanation: str) -> None:
        """Set who found for the customer, and what they are told."""
        self.decided_by, self.decided_at, self.explanation, self.outcome = by, at, explanation, "upheld"

    @transition(state, source=[State.OPENED, State.ACKNOWLEDGED, State.IN_REVIEW], target=State.PARTLY_UPHELD)
    def uphold_partly(self, *, by: str, at: datetime, explanation: str) -> None:
        """Set who found for the customer in part, and what they are told."""
        self.decided_by, self.decided_at, self.explanation, self.outcome = by, at, explanation, "partly_upheld"

    @transition(state, source=[State.OPENED, State.ACKNOWLEDGED, State.IN_REVIEW], target=State.REJECTED)
    def reject(self, *, by: str, at: datetime, explanation: str) -> None:
        """Set who found the charge right, and what the customer is told."""
        self.decided_by, self.decided_at, self.explanation, self.outcome = by, at, explanation, "rejected"

    @transition(state, source=[State.OPENED, State.ACKNOWLEDGED, State.IN_REVIEW], target=State.WITHDRAWN)
    def withdraw(self, *, by: str, at: datetime) -> None:
        """Set who took it back."""
        self.decided_by, self.decided_at, self.outcome = by, at, "withdrawn"

    @transition(
        state,
        source=[State.REJECTED, State.PARTLY_UPHELD],
        target=State.IN_REVIEW,
        conditions=[lambda dispute: dispute.appealed_at is None],
    )
    def appeal(self, *, at: datetime) -> None:
        """Looked into once more, with new evidence, by somebody else; only once."""
        self.first_decided_by, self.first_outcome, self.settled_minor = (
            self.decided_by,
            self.outcome,
            self.granted_minor,
        )
        self.decided_by, self.decided_at, self.outcome, self.appealed_at = "", None, "", at

    @transition(state, source=[State.UPHELD, State.PARTLY_UPHELD, State.REJECTED, State.WITHDRAWN], target=State.CLOSED)
    def close(self, *, at: datetime) -> None:
        """Nothing can follow any more; the outcome stays."""
        self.closed_at = at


class DisputeSight(models.Model):
    """How much of a dispute one member of staff has seen: `material` of the dispute at that moment."""

    dispute = models.ForeignKey(Dispute, models.PROTECT, related_name="sights")
    actor = models.CharField(max_length=80)
    material = models.PositiveIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dispute", "actor"], name="one_sight_per_dispute_and_actor")]

    def __str__(self) -> str:
        return f"{self.actor} saw dispute {self.dispute_id}"
