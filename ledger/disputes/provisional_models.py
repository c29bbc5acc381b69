"""ProvisionalCredit: credit given for a paid amount in dispute before the decision."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.money import Money
from ledger.states import StateField


class ProvisionalCredit(models.Model):
    """Credit for a paid amount in dispute, given before the decision; at most one per dispute.

    given ──settle──▶ settled        given ──announce──▶ announced ──reverse──▶ reversed
    announced ──stand_again──▶ given (appealed)        announced ──settle──▶ settled

    `entry_key` and `reversal_key` name the two journal entries, so each is found from the other.
    """

    class State(models.TextChoices):
        GIVEN = "given"
        SETTLED = "settled"
        ANNOUNCED = "announced"
        REVERSED = "reversed"

    dispute = models.OneToOneField("ledger.Dispute", models.PROTECT, related_name="provisional_credit")
    amount_minor = models.BigIntegerField()
    kept_minor = models.BigIntegerField(default=0, help_text="Became the customer's own by a decision")
    currency = models.CharField(max_length=3)
    state = StateField(max_length=9, choices=State.choices, default=State.GIVEN, protected=True)
    given_by = models.CharField(max_length=80)
    given_at = models.DateTimeField()
    reverse_on = models.DateField(null=True, help_text="The notice period ends: it is taken back from this day on")
    ended_at = models.DateTimeField(null=True)
    entry_key = models.CharField(max_length=120)
    reversal_key = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["given", "settled", "announced", "reversed"]),
                name="provisional_credit_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, kept_minor__gte=0) & Q(amount_minor__gte=F("kept_minor")),
                name="provisional_credit_above_zero",
            ),
            models.CheckConstraint(
                condition=~Q(state="announced") | Q(reverse_on__isnull=False),
                name="provisional_credit_announced_for_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state="reversed") | ~Q(reversal_key=""), name="provisional_credit_names_its_reversal"
            ),
        ]
        indexes = [
            models.Index(
                fields=["reverse_on", "id"], name="provisional_credit_announced", condition=Q(state="announced")
            )
        ]

    def __str__(self) -> str:
        return f"provisional credit of dispute {self.dispute_id}"

    @property
    def open_amount(self) -> Money:
        """What is neither the customer's own yet nor taken back."""
        return Money(self.amount_minor - self.kept_minor, self.currency)

    @transition(state, source=[State.GIVEN, State.ANNOUNCED], target=State.SETTLED)
    def settle(self, *, at: datetime) -> None:
        """It is the customer's own now."""
        self.ended_at = at

    @transition(state, source=State.GIVEN, target=State.ANNOUNCED)
    def announce(self) -> None:
        """The customer is told that it will be taken back."""

    @transition(state, source=State.ANNOUNCED, target=State.GIVEN)
    def stand_again(self) -> None:
        """The dispute was appealed: it stands until that is decided."""
        self.reverse_on = None

    @transition(state, source=State.ANNOUNCED, target=State.REVERSED)
    def reverse(self, *, at: datetime, reversal_key: str) -> None:
        """It was taken back."""
        self.ended_at, self.reversal_key = at, reversal_key
