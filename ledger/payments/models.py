"""PaymentMethod, Payment and what each payment settled; the sandbox gateway's own ledger."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.money import Money
from ledger.states import StateField


class PaymentMethod(models.Model):
    """A card or account on file. Only the gateway's token and the last four digits are ever stored."""

    class Kind(models.TextChoices):
        CARD = "card"
        DIRECT_DEBIT = "direct_debit"
        TRANSFER = "transfer"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="payment_methods")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    brand = models.CharField(max_length=20, blank=True, default="")
    last4 = models.CharField(max_length=4, blank=True, default="")
    expires_on = models.DateField(null=True, help_text="Last day of validity")
    token = models.CharField(max_length=100)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    is_single_use = models.BooleanField(default=False, help_text="For one payment through a link; never on file")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_single_use=False) | Q(removed_at__isnull=False), name="single_use_is_never_on_file"
            ),
            models.CheckConstraint(condition=Q(last4="") | Q(last4__regex="^[0-9]{4}$"), name="only_last_four_digits"),
        ]

    def __str__(self) -> str:
        return f"{self.brand or self.kind} {self.last4}".strip()


class Payment(models.Model):
    """Money from a customer.

        pending ──succeed──▶ succeeded        pending ──fail──▶ failed

    `refunded_minor` counts what refunds that are not declined or cancelled give back, `charged_back_minor` what banks
    took back; the two together never exceed the payment, whoever comes first.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"

    number = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="payments")
    method = models.ForeignKey(PaymentMethod, models.PROTECT, null=True, related_name="payments")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = StateField(max_length=9, choices=State.choices, default=State.PENDING, protected=True)
    card_last4 = models.CharField(max_length=4, blank=True, default="")
    gateway_reference = models.CharField(max_length=100, null=True, unique=True)
    external_id = models.CharField(max_length=100, null=True, unique=True)
    received_on = models.DateField()
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    failure_code = models.CharField(max_length=60, blank=True, default="")
    refunded_minor = models.BigIntegerField(default=0)
    charged_back_minor = models.BigIntegerField(default=0)
    contested_at = models.DateTimeField(null=True, help_text="A bank questions it since then: nothing is refunded")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["pending", "succeeded", "failed"]), name="payment_state_is_known"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_above_zero"),
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0, charged_back_minor__gte=0)
                & Q(amount_minor__gte=F("refunded_minor") + F("charged_back_minor")),
                name="payment_never_given_back_twice",
            ),
        ]
        indexes = [models.Index(fields=["customer", "-received_on", "-id"], name="payment_by_customer")]

    def __str__(self) -> str:
        return self.number

    @property
    def amount(self) -> Money:
        """What was paid."""
        return Money(self.amount_minor, self.currency)

    @property
    def refundable(self) -> Money:
        """What can still be given back."""
        if self.state != self.State.SUCCEEDED:
            return Money(0, self.currency)
        return Money(self.amount_minor - self.refunded_minor - self.charged_back_minor, self.currency)

    @transition(state, source=State.PENDING, target=State.SUCCEEDED)
    def succeed(self, *, at: datetime) -> None:
        """Set when the money arrived."""
        self.settled_at = at

    @transition(state, source=State.PENDING, target=State.FAILED)
    def fail(self, *, at: datetime, code: str) -> None:
        """Set when and why no money came."""
        self.settled_at, self.failure_code = at, code


class PaymentAllocation(models.Model):
    """Which part of a payment settled which invoice; zero where an agent has moved all of it to another one."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="allocations")
    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, related_name="allocations")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="allocation_not_negative"),
            models.UniqueConstraint(fields=["payment", "invoice"], name="one_allocation_per_payment_and_invoice"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} of payment {self.payment_id} to invoice {self.invoice_id}"

    @property
    def amount(self) -> Money:
        """The part that settled the invoice."""
        return Money(self.amount_minor, self.currency)


class SandboxTransfer(models.Model):
    """What the sandbox gateway did: its own memory, keyed like a real gateway's by the caller's idempotency key."""

    key = models.CharField(max_length=100, unique=True)
    kind = models.CharField(max_length=10)
    reference = models.CharField(max_length=100, unique=True)
    token = models.CharField(max_length=100, blank=True, default="")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    succeeded = models.BooleanField()
    failure_code = models.CharField(max_length=60, blank=True, default="")
    made_at = models.DateTimeField()
    settles_at = models.DateTimeField(null=True, help_text="When it is known whether the money came; None: at once")
    reached = models.BooleanField(default=True, help_text="Whether the request arrived; a repeat of it will")
    asked = models.PositiveIntegerField(default=1, help_text="How often this key was asked for")

    def __str__(self) -> str:
        return self.reference
