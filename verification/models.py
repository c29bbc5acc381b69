"""Check (is this person the account holder?) and Challenge (one thing asked of them)."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django_fsm import transition

from ledger.states import StateField


class Check(models.Model):
    """One attempt to prove who somebody is, bound to one conversation and one customer.

    open ──pass──▶ passed ──expire──▶ expired        open ──lock──▶ locked        open ──expire──▶ expired
    """

    class State(models.TextChoices):
        OPEN = "open"
        PASSED = "passed"
        LOCKED = "locked"
        EXPIRED = "expired"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="identity_checks")
    contact_point = models.ForeignKey("ledger.ContactPoint", models.PROTECT, null=True)
    conversation = models.CharField(max_length=60, help_text="Where it holds, e.g. ticket:9 or portal:<session>")
    purpose = models.CharField(max_length=40, help_text="The act it is for, e.g. refund; shown to the customer")
    level = models.PositiveSmallIntegerField(
        help_text="1 knowledge, 2 possession of a contact on file, 3 portal or callback"
    )
    state = StateField(max_length=7, choices=State.choices, default=State.OPEN, protected=True)
    started_by = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    passed_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(
        help_text="Open: when the question lapses; passed: when the proof does; locked: when asking is possible again"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "passed", "locked", "expired"]), name="check_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="passed") | Q(passed_at__isnull=False), name="check_passed_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["customer", "conversation"], condition=Q(state="open"), name="one_open_check_per_conversation"
            ),
        ]
        indexes = [
            models.Index(fields=["conversation", "-id"], name="check_by_conversation"),
            models.Index(fields=["expires_at"], name="check_to_expire", condition=Q(state__in=["open", "passed"])),
        ]

    def __str__(self) -> str:
        return f"check {self.pk} of customer {self.customer_id}"

    @transition(state, source=State.OPEN, target=State.PASSED)
    def passes(self, *, at: datetime, expires_at: datetime) -> None:
        """Set when it was answered and how long the proof holds."""
        self.passed_at, self.expires_at = at, expires_at

    @transition(state, source=State.OPEN, target=State.LOCKED)
    def lock(self, *, until: datetime) -> None:
        """Too many wrong answers; nobody is asked again before `until`."""
        self.expires_at = until

    @transition(state, source=[State.OPEN, State.PASSED], target=State.EXPIRED)
    def expire(self) -> None:
        """Nobody answered in time, or the proof is used up."""


class Challenge(models.Model):
    """One thing asked: a code sent to a contact on file, or a fact only the account holder knows.

    Only a keyed hash of the answer is kept. Every guess counts, right or wrong, before it is compared.
    """

    class Method(models.TextChoices):
        ONE_TIME_CODE = "one_time_code"
        ACCOUNT_FACTS = "account_facts"
        PORTAL_LINK = "portal_link"
        MANUAL = "manual"

    identity_check = models.ForeignKey(Check, models.PROTECT, related_name="challenges")
    method = models.CharField(max_length=20, choices=Method.choices)
    sent_to = models.CharField(max_length=80, blank=True, default="", help_text="Masked, for the agent's eyes")
    token = models.CharField(max_length=64, unique=True, help_text="Names the challenge in the portal's address")
    answer_hash = models.CharField(max_length=128, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    most_attempts = models.PositiveIntegerField(default=3)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(attempts__lte=models.F("most_attempts")), name="challenge_guesses_are_limited"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} for check {self.identity_check_id}"
