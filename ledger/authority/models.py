"""Who may give how much alone, whose word is needed above that, and what is frozen for everybody."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
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
        PAYMENT_PLAN = "payment_plan"
        CORRECTION = "correction", "correction batch"
        DISPUTE = "dispute", "decision of a dispute"

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


class LimitChange(models.Model):
    """A change of an authority limit: in force at once, or after a second person's word where the asker profits."""

    role = models.CharField(max_length=40)
    act = models.CharField(max_length=20, choices=AuthorityLimit.Act.choices)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField(help_text="In minor units (cents)")
    window_hours = models.PositiveIntegerField()
    before_minor = models.BigIntegerField(null=True, help_text="Empty: there was no limit, so nothing could be given")
    before_window_hours = models.PositiveIntegerField(null=True)
    why = models.CharField(max_length=300)
    has_stake = models.BooleanField(help_text="Whether who asked for it may give more by it")
    undoes = models.ForeignKey("self", models.PROTECT, null=True, related_name="undone_by")
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    in_force_by = models.CharField(max_length=80, blank=True, default="")
    in_force_at = models.DateTimeField(null=True)
    dropped_by = models.CharField(max_length=80, blank=True, default="")
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(why=""), name="limit_change_says_why"),
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0, window_hours__gte=1), name="limit_change_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(has_stake=False) | ~Q(in_force_by=F("asked_by")),
                name="limit_change_one_profits_from_needs_a_second",
            ),
            models.CheckConstraint(
                condition=Q(in_force_at=None, in_force_by="") | (Q(in_force_at__isnull=False) & ~Q(in_force_by="")),
                name="limit_change_in_force_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(dropped_at=None, dropped_by="")
                | (Q(dropped_at__isnull=False, in_force_at=None) & ~Q(dropped_by="")),
                name="limit_change_dropped_by_somebody_before_it_was_in_force",
            ),
            models.UniqueConstraint(
                fields=["role", "act", "currency"],
                condition=Q(in_force_at=None, dropped_at=None),
                name="one_waiting_change_per_limit",
            ),
            models.UniqueConstraint(fields=["undoes"], condition=Q(dropped_at=None), name="limit_change_undone_once"),
        ]

    def __str__(self) -> str:
        return f"{self.role_words}: {self.get_act_display().lower()} up to {self.amount}"

    @property
    def role_words(self) -> str:
        """The role as people say it."""
        return self.role.replace("_", " ")

    @property
    def amount(self) -> Money:
        """The limit as it is to be."""
        return Money(self.amount_minor, self.currency)

    @property
    def before(self) -> Money:
        """The limit as it was; nothing where there was none."""
        return Money(self.before_minor or 0, self.currency)


class ApprovalRule(models.Model):
    """How many people must agree to an act above an amount, and of which roles. Supervisors edit it.

    Without a rule one person suffices. Split requests within the window are added up before the rule is looked for.
    """

    act = models.CharField(max_length=20, choices=AuthorityLimit.Act.choices)
    currency = models.CharField(max_length=3)
    above_minor = models.BigIntegerField(help_text="It holds above this amount, in minor units (cents)")
    approvers = models.PositiveSmallIntegerField(
        default=1, help_text="How many different people, the asker not counted"
    )
    roles = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        help_text="Who may agree, whatever their own limit; empty: whoever's limit covers the amount",
    )
    window_hours = models.PositiveIntegerField(default=24, help_text="Requests for one customer within it are added up")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["act", "currency", "above_minor"], name="one_approval_rule_per_act_currency_amount"
            ),
            models.CheckConstraint(condition=Q(above_minor__gte=0), name="approval_rule_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(approvers__gte=1, approvers__lte=9), name="approval_rule_asks_one_to_nine"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} above {Money(self.above_minor, self.currency)}: {self.approvers}"


class Freeze(models.Model):
    """A stop on one kind of gift for everybody, from the moment it is set until it is lifted."""

    act = models.CharField(max_length=20, choices=AuthorityLimit.Act.choices)
    why = models.CharField(max_length=300)
    frozen_by = models.CharField(max_length=80)
    frozen_at = models.DateTimeField()
    lift_asked_by = models.CharField(
        max_length=80, blank=True, default="", help_text="Whose wish a second must confirm"
    )
    lift_asked_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=80, blank=True, default="")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["act"], condition=Q(lifted_at=None), name="one_live_freeze_per_act"),
            models.CheckConstraint(condition=~Q(why=""), name="freeze_says_why"),
            models.CheckConstraint(
                condition=Q(lifted_by="") | ~Q(lifted_by=F("lift_asked_by")), name="freeze_lifted_by_a_second_person"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by="") | (Q(lifted_at__isnull=False) & ~Q(lifted_by="")),
                name="freeze_lifted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()} frozen: {self.why}"


class Approval(models.Model):
    """A request for somebody else's word, or for that of several people.

    waiting ──approve──▶ approved        waiting ──decline──▶ declined        waiting ──cancel──▶ cancelled
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        APPROVED = "approved"
        DECLINED = "declined"
        CANCELLED = "cancelled"

    subject = models.CharField(max_length=60, help_text="What is to be approved, e.g. refund:42")
    act = models.CharField(max_length=20, choices=AuthorityLimit.Act.choices)
    customer_id = models.BigIntegerField(null=True, help_text="Empty where many customers are meant")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    needed = models.PositiveSmallIntegerField(default=1, help_text="How many people have to agree")
    roles = ArrayField(models.CharField(max_length=40), default=list, blank=True, help_text="Who may; empty: by limit")
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


class ApprovalVote(models.Model):
    """One person's yes. The last one that is needed approves."""

    approval = models.ForeignKey(Approval, models.PROTECT, related_name="votes")
    voter = models.CharField(max_length=80)
    voted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["approval", "voter"], name="one_vote_per_person_and_approval")]

    def __str__(self) -> str:
        return f"{self.voter} for approval {self.approval_id}"
