"""What an agent fills in to change a subscription for a customer, and the Change that it means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

from django import forms
from django.utils import timezone

from billing_desk.plan_words import on_sale, price_words
from ledger.catalogue.models import Product
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.terms import LARGEST_QUANTITY, Change, UnusedPart, What, When

WHENS = [
    ("", "As usual: more at once, less with the next bill"),
    (When.NOW, "At once"),
    (When.PERIOD_END, "With the next bill"),
]
ENDS = [("", "At the end of what is billed"), (When.NOW, "At once")]
UNUSED = [(UnusedPart.KEPT, "Nothing: it was agreed so"), (UnusedPart.CREDITED, "Given back by the day")]


class ChangeForm(forms.Form):
    """Nothing to fill in: the name of the change says all."""

    what = What.RESUME

    def __init__(self, data: Any = None, *, subscription: Subscription, today: date, **more: Any) -> None:
        super().__init__(data, auto_id="change_%s", **more)
        self.subscription, self.today = subscription, today
        self.prepare()
        for field in self.fields.values():
            field.error_messages["required"] = "Please fill this in."

    def prepare(self) -> None:
        """Set what can be chosen."""

    def offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        """Set what a field lets one choose from."""
        cast(forms.ChoiceField, self.fields[name]).choices = list(choices)

    def change(self) -> Change:
        """Return what is wanted, from what was filled in."""
        return Change(self.what)

    def received_at(self) -> datetime | None:
        """Return when the customer asked, where that was before now."""
        return None


class ResumeForm(ChangeForm):
    """Go on after a pause."""


class KeepForm(ChangeForm):
    """Take a cancellation back."""

    what = What.REINSTATE


class PlanForm(ChangeForm):
    """Another plan."""

    what = What.PLAN
    plan = forms.ChoiceField(label="Plan")
    when = forms.ChoiceField(label="From when", choices=WHENS, required=False)

    def prepare(self) -> None:
        """Offer what is on sale in the customer's currency, with its price."""
        found = on_sale(Product.Kind.PLAN, self.subscription, self.today)
        others = [(product, price) for product, price in found if product.pk != self.subscription.plan_id]
        self.offer(
            "plan", [(product.code, f"{product.name}, {price_words(product, price)}") for product, price in others]
        )

    def change(self) -> Change:
        """Return the change to the plan."""
        return Change(What.PLAN, plan=self.cleaned_data["plan"], when=_when(self))


class QuantityForm(ChangeForm):
    """How many."""

    what = What.QUANTITY
    quantity = forms.IntegerField(label="How many in all", min_value=1, max_value=LARGEST_QUANTITY)
    when = forms.ChoiceField(label="From when", choices=WHENS, required=False)

    def prepare(self) -> None:
        """Begin with what there is."""
        self.fields["quantity"].initial = self.subscription.quantity

    def change(self) -> Change:
        """Return the change of the quantity."""
        return Change(What.QUANTITY, quantity=self.cleaned_data["quantity"], when=_when(self))


class AddOnForm(ChangeForm):
    """An add-on, taken or ended."""

    what = What.TAKE_ADD_ON
    add_on = forms.ChoiceField(label="Add-on")
    quantity = forms.IntegerField(
        label="How many", min_value=0, max_value=LARGEST_QUANTITY, initial=1, help_text="0 ends an add-on they have."
    )

    def prepare(self) -> None:
        """Offer what is billed in the interval of the plan, and what is taken already."""
        plan = self.subscription.plan
        found = on_sale(Product.Kind.ADD_ON, self.subscription, self.today)
        choices = {
            product.code: f"{product.name}, {price_words(product, price)}"
            for product, price in found
            if product.interval == plan.interval
        }
        for row in self.subscription.add_ons.select_related("product").filter(until=None):
            choices[row.product.code] = f"{row.product.name}, they have {row.quantity}"
        self.offer("add_on", list(choices.items()))

    def change(self) -> Change:
        """Return the change of the add-on: none of it means that it ends."""
        code, quantity = self.cleaned_data["add_on"], self.cleaned_data["quantity"]
        if quantity == 0:
            return Change(What.DROP_ADD_ON, add_on=code)
        return Change(What.TAKE_ADD_ON, add_on=code, quantity=quantity)


class BillingDayForm(ChangeForm):
    """On which day of the month bills come."""

    what = What.BILLING_DAY
    bill_day = forms.IntegerField(
        label="Day of the month", min_value=1, max_value=31, help_text="In shorter months the last day counts."
    )

    def prepare(self) -> None:
        """Begin with the day there is."""
        self.fields["bill_day"].initial = self.subscription.anchor_on.day

    def change(self) -> Change:
        """Return the change of the billing day."""
        return Change(What.BILLING_DAY, bill_day=self.cleaned_data["bill_day"])


class PauseForm(ChangeForm):
    """A pause, until a day."""

    what = What.PAUSE
    pause_until = forms.DateField(
        label="Goes on by itself on", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def prepare(self) -> None:
        """Say how long it can be."""
        longest = self.subscription.plan.longest_pause_days
        self.fields["pause_until"].help_text = f"At most {longest} days from today; empty means the longest pause."

    def change(self) -> Change:
        """Return the pause."""
        return Change(What.PAUSE, pause_until=self.cleaned_data["pause_until"])


class CancelForm(ChangeForm):
    """The end, which counts from when the customer asked for it, however late it is worked on."""

    what = What.CANCEL
    request_received_at = forms.DateTimeField(
        label="The request came in",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        help_text="It counts from then. Days billed after it are given back.",
    )
    when = forms.ChoiceField(label="It ends", choices=ENDS, required=False)
    unused = forms.ChoiceField(label="Of paid days not used", choices=UNUSED, initial=UnusedPart.KEPT)
    words = forms.CharField(label="Why, if they said", max_length=2000, required=False)

    def clean_request_received_at(self) -> datetime:
        """Refuse a moment that is still to come: nobody asked yet."""
        moment: datetime = self.cleaned_data["request_received_at"]
        if moment > timezone.now():
            raise forms.ValidationError("That is still to come. When did the request reach us?")
        return moment

    def received_at(self) -> datetime | None:
        """Return when the request came in."""
        return cast("datetime | None", self.cleaned_data.get("request_received_at"))

    def change(self) -> Change:
        """Return the cancellation."""
        unused = UnusedPart(self.cleaned_data["unused"])
        return Change(What.CANCEL, when=_when(self), unused=unused, words=self.cleaned_data["words"])


def _when(form: ChangeForm) -> When | None:
    chosen = form.cleaned_data.get("when")
    return When(chosen) if chosen else None
