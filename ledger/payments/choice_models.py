"""MethodChoice: which card or account a customer wants to pay what with."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from ledger.payments.models import PaymentMethod
from ledger.states import StateField


class MethodChoice(models.Model):
    """With which card or account one plan, one bill, or everything else is paid.

        in_force ──replace──▶ replaced ──come_back──▶ in_force        in_force ──take_back──▶ taken_back

    The narrower one counts: a bill before its plan, a plan before everything. Without a method nothing is chosen any
    more. `before` is what it took the place of, and what comes back when it is taken back.
    """

    class State(models.TextChoices):
        IN_FORCE = "in_force", "in force"
        REPLACED = "replaced"
        TAKEN_BACK = "taken_back", "taken back"

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="method_choices")
    subscription = models.ForeignKey("ledger.Subscription", models.PROTECT, null=True, related_name="method_choices")
    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, null=True, related_name="method_choices")
    method = models.ForeignKey(PaymentMethod, models.PROTECT, null=True, related_name="choices")
    before = models.ForeignKey("self", models.PROTECT, null=True, related_name="followed_by")
    state = StateField(max_length=10, choices=State.choices, default=State.IN_FORCE, protected=True)
    conversation = models.CharField(max_length=60, blank=True, default="", help_text="Where it was said, ticket:9")
    chosen_by = models.CharField(max_length=80)
    chosen_at = models.DateTimeField()
    undo_until = models.DateTimeField()
    ended_by = models.CharField(max_length=80, blank=True, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["in_force", "replaced", "taken_back"]), name="method_choice_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(subscription=None) | Q(invoice=None), name="method_chosen_for_one_plan_or_one_bill"
            ),
            models.CheckConstraint(condition=Q(undo_until__gt=F("chosen_at")), name="method_choice_can_be_undone"),
            models.CheckConstraint(
                condition=Q(state="in_force", ended_at=None) | ~Q(state="in_force") & Q(ended_at__isnull=False),
                name="method_choice_ended_once_not_in_force",
            ),
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(state="in_force", subscription=None, invoice=None),
                name="one_method_choice_for_everything",
            ),
            models.UniqueConstraint(
                fields=["subscription"], condition=Q(state="in_force"), name="one_method_choice_per_plan"
            ),
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(state="in_force"), name="one_method_choice_per_bill"
            ),
        ]
        indexes = [models.Index(fields=["customer", "-id"], name="method_choice_by_customer")]

    def __str__(self) -> str:
        return f"{self.scope}: {self.method or 'no choice'}"

    @property
    def scope(self) -> str:
        """What it is for: `subscription:9`, `invoice:7`, or empty for everything."""
        if self.subscription_id:
            return f"subscription:{self.subscription_id}"
        return f"invoice:{self.invoice_id}" if self.invoice_id else ""

    @transition(state, source=State.IN_FORCE, target=State.REPLACED)
    def replace(self, *, by: str, at: datetime) -> None:
        """Set who chose something else."""
        self.ended_by, self.ended_at = by, at

    @transition(state, source=State.IN_FORCE, target=State.TAKEN_BACK)
    def take_back(self, *, by: str, at: datetime) -> None:
        """Set who took it back."""
        self.ended_by, self.ended_at = by, at

    @transition(state, source=State.REPLACED, target=State.IN_FORCE)
    def come_back(self) -> None:
        """What took its place was taken back."""
        self.ended_by, self.ended_at = "", None
