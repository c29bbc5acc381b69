"""Adjustment, with its reasons and budgets."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.money import Money
from ledger.states import StateField


class AdjustmentReason(models.Model):
    """Why somebody may be given something, and how often. Supervisors edit it."""

    class Kind(models.TextChoices):
        CREDIT = "credit", "goodwill credit"
        FEE_WAIVER = "fee_waiver", "fee waiver"
        DISCOUNT = "discount", "courtesy discount"

    class Cause(models.TextChoices):
        COMPANY_ERROR = "company_error", "our mistake"
        SERVICE = "service", "service was not as it should be"
        LOYALTY = "loyalty"
        OTHER = "other"

    code = models.SlugField(max_length=40, unique=True, help_text="What agents say, e.g. SORRY-5")
    title = models.CharField(max_length=100, help_text="Customers read it on the bill and in the message")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    cause = models.CharField(max_length=13, choices=Cause.choices)
    per_year = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="At most, to one customer in 12 months"
    )
    is_in_use = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(per_year=None) | Q(per_year__gte=1), name="reason_allows_at_least_one")
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.title}"


class TeamBudget(models.Model):
    """What one team may give away in a month. Without a row nothing limits it but authority."""

    team = models.CharField(
        max_length=60,
        blank=True,
        default="",
        help_text="Whose: as the queue they work is named. Empty: everybody without one",
    )
    currency = models.CharField(max_length=3)
    month = models.DateField(help_text="Its first day")
    amount_minor = models.BigIntegerField(help_text="In minor units (cents)")
    spent_minor = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "currency", "month"], name="one_budget_per_team_currency_month"),
            models.CheckConstraint(
                condition=Q(spent_minor__gte=0, amount_minor__gte=F("spent_minor")), name="budget_never_overspent"
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="budget_month_is_its_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.team or 'everybody'} {self.month:%Y-%m}: {Money(self.amount_minor, self.currency)}"


class Adjustment(models.Model):
    """Something given to a customer by somebody's decision: credit, a fee let go, a discount on the next bill.

    requested ──grant──▶ granted ──reverse──▶ reversed
    requested ──decline──▶ declined        requested ──cancel──▶ cancelled
    """

    class State(models.TextChoices):
        REQUESTED = "requested"
        GRANTED = "granted"
        REVERSED = "reversed"
        DECLINED = "declined"
        CANCELLED = "cancelled"

    number = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="adjustments")
    reason = models.ForeignKey(AdjustmentReason, models.PROTECT, related_name="adjustments")
    state = StateField(max_length=9, choices=State.choices, default=State.REQUESTED, protected=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    line = models.ForeignKey("ledger.InvoiceLine", models.PROTECT, null=True, related_name="waivers")
    grant_given = models.ForeignKey("ledger.DiscountGrant", models.PROTECT, null=True, related_name="+")
    budget = models.ForeignKey(TeamBudget, models.PROTECT, null=True, related_name="adjustments")
    team = models.CharField(max_length=60, blank=True, default="")
    why = models.CharField(max_length=300)
    problem = models.CharField(
        max_length=60, blank=True, default="", help_text="The known problem behind it, as a link"
    )
    conversation = models.CharField(max_length=60, blank=True, default="")
    external_id = models.CharField(max_length=100, null=True, unique=True)
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    granted_by = models.CharField(max_length=80, blank=True, default="")
    granted_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["requested", "granted", "reversed", "declined", "cancelled"]),
                name="adjustment_state_is_known",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="adjustment_above_zero"),
            models.CheckConstraint(condition=~Q(why=""), name="adjustment_says_why"),
            models.CheckConstraint(
                condition=Q(granted_by="") | ~Q(granted_by=F("requested_by")), name="adjustment_granted_by_someone_else"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["granted", "reversed"]) | ~Q(granted_by=""),
                name="adjustment_given_only_when_granted",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="adjustment_by_customer"),
            models.Index(fields=["granted_at"], name="adjustment_by_day", condition=Q(granted_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def amount(self) -> Money:
        """What is given."""
        return Money(self.amount_minor, self.currency)

    @transition(state, source=State.REQUESTED, target=State.GRANTED)
    def grant(self, *, by: str, at: datetime) -> None:
        """Set who said yes; `authority:<limit>` when the requester's own limit covered it."""
        self.granted_by, self.granted_at = by, at

    @transition(state, source=State.GRANTED, target=State.REVERSED)
    def reverse(self, *, by: str, at: datetime, reason: str) -> None:
        """Set who took it back and why."""
        self.closed_by, self.closed_at, self.close_reason = by, at, reason

    @transition(state, source=State.REQUESTED, target=State.DECLINED)
    def decline(self, *, by: str, at: datetime, reason: str) -> None:
        """Set who said no and why."""
        self.closed_by, self.closed_at, self.close_reason = by, at, reason

    @transition(state, source=State.REQUESTED, target=State.CANCELLED)
    def cancel(self, *, by: str, at: datetime, reason: str) -> None:
        """Set who took the request back."""
        self.closed_by, self.closed_at, self.close_reason = by, at, reason
