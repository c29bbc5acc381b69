"""Agreement, version by version, and who accepted which words of it, when and how."""

from datetime import date, datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.agreements.terms import Terms
from ledger.catalogue.models import Product
from ledger.customers.acceptance import AcceptedWords
from ledger.money import Money
from ledger.states import StateField
from ledger.subscriptions.models import Subscription

TERMS = ("price_minor", "percent", "starts_on", "ends_on", "renews_months", "notice_days")


class Agreement(models.Model):
    """One version of what was agreed on for a subscription; its terms and words are never changed.

        waiting_approval ──approve──▶ proposed ──offer──▶ offered ──accept──▶ accepted
        waiting_approval, proposed, offered ──decline──▶ declined        offered ──lapse──▶ lapsed
        accepted ──supersede──▶ superseded        accepted ──end──▶ ended

    Within the proposer's authority it begins as `proposed`. Bills follow it once it is accepted, from `starts_on` on.
    """

    class State(models.TextChoices):
        WAITING_APPROVAL = "waiting_approval", "waiting for approval"
        PROPOSED = "proposed"
        OFFERED = "offered"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        LAPSED = "lapsed"
        SUPERSEDED = "superseded"
        ENDED = "ended"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="agreements")
    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="agreements")
    version = models.PositiveIntegerField()
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")
    plan = models.ForeignKey(Product, models.PROTECT, related_name="agreements")
    currency = models.CharField(max_length=3)
    price_minor = models.BigIntegerField(null=True, help_text="Of one unit, or of a period where the price is flat")
    percent = models.DecimalField(max_digits=9, decimal_places=6, null=True, help_text="Off the list price")
    starts_on = models.DateField(help_text="The billing day from which it holds")
    ends_on = models.DateField(null=True, help_text="The first day after its term; empty: no end")
    renews_months = models.PositiveSmallIntegerField(default=0, help_text="By how much its term goes on; 0: it ends")
    notice_days = models.PositiveSmallIntegerField(default=0)
    earliest_on = models.DateField(help_text="From when the customer could have had other terms by right")
    language = models.CharField(max_length=12)
    wording = models.TextField()
    wording_hash = models.CharField(max_length=64, help_text="SHA-256 of the wording")
    state = StateField(max_length=16, choices=State.choices, default=State.PROPOSED, protected=True)
    worth_minor = models.BigIntegerField(help_text="What it gives away over its term, by which authority is decided")
    reason = models.CharField(max_length=300)
    conversation = models.CharField(max_length=60, blank=True, default="", help_text="Where it was spoken of, ticket:9")
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    approved_by = models.CharField(max_length=80, blank=True, default="")
    approved_at = models.DateTimeField(null=True)
    offered_by = models.CharField(max_length=80, blank=True, default="")
    offered_at = models.DateTimeField(null=True)
    open_until = models.DateField(null=True, help_text="The last day on which the offer can be accepted")
    accepted_at = models.DateTimeField(null=True)
    until_on = models.DateField(null=True, help_text="The first day on which it does not count any more")
    closed_by = models.CharField(max_length=80, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting_approval", "proposed", "offered", "accepted"])
                | Q(state__in=["declined", "lapsed", "superseded", "ended"]),
                name="agreement_state_is_known",
            ),
            models.CheckConstraint(condition=Q(price_minor=None) | Q(percent=None), name="agreement_says_one_price"),
            models.CheckConstraint(
                condition=Q(price_minor=None) | Q(price_minor__gte=0), name="agreement_price_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(percent=None) | Q(percent__gt=0, percent__lte=100), name="agreement_percentage_up_to_100"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="agreement_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(renews_months=0) | Q(ends_on__isnull=False), name="agreement_renews_only_with_a_term"
            ),
            models.CheckConstraint(condition=Q(worth_minor__gte=0), name="agreement_worth_not_negative"),
            models.CheckConstraint(
                condition=Q(approved_by="") | ~Q(approved_by=F("requested_by")),
                name="agreement_approved_by_someone_else",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting_approval", "declined"]) | ~Q(approved_by=""),
                name="agreement_offered_only_when_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "superseded", "ended"]) | Q(accepted_at__isnull=False),
                name="agreement_counts_only_when_accepted",
            ),
            models.UniqueConstraint(fields=["subscription", "version"], name="one_agreement_per_version"),
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(state="accepted"), name="one_accepted_agreement_per_subscription"
            ),
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(state__in=["waiting_approval", "proposed", "offered"]),
                name="one_open_amendment_per_subscription",
            ),
        ]
        indexes = [
            models.Index(fields=["open_until", "id"], name="agreement_lapsing", condition=Q(state="offered")),
            models.Index(fields=["ends_on", "id"], name="agreement_ending", condition=Q(state="accepted")),
        ]

    def __str__(self) -> str:
        return f"agreement {self.pk}, version {self.version}"

    @property
    def price(self) -> Money | None:
        """The agreed price, None where a percentage or the list price is agreed."""
        return None if self.price_minor is None else Money(self.price_minor, self.currency)

    @property
    def worth(self) -> Money:
        """What it gives away over its term."""
        return Money(self.worth_minor, self.currency)

    @property
    def terms(self) -> Terms:
        """What it says, as a value."""
        return Terms(
            plan=self.plan.code,
            plan_name=self.plan.name,
            starts_on=self.starts_on,
            price=self.price,
            percent=self.percent,
            ends_on=self.ends_on,
            renews_months=self.renews_months,
            notice_days=self.notice_days,
        )

    @transition(state, source=State.WAITING_APPROVAL, target=State.PROPOSED)
    def approve(self, *, by: str, at: datetime) -> None:
        """Set who said yes."""
        self.approved_by, self.approved_at = by, at

    @transition(state, source=State.PROPOSED, target=State.OFFERED)
    def offer(self, *, by: str, at: datetime, open_until: date) -> None:
        """Set who offered it to the customer, and until when."""
        self.offered_by, self.offered_at, self.open_until = by, at, open_until

    @transition(state, source=State.OFFERED, target=State.ACCEPTED)
    def accept(self, *, at: datetime) -> None:
        """Set when the customer said yes."""
        self.accepted_at = at

    @transition(state, source=[State.WAITING_APPROVAL, State.PROPOSED, State.OFFERED], target=State.DECLINED)
    def decline(self, *, by: str, at: datetime, reason: str) -> None:
        """Set who said no and why."""
        self.closed_by, self.closed_at, self.close_reason = by, at, reason

    @transition(state, source=State.OFFERED, target=State.LAPSED)
    def lapse(self, *, by: str, at: datetime) -> None:
        """Set when the offer was over."""
        self.closed_by, self.closed_at = by, at

    @transition(state, source=State.ACCEPTED, target=State.SUPERSEDED)
    def supersede(self, *, by: str, at: datetime, until_on: date) -> None:
        """Set from which day the next version counts instead."""
        self.closed_by, self.closed_at, self.until_on = by, at, until_on

    @transition(state, source=State.ACCEPTED, target=State.ENDED)
    def end(self, *, by: str, at: datetime, until_on: date, reason: str) -> None:
        """Set from which day the list price counts again."""
        self.closed_by, self.closed_at, self.until_on, self.close_reason = by, at, until_on, reason


class AgreementAcceptance(AcceptedWords):
    """Who accepted which words of one version, when and how; append-only."""

    agreement = models.OneToOneField(Agreement, models.PROTECT, related_name="acceptance")
    contact_point = models.ForeignKey("ledger.ContactPoint", models.PROTECT, null=True, related_name="accepted")
    language = models.CharField(max_length=12)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=["portal", "email", "phone", "letter"]), name="acceptance_channel_is_known"
            ),
            models.CheckConstraint(
                condition=Q(channel="portal") | ~Q(proof_reference=""), name="acceptance_elsewhere_is_proved"
            ),
        ]

    def __str__(self) -> str:
        return f"acceptance of agreement {self.agreement_id}"
