"""HardshipCase: a customer says that they cannot pay; fees and reminders stop while we look for a way."""

from datetime import date, datetime

from django.db import models
from django.db.models import Q
from django_fsm import transition

from ledger.money import Money
from ledger.states import StateField


class HardshipCase(models.Model):
    """What a customer told us of not being able to pay, and what was done about it.

        opened ──review──▶ reviewed        opened, reviewed ──end──▶ ended

    What is said is recorded as information: we give none of it back as advice. While it is live, nothing dearer is
    offered to the customer, and its hold stops reminders, fees and restriction; in insolvency collection too.
    """

    class State(models.TextChoices):
        OPENED = "opened"
        REVIEWED = "reviewed"
        ENDED = "ended"

    class Cause(models.TextChoices):
        CANNOT_PAY = "cannot_pay", "cannot pay at the moment"
        INSOLVENCY = "insolvency", "insolvent, says the customer or an adviser"

    class Outcome(models.TextChoices):
        PLAN = "plan", "payment plan proposed"
        PAUSE = "pause", "time to breathe"
        CHEAPER = "cheaper", "a cheaper plan, or none"
        NOTHING = "nothing", "no help needed"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="hardship_cases")
    cause = models.CharField(max_length=10, choices=Cause.choices)
    words = models.CharField(max_length=500, help_text="What the customer, or an adviser, said")
    said_by = models.CharField(max_length=200, blank=True, default="", help_text="An adviser who speaks for them")
    currency = models.CharField(max_length=3)
    can_pay_monthly_minor = models.BigIntegerField(null=True, help_text="What they said they can pay a month")
    conversation = models.CharField(max_length=60, blank=True, default="")
    state = StateField(max_length=8, choices=State.choices, default=State.OPENED, protected=True)
    review_on = models.DateField(help_text="When somebody looks at it again")
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True, default="")
    note = models.CharField(max_length=500, blank=True, default="")
    reviewed_by = models.CharField(max_length=80, blank=True, default="")
    reviewed_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["opened", "reviewed", "ended"]), name="hardship_case_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(cause__in=["cannot_pay", "insolvency"]), name="hardship_case_cause_is_known"
            ),
            models.CheckConstraint(condition=~Q(words=""), name="hardship_case_says_what_was_said"),
            models.CheckConstraint(
                condition=Q(can_pay_monthly_minor=None) | Q(can_pay_monthly_minor__gte=0),
                name="hardship_case_amount_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(state="opened") | Q(state="ended") | ~Q(outcome=""), name="hardship_case_reviewed_says_how"
            ),
            models.UniqueConstraint(
                fields=["customer"], condition=~Q(state="ended"), name="one_live_hardship_case_per_customer"
            ),
        ]
        indexes = [models.Index(fields=["review_on", "id"], name="hardship_case_live", condition=~Q(state="ended"))]

    def __str__(self) -> str:
        return f"hardship case {self.pk}"

    @property
    def can_pay_monthly(self) -> Money | None:
        """What the customer said they can pay a month."""
        return None if self.can_pay_monthly_minor is None else Money(self.can_pay_monthly_minor, self.currency)

    @property
    def source(self) -> str:
        """How its holds name it."""
        return f"hardship:{self.pk}"

    @transition(state, source=State.OPENED, target=State.REVIEWED)
    def review(self, *, outcome: str, note: str, review_on: date, by: str, at: datetime) -> None:
        """Set what was decided, and when it is looked at again."""
        self.outcome, self.note, self.review_on = outcome, note, review_on
        self.reviewed_by, self.reviewed_at = by, at

    @transition(state, source=[State.OPENED, State.REVIEWED], target=State.ENDED)
    def end(self, *, reason: str, by: str, at: datetime) -> None:
        """Set who ended it and why."""
        self.end_reason, self.ended_by, self.ended_at = reason, by, at
