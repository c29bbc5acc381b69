"""Access: whether a customer may use what they pay for, derived from the books; its policy; and a supervisor's word."""

from django.db import models
from django.db.models import F, Q

from ledger.money import Money


class AccessPolicy(models.Model):
    """How long access goes on after a payment failed or a bill fell due, for one segment of customers.

    Day 0 is the day the payment failed, or the day the bill was due. Access is restricted `grace_days` later, never
    before `warning_days` have passed since the customer was warned, and suspended `suspended_after_days` after that.
    """

    name = models.CharField(max_length=60, unique=True)
    customer_kind = models.CharField(
        max_length=10, blank=True, default="", choices=[("consumer", "consumer"), ("business", "business")],
        help_text="Empty: both",
    )  # fmt: skip
    currency = models.CharField(max_length=3, blank=True, default="", help_text="Empty: every currency")
    grace_days = models.PositiveSmallIntegerField(default=7)
    warning_days = models.PositiveSmallIntegerField(default=2)
    suspended_after_days = models.PositiveSmallIntegerField(default=14)
    least_minor = models.BigIntegerField(default=0, help_text="Less than this restricts nobody; needs a currency")
    is_active = models.BooleanField(default=True)

    class Meta:
        verbose_name_plural = "access policies"
        constraints = [
            models.UniqueConstraint(
                fields=["customer_kind", "currency"],
                condition=Q(is_active=True),
                name="one_active_access_policy_per_segment",
            ),
            models.CheckConstraint(
                condition=Q(customer_kind__in=["", "consumer", "business"]), name="access_policy_customer_kind_is_known"
            ),
            models.CheckConstraint(condition=Q(grace_days__gte=F("warning_days")), name="access_policy_warns_in_grace"),
            models.CheckConstraint(condition=Q(suspended_after_days__gt=0), name="access_policy_restricts_first"),
            models.CheckConstraint(condition=Q(least_minor__gte=0), name="access_policy_threshold_not_below_zero"),
            models.CheckConstraint(
                condition=Q(least_minor=0) | ~Q(currency=""), name="access_policy_threshold_is_in_a_currency"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Access(models.Model):
    """Whether a customer may use what they pay for. A customer without a row was never anything but active.

    active ──▶ grace ──▶ restricted ──▶ suspended, and from each back to active or grace: not moves somebody makes, but
    what the books and the calendar come to. Nobody sets it; a supervisor's override is a row of its own, with an end.
    """

    class State(models.TextChoices):
        ACTIVE = "active"
        GRACE = "grace"
        RESTRICTED = "restricted"
        SUSPENDED = "suspended"

    class Reason(models.TextChoices):
        NOTHING = "nothing", "nothing is overdue"
        FAILED = "failed", "a payment failed"
        OVERDUE = "overdue", "a bill is overdue"
        OVERRIDE = "override", "a supervisor decided"

    customer = models.OneToOneField("ledger.Customer", models.PROTECT, related_name="access")
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    reason = models.CharField(max_length=8, choices=Reason.choices, default=Reason.NOTHING)
    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, null=True, related_name="+")
    bill_minor = models.BigIntegerField(default=0, help_text="What is asked for on that bill")
    amount_minor = models.BigIntegerField(default=0, help_text="What has to be paid in all to cure it")
    currency = models.CharField(max_length=3)
    day_zero = models.DateField(null=True, help_text="When the payment failed or the bill was due")
    since_on = models.DateField(null=True, help_text="Since when it is as it is")
    warned_on = models.DateField(null=True, help_text="When the customer was warned of a restriction")
    restricts_on = models.DateField(null=True, help_text="When access is, or will be, restricted")
    suspends_on = models.DateField(null=True)
    restored_at = models.DateTimeField(null=True, help_text="When it was last given back")
    rank = models.BigIntegerField(default=0, help_text="The newest event of the customer it takes account of")
    reviewed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "access"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["active", "grace", "restricted", "suspended"]), name="access_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["nothing", "failed", "overdue", "override"]), name="access_reason_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="active") | ~Q(reason="nothing"), name="access_taken_away_for_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["restricted", "suspended"])
                | Q(reason="override")
                | Q(warned_on__isnull=False, warned_on__lte=F("restricts_on")),
                name="access_restricted_only_after_a_warning",
            ),
        ]
        indexes = [
            models.Index(fields=["customer"], name="access_not_active", condition=~Q(state="active")),
        ]

    def __str__(self) -> str:
        return f"customer {self.customer_id}: {self.state}"

    @property
    def cure(self) -> Money:
        """What has to be paid."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_open(self) -> bool:
        """Whether the service can be used."""
        return self.state in (self.State.ACTIVE, self.State.GRACE)


class AccessOverride(models.Model):
    """A supervisor's word that a customer's access is to be something else until a day."""

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="access_overrides")
    state = models.CharField(max_length=10, choices=Access.State.choices)
    until = models.DateField(help_text="The last day it holds")
    why = models.CharField(max_length=300)
    decided_by = models.CharField(max_length=80)
    decided_at = models.DateTimeField()
    ended_by = models.CharField(max_length=80, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["active", "grace", "restricted", "suspended"]),
                name="access_override_state_is_known",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="access_override_says_why"),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(ended_at=None), name="one_live_access_override_per_customer"
            ),
        ]
        indexes = [models.Index(fields=["until"], name="access_override_live", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"customer {self.customer_id}: {self.state} until {self.until}"
