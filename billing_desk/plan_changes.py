"""Changes of a subscription as forms: what each asks, the Change that it means, and why it cannot be had.

The portal and the workspace each say it in their own words and add what only they ask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, cast

from django import forms

from billing_desk.plan_words import on_sale, price_words
from ledger.catalogue.models import Price, Product
from ledger.catalogue.queries import interval_of
from ledger.money import Money
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.planning import ALLOWED
from ledger.subscriptions.terms import LARGEST_QUANTITY, Change, What, When

#: Digits of a confirmed total: more is no amount.
LONGEST_FIGURE = 18


class ChangeForm(forms.Form):
    """Nothing to fill in: the name of the change says all.

    A screen that says it in words of its own names them per field, as for a ModelForm.
    """

    what = What.RESUME
    labels: ClassVar[Mapping[str, Any]] = {}
    help_texts: ClassVar[Mapping[str, Any]] = {}
    error_messages: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    widgets: ClassVar[Mapping[str, type[forms.Widget]]] = {}

    def __init__(self, data: Any = None, *, subscription: Subscription, today: date, **more: Any) -> None:
        super().__init__(data, **more)
        self.subscription, self.today = subscription, today
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.help_text = self.help_texts.get(name, field.help_text)
            field.error_messages = {**field.error_messages, **self.error_messages.get(name, {})}
            if name in self.widgets:
                field.widget = self.widgets[name]()
                field.widget.is_required = field.required
        self.prepare()

    def prepare(self) -> None:
        """Set what can be chosen."""

    def offer(self, name: str, choices: Sequence[tuple[str, str]]) -> None:
        """Set what a field lets one choose from."""
        cast(forms.ChoiceField, self.fields[name]).choices = list(choices)

    def from_when(self) -> When | None:
        """Return from when it is to hold, where the form asks; None leaves it to the rules."""
        chosen = self.cleaned_data.get("when")
        return When(chosen) if chosen else None

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

    def prepare(self) -> None:
        """Offer what is on sale in the customer's currency, with its price."""
        found = self.allowed(on_sale(Product.Kind.PLAN, self.subscription, self.today))
        self.offered = [(product, price) for product, price in found if product.pk != self.subscription.plan_id]
        self.offer(
            "plan",
            [(product.code, f"{product.name}, {price_words(product, price)}") for product, price in self.offered],
        )

    def allowed(self, found: list[tuple[Product, Price]]) -> list[tuple[Product, Price]]:
        """Return what of the plans on sale may be offered here."""
        return found

    def change(self) -> Change:
        """Return the change to the plan."""
        return Change(What.PLAN, plan=self.cleaned_data["plan"], when=self.from_when())


class QuantityForm(ChangeForm):
    """How many."""

    what = What.QUANTITY
    quantity = forms.IntegerField(label="How many in all", min_value=1, max_value=LARGEST_QUANTITY)

    def prepare(self) -> None:
        """Begin with what there is."""
        self.fields["quantity"].initial = self.subscription.quantity

    def change(self) -> Change:
        """Return the change of the quantity."""
        return Change(What.QUANTITY, quantity=self.cleaned_data["quantity"], when=self.from_when())


class AddOnForm(ChangeForm):
    """An add-on, taken or ended."""

    what = What.TAKE_ADD_ON
    #: How a choice names an add-on that is taken already.
    taken_words: ClassVar[Any] = "{name}, they have {quantity}"
    add_on = forms.ChoiceField(label="Add-on")
    quantity = forms.IntegerField(label="How many", min_value=0, max_value=LARGEST_QUANTITY, initial=1)

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
            choices[row.product.code] = self.taken_words.format(name=row.product.name, quantity=row.quantity)
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
    #: How long it can be, in words.
    longest_words: ClassVar[Any] = "At most {days} days from today; empty means the longest pause."
    pause_until = forms.DateField(
        label="Goes on by itself on", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def prepare(self) -> None:
        """Say how long it can be."""
        longest = self.subscription.plan.longest_pause_days
        self.fields["pause_until"].help_text = self.longest_words.format(days=longest)

    def change(self) -> Change:
        """Return the pause."""
        return Change(What.PAUSE, pause_until=self.cleaned_data["pause_until"])


@dataclass(frozen=True, kw_only=True)
class ChangeKind:
    """One change: what is filled in for it, and what the customer proves who they are for.

    `asks_first`: something has to be filled in before there is anything to show.
    """

    form: type[ChangeForm]
    purpose: str = "change_plan"
    asks_first: bool = True

    @property
    def what(self) -> What:
        """What it changes."""
        return self.form.what


def why_impossible(kind: ChangeKind, subscription: Subscription, today: date) -> str:
    """Return why a change cannot be had of a subscription as it is; empty when it can."""
    if subscription.state not in ALLOWED[kind.what][0]:
        return f"Not while it is {subscription.get_state_display().lower()}."
    if kind.what == What.REINSTATE and (subscription.ends_on is None or subscription.ends_on <= today):
        return "It has ended; start a new one."
    if kind.what == What.PAUSE and not subscription.plan.longest_pause_days:
        return f"{subscription.plan.name} cannot be paused."
    if kind.what == What.QUANTITY and subscription.plan.meter:
        return f"{subscription.plan.name} is billed by use."
    if kind.what == What.BILLING_DAY and not interval_of(subscription.plan).months:
        return f"{subscription.plan.name} is billed by days."
    return ""


def confirmed_total(digits: str, currency: str) -> Money | None:
    """Return the total that was shown and is confirmed, as a page sends it back; None where it is none."""
    sign, figure = (-1, digits[1:]) if digits.startswith("-") else (1, digits)
    if not (figure.isascii() and figure.isdecimal()) or len(figure) > LONGEST_FIGURE:
        return None
    return Money(sign * int(figure), currency)
