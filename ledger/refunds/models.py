"""Refund: money on its way back to a customer."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.money import Money
from ledger.refunds.arrival import say_days
from ledger.states import StateField


class Refund(models.Model):
    """Money to give back from one payment.

    requested ──approve──▶ approved ──submit──▶ submitted ──pay──▶ paid ──settle──▶ settled
    requested ──decline──▶ declined             submitted ──fail──▶ failed ──submit──▶ submitted
    requested, approved ──cancel──▶ cancelled   failed ──cancel──▶ cancelled
    paid, settled ──come_back──▶ failed         approved, failed ──credit──▶ settled

    A paid refund has left us; settled, it has arrived. Either can still come back: then it is owed again, and sent on
    another route. What became credit never left, so it does not come back. `sending` counts the times it
    really left or was refused, so that each has a key of its own.
    """

    class State(models.TextChoices):
        REQUESTED = "requested"
        APPROVED = "approved"
        SUBMITTED = "submitted"
        PAID = "paid"
        SETTLED = "settled"
        FAILED = "failed"
        DECLINED = "declined"
        CANCELLED = "cancelled"

    class Route(models.TextChoices):
        ORIGINAL = "original", "the way it was paid"
        ANOTHER = "another", "another card or account"
        CREDIT = "credit", "credit on the account"

    number = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="refunds")
    payment = models.ForeignKey("ledger.Payment", models.PROTECT, related_name="refunds")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = StateField(max_length=9, choices=State.choices, default=State.REQUESTED, protected=True)
    route = models.CharField(max_length=8, choices=Route.choices, default=Route.ORIGINAL)
    method = models.ForeignKey("ledger.PaymentMethod", models.PROTECT, null=True, related_name="refunds")
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
    sending = models.PositiveSmallIntegerField(default=1, help_text="The how many-th way out it is on")
    release_at = models.DateTimeField(null=True, help_text="Not sent before: a new account is watched for a while")
    sent_at = models.DateTimeField(null=True, help_text="When it left us last")
    arrives_from = models.DateField(null=True, help_text="First day on which the money should be there")
    arrives_by = models.DateField(null=True, help_text="Last day on which it should")
    promised_by = models.DateField(null=True, help_text="The last day that the customer was told first")
    settled_on = models.DateField(null=True, help_text="When it arrived")
    delay_told_at = models.DateTimeField(null=True, help_text="When the customer was told that it takes longer")
    freeze = models.ForeignKey(
        "ledger.Freeze", models.PROTECT, null=True, related_name="+", help_text="The freeze the customer was told of"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "requested",
                        "approved",
                        "submitted",
                        "paid",
                        "settled",
                        "failed",
                        "declined",
                        "cancelled",
                    ]
                ),
                name="refund_state_is_known",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_above_zero"),
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=F("requested_by")),
                name="refund_approved_by_someone_else",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "submitted", "paid", "settled", "failed"]) | ~Q(approved_by=""),
                name="refund_moves_only_when_approved",
            ),
            models.CheckConstraint(condition=~Q(proof_reference=""), name="refund_stands_on_a_proof"),
            models.CheckConstraint(
                condition=~Q(state__in=["paid", "settled"]) | Q(route="credit") | ~Q(gateway_reference=""),
                name="refund_paid_is_traced",
            ),
            models.CheckConstraint(
                condition=Q(route__in=["original", "credit"], method=None) | Q(route="another", method__isnull=False),
                name="refund_to_another_method_names_it",
            ),
            models.CheckConstraint(
                condition=Q(arrives_from=None, arrives_by=None) | Q(arrives_by__gte=F("arrives_from")),
                name="refund_arrives_in_a_span",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="refund_by_customer"),
            models.Index(
                fields=["approved_at", "id"], name="refund_to_pay", condition=Q(state__in=["approved", "submitted"])
            ),
            models.Index(
                fields=["arrives_by", "id"], name="refund_on_its_way", condition=Q(state="paid", delay_told_at=None)
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def amount(self) -> Money:
        """What goes back."""
        return Money(self.amount_minor, self.currency)

    @property
    def arrives(self) -> str:
        """The days on which it should be there, as people read them; empty where nobody knows."""
        return say_days(self.arrives_from, self.arrives_by) if self.arrives_from and self.arrives_by else ""

    @property
    def key(self) -> str:
        """What the gateway knows this way out by, for ever; each new way out has a key of its own."""
        return f"refund:{self.pk}" if self.sending == 1 else f"refund:{self.pk}/{self.sending}"

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
        self.gateway_reference, self.closed_at, self.sent_at, self.failure_code = reference, at, at, ""

    @transition(state, source=State.PAID, target=State.SETTLED)
    def settle(self, *, on: date) -> None:
        """Set the day the money was there."""
        self.settled_on = on

    @transition(state, source=[State.APPROVED, State.FAILED], target=State.SETTLED)
    def credit(self, *, on: date, at: datetime) -> None:
        """Set that it became credit on the account, which is there at once."""
        self.route, self.method, self.failure_code = self.Route.CREDIT, None, ""
        self.settled_on, self.arrives_from, self.arrives_by, self.closed_at = on, on, on, at

    @transition(state, source=State.SUBMITTED, target=State.FAILED)
    def fail(self, *, code: str) -> None:
        """Set why the gateway could not pay."""
        self.failure_code, self.release_at = code, None
        self.arrives_from, self.arrives_by = None, None
        self.sending += 1

    @transition(
        state,
        source=[State.PAID, State.SETTLED],
        target=State.FAILED,
        conditions=[lambda refund: refund.route != refund.Route.CREDIT],
    )
    def come_back(self, *, code: str) -> None:
        """Set why the money came back after it had left."""
        self.failure_code, self.closed_at, self.settled_on, self.release_at = code, None, None, None
        self.arrives_from, self.arrives_by = None, None
        self.sending += 1

    @transition(state, source=[State.REQUESTED, State.APPROVED, State.FAILED], target=State.CANCELLED)
    def cancel(self, *, at: datetime) -> None:
        """Set when it was called off."""
        self.closed_at = at
