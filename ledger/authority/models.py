"""AuthorityLimit and Approval: who may give how much alone, and whose word is needed above that."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.money import Money
from ledger.states import StateField


class AuthorityLimit(models.Model):
    """What one role may give in one act and currency, added up per customer over a window. Supervisors edit it."""

    class Act(models.TextChoices):
        REFUND = "refund"
        CREDIT = "credit"
        DISCOUNT = "discount"
        WRITE_OFF = "write_off", "write-off"
        AGREEMENT = "agreement"

    role = models.CharField(max_length=40)
    act = models.CharField(max_length=20, choices=Act.choices)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="In minor units (cents)")
    window_hours = models.PositiveIntegerField(default=24, help_text="Gifts to one customer within it are added up")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["role", "act", "currency"], name="one_authority_limit_per_role_act_currency"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="authority_limit_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.act} up to {self.amount}"

    @property
    def amount(self) -> Money:
        """The limit as money."""
        return Money(self.amount_minor, self.currency)


class Approval(models.Model):
    """A request for somebody else's word.

    waiting ──approve──▶ approved        waiting ──decline──▶ declined        waiting ──cancel──▶ cancelled
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        DECLINED = "declined"
        CANCELLED = "cancelled"

    subject = models.CharField(max_length=60, help_text="What is to be approved, e.g. refund:42")
    act = models.CharField(max_length=20, choices=AuthorityLimit.Act.choices)
    customer_id = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    why = models.CharField(max_length=300, help_text="Why the requester could not decide alone")
    state = StateField(max_length=10, choices=State.choices, default=State.WAITING, protected=True)
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "approved", "declined", "cancelled"]), name="approval_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="approved") | ~Q(decided_by=F("requested_by")), name="approval_by_someone_else"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | ~Q(decided_by=""), name="approval_decided_by_someone"
            ),
            models.UniqueConstraint(
                fields=["subject"], condition=Q(state="waiting"), name="one_open_approval_per_subject"
            ),
        ]
        indexes = [models.Index(fields=["requested_at", "id"], name="approval_waiting", condition=Q(state="waiting"))]

    def __str__(self) -> str:
        return f"{self.act} of {self.amount} for {self.subject}"

    @property
    def amount(self) -> Money:
        """The amount asked for."""
        return Money(self.amount_minor, self.currency)

    @transition(state, source=State.WAITING, target=State.APPROVED)
    def approve(self, *, by: str, at: datetime) -> None:
        """Set who said yes and when."""
        self.decided_by, self.decided_at = by, at

    @transition(state, source=State.WAITING, target=State.DECLINED)
    def decline(self, *, by: str, at: datetime, reason: str) -> None:
        """Set who said no, when and why."""
        self.decided_by, self.decided_at, self.reason = by, at, reason

    @transition(state, source=State.WAITING, target=State.CANCELLED)
    def cancel(self, *, by: str, at: datetime) -> None:
        """Set who took the request back."""
        self.decided_by, self.decided_at = by, at
