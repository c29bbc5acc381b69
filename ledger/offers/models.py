"""SaveOffer: the one thing offered to somebody who is about to cancel; ShownOffer: that it was shown, once."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django_fsm import transition

from ledger.catalogue.models import Plan
from ledger.states import StateField


class SaveOffer(models.Model):
    """What is shown beside the cancel button of a plan. Supervisors edit it.

    A discount is given within the limit of a role; where it would be above it, nothing is shown.
    """

    class Kind(models.TextChoices):
        DISCOUNT = "discount"
        PAUSE = "pause"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="save_offers")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    text_en = models.CharField("text in English", max_length=300)
    text_de = models.CharField("text in German", max_length=300)
    percent = models.DecimalField(
        max_digits=9, decimal_places=6, null=True, blank=True, help_text="Off the plan's bills; a pause has none"
    )
    months = models.PositiveSmallIntegerField(help_text="For how many months")
    limit_of = models.CharField(
        max_length=40, default="supervisor", help_text="The role whose limit for discounts it is given under"
    )
    is_shown = models.BooleanField(default=True, help_text="Off: nobody is shown it any more")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["discount", "pause"]), name="save_offer_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind="discount", percent__gt=0, percent__lte=100) | Q(kind="pause", percent=None),
                name="save_offer_is_percentage_or_pause",
            ),
            models.CheckConstraint(condition=Q(months__gte=1, months__lte=24), name="save_offer_lasts_1_to_24_months"),
            models.CheckConstraint(condition=~Q(text_en="") & ~Q(text_de=""), name="save_offer_has_both_texts"),
            models.UniqueConstraint(fields=["plan"], condition=Q(is_shown=True), name="one_save_offer_per_plan"),
        ]

    def __str__(self) -> str:
        if self.kind == self.Kind.PAUSE:
            return f"{self.plan}: pause of {self.months} months"
        return f"{self.plan}: {(self.percent or 0):g} % for {self.months} months"


class ShownOffer(models.Model):
    """That a subscription was shown its one offer, whatever came of it.

    shown ──accept──▶ accepted        shown ──decline──▶ declined
    """

    class State(models.TextChoices):
        SHOWN = "shown"
        ACCEPTED = "accepted"
        DECLINED = "declined"

    subscription = models.OneToOneField("ledger.Subscription", models.PROTECT, related_name="shown_offer")
    offer = models.ForeignKey(SaveOffer, models.PROTECT, related_name="shown")
    kind = models.CharField(max_length=8, choices=SaveOffer.Kind.choices)
    text = models.CharField(max_length=300, help_text="As it was read")
    percent = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    months = models.PositiveSmallIntegerField()
    state = StateField(max_length=8, choices=State.choices, default=State.SHOWN, protected=True)
    shown_to = models.CharField(max_length=80)
    shown_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    grant_given = models.OneToOneField(
        "ledger.DiscountGrant", models.PROTECT, null=True, related_name="save_offer", help_text="The discount given"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["shown", "accepted", "declined"]), name="shown_offer_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="shown", answered_at=None) | ~Q(state="shown") & Q(answered_at__isnull=False),
                name="shown_offer_answered_once",
            ),
            models.CheckConstraint(
                condition=Q(grant_given=None) | Q(state="accepted"), name="shown_offer_gives_only_when_accepted"
            ),
        ]

    def __str__(self) -> str:
        return f"offer shown for subscription {self.subscription_id}"

    @transition(state, source=State.SHOWN, target=State.ACCEPTED)
    def accept(self, *, at: datetime) -> None:
        """Set when the customer took it."""
        self.answered_at = at

    @transition(state, source=State.SHOWN, target=State.DECLINED)
    def decline(self, *, at: datetime) -> None:
        """Set when the customer cancelled all the same."""
        self.answered_at = at
