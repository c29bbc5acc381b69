"""Refund: money on its way back to a customer."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.money import Money
from ledger.states import StateField


class Refund(models.Model):
    """Money to give back from one payment.

    requested ──approve──▶ approved ──submit──▶ submitted ──pay──▶ paid
    requested ──decline──▶ declined             submitted ──fail──▶ failed ──submit──▶ submitted
    requested, approved ──cancel──▶ cancelled   failed ──cancel──▶ cancelled
    """

    class State(models.TextChoices):
        REQUESTED = "requested"
        APPROVED = "approved"
        SUBMITTED = "submitted"
        PAID = "paid"
        FAILED = "failed"
        DECLINED = "declined"
        CANCELLED = "cancelled"

    number = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="refunds")
    payment = models.ForeignKey("ledger.Payment", models.PROTECT, related_name="refunds")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = StateField(max_length=9, choices=State.choices, default=State.REQUESTED, protected=True)
    reason = models.CharField(max_length=300)
    is_goodwill = models.BooleanField(default=False, help_text="A gift, not owed: no credit note stands behind it")
    source = models.CharField(max_length=60, blank=True, default="", help_text="What led to it, e.g. dispute:7")
    conversation = models.CharField(max_length=60, blank=True, default="", help_text="Where it was asked for, ticket:9")
    proof_reference = models.CharField(max_length=60, help_text="The identity check it stands on")
    external_id = models.CharField(max_length=100, null=True, unique=True)
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    approved_by = models.CharField(max_length=80, blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    declined_by = models.CharField(max_length=80, blank=True, default="")
    decline_reason = models.CharField(max_length=500, blank=True, default="")
    closed_at = models.DateTimeField(null=True, help_text="When it was paid, declined or cancelled")
    attempts = models.PositiveIntegerField(default=0)
    try_again_at = models.DateTimeField(null=True)
    gateway_reference = models.CharField(max_length=100, blank=True, default="")
    failure_code = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=["requested", "approved", "submitted", "paid", "failed", "declined", "cancelled"]
                ),
                name="refund_state_is_known",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_above_zero"),
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=F("requested_by")),
                name="refund_approved_by_someone_else",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "submitted", "paid", "failed"]) | ~Q(approved_by=""),
                name="refund_moves_only_when_approved",
            ),
            models.CheckConstraint(condition=~Q(proof_reference=""), name="refund_stands_on_a_proof"),
            models.CheckConstraint(condition=~Q(state="paid") | ~Q(gateway_reference=""), name="refund_paid_is_traced"),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="refund_by_customer"),
            models.Index(
                fields=["approved_at", "id"], name="refund_to_pay", condition=Q(state__in=["approved", "submitted"])
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def amount(self) -> Money:
        """What goes back."""
        return Money(self.amount_minor, self.currency)

    @transition(state, source=State.REQUESTED, target=State.APPROVED)
    def approve(self, *, by: str, at: datetime) -> None:
        """Set who said yes; `authority:<limit>` when the requester's own limit covered it."""
        self.approved_by, self.approved_at = by, at

    @transition(state, source=State.REQUESTED, target=State.DECLINED)
    def decline(self, *, by: str, at: datetime, reason: str) -> None:
        """Set who said no and why."""
        self.declined_by, self.closed_at, self.decline_reason = by, at, reason

    @transition(state, source=[State.APPROVED, State.FAILED], target=State.SUBMITTED)
    def submit(self) -> None:
        """Count one more attempt at the gateway."""
        self.attempts += 1

    @transition(state, source=State.SUBMITTED, target=State.PAID)
    def pay(self, *, reference: str, at: datetime) -> None:
        """Set the gateway's reference, by which the money can be traced."""
        self.gateway_reference, self.closed_at, self.failure_code = reference, at, ""

    @transition(state, source=State.SUBMITTED, target=State.FAILED)
    def fail(self, *, code: str) -> None:
        """Set why the gateway could not pay."""
        self.failure_code = code

    @transition(state, source=[State.REQUESTED, State.APPROVED, State.FAILED], target=State.CANCELLED)
    def cancel(self, *, at: datetime) -> None:
        """Set when it was called off."""
        self.closed_at = at
