"""ParkedReport: what a gateway reported of something we have not heard of, kept until we have."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django_fsm import transition

from ledger.states import StateField


class ParkedReport(models.Model):
    """One report that waits for the payment or refund it speaks of.

        waiting ──take_up──▶ taken        waiting ──show──▶ shown ──take_up──▶ taken

    It is tried again by a sweep. What nobody can place within days is shown as a break; it can still be taken up.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        TAKEN = "taken"
        SHOWN = "shown", "shown as a break"

    class Kind(models.TextChoices):
        CHARGEBACK = "chargeback"
        REFUND = "refund"
        REFUNDED = "refunded", "sum of refunds"

    report = models.ForeignKey("ledger.GatewayReport", models.PROTECT, related_name="parked")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reference = models.CharField(max_length=100, help_text="What it is about, as the gateway names it")
    told = models.JSONField(help_text="What it says, as we read it: ids, amounts, states and days, nothing personal")
    state = StateField(max_length=7, choices=State.choices, default=State.WAITING, protected=True)
    parked_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    try_again_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    subject = models.CharField(max_length=60, blank=True, default="", help_text="What it turned out to be about")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "taken", "shown"]), name="parked_report_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="taken") | ~Q(subject=""), name="parked_report_taken_names_its_subject"
            ),
            models.UniqueConstraint(fields=["report", "kind", "reference"], name="report_is_parked_once"),
        ]
        indexes = [
            models.Index(fields=["try_again_at", "id"], name="parked_report_to_try", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"

    @transition(state, source=[State.WAITING, State.SHOWN], target=State.TAKEN)
    def take_up(self, *, subject: str, at: datetime) -> None:
        """Set what it turned out to be about."""
        self.subject, self.settled_at, self.try_again_at = subject, at, None

    @transition(state, source=State.WAITING, target=State.SHOWN)
    def show(self, *, at: datetime) -> None:
        """Nobody could place it: a person looks."""
        self.settled_at, self.try_again_at = at, None
