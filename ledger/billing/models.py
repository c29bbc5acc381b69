"""BillingRun, the steps it took, and the subscriptions it could not bill."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django_fsm import transition

from ledger.money import Money
from ledger.states import StateField


class BillingRun(models.Model):
    """One pass over everything that is due by a moment; it ends when nothing due is left that can be billed.

        running ──finish──▶ finished        running ──abandon──▶ abandoned

    At most one is running. Its counters are written in the transaction of the step they count, so a worker that dies
    leaves them true, and whoever takes the run over counts on. `totals` is what was billed per currency, `booked` what
    the books say of the same bills, read back from the journal entries.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        FINISHED = "finished"
        ABANDONED = "abandoned"

    as_of = models.DateTimeField(help_text="Billed is what has begun by this moment where the customer lives")
    state = StateField(max_length=9, choices=State.choices, default=State.RUNNING, protected=True)
    started_by = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    worker = models.CharField(max_length=100, blank=True, default="", help_text="Who works on it; empty: nobody yet")
    heartbeat_at = models.DateTimeField(null=True, help_text="When its worker last finished a step")
    takeovers = models.PositiveIntegerField(default=0, help_text="How often another worker went on with it")
    finished_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True, default="", help_text="Why it was abandoned")
    due = models.PositiveIntegerField(default=0, help_text="Subscriptions that were due when it started")
    billed = models.PositiveIntegerField(default=0, help_text="Periods billed")
    invoices = models.PositiveIntegerField(default=0, help_text="Bills issued; a period that costs nothing has none")
    applied = models.PositiveIntegerField(default=0, help_text="Planned changes, trial ends and endings carried out")
    skipped = models.PositiveIntegerField(default=0, help_text="Still due at the end: somebody else held them")
    exceptions = models.PositiveIntegerField(default=0, help_text="Could not be billed")
    totals = models.JSONField(default=dict, blank=True, help_text="Per currency: net, tax and total of its bills")
    booked = models.JSONField(default=dict, blank=True, help_text="Per currency: what the books ask for by its bills")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "finished", "abandoned"]), name="billing_run_state_is_known"
            ),
            models.UniqueConstraint(fields=["state"], condition=Q(state="running"), name="one_billing_run_at_a_time"),
            models.CheckConstraint(
                condition=Q(state="running", finished_at=None) | ~Q(state="running") & Q(finished_at__isnull=False),
                name="billing_run_ends_when_it_stops_running",
            ),
            models.CheckConstraint(
                condition=~Q(state="abandoned") | ~Q(note=""), name="billing_run_abandoned_for_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"billing run {self.pk}"

    @property
    def is_balanced(self) -> bool:
        """Whether the books ask for exactly what was billed, in every currency."""
        billed: dict[str, int] = {currency: sums["total"] for currency, sums in self.totals.items()}
        booked: dict[str, int] = self.booked
        return billed == booked

    @property
    def billed_amounts(self) -> list[Money]:
        """What was billed with tax, one amount per currency."""
        return [Money(int(sums["total"]), currency) for currency, sums in sorted(self.totals.items())]

    @property
    def progress(self) -> int:
        """How much of what was due at the start is dealt with, in whole per cent; several missed periods count once."""
        if self.state == self.State.FINISHED:
            return 100
        return min(99, 100 * (self.billed + self.exceptions) // max(self.due, 1))

    @transition(state, source=State.RUNNING, target=State.FINISHED)
    def finish(self, *, at: datetime) -> None:
        """Set when nothing was left to do."""
        self.finished_at = at

    @transition(state, source=State.RUNNING, target=State.ABANDONED)
    def abandon(self, *, why: str, at: datetime) -> None:
        """Set when and why it stopped before its end; what it billed stays billed."""
        self.finished_at, self.note = at, why[:300]


class BillingStep(models.Model):
    """One committed step of a run: the bills it issued, all or none. Written once, never changed."""

    run = models.ForeignKey(BillingRun, models.PROTECT, related_name="steps")
    worker = models.CharField(max_length=100)
    billed = models.PositiveIntegerField()
    invoice_ids = ArrayField(models.BigIntegerField())
    first_number = models.CharField(max_length=40, blank=True, default="")
    last_number = models.CharField(max_length=40, blank=True, default="")
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["run", "id"], name="billing_step_by_run")]

    def __str__(self) -> str:
        return f"step {self.pk} of billing run {self.run_id}"


class BillingException(models.Model):
    """A subscription that could not be billed: why, and for which day; open until it is billed or set aside by hand.

    Each run that meets it again counts it there; a subscription has one open exception at a time.
    """

    subscription = models.ForeignKey("ledger.Subscription", models.PROTECT, related_name="billing_exceptions")
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="billing_exceptions")
    first_run = models.ForeignKey(BillingRun, models.PROTECT, related_name="exceptions_found")
    last_run = models.ForeignKey(BillingRun, models.PROTECT, related_name="exceptions_seen")
    due_on = models.DateField(help_text="The first day that could not be billed")
    code = models.CharField(max_length=60, help_text="The name of the fact that stood in the way")
    reason = models.CharField(max_length=500)
    times = models.PositiveIntegerField(default=1, help_text="How many runs met it")
    raised_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=80, blank=True, default="")
    resolution = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(resolved_at=None), name="one_open_billing_exception_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by="", resolution="")
                | Q(resolved_at__isnull=False) & ~Q(resolved_by="") & ~Q(resolution=""),
                name="billing_exception_resolved_by_somebody_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(seen_at__gte=F("raised_at")), name="billing_exception_seen_after_raised"
            ),
        ]
        indexes = [models.Index(fields=["last_run", "subscription"], name="billing_exception_by_run")]

    def __str__(self) -> str:
        return f"billing exception {self.pk}"
