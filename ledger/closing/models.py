"""Recognition: what one charge leaves to later months at a month's end; MonthClose: the close of a month."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.states import StateField


class Recognition(models.Model):
    """What one month moved of one charge that reaches beyond a month's end; written once, never changed.

    `deferred_minor` was set aside, `recognised_minor` earned of what had been set aside, `credited_minor` taken by
    credit notes before it was earned; `left_minor` is what is set aside afterwards.
    """

    charge = models.ForeignKey("ledger.Charge", models.PROTECT, related_name="recognitions")
    month = models.DateField(help_text="The first day of the month")
    currency = models.CharField(max_length=3)
    deferred_minor = models.BigIntegerField()
    recognised_minor = models.BigIntegerField()
    credited_minor = models.BigIntegerField()
    left_minor = models.BigIntegerField()
    posted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["charge", "month"], name="revenue_recognised_once_per_charge_and_month"),
            models.CheckConstraint(
                condition=Q(deferred_minor__gte=0, recognised_minor__gte=0, credited_minor__gte=0, left_minor__gte=0),
                name="recognition_parts_not_below_zero",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="recognition_month_is_its_first_day"),
        ]
        indexes = [models.Index(fields=["month"], name="recognition_by_month")]

    def __str__(self) -> str:
        return f"charge {self.charge_id} in {self.month:%Y-%m}"


class MonthClose(models.Model):
    """The close of one month of the books.

        open ──close──▶ closed

    `checklist` is what was found when it was last prepared, at last when it was closed. One member of staff prepares
    it, another closes it. Closed, no entry can take effect in it or before it.
    """

    class State(models.TextChoices):
        OPEN = "open"
        CLOSED = "closed"

    month = models.DateField(unique=True, help_text="The first day of the month")
    state = StateField(max_length=6, choices=State.choices, default=State.OPEN, protected=True)
    checklist = models.JSONField(default=list, blank=True)
    prepared_by = models.CharField(max_length=80)
    prepared_at = models.DateTimeField()
    closed_by = models.CharField(max_length=80, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    seal_head = models.CharField(max_length=64, blank=True, default="", help_text="The seal of the books at the close")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["open", "closed"]), name="month_close_state_is_known"),
            models.CheckConstraint(condition=Q(month__day=1), name="month_close_is_named_by_its_first_day"),
            models.CheckConstraint(
                condition=Q(state="open", closed_by="", closed_at=None)
                | Q(state="closed", closed_at__isnull=False) & ~Q(closed_by=""),
                name="month_is_closed_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(closed_by=F("prepared_by")), name="month_closed_by_someone_else_than_prepared_it"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%B %Y}"

    @property
    def blocking(self) -> list[dict[str, Any]]:
        """What stands in the way of closing, as it was found last."""
        return [item for item in self.checklist if item["level"] == "blocking"]

    @transition(state, source=State.OPEN, target=State.CLOSED)
    def close(self, *, by: str, at: datetime, checklist: list[dict[str, Any]], seal_head: str) -> None:
        """Set who closed it, what was found, and the seal it is kept under."""
        self.closed_by, self.closed_at = by, at
        self.checklist, self.seal_head = checklist, seal_head
