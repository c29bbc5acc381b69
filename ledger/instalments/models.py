"""PaymentPlan, the bills it covers and its instalments."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.instalments.terms import FEWEST, MOST
from ledger.money import Money
from ledger.states import StateField


class PaymentPlan(models.Model):
    """An overdue amount paid in instalments, without a fee.

        waiting_approval ──approve──▶ proposed ──accept──▶ active        waiting_approval ──decline──▶ declined
        active ──keep──▶ kept        active ──settle_early──▶ settled_early        active ──default──▶ defaulted
        waiting_approval, proposed, active ──cancel──▶ cancelled

    Within the proposer's authority it begins as `proposed`. While it is active it covers what is due on its bills:
    `covered_minor` grows and shrinks with disputes, and the amounts of its instalments always add up to it.
    """

    class State(models.TextChoices):
        WAITING_APPROVAL = "waiting_approval", "waiting for approval"
        PROPOSED = "proposed"
        ACTIVE = "active"
        KEPT = "kept"
        SETTLED_EARLY = "settled_early", "settled early"
        DEFAULTED = "defaulted"
        DECLINED = "declined"
        CANCELLED = "cancelled"

    class Every(models.TextChoices):
        WEEK = "week"
        FORTNIGHT = "fortnight"
        MONTH = "month"

    LIVE = (State.WAITING_APPROVAL, State.PROPOSED, State.ACTIVE)

    number = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="payment_plans")
    currency = models.CharField(max_length=3)
    agreed_minor = models.BigIntegerField(help_text="What it was agreed for")
    covered_minor = models.BigIntegerField(help_text="What its instalments add up to now")
    can_pay_monthly_minor = models.BigIntegerField(help_text="What the customer said they can pay a month")
    every = models.CharField(max_length=9, choices=Every.choices, default=Every.MONTH)
    charges_automatically = models.BooleanField(default=True, help_text="Each instalment is charged on its day")
    language = models.CharField(max_length=12)
    wording_version = models.PositiveSmallIntegerField()
    wording = models.TextField()
    wording_hash = models.CharField(max_length=64, help_text="SHA-256 of the wording")
    state = StateField(max_length=16, choices=State.choices, default=State.PROPOSED, protected=True)
    reason = models.CharField(max_length=300)
    conversation = models.CharField(max_length=60, blank=True, default="", help_text="Where it was spoken of, ticket:9")
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    open_until = models.DateField(help_text="The last day on which it can be accepted")
    approved_by = models.CharField(max_length=80, blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    agreed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting_approval", "proposed", "active", "kept"])
                | Q(state__in=["settled_early", "defaulted", "declined", "cancelled"]),
                name="payment_plan_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(every__in=["week", "fortnight", "month"]), name="payment_plan_rhythm_is_known"
            ),
            models.CheckConstraint(
                condition=Q(agreed_minor__gt=0, covered_minor__gte=0), name="payment_plan_is_for_something"
            ),
            models.CheckConstraint(
                condition=Q(can_pay_monthly_minor__gt=0), name="payment_plan_asked_what_can_be_paid"
            ),
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=F("requested_by")),
                name="payment_plan_approved_by_someone_else",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["active", "kept", "settled_early", "defaulted"]) | Q(agreed_at__isnull=False),
                name="payment_plan_runs_only_when_agreed",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting_approval", "proposed", "active"]) | Q(closed_at__isnull=False),
                name="payment_plan_over_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "-id"], name="payment_plan_by_customer"),
            models.Index(fields=["id"], name="payment_plan_live", condition=Q(closed_at=None)),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def agreed(self) -> Money:
        """What it was agreed for."""
        return Money(self.agreed_minor, self.currency)

    @property
    def covered(self) -> Money:
        """What its instalments add up to now."""
        return Money(self.covered_minor, self.currency)

    @property
    def can_pay_monthly(self) -> Money:
        """What the customer said they can pay a month."""
        return Money(self.can_pay_monthly_minor, self.currency)

    @property
    def source(self) -> str:
        """How its holds name it."""
        return f"payment_plan:{self.pk}"

    @transition(state, source=State.WAITING_APPROVAL, target=State.PROPOSED)
    def approve(self, *, by: str, at: datetime, open_until: date) -> None:
        """Set who said yes, and until when the customer may."""
        self.approved_by, self.approved_at, self.open_until = by, at, open_until

    @transition(state, source=State.WAITING_APPROVAL, target=State.DECLINED)
    def decline(self, *, by: str, at: datetime, reason: str) -> None:
        """Set who said no and why."""
        self.closed_by, self.closed_at, self.close_reason = by, at, reason

    @transition(state, source=State.PROPOSED, target=State.ACTIVE)
    def accept(self, *, at: datetime) -> None:
        """Set when the customer agreed."""
        self.agreed_at = at

    @transition(state, source=State.ACTIVE, target=State.KEPT)
    def keep(self, *, by: str, at: datetime) -> None:
        """Set when the last instalment was paid."""
        self.closed_by, self.closed_at = by, at

    @transition(state, source=State.ACTIVE, target=State.SETTLED_EARLY)
    def settle_early(self, *, by: str, at: datetime) -> None:
        """Set when nothing was left before the last day."""
        self.closed_by, self.closed_at = by, at

    @transition(state, source=State.ACTIVE, target=State.DEFAULTED)
    def default(self, *, by: str, at: datetime, reason: str) -> None:
        """Set when a missed instalment was not made good in time."""
        self.closed_by, self.closed_at, self.close_reason = by, at, reason

    @transition(state, source=list(LIVE), target=State.CANCELLED)
    def cancel(self, *, by: str, at: datetime, reason: str) -> None:
        """Set who called it off and why."""
        self.closed_by, self.closed_at, self.close_reason = by, at, reason


class PlanBill(models.Model):
    """One bill a plan covers, as it stood when the plan was proposed; a bill is in one live plan at most."""

    plan = models.ForeignKey(PaymentPlan, models.PROTECT, related_name="bills")
    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, related_name="payment_plans")
    currency = models.CharField(max_length=3)
    covered_minor = models.BigIntegerField(help_text="What was due on it, disputed parts left out")
    paid_before_minor = models.BigIntegerField()
    disputed_before_minor = models.BigIntegerField()
    disputed_seen_minor = models.BigIntegerField(help_text="What was on hold when the plan last followed it")
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "invoice"], name="payment_plan_covers_a_bill_once"),
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(is_live=True), name="one_live_payment_plan_per_bill"
            ),
            models.CheckConstraint(condition=Q(covered_minor__gt=0), name="payment_plan_covers_what_is_due"),
        ]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} in plan {self.plan_id}"

    @property
    def covered(self) -> Money:
        """What was due on it."""
        return Money(self.covered_minor, self.currency)


class Instalment(models.Model):
    """One agreed part of an overdue amount, due on one business day: paid + waived + left = amount.

        due ──pay──▶ paid        due ──miss──▶ missed ──pay──▶ paid        due, missed ──waive──▶ waived
        paid, waived ──reopen──▶ due

    Waived is what a credit took off the end of the plan, or a dispute took out of it.
    """

    class State(models.TextChoices):
        DUE = "due"
        PAID = "paid"
        MISSED = "missed"
        WAIVED = "waived"

    plan = models.ForeignKey(PaymentPlan, models.PROTECT, related_name="instalments")
    position = models.PositiveSmallIntegerField()
    currency = models.CharField(max_length=3)
    agreed_on = models.DateField()
    due_on = models.DateField(help_text="The day agreed on, or the next business day")
    agreed_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    paid_minor = models.BigIntegerField(default=0)
    waived_minor = models.BigIntegerField(default=0)
    state = StateField(max_length=6, choices=State.choices, default=State.DUE, protected=True)
    announced_on = models.DateField(null=True, help_text="When the customer was told that it is near")
    tried_on = models.DateField(null=True, help_text="When it was last charged automatically")
    cure_until = models.DateField(null=True, help_text="Until when a missed one can be made good")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["due", "paid", "missed", "waived"]), name="instalment_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1, position__lte=MOST), name=f"instalments_are_{FEWEST}_to_{MOST}"
            ),
            models.CheckConstraint(
                condition=Q(paid_minor__gte=0, waived_minor__gte=0)
                & Q(amount_minor__gte=F("paid_minor") + F("waived_minor")),
                name="instalment_never_settled_twice",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["due", "missed"]) | Q(amount_minor=F("paid_minor") + F("waived_minor")),
                name="instalment_settled_means_nothing_left",
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("agreed_on")), name="instalment_never_due_early"),
            models.CheckConstraint(
                condition=~Q(state="missed") | Q(cure_until__isnull=False), name="instalment_missed_can_be_cured"
            ),
            models.UniqueConstraint(fields=["plan", "position"], name="instalment_positions_differ"),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], name="instalment_open", condition=Q(state__in=["due", "missed"])),
        ]

    def __str__(self) -> str:
        return f"instalment {self.position} of plan {self.plan_id}"

    @property
    def amount(self) -> Money:
        """What is asked for by it, with what was paid and waived of it."""
        return Money(self.amount_minor, self.currency)

    @property
    def paid(self) -> Money:
        """What was paid of it."""
        return Money(self.paid_minor, self.currency)

    @property
    def left(self) -> Money:
        """What is still to be paid of it."""
        return Money(self.amount_minor - self.paid_minor - self.waived_minor, self.currency)

    @transition(state, source=[State.DUE, State.MISSED], target=State.PAID)
    def pay(self, *, at: datetime) -> None:
        """Set when nothing was left of it."""
        self.settled_at, self.cure_until = at, None

    @transition(state, source=[State.DUE, State.MISSED], target=State.WAIVED)
    def waive(self, *, at: datetime) -> None:
        """Set when it was no longer asked for."""
        self.settled_at, self.cure_until = at, None

    @transition(state, source=State.DUE, target=State.MISSED)
    def miss(self, *, cure_until: date) -> None:
        """Set until when it can be made good."""
        self.cure_until = cure_until

    @transition(state, source=[State.PAID, State.WAIVED], target=State.DUE)
    def reopen(self) -> None:
        """Asked for again: money went back, or a disputed amount is due again."""
        self.settled_at = None
