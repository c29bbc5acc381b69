"""ChargebackAnswer: a frozen pack on its way to the gateway, sent once."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django_fsm import transition

from ledger.states import StateField


class ChargebackAnswer(models.Model):
    """The sending of one pack, known at the gateway by its key for ever.

        waiting, unknown ──begin──▶ sending ──lose_sight──▶ unknown
        sending, unknown ──arrive──▶ sent        sending, unknown ──refuse──▶ refused
        waiting, unknown ──miss──▶ missed        missed ──arrive──▶ sent

    Nobody knows what became of one that is `unknown` (or whose worker died while `sending`): the gateway is asked
    before it is sent again. After the network's deadline nothing is sent.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "on its way"
        SENDING = "sending", "being sent"
        UNKNOWN = "unknown", "no answer yet"
        SENT = "sent"
        REFUSED = "refused"
        MISSED = "missed", "too late"

    pack = models.OneToOneField("ledger.ChargebackPack", models.PROTECT, related_name="answer")
    key = models.CharField(max_length=60, unique=True)
    gateway = models.CharField(max_length=20)
    state = StateField(max_length=7, choices=State.choices, default=State.WAITING, protected=True)
    due_at = models.DateTimeField(null=True, help_text="The network's deadline; nothing is sent after it")
    attempts = models.PositiveIntegerField(default=0)
    try_again_at = models.DateTimeField(null=True, help_text="None: it is settled")
    gateway_reference = models.CharField(max_length=100, blank=True, default="")
    failure_code = models.CharField(max_length=60, blank=True, default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "unknown", "sent", "refused", "missed"]),
                name="chargeback_answer_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sending", "unknown"], settled_at=None)
                | Q(state__in=["sent", "refused", "missed"], settled_at__isnull=False),
                name="chargeback_answer_settled_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(failure_code=""), name="chargeback_answer_refused_says_why"
            ),
        ]
        indexes = [
            models.Index(
                fields=["try_again_at", "id"],
                name="chargeback_answer_to_send",
                condition=Q(state__in=["waiting", "sending", "unknown"]),
            )
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def is_open(self) -> bool:
        """Whether it is still to be sent, or asked about."""
        return self.state in (self.State.WAITING, self.State.SENDING, self.State.UNKNOWN)

    @transition(state, source=[State.WAITING, State.UNKNOWN], target=State.SENDING)
    def begin(self, *, try_again_at: datetime) -> None:
        """Count one more try, before the gateway is asked."""
        self.attempts += 1
        self.try_again_at = try_again_at

    @transition(state, source=State.SENDING, target=State.UNKNOWN)
    def lose_sight(self, *, try_again_at: datetime) -> None:
        """The gateway's answer never came."""
        self.try_again_at = try_again_at

    @transition(state, source=[State.SENDING, State.UNKNOWN, State.MISSED], target=State.SENT)
    def arrive(self, *, reference: str, at: datetime) -> None:
        """Set what the gateway knows it by."""
        self.gateway_reference, self.settled_at, self.try_again_at, self.failure_code = reference, at, None, ""

    @transition(state, source=[State.SENDING, State.UNKNOWN], target=State.REFUSED)
    def refuse(self, *, code: str, at: datetime) -> None:
        """Set why the gateway does not take it."""
        self.failure_code, self.settled_at, self.try_again_at = code, at, None

    @transition(state, source=[State.WAITING, State.UNKNOWN], target=State.MISSED)
    def miss(self, *, at: datetime) -> None:
        """The network's deadline has passed before it was sent."""
        self.settled_at, self.try_again_at = at, None
