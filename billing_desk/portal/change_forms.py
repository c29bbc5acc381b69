"""What a customer fills in to change a plan, and the Change that it means."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from billing_desk.plan_words import on_sale, price_words
from ledger.catalogue.models import Price, Product
from ledger.catalogue.tariff import price_of
from ledger.holds.queries import is_protected
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.terms import LARGEST_QUANTITY, Change, What

LANGUAGE = "en"
#: What is said of a number that cannot be.
NUMBERS = {
    "invalid": "Please write a whole number.",
    "min_value": "Please write a number from %(limit_value)s on.",
    "max_value": "That is more than we can bill here. Please write to us.",
}
REASONS = [
    ("too_expensive", "It costs too much"),
    ("not_used", "I do not use it enough"),
    ("missing", "Something is missing"),
    ("service", "I was not happy with your service"),
    ("other_provider", "I go to another provider"),
]


class ChangeForm(forms.Form):
    """Nothing to fill in: the name of the change says all."""

    what = What.RESUME

    def __init__(self, *args: Any, subscription: Subscription, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.subscription, self.today = subscription, today
        self.prepare()

    def prepare(self) -> None:
        """Set what can be chosen."""

    def change(self) -> Change:
        """Return what is wanted, from what was filled in."""
        return Change(self.what)


class ResumeForm(ChangeForm):
    """Go on after a pause."""


class KeepForm(ChangeForm):
    """Take a cancellation back."""

    what = What.REINSTATE


class PlanForm(ChangeForm):
    """Another plan."""

    plan = forms.ChoiceField(
        label="Which plan?",
        widget=forms.RadioSelect,
        error_messages={"required": "Please choose a plan.", "invalid_choice": "This plan cannot be had any more."},
    )

    def prepare(self) -> None:
        """Offer what is on sale in the customer's currency."""
        found = on_sale(Product.Kind.PLAN, self.subscription, self.today)
        if is_protected(self.subscription.customer_id, at=timezone.now()):
            found = [each for each in found if _costs_less(each, self.subscription, found)]
        self.offered = [(product, price) for product, price in found if product.pk != self.subscription.plan_id]
        choices = [(product.code, f"{product.name}, {price_words(product, price)}") for product, price in self.offered]
        _offer(self.fields["plan"], choices)

    def change(self) -> Change:
        """Return the change to the plan."""
        return Change(What.PLAN, plan=self.cleaned_data["plan"])


class QuantityForm(ChangeForm):
    """How many."""

    quantity = forms.IntegerField(
        label="How many do you need in all?",
        min_value=1,
        max_value=LARGEST_QUANTITY,
        error_messages={"required": "Please say how many you need.", **NUMBERS},
    )

    def prepare(self) -> None:
        """Begin with what there is."""
        self.fields["quantity"].initial = self.subscription.quantity
        if self.subscription.plan.unit:
            self.fields["quantity"].label = f"How many {self.subscription.plan.unit}s do you need in all?"

    def change(self) -> Change:
        """Return the change of the quantity."""
        return Change(What.QUANTITY, quantity=self.cleaned_data["quantity"])


class AddOnForm(ChangeForm):
    """An add-on, taken or ended."""

    add_on = forms.ChoiceField(
        label="Which add-on?",
        widget=forms.RadioSelect,
        error_messages={"required": "Please choose an add-on.", "invalid_choice": "It cannot be had any more."},
    )
    quantity = forms.IntegerField(
        label="How many?",
        min_value=0,
        max_value=LARGEST_QUANTITY,
        initial=1,
        help_text="0 ends an add-on you have.",
        error_messages={"required": "Please say how many.", **NUMBERS},
    )

    def prepare(self) -> None:
        """Offer what is billed in the interval of the plan, and what is taken already."""
        plan = self.subscription.plan
        taken = {row.product_id: row for row in self.subscription.add_ons.select_related("product").filter(until=None)}
        found = on_sale(Product.Kind.ADD_ON, self.subscription, self.today)
        choices = {
            product.code: f"{product.name}, {price_words(product, price)}"
            for product, price in found
            if product.interval == plan.interval
        }
        for row in taken.values():
            choices[row.product.code] = f"{row.product.name}, you have {row.quantity}"
        _offer(self.fields["add_on"], list(choices.items()))

    def change(self) -> Change:
        """Return the change of the add-on: none of it means that it ends."""
        code, quantity = self.cleaned_data["add_on"], self.cleaned_data["quantity"]
        if quantity == 0:
            return Change(What.DROP_ADD_ON, add_on=code)
        return Change(What.TAKE_ADD_ON, add_on=code, quantity=quantity)


class BillingDayForm(ChangeForm):
    """On which day of the month bills come."""

    bill_day = forms.IntegerField(
        label="On which day of the month should your bills come?",
        min_value=1,
        max_value=31,
        help_text="In shorter months the last day counts.",
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "Please name a day from 1 to 31."
        ),
    )

    def prepare(self) -> None:
        """Begin with the day there is."""
        self.fields["bill_day"].initial = self.subscription.anchor_on.day

    def change(self) -> Change:
        """Return the change of the billing day."""
        return Change(What.BILLING_DAY, bill_day=self.cleaned_data["bill_day"])


class PauseForm(ChangeForm):
    """A pause, until a day."""

    pause_until = forms.DateField(
        label="On which day should it go on?",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Please write the day like 2026-05-01."},
    )

    def prepare(self) -> None:
        """Say how long it can be."""
        longest = self.subscription.plan.longest_pause_days
        self.fields["pause_until"].help_text = f"At most {longest} days from today; empty means the longest pause."

    def change(self) -> Change:
        """Return the pause."""
        return Change(What.PAUSE, pause_until=self.cleaned_data["pause_until"])


class CancelForm(ChangeForm):
    """The end, with a reason for who cares to give one."""

    reasons = forms.MultipleChoiceField(
        label="Why? You need not say.", choices=REASONS, required=False, widget=forms.CheckboxSelectMultiple
    )
    words = forms.CharField(
        label="In your own words", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
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


def _offer(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    if isinstance(field, forms.ChoiceField):
        field.choices = choices
