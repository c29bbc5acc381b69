"""SlaPolicy, BusinessHours, Holiday and the Clock that runs on a ticket."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django_fsm import transition

from ledger.states import StateField


class BusinessHours(models.Model):
    """When a team works, in local wall time.

    `weekly` maps ISO weekdays ("1" is Monday) to intervals: [["09:00", "17:30"]].
    """

    name = models.CharField(max_length=80, unique=True)
    time_zone = models.CharField(max_length=40, default="Europe/Berlin")
    weekly = models.JSONField(default=dict)
    always_open = models.BooleanField(default=False)
    holiday_country = models.CharField(max_length=2, blank=True, default="", help_text="Public holidays of, e.g. DE")
    holiday_region = models.CharField(max_length=6, blank=True, default="", help_text="e.g. BE for Berlin")

    class Meta:
        verbose_name_plural = "business hours"

    def __str__(self) -> str:
        return self.name


class Holiday(models.Model):
    """One day that differs from the country's public holidays: a day off, or a public holiday we work."""

    hours = models.ForeignKey(BusinessHours, models.CASCADE, related_name="holidays")
    day = models.DateField()
    is_off = models.BooleanField(default=True)
    name = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hours", "day"], name="one_holiday_row_per_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class SlaPolicy(models.Model):
    """Targets in business time; empty means no such clock."""

    name = models.CharField(max_length=80, unique=True)
    hours = models.ForeignKey(BusinessHours, models.PROTECT)
    first_response_minutes = models.PositiveIntegerField(null=True, blank=True)
    next_response_minutes = models.PositiveIntegerField(null=True, blank=True)
    resolution_minutes = models.PositiveIntegerField(null=True, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["is_default"], condition=Q(is_default=True), name="one_default_sla_policy")
        ]
        verbose_name = "SLA policy"
        verbose_name_plural = "SLA policies"

    def __str__(self) -> str:
        return self.name


class Clock(models.Model):
    """One promise of time on one ticket.

        running ──pause──▶ paused ──resume──▶ running        running, paused ──stop──▶ stopped

    Whether it was kept follows from `stopped_at` and `due_at`; `breached_at` is when the breach was noticed and told.
    """

    class Kind(models.TextChoices):
        FIRST_RESPONSE = "first_response"
        NEXT_RESPONSE = "next_response"
        RESOLUTION = "resolution"

    class State(models.TextChoices):
        RUNNING = "running"
        PAUSED = "paused"
        STOPPED = "stopped"

    ticket = models.ForeignKey("tickets.Ticket", models.PROTECT, related_name="clocks")
    policy = models.ForeignKey(SlaPolicy, models.PROTECT)
    kind = models.CharField(max_length=14, choices=Kind.choices)
    state = StateField(max_length=7, choices=State.choices, default=State.RUNNING, protected=True)
    target_minutes = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text="Empty while paused")
    remaining_s = models.PositiveIntegerField(null=True, help_text="Business seconds left, kept while paused")
    stopped_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "paused", "stopped"]), name="clock_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(due_at__isnull=False), name="running_clock_is_due"
            ),
            models.UniqueConstraint(
                fields=["ticket", "kind"], condition=~Q(state="stopped"), name="one_live_clock_per_kind"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="clock_to_breach", condition=Q(state="running", breached_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of ticket {self.ticket_id}"

    @transition(state, source=State.RUNNING, target=State.PAUSED)
    def pause(self, *, remaining_s: int) -> None:
        """Keep what was left."""
        self.remaining_s, self.due_at = remaining_s, None

    @transition(state, source=State.PAUSED, target=State.RUNNING)
    def resume(self, *, due_at: datetime) -> None:
        """Run again for what was left."""
        self.due_at, self.remaining_s = due_at, None

    @transition(state, source=[State.RUNNING, State.PAUSED], target=State.STOPPED)
    def stop(self, *, at: datetime) -> None:
        """The promise is settled."""
        self.stopped_at = at
