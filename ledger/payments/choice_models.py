"""MethodChoice: which card or account a customer wants to pay what with."""

from django.db import models
from django.db.models import Q

from ledger.customers.choice_models import Choice, laws_of_a_choice
from ledger.payments.models import PaymentMethod


class MethodChoice(Choice):
    """With which card or account one plan, one bill, or everything else is paid.

        in_force ──replace──▶ replaced ──come_back──▶ in_force        in_force ──take_back──▶ taken_back

    The narrower one counts: a bill before its plan, a plan before everything. Without a method nothing is chosen any
    more. `before` is what it took the place of, and what comes back when it is taken back.
    """

    customer = models.ForeignKey("ledger.Customer", models.PROTECT, related_name="method_choices")
    subscription = models.ForeignKey("ledger.Subscription", models.PROTECT, null=True, related_name="method_choices")
    invoice = models.ForeignKey("ledger.Invoice", models.PROTECT, null=True, related_name="method_choices")
    method = models.ForeignKey(PaymentMethod, models.PROTECT, null=True, related_name="choices")

    class Meta:
        constraints = [
            *laws_of_a_choice("method_choice"),
            models.CheckConstraint(
                condition=Q(subscription=None) | Q(invoice=None), name="method_chosen_for_one_plan_or_one_bill"
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
