"""What a customer fills in to pay in instalments, or to say that they cannot pay."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing_desk.reading import reader
from ledger.errors import InvalidInput
from ledger.instalments.terms import FEWEST, FIRST_IN_DAYS, FIRST_WITHIN_DAYS, MOST, PlanTerms, terms_within
from ledger.invoices.models import Invoice
from ledger.money import Money


def read_amount(text: str, currency: str) -> Money:
    """Return an amount as typed, with a point or a comma before the cents.

    :raises ValidationError: if it is none
    """
    plain = text.replace("\u00a0", "").replace(" ", "")
    if "," in plain and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        return Money.parse(plain, currency)
    except InvalidInput as refusal:
        raise forms.ValidationError(_("Please write an amount, for example 25.00.")) from refusal


class InstalmentsForm(forms.Form):
    """Which bills, what one can pay a month, from when, in how many instalments."""

    bills = forms.MultipleChoiceField(
        label=_("Which bills?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one bill.")},
    )
    monthly = forms.CharField(
        label=_("What can you pay a month?"),
        max_length=24,
        help_text=_("What is left after rent, food and what else you must pay. The plan never asks for more."),
        error_messages={"required": _("Please say what you can pay a month.")},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    count = forms.IntegerField(
        label=_("In how many monthly instalments?"),
        required=False,
        min_value=FEWEST,
        max_value=MOST,
        help_text=_("Leave it empty for as few as fit."),
        error_messages={
            "invalid": format_lazy(_("Please write a number from {fewest} to {most}."), fewest=FEWEST, most=MOST),
            "min_value": format_lazy(_("A plan has {fewest} to {most} instalments."), fewest=FEWEST, most=MOST),
            "max_value": format_lazy(_("A plan has {fewest} to {most} instalments."), fewest=FEWEST, most=MOST),
        },
    )
    first_on = forms.DateField(
        label=_("When is the first one paid?"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("Please choose a day."), "invalid": _("Please write the day like 2026-05-01.")},
    )
    charged = forms.BooleanField(label=_("Charge each instalment to my payment method on its day"), required=False)

    def __init__(self, *args: Any, invoices: list[Invoice], currency: str, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invoices, self.currency, self.today = invoices, currency, today
        self.fields["monthly"].label = _("What can you pay a month ({currency})?").format(currency=currency)
        choices = [(str(one.pk), f"{one.number}, {one.due_amount.display(reader())}") for one in invoices]
        cast(forms.MultipleChoiceField, self.fields["bills"]).choices = choices
        self.initial.setdefault("bills", [value for value, _ in choices])
        self.initial.setdefault("first_on", today + timedelta(days=FIRST_IN_DAYS))
        self.fields["first_on"].widget.attrs |= {
            "min": today.isoformat(), "max": (today + timedelta(days=FIRST_WITHIN_DAYS)).isoformat(),
        }  # fmt: skip

    def clean_monthly(self) -> Money:
        """Read the amount."""
        return read_amount(str(self.cleaned_data["monthly"]), self.currency)

    @property
    def invoice_ids(self) -> list[int]:
        """The bills that were chosen."""
        return [int(pk) for pk in self.cleaned_data["bills"]]

    def terms(self) -> PlanTerms:
        """Return what is wanted, with as few instalments as fit where no number was given."""
        asked = self.cleaned_data
        wanted = [one.due_amount for one in self.invoices if one.pk in self.invoice_ids]
        return terms_within(
            sum(wanted, Money(0, self.currency)),
            asked["monthly"],
            count=asked["count"],
            first_on=asked["first_on"],
            charges_automatically=asked["charged"],
        )


class CannotPayForm(forms.Form):
    """What the customer wants to say, and what they can pay a month."""

    words = forms.CharField(
        label=_("What has happened? A sentence is enough."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Please write a sentence.")},
    )
    monthly = forms.CharField(
        label=_("What can you pay a month?"),
        max_length=24,
        required=False,
        help_text=_("You need not say; 0 is an answer too."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.fields["monthly"].label = _("What can you pay a month ({currency})?").format(currency=currency)

    def clean_monthly(self) -> Money | None:
        """Read the amount, if there is one."""
        text = str(self.cleaned_data["monthly"]).strip()
        return read_amount(text, self.currency) if text else None
