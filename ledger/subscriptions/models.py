"""Subscription and the add-ons taken with it."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from ledger.catalogue.models import AddOn, Plan


class Subscription(models.Model):
    """A customer's running agreement for a plan, renewing on days derived from its anchor.

        active ──pause──▶ paused ──resume──▶ active        active, paused ──cancel──▶ cancelled

    `renews_on` is the first day not yet billed; it always falls on the anchor's day of the month, or the month's last.
    """

    class State(models.TextChoices):
        TRIAL = "trial"
        ACTIVE = "active"
        PAST_DUE = "past_due", "past due"
        PAUSED = "paused"
        CANCELLED = "cancelled"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="subscriptions")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="subscriptions")
    currency = models.CharField(max_length=3)
    state = FSMField(max_length=9, choices=State.choices, default=State.ACTIVE, protected=True)
    quantity = models.PositiveIntegerField(default=1, help_text="Seats or units of the plan")
    anchor_on = models.DateField()
    renews_on = models.DateField()
    priced_on = models.DateField(null=True, help_text="The day whose price version it keeps; empty: the anchor")
    trial_ends_on = models.DateField(null=True, help_text="The first day that is billed after a trial")
    ends_on = models.DateField(null=True, help_text="The first day without service, once it is cancelled")
    started_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=100, null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["trial", "active", "past_due", "paused", "cancelled"]),
                name="subscription_state_is_known",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="subscription_quantity_above_zero"),
        ]
        indexes = [
            models.Index(fields=["renews_on", "id"], name="subscription_renewing", condition=Q(state="active")),
            models.Index(fields=["customer", "-id"], name="subscription_by_customer"),
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk}"

    @transition(state, source=State.ACTIVE, target=State.PAUSED)
    def pause(self, *, at: datetime) -> None:
        """Set since when nothing is renewed."""
        self.paused_at = at

    @transition(state, source=State.PAUSED, target=State.ACTIVE)
    def resume(self) -> None:
        """Renew again."""
        self.paused_at = None

    @transition(state, source=[State.ACTIVE, State.PAUSED], target=State.CANCELLED)
    def cancel(self, *, at: datetime) -> None:
        """Set when it was cancelled; what is paid for still runs to `renews_on`."""
        self.cancelled_at = at


class SubscriptionAddOn(models.Model):
    """An add-on taken with a subscription, from one day up to, not including, another."""

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="add_ons")
    product = models.ForeignKey(AddOn, models.PROTECT, related_name="taken")
    quantity = models.PositiveIntegerField(default=1)
    since = models.DateField()
    until = models.DateField(null=True)
    priced_on = models.DateField(null=True, help_text="The day whose price version it keeps; empty: `since`")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="add_on_quantity_above_zero"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="add_on_ends_after_it_begins"
            ),
            models.UniqueConstraint(
                fields=["subscription", "product"], condition=Q(until=None), name="add_on_taken_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} of subscription {self.subscription_id}"
