"""Plan, its prices, and Subscription."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from ledger.money import Money


class Plan(models.Model):
    """What can be subscribed to. Supervisors edit it; a plan that was sold is retired, never deleted."""

    class Interval(models.TextChoices):
        MONTH = "month"
        YEAR = "year"

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=100)
    interval = models.CharField(max_length=5, choices=Interval.choices, default=Interval.MONTH)
    is_on_sale = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(interval__in=["month", "year"]), name="plan_interval_is_known")
        ]

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """The net price of a plan for one interval, in one currency, from a day on."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="prices")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="Net, in minor units")
    tax_rate = models.DecimalField(max_digits=6, decimal_places=3, default=0, help_text="Per cent")
    valid_from = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "currency", "valid_from"], name="one_price_per_plan_currency_and_day"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} from {self.valid_from}"

    @property
    def amount(self) -> Money:
        """The net price."""
        return Money(self.amount_minor, self.currency)


class Subscription(models.Model):
    """A customer's running agreement for a plan, renewing on days derived from its anchor.

        active ──pause──▶ paused ──resume──▶ active        active, paused ──cancel──▶ cancelled

    `renews_on` is the first day not yet billed; it always falls on the anchor's day of the month, or the month's last.
    """

    class State(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        CANCELLED = "cancelled"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="subscriptions")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="subscriptions")
    currency = models.CharField(max_length=3)
    state = FSMField(max_length=9, choices=State.choices, default=State.ACTIVE, protected=True)
    anchor_on = models.DateField()
    renews_on = models.DateField()
    started_at = models.DateTimeField()
    paused_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=100, null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["active", "paused", "cancelled"]), name="subscription_state_is_known"
            ),
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
