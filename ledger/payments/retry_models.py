"""Retry, and the two kinds of rows it is planned by: what networks allow, and on which days we try."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.money import Money
from ledger.payments.network_rules import Basis, Cap
from ledger.payments.retries import Schedule
from ledger.states import StateField


class NetworkRule(models.Model):
    """How often a card of a network may be tried, from one day to another. Supervisors add the next version."""

    network = models.CharField(max_length=20, blank=True, default="", help_text="visa, mastercard; empty: any other")
    category = models.CharField(max_length=60, help_text="Which declines it is about, in the network's words")
    most = models.PositiveIntegerField(help_text="Tries within the window, the first one counted")
    window_days = models.PositiveIntegerField(help_text="The window rolls; 1 is 24 hours")
    basis = models.CharField(max_length=15, choices=[(each.value, each.value.replace("_", " ")) for each in Basis])
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True, help_text="The first day it no longer holds")
    source = models.CharField(max_length=300, help_text="Where the network says so")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(basis__in=[each.value for each in Basis]), name="cap_basis_is_known"),
            models.CheckConstraint(condition=Q(most__gte=1, window_days__gte=1), name="cap_lets_the_first_try_through"),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gt=F("valid_from")), name="cap_holds_for_a_while"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="cap_names_its_source"),
            models.UniqueConstraint(
                fields=["network", "category", "basis", "window_days", "valid_from"], name="one_cap_per_rule_and_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.network or 'any other card'}: {self.most} tries in {self.window_days} days"

    def clean(self) -> None:
        """Refuse a network written otherwise than cards name it."""
        if self.network != "_".join(self.network.lower().split()):
            raise ValidationError({"network": "Small letters, words joined by an underscore: american_express."})

    def as_cap(self) -> Cap:
        """The rule as the planner reads it."""
        return Cap(self.network, self.most, self.window_days, Basis(self.basis), self.valid_from, self.valid_to)


class RetrySchedule(models.Model):
    """On which days after a failure a payment is tried again, for one kind of customer. Supervisors edit it."""

    class Segment(models.TextChoices):
        EVERYBODY = "everybody"
        CONSUMER = "consumer"
        BUSINESS = "business"

    segment = models.CharField(max_length=9, choices=Segment.choices, unique=True)
    name = models.CharField(max_length=60)
    offsets = ArrayField(models.PositiveSmallIntegerField(), help_text="Days after the first failure: 2, 7, 14, 21")
    may_move_days = models.PositiveSmallIntegerField(
        default=0, help_text="How far a try may move to a day on which more payments succeed"
    )
    most_tries = models.PositiveSmallIntegerField(null=True, blank=True, help_text="The first one counted")
    most_days = models.PositiveSmallIntegerField(null=True, blank=True)
    waits_s = ArrayField(
        models.PositiveIntegerField(), default=list, blank=True, help_text="Seconds to wait after technical faults"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(segment__in=["everybody", "consumer", "business"]), name="retry_segment_is_known"
            ),
            models.CheckConstraint(condition=Q(may_move_days__lte=10), name="retry_moves_ten_days_at_most"),
            models.CheckConstraint(condition=Q(offsets__len__lte=60), name="retry_schedule_is_short"),
        ]

    def __str__(self) -> str:
        return f"{self.get_segment_display()}: {self.name}"

    def clean(self) -> None:
        """Refuse days out of order, which would read as one plan and run as another."""
        if self.offsets and (self.offsets != sorted(set(self.offsets)) or self.offsets[0] < 1):
            raise ValidationError({"offsets": "Days count up from 1, each of them once."})

    def as_schedule(self) -> Schedule:
        """The schedule as the planner reads it."""
        return Schedule(
            self.name,
            tuple(self.offsets),
            may_move_days=self.may_move_days,
            most_tries=self.most_tries,
            most_days=self.most_days,
            waits_s=tuple(self.waits_s),
        )


class Retry(models.Model):
    """One planned try to collect a bill from a card that was declined; the whole plan is written when it begins.

        planned ──finish──▶ done        planned ──skip──▶ skipped        planned ──cancel──▶ cancelled

    Skipped: on its day the world had changed. Cancelled: the whole plan has no use any more.
    """

    class State(models.TextChoices):
        PLANNED = "planned"
        DONE = "done"
        SKIPPED = "skipped"
        CANCELLED = "cancelled"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="retries")
    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, related_name="retries")
    method = models.ForeignKey("ledger.PaymentMethod", models.PROTECT, related_name="retries")
    failed = models.ForeignKey(
        "ledger.Payment", models.PROTECT, null=True, related_name="retries", help_text="The failure it is planned for"
    )
    attempt = models.OneToOneField("ledger.Attempt", models.PROTECT, null=True, related_name="retry")
    rule = models.CharField(max_length=14, help_text="on_schedule after a decline, soon after a technical fault")
    schedule = models.CharField(max_length=60, help_text="The name of the schedule it follows")
    number = models.PositiveSmallIntegerField()
    amount_minor = models.BigIntegerField(help_text="What was due when it was planned")
    currency = models.CharField(max_length=3)
    planned_for = models.DateTimeField()
    state = StateField(max_length=9, choices=State.choices, default=State.PLANNED, protected=True)
    why = models.CharField(max_length=300, blank=True, default="", help_text="Why it was skipped or cancelled")
    planned_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, help_text="When a worker took it up")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "retries"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["planned", "done", "skipped", "cancelled"]), name="retry_state_is_known"
            ),
            models.CheckConstraint(condition=Q(rule__in=["on_schedule", "soon"]), name="retry_rule_is_known"),
            models.CheckConstraint(
                condition=~Q(state__in=["skipped", "cancelled"]) | ~Q(why=""), name="retry_not_made_says_why"
            ),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(attempt__isnull=False), name="retry_done_has_its_attempt"
            ),
            models.UniqueConstraint(
                fields=["invoice", "method", "rule", "number"], name="one_retry_per_place_in_the_plan"
            ),
        ]
        indexes = [
            models.Index(fields=["planned_for", "id"], name="retry_still_planned", condition=Q(state="planned")),
            models.Index(fields=["settled_at"], name="retry_done_lately", condition=Q(state="done")),
        ]

    def __str__(self) -> str:
        return f"try {self.number} on invoice {self.invoice_id}"

    @property
    def amount(self) -> Money:
        """What was due when it was planned."""
        return Money(self.amount_minor, self.currency)

    @transition(state, source=State.PLANNED, target=State.DONE)
    def finish(self, *, attempt_id: int, at: datetime) -> None:
        """Set the attempt it became."""
        self.attempt_id, self.settled_at = attempt_id, at

    @transition(state, source=State.PLANNED, target=State.SKIPPED)
    def skip(self, *, why: str, at: datetime) -> None:
        """Set why it was not made on its day."""
        self.why, self.settled_at = why[:300], at

    @transition(state, source=State.PLANNED, target=State.CANCELLED)
    def cancel(self, *, why: str, at: datetime) -> None:
        """Set why the plan has no use any more."""
        self.why, self.settled_at = why[:300], at
