"""Chargeback (a bank against us): where it stands, the deadlines the network gave, and what we answered."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django_fsm import transition

from ledger.disputes.stages import STAGES
from ledger.money import Money
from ledger.states import StateField


class Chargeback(models.Model):
    """The customer's bank asks for a payment back, or has taken it.

        received, lost, accepted ──win──▶ won        received, won, accepted ──lose──▶ lost
        received, won, lost ──accept──▶ accepted        won, lost, accepted ──reopen──▶ received

    The stage (early warning, inquiry, chargeback, pre-arbitration, arbitration) only goes forward. A decision ends a
    stage; what follows belongs to a later stage. From the chargeback stage on the money is gone, unless we won
    (`is_taken`).
    """

    class State(models.TextChoices):
        RECEIVED = "received", "open"
        WON = "won"
        LOST = "lost"
        ACCEPTED = "accepted"

    class Stage(models.TextChoices):
        EARLY_WARNING = "early_warning", "early warning"
        INQUIRY = "inquiry"
        CHARGEBACK = "chargeback"
        PRE_ARBITRATION = "pre_arbitration", "pre-arbitration"
        ARBITRATION = "arbitration"

    payment = models.ForeignKey("ledger.Payment", models.PROTECT, related_name="chargebacks")
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="chargebacks")
    external_id = models.CharField(max_length=100, unique=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=60)
    stage = models.CharField(max_length=15, choices=Stage.choices, default=Stage.CHARGEBACK)
    state = StateField(max_length=8, choices=State.choices, default=State.RECEIVED, protected=True)
    is_taken = models.BooleanField(default=False, help_text="The bank holds the money now")
    takings = models.PositiveSmallIntegerField(default=1, help_text="How often the bank took it, for entry keys")
    due_at = models.DateTimeField(null=True, help_text="By when the network wants our answer at this stage")
    warned_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["received", "won", "lost", "accepted"]), name="chargeback_state_is_known"
            ),
            models.CheckConstraint(condition=Q(stage__in=list(STAGES)), name="chargeback_stage_is_known"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="chargeback_above_zero"),
            models.CheckConstraint(
                condition=Q(is_taken=False) | (~Q(stage__in=["early_warning", "inquiry"]) & ~Q(state="won")),
                name="chargeback_takes_money_only_from_its_stage_on",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="chargeback_open_by_deadline", condition=Q(state="received"))
        ]

    def __str__(self) -> str:
        return f"chargeback {self.external_id}"

    @property
    def amount(self) -> Money:
        """What the bank asks for or took."""
        return Money(self.amount_minor, self.currency)

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided it at this stage."""
        return self.state == self.State.RECEIVED

    @transition(state, source=[State.RECEIVED, State.LOST, State.ACCEPTED], target=State.WON)
    def win(self, *, at: datetime) -> None:
        """The bank gave it back, or asks no more; after a loss only at a later stage."""
        self.decided_at = at

    @transition(state, source=[State.RECEIVED, State.WON, State.ACCEPTED], target=State.LOST)
    def lose(self, *, at: datetime) -> None:
        """The bank kept it; after a win only at a later stage."""
        self.decided_at = at

    @transition(state, source=[State.RECEIVED, State.WON, State.LOST], target=State.ACCEPTED)
    def accept(self, *, at: datetime) -> None:
        """We do not fight it; after a win only at a later stage."""
        self.decided_at = at

    @transition(state, source=[State.WON, State.LOST, State.ACCEPTED], target=State.RECEIVED)
    def reopen(self) -> None:
        """It goes on at a later stage."""
        self.decided_at = None


class ChargebackStep(models.Model):
    """One report of the network about one stage, as it came, with the deadline it gave. Append-only."""

    chargeback = models.ForeignKey(Chargeback, models.PROTECT, related_name="steps")
    stage = models.CharField(max_length=15, choices=Chargeback.Stage.choices)
    state = models.CharField(max_length=8, choices=Chargeback.State.choices)
    due_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["chargeback", "stage", "state"], name="one_chargeback_step_per_stage_and_state"
            ),
            models.CheckConstraint(condition=Q(stage__in=list(STAGES)), name="chargeback_step_stage_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.state} of chargeback {self.chargeback_id}"


class ChargebackPack(models.Model):
    """The evidence we answered with at one stage, byte for byte; one submission per stage. Append-only."""

    chargeback = models.ForeignKey(Chargeback, models.PROTECT, related_name="packs")
    stage = models.CharField(max_length=15, choices=Chargeback.Stage.choices)
    content = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    is_late = models.BooleanField(default=False, help_text="Sent after the network's deadline: it may not be read")
    submitted_by = models.CharField(max_length=80)
    submitted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chargeback", "stage"], name="one_chargeback_submission_per_stage"),
            models.CheckConstraint(condition=Q(sha256__regex="^[0-9a-f]{64}$"), name="chargeback_pack_has_its_hash"),
        ]

    def __str__(self) -> str:
        return f"evidence for chargeback {self.chargeback_id}"
