"""DiscountGrant: a discount one customer was given, and each bill it was used on."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.money import Money
from ledger.states import StateField


class DiscountGrant(models.Model):
    """A discount given to one customer: a percentage or an amount, off some products or off everything.

    requested ──approve──▶ active ──use_up──▶ used_up ──give_back──▶ active
    requested ──decline──▶ declined          requested, active ──end──▶ ended

    It keeps the terms it was given with for good. `worth_minor` is what it may give away in all, by which authority
    was decided; a percentage is counted on the customer's largest bill of the past year.
    """

    class State(models.TextChoices):
        REQUESTED = "requested"
        ACTIVE = "active"
        DECLINED = "declined"
        USED_UP = "used_up", "used up"
        ENDED = "ended"

    class Duration(models.TextChoices):
        ONCE = "once"
        PERIODS = "periods", "for some bills"
        FOREVER = "forever"
        UNTIL_USED_UP = "until_used_up", "until used up"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="discount_grants")
    name = models.CharField(max_length=60, help_text="As it stands on the bill, e.g. SORRY-5")
    percent = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    amount_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3)
    targets = models.JSONField(default=list, blank=True, help_text="Product codes; empty: everything on the bill")
    priority = models.PositiveSmallIntegerField(default=100, help_text="The lowest goes first")
    stacks_on_original = models.BooleanField(default=False, help_text="Taken off the price before other discounts")
    duration = models.CharField(max_length=13, choices=Duration.choices, default=Duration.ONCE)
    periods_left = models.PositiveSmallIntegerField(null=True, help_text="Bills it is still used on")
    left_minor = models.BigIntegerField(null=True, help_text="Of an amount that stays until it is used up")
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, help_text="The first day it no longer applies")
    state = StateField(max_length=9, choices=State.choices, default=State.REQUESTED, protected=True)
    reason = models.CharField(max_length=300)
    source = models.CharField(max_length=60, blank=True, default="", help_text="What led to it, e.g. dispute:7")
    conversation = models.CharField(max_length=60, blank=True, default="", help_text="Where it was given, ticket:9")
    external_id = models.CharField(max_length=100, null=True, unique=True)
    worth_minor = models.BigIntegerField()
    granted_on = models.DateField(help_text="The customer's day; of two that compete, the older goes first")
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    approved_by = models.CharField(max_length=80, blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True, default="", help_text="Who declined or ended it")
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["requested", "active", "declined", "used_up", "ended"]),
                name="discount_grant_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(duration__in=["once", "periods", "forever", "until_used_up"]),
                name="discount_grant_duration_is_known",
            ),
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100, amount_minor=None) | Q(percent=None, amount_minor__gt=0),
                name="discount_grant_is_percentage_or_amount",
            ),
            models.CheckConstraint(
                condition=~Q(duration="until_used_up") | Q(left_minor__gte=0, left_minor__lte=F("amount_minor")),
                name="discount_grant_never_gives_more_than_its_amount",
            ),
            models.CheckConstraint(
                condition=~Q(duration="periods") | Q(periods_left__isnull=False), name="discount_grant_counts_its_bills"
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="discount_grant_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=Q(worth_minor__gte=0), name="discount_grant_worth_not_negative"),
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=F("requested_by")),
                name="discount_grant_approved_by_someone_else",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["active", "used_up"]) | ~Q(approved_by=""),
                name="discount_grant_used_only_when_approved",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="discount_grant_by_customer"),
            models.Index(fields=["customer"], name="discount_grant_active", condition=Q(state="active")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def amount(self) -> Money | None:
        """The amount it takes off, None of a percentage."""
        return None if self.amount_minor is None else Money(self.amount_minor, self.currency)

    @property
    def worth(self) -> Money:
        """What it may give away in all."""
        return Money(self.worth_minor, self.currency)

    @transition(state, source=State.REQUESTED, target=State.ACTIVE)
    def approve(self, *, by: str, at: datetime) -> None:
        """Set who said yes; `authority:<limit>` when the requester's own limit covered it."""
        self.approved_by, self.approved_at = by, at

    @transition(state, source=State.REQUESTED, target=State.DECLINED)
    def decline(self, *, by: str, at: datetime, reason: str) -> None:
        """Set who said no and why."""
        self.closed_by, self.closed_at, self.close_reason = by, at, reason

    @transition(state, source=State.ACTIVE, target=State.USED_UP)
    def use_up(self, *, at: datetime) -> None:
        """Set when the last of it was used."""
        self.closed_at = at

    @transition(state, source=State.USED_UP, target=State.ACTIVE)
    def give_back(self) -> None:
        """There is some left again, because a bill it was used on does not count any more."""
        self.closed_at = None

    @transition(state, source=[State.REQUESTED, State.ACTIVE], target=State.ENDED)
    def end(self, *, by: str, at: datetime, reason: str) -> None:
        """Set who ended it and why."""
        self.closed_by, self.closed_at, self.close_reason = by, at, reason


class DiscountUse(models.Model):
    """What one grant took off one bill; counted once per bill, whoever asks how often."""

    grant = models.ForeignKey(DiscountGrant, models.PROTECT, related_name="uses")
    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, related_name="discount_uses")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    used_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True, help_text="When the bill was voided: it does not count any more")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["grant", "invoice"], name="discount_used_once_per_invoice"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="discount_use_above_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} on invoice {self.invoice_id}"

    @property
    def amount(self) -> Money:
        """What it took off."""
        return Money(self.amount_minor, self.currency)
