"""What a customer fills in to change a plan, in the words of the portal."""

from __future__ import annotations

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing_desk import plan_changes
from billing_desk.plan_changes import ChangeForm, KeepForm, ResumeForm
from ledger.catalogue.models import Price, Product
from ledger.catalogue.tariff import price_of
from ledger.holds.queries import is_protected
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.terms import Change, What

__all__ = [
    "AddOnForm", "BillingDayForm", "CancelForm", "ChangeForm", "KeepForm", "PauseForm", "PlanForm", "QuantityForm",
    "ResumeForm",
]  # fmt: skip

#: What is said of a number that cannot be.
NUMBERS = {
    "invalid": _("Please write a whole number."),
    "min_value": _("Please write a number from %(limit_value)s on."),
    "max_value": _("That is more than we can bill here. Please write to us."),
}
REASONS = [
    ("too_expensive", _("It costs too much")),
    ("not_used", _("I do not use it enough")),
    ("missing", _("Something is missing")),
    ("service", _("I was not happy with your service")),
    ("other_provider", _("I go to another provider")),
]


class PlanForm(plan_changes.PlanForm):
    """Another plan."""

    labels = {"plan": _("Which plan?")}
    widgets = {"plan": forms.RadioSelect}
    error_messages = {
        "plan": {"required": _("Please choose a plan."), "invalid_choice": _("This plan cannot be had any more.")}
    }

    def allowed(self, found: list[tuple[Product, Price]]) -> list[tuple[Product, Price]]:
        """Leave out what does not cost less, where we help the customer in hardship."""
        if not is_protected(self.subscription.customer_id, at=timezone.now()):
            return found
        return [each for each in found if _costs_less(each, self.subscription, found)]


class QuantityForm(plan_changes.QuantityForm):
    """How many."""

    labels = {"quantity": _("How many do you need in all?")}
    error_messages = {"quantity": {"required": _("Please say how many you need."), **NUMBERS}}

    def prepare(self) -> None:
        """Ask in the unit of the plan."""
        super().prepare()
        if self.subscription.plan.unit:
            asked = gettext("How many {unit}s do you need in all?")
            self.fields["quantity"].label = asked.format(unit=self.subscription.plan.unit)


class AddOnForm(plan_changes.AddOnForm):
    """An add-on, taken or ended."""

    labels = {"add_on": _("Which add-on?"), "quantity": _("How many?")}
    widgets = {"add_on": forms.RadioSelect}
    help_texts = {"quantity": _("0 ends an add-on you have.")}
    taken_words = _("{name}, you have {quantity}")
    error_messages = {
        "add_on": {"required": _("Please choose an add-on."), "invalid_choice": _("It cannot be had any more.")},
        "quantity": {"required": _("Please say how many."), **NUMBERS},
    }


class BillingDayForm(plan_changes.BillingDayForm):
    """On which day of the month bills come."""

    labels = {"bill_day": _("On which day of the month should your bills come?")}
    help_texts = {"bill_day": _("In shorter months the last day counts.")}
    error_messages = {
        "bill_day": dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("Please name a day from 1 to 31.")
        )
    }


class PauseForm(plan_changes.PauseForm):
    """A pause, until a day."""

    labels = {"pause_until": _("On which day should it go on?")}
    longest_words = _("At most {days} days from today; empty means the longest pause.")
    error_messages = {"pause_until": {"invalid": _("Please write the day like 2026-05-01.")}}


class CancelForm(ChangeForm):
    """The end, with a reason for who cares to give one."""

    what = What.CANCEL
    reasons = forms.MultipleChoiceField(
        label=_("Why? You need not say."), choices=REASONS, required=False, widget=forms.CheckboxSelectMultiple
    )
    words = forms.CharField(
        label=_("In your own words"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def change(self) -> Change:
        """Return the cancellation, at the end of what is paid."""
        values = self.cleaned_data if self.is_bound else {}
        return Change(What.CANCEL, reasons=tuple(values.get("reasons", ())), words=values.get("words", ""))


def _costs_less(each: tuple[Product, Price], running: Subscription, found: list[tuple[Product, Price]]) -> bool:
    """Return whether a plan costs less than the running one; nothing dearer is shown to whom we help in hardship."""
    now = next((price for product, price in found if product.pk == running.plan_id), None)
    if now is None or each[0].meter or running.plan.meter or each[0].interval != running.plan.interval:
        return False
    return price_of(each[1].tariff, running.quantity).minor < price_of(now.tariff, running.quantity).minor
