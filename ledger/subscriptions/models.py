"""Subscription, the add-ons taken with it, and the changes asked for."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django_fsm import transition

from ledger.catalogue.models import AddOn, Plan, Product
from ledger.states import StateField


class Subscription(models.Model):
    """A customer's running agreement for a plan, renewing on days derived from its anchor.

        starting ──begin──▶ active        starting ──expire──▶ expired
        trial ──end_trial──▶ active ──fall_behind──▶ past_due ──catch_up──▶ active
        active ──pause──▶ paused ──resume──▶ active
        trial, active, past_due, paused ──cancel──▶ cancelled ──reinstate──▶ active
        cancelled ──reinstate_trial──▶ trial

    `renews_on` is the first day not yet billed: a day of the anchor's series, or the first of a stub that leads to
    one. `metered_on` is the first day whose metered use is not yet billed. Cancelled, it is served until `ends_on`.
    One that has to be paid before it begins is starting (Stripe: incomplete) until `pay_by`, then it never started.
    """

    class State(models.TextChoices):
        STARTING = "starting", "waiting for its first payment"
        TRIAL = "trial"
        ACTIVE = "active"
        PAST_DUE = "past_due", "past due"
        PAUSED = "paused"
        CANCELLED = "cancelled"
        EXPIRED = "expired", "never started"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="subscriptions")
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="subscriptions")
    currency = models.CharField(max_length=3)
    state = StateField(max_length=9, choices=State.choices, default=State.ACTIVE, protected=True)
    quantity = models.PositiveIntegerField(default=1, help_text="Seats or units of the plan")
    anchor_on = models.DateField()
    renews_on = models.DateField()
    priced_on = models.DateField(null=True, help_text="The day whose price version it keeps; empty: the anchor")
    metered_on = models.DateField(null=True, help_text="The first day whose use is not yet billed; empty: renews_on")
    trial_ends_on = models.DateField(null=True, help_text="The first day that is billed after a trial")
    ends_on = models.DateField(null=True, help_text="The first day without service, once it is cancelled")
    started_at = models.DateTimeField()
    pay_by = models.DateTimeField(null=True, help_text="Until when its first bill has to be paid, or it never starts")
    paused_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=100, null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["starting", "trial", "active", "past_due", "paused", "cancelled", "expired"]),
                name="subscription_state_is_known",
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="subscription_quantity_above_zero"),
            models.CheckConstraint(
                condition=~Q(state="trial") | Q(trial_ends_on__isnull=False), name="subscription_on_trial_knows_its_end"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(state__in=["cancelled", "expired"]),
                name="subscription_ends_only_when_cancelled",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["starting", "expired"]) | Q(pay_by__isnull=False),
                name="subscription_starting_knows_until_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["renews_on", "id"],
                name="subscription_renewing",
                condition=~Q(state="paused") & (Q(ends_on=None) | Q(ends_on__gt=F("renews_on"))),
            ),
            models.Index(
                fields=["ends_on", "id"],
                name="subscription_ending",
                condition=Q(ends_on__gt=Coalesce("metered_on", "renews_on")),
            ),
            models.Index(fields=["customer", "-id"], name="subscription_by_customer"),
            models.Index(fields=["pay_by", "id"], name="subscription_starting", condition=Q(state="starting")),
        ]

    def __str__(self) -> str:
        return f"subscription {self.pk}"

    @transition(state, source=State.STARTING, target=State.ACTIVE)
    def begin(self) -> None:
        """Its first bill is paid."""

    @transition(state, source=State.STARTING, target=State.EXPIRED)
    def expire(self) -> None:
        """Nobody paid its first bill in time: no day of it was ever served."""
        self.ends_on = self.metered_on = self.renews_on = self.anchor_on

    @transition(state, source=State.TRIAL, target=State.ACTIVE)
    def end_trial(self) -> None:
        """Billed from here on."""

    @transition(state, source=State.ACTIVE, target=State.PAST_DUE)
    def fall_behind(self) -> None:
        """Served, though a bill is overdue."""

    @transition(state, source=State.PAST_DUE, target=State.ACTIVE)
    def catch_up(self) -> None:
        """Nothing is overdue any more."""

    @transition(state, source=State.ACTIVE, target=State.PAUSED)
    def pause(self, *, at: datetime) -> None:
        """Set since when nothing is served or renewed."""
        self.paused_at = at

    @transition(state, source=State.PAUSED, target=State.ACTIVE)
    def resume(self) -> None:
        """Serve and renew again."""
        self.paused_at = None

    @transition(state, source=[State.TRIAL, State.ACTIVE, State.PAST_DUE, State.PAUSED], target=State.CANCELLED)
    def cancel(self, *, ends_on: date, at: datetime) -> None:
        """Set when it was cancelled, and the first day without service."""
        self.cancelled_at, self.ends_on = at, ends_on

    @transition(state, source=State.CANCELLED, target=State.ACTIVE)
    def reinstate(self) -> None:
        """Go on as if it had not been cancelled."""
        self.cancelled_at = self.ends_on = None

    @transition(state, source=State.CANCELLED, target=State.TRIAL)
    def reinstate_trial(self) -> None:
        """Go on with the trial."""
        self.cancelled_at = self.ends_on = None


class SubscriptionAddOn(models.Model):
    """An add-on taken with a subscription, from one day up to, not including, another."""

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="add_ons")
    product = models.ForeignKey(AddOn, models.PROTECT, related_name="taken")
    quantity = models.PositiveIntegerField(default=1)
    since = models.DateField()
    until = models.DateField(null=True)
    priced_on = models.DateField(null=True, help_text="The day whose price version it keeps; empty: `since`")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="add_on_quantity_above_zero"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="add_on_ends_after_it_begins"
            ),
            models.UniqueConstraint(
                fields=["subscription", "product"], condition=Q(until=None), name="add_on_taken_once_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product} of subscription {self.subscription_id}"


class SubscriptionTerms(models.Model):
    """The price agreed for one product of a subscription, from a billing day on; append-only, the last agreed counts.

    Neither price nor percentage is the list price again.
    """

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="agreed_terms")
    product = models.ForeignKey(Product, models.PROTECT, related_name="agreed_terms")
    price_minor = models.BigIntegerField(null=True, help_text="Of one unit, or of a period where the price is flat")
    percent = models.DecimalField(max_digits=9, decimal_places=6, null=True, help_text="Off the list price")
    currency = models.CharField(max_length=3)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, help_text="The first day they no longer apply")
    ends_on = models.DateField(null=True, help_text="The first day after the fixed term; empty: there is none")
    renews_months = models.PositiveSmallIntegerField(default=0, help_text="By how much the term goes on; 0: it ends")
    notice_days = models.PositiveSmallIntegerField(default=0)
    source = models.CharField(max_length=60, help_text="What they were agreed in, e.g. agreement:7")
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "subscription terms"
        constraints = [
            models.CheckConstraint(
                condition=Q(price_minor=None) | Q(percent=None), name="agreed_terms_are_price_or_percentage"
            ),
            models.CheckConstraint(
                condition=Q(price_minor=None) | Q(price_minor__gte=0), name="agreed_price_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__gt=0, percent__lte=100), name="agreed_percentage_up_to_100"
            ),
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="agreed_terms_end_after_they_begin",
            ),
        ]

    def __str__(self) -> str:
        return f"terms of subscription {self.subscription_id} from {self.valid_from}"


class SubscriptionChange(models.Model):
    """One change of a subscription that was asked for: made at once, or on its day by the billing run.

        scheduled ──apply──▶ applied        scheduled ──withdraw──▶ withdrawn        scheduled ──refuse──▶ refused

    `wanted` is what was asked for (`ledger.subscriptions.terms.Change`), `figures` what the customer was shown.
    """

    class State(models.TextChoices):
        SCHEDULED = "scheduled"
        APPLIED = "applied"
        WITHDRAWN = "withdrawn"
        REFUSED = "refused"

    class What(models.TextChoices):
        PLAN = "plan"
        QUANTITY = "quantity"
        TAKE_ADD_ON = "take_add_on", "take an add-on"
        DROP_ADD_ON = "drop_add_on", "drop an add-on"
        BILLING_DAY = "billing_day", "billing day"
        PAUSE = "pause"
        RESUME = "resume"
        CANCEL = "cancel"
        REINSTATE = "reinstate"

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="changes")
    what = models.CharField(max_length=11, choices=What.choices)
    target = models.CharField(max_length=40, blank=True, default="", help_text="Which add-on")
    wanted = models.JSONField()
    state = StateField(max_length=9, choices=State.choices, default=State.SCHEDULED, protected=True)
    effective_on = models.DateField(help_text="The first day on which it counts, where the customer lives")
    figures = models.JSONField(default=dict, blank=True, help_text="What was shown before it was confirmed")
    requested_by = models.CharField(max_length=80)
    received_at = models.DateTimeField(help_text="When the request reached us, however late it was worked on")
    recorded_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["scheduled", "applied", "withdrawn", "refused"]),
                name="subscription_change_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="scheduled", decided_at=None) | ~Q(state="scheduled") & Q(decided_at__isnull=False),
                name="subscription_change_decided_once_not_scheduled",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refusal=""), name="subscription_change_refused_for_a_reason"
            ),
            models.UniqueConstraint(
                fields=["subscription", "what", "target"],
                condition=Q(state="scheduled"),
                name="subscription_change_scheduled_once",
            ),
        ]
        indexes = [
            models.Index(fields=["effective_on", "id"], name="subscription_change_due", condition=Q(state="scheduled")),
        ]

    def __str__(self) -> str:
        return f"{self.what} of subscription {self.subscription_id} on {self.effective_on}"

    @transition(state, source=State.SCHEDULED, target=State.APPLIED)
    def apply(self, *, at: datetime) -> None:
        """Set when it was made."""
        self.decided_at = at

    @transition(state, source=State.SCHEDULED, target=State.WITHDRAWN)
    def withdraw(self, *, at: datetime) -> None:
        """Set when it was taken back, before its day."""
        self.decided_at = at

    @transition(state, source=State.SCHEDULED, target=State.REFUSED)
    def refuse(self, *, why: str, at: datetime) -> None:
        """Set when and why it could not be made on its day."""
        self.decided_at, self.refusal = at, why[:300]
