"""Ladder and its rungs; the steps of each overdue bill; promises to pay."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.money import Money
from ledger.states import StateField


class Ladder(models.Model):
    """What follows from not paying, for one segment of customers: the most specific active one applies."""

    name = models.CharField(max_length=60, unique=True)
    customer_kind = models.CharField(
        max_length=10, blank=True, default="", choices=[("consumer", "consumer"), ("business", "business")],
        help_text="Empty: both",
    )  # fmt: skip
    currency = models.CharField(max_length=3, blank=True, default="", help_text="Empty: every currency")
    least_minor = models.BigIntegerField(
        default=0, help_text="Nothing is done while less than this is overdue in all; needs a currency"
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer_kind", "currency"], condition=Q(is_active=True), name="one_active_ladder_per_segment"
            ),
            models.CheckConstraint(
                condition=Q(customer_kind__in=["", "consumer", "business"]), name="ladder_customer_kind_is_known"
            ),
            models.CheckConstraint(condition=Q(least_minor__gte=0), name="ladder_threshold_not_below_zero"),
            models.CheckConstraint(
                condition=Q(least_minor=0) | ~Q(currency=""), name="ladder_threshold_is_in_a_currency"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Action(models.TextChoices):
    """What is done on a rung."""

    REMINDER = "reminder"
    PHONE_TASK = "phone_task", "call the customer"
    FEE = "fee", "charge for late payment"
    RESTRICT_WARNING = "restrict_warning", "warn of restriction"
    RESTRICT = "restrict", "restrict access"
    FINAL_NOTICE = "final_notice", "final notice"
    WRITE_OFF_PROPOSAL = "write_off_proposal", "propose to write off"


#: The actions that are a message to the customer.
TELLING = ["reminder", "restrict_warning", "final_notice"]


class Wording(models.TextChoices):
    """The messages a rung can send; their words stand in notifications/wording."""

    PAYMENT_REMINDER = "payment_reminder", "first reminder"
    SECOND_REMINDER = "second_reminder", "second reminder"
    RESTRICTION_WARNING = "restriction_warning", "warning of restriction"
    FINAL_NOTICE = "final_notice", "final notice"


class Rung(models.Model):
    """One step of a ladder, so many days after the bill was due."""

    ladder = models.ForeignKey(Ladder, models.CASCADE, related_name="rungs")
    days_after_due = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=18, choices=Action.choices)
    wording = models.CharField(
        max_length=40, choices=Wording.choices, blank=True, default="", help_text="Which message is sent; empty: none"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ladder", "days_after_due"], name="one_rung_per_ladder_and_day"),
            models.CheckConstraint(condition=Q(days_after_due__gt=0), name="rung_is_after_the_due_day"),
            models.CheckConstraint(condition=Q(action__in=Action.values), name="rung_action_is_known"),
            models.CheckConstraint(
                condition=Q(action__in=TELLING, wording__in=Wording.values) | (~Q(action__in=TELLING) & Q(wording="")),
                name="rung_that_tells_has_a_wording",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} after {self.days_after_due} days"


class DunningStep(models.Model):
    """One step of one overdue bill, with its day: the whole schedule stands here from the first day on.

        planned ──take──▶ taken        planned ──stop──▶ stopped ──resume──▶ planned

    A hold does not stop a step: it waits, and what comes after it moves.
    """

    class State(models.TextChoices):
        PLANNED = "planned"
        TAKEN = "taken"
        STOPPED = "stopped"

    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, related_name="dunning_steps")
    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="dunning_steps")
    ladder = models.ForeignKey(Ladder, models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    action = models.CharField(max_length=18, choices=Action.choices)
    wording = models.CharField(max_length=40, choices=Wording.choices, blank=True, default="")
    nominal_on = models.DateField(help_text="The day the ladder names")
    planned_on = models.DateField(help_text="The working day it is taken on")
    state = StateField(max_length=7, choices=State.choices, default=State.PLANNED, protected=True)
    taken_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=200, blank=True, default="", help_text="What it came to, e.g. a refusal")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice", "position"], name="one_dunning_step_per_invoice_and_position"),
            models.CheckConstraint(
                condition=Q(state__in=["planned", "taken", "stopped"]), name="dunning_step_state_is_known"
            ),
            models.CheckConstraint(condition=Q(action__in=Action.values), name="dunning_step_action_is_known"),
            models.CheckConstraint(
                condition=Q(state="taken", taken_at__isnull=False) | (~Q(state="taken") & Q(taken_at=None)),
                name="dunning_step_taken_has_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(planned_on__gte=F("nominal_on")), name="dunning_step_never_before_its_day"
            ),
        ]
        indexes = [
            models.Index(fields=["planned_on", "customer"], name="dunning_step_due", condition=Q(state="planned")),
            models.Index(fields=["customer", "invoice"], name="dunning_step_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} for invoice {self.invoice_id}"

    @transition(state, source=State.PLANNED, target=State.TAKEN)
    def take(self, *, at: datetime, outcome: str) -> None:
        """Set when it was taken, and what it came to."""
        self.taken_at, self.outcome = at, outcome

    @transition(state, source=State.PLANNED, target=State.STOPPED)
    def stop(self) -> None:
        """Nothing is asked for any more."""

    @transition(state, source=State.STOPPED, target=State.PLANNED)
    def resume(self) -> None:
        """Something is asked for again."""


class PaymentPromise(models.Model):
    """A customer's word to pay an amount by a day.

        open ──keep──▶ kept        open ──keep_partly──▶ partly        open ──break_it──▶ broken
        open ──withdraw──▶ withdrawn

    While it is open, the bills it names are neither collected, reminded nor a reason to restrict access.
    """

    class State(models.TextChoices):
        OPEN = "open"
        KEPT = "kept"
        PARTLY = "partly", "partly kept"
        BROKEN = "broken"
        WITHDRAWN = "withdrawn"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="payment_promises")
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    pay_by = models.DateField(help_text="The day the customer named")
    counted_until = models.DateField(help_text="That day, or the next working day: money cannot arrive on a holiday")
    state = StateField(max_length=9, choices=State.choices, default=State.OPEN, protected=True)
    came_in_minor = models.BigIntegerField(default=0, help_text="Paid on its bills since, when it was closed")
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    conversation = models.CharField(max_length=60, blank=True, default="", help_text="Where it was given, ticket:9")
    closed_by = models.CharField(max_length=80, blank=True, default="")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "kept", "partly", "broken", "withdrawn"]),
                name="payment_promise_state_is_known",
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_promise_above_zero"),
            models.CheckConstraint(
                condition=Q(counted_until__gte=F("pay_by")), name="payment_promise_counts_the_day_it_names"
            ),
            models.CheckConstraint(
                condition=~Q(state="kept") | Q(came_in_minor__gte=F("amount_minor")),
                name="payment_promise_kept_means_paid",
            ),
            models.UniqueConstraint(
                fields=["customer"], condition=Q(state="open"), name="one_open_payment_promise_per_customer"
            ),
        ]
        indexes = [
            models.Index(fields=["counted_until"], name="payment_promise_due", condition=Q(state="open")),
            models.Index(fields=["customer", "-id"], name="payment_promise_by_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} by {self.pay_by}"

    @property
    def amount(self) -> Money:
        """What was promised."""
        return Money(self.amount_minor, self.currency)

    @transition(state, source=State.OPEN, target=State.KEPT)
    def keep(self, *, came_in: Money, by: str, at: datetime) -> None:
        """Set what came in."""
        self.came_in_minor, self.closed_by, self.closed_at = came_in.minor, by, at

    @transition(state, source=State.OPEN, target=State.PARTLY)
    def keep_partly(self, *, came_in: Money, by: str, at: datetime) -> None:
        """Set what came in: less than promised."""
        self.came_in_minor, self.closed_by, self.closed_at = came_in.minor, by, at

    @transition(state, source=State.OPEN, target=State.BROKEN)
    def break_it(self, *, by: str, at: datetime) -> None:
        """Set when the day had passed and nothing had come."""
        self.closed_by, self.closed_at = by, at

    @transition(state, source=State.OPEN, target=State.WITHDRAWN)
    def withdraw(self, *, by: str, at: datetime) -> None:
        """Set who took it back."""
        self.closed_by, self.closed_at = by, at


class PromisedInvoice(models.Model):
    """A bill a promise is about, with what was paid on it before."""

    promise = models.ForeignKey(PaymentPromise, models.PROTECT, related_name="bills")
    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, related_name="promised_in")
    paid_before_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["promise", "invoice"], name="promise_names_each_invoice_once"),
        ]

    def __str__(self) -> str:
        return f"invoice {self.invoice_id} of promise {self.promise_id}"
