"""The inline forms of a ticket about paying in instalments and about hardship."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms

from billing_desk.workspace.forms import CaseForm, amount_field, amount_of
from ledger.hardship.models import HardshipCase
from ledger.hardship.queries import free_advice, live_case
from ledger.instalments.models import PaymentPlan
from ledger.instalments.queries import bills_to_cover, plans_of
from ledger.instalments.terms import FEWEST, FIRST_IN_DAYS, MOST, terms_within
from ledger.money import Money


class PlanForm(CaseForm):
    """Which bills, what the customer can pay a month, in how many instalments, from when."""

    bills = forms.MultipleChoiceField(label="Bills", widget=forms.CheckboxSelectMultiple)
    monthly = amount_field("What can you pay a month? Ask, and write down what is said")
    count = forms.IntegerField(
        label="Monthly instalments", required=False, min_value=FEWEST, max_value=MOST,
        help_text="Empty: as few as fit.",
    )  # fmt: skip
    first_on = forms.DateField(label="First one on", widget=forms.DateInput(attrs={"type": "date"}))
    charged = forms.BooleanField(label="Charge the method on file on each day", required=False, initial=True)
    reason = forms.CharField(label="Why", max_length=300, widget=forms.TextInput)

    def prepare(self) -> None:
        """Offer the bills something is due on, all of them chosen; what was said in hardship is filled in."""
        assert self.case.account is not None
        customer = self.case.account.customer
        self.invoices = bills_to_cover(customer.pk)
        self.offer("bills", [(str(one.pk), f"{one.number} · {one.due_amount}") for one in self.invoices])
        self.initial.setdefault("bills", [str(one.pk) for one in self.invoices])
        self.fields["monthly"].label = f"{self.fields['monthly'].label} ({self.currency})"
        case = live_case(customer.pk)
        if case is not None and case.can_pay_monthly:
            self.initial.setdefault("monthly", f"{case.can_pay_monthly.decimal():f}")
        self.initial.setdefault("first_on", self.case.account.summary.as_of + timedelta(days=FIRST_IN_DAYS))

    def clean_monthly(self) -> Money:
        """Read the amount as typed."""
        return amount_of(str(self.cleaned_data["monthly"]), self.currency)

    def clean(self) -> dict[str, Any]:
        """Add the terms, with as few instalments as fit where no number was given."""
        asked = super().clean() or self.cleaned_data
        if self.errors:
            return dict(asked)
        chosen = [one for one in self.invoices if str(one.pk) in asked["bills"]]
        total = sum((one.due_amount for one in chosen), Money(0, self.currency))
        first_on, charged = asked["first_on"], asked["charged"]
        terms = terms_within(
            total, asked["monthly"], count=asked["count"], first_on=first_on, charges_automatically=charged
        )
        return {**asked, "invoice_ids": [one.pk for one in chosen], "terms": terms}


class AgreedForm(CaseForm):
    """The customer agreed on the phone: to which plan, after its words were read out."""

    plan = forms.TypedChoiceField(label="Plan", coerce=int)
    words = forms.CharField(
        label="Read this out", required=False, disabled=True, widget=forms.Textarea(attrs={"rows": 10})
    )
    was_read = forms.BooleanField(label="I read it out, and the customer agreed")

    def prepare(self) -> None:
        """Offer the plans that wait for a yes, with the words of the first."""
        assert self.case.account is not None
        waiting = [plan for plan in plans_of(self.case.account.customer.pk) if plan.state == PaymentPlan.State.PROPOSED]
        self.plans = {plan.pk: plan for plan in waiting}
        self.offer("plan", [(plan.pk, f"{plan.number} · {plan.covered}") for plan in waiting])
        self.initial["words"] = waiting[0].wording if waiting else "No plan waits for a yes."


class HardshipForm(CaseForm):
    """What was said, by whom, and what can be paid; who advises for free stands beside it."""

    words = forms.CharField(
        label="What the customer said", max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Write it down as it was said. Give no advice of your own.",
    )  # fmt: skip
    monthly = forms.CharField(
        label="What can be paid a month", max_length=24, required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip
    is_insolvent = forms.BooleanField(label="Insolvent or bankrupt, says the customer or an adviser", required=False)
    said_by = forms.CharField(label="Adviser who speaks for them", max_length=200, required=False)

    def prepare(self) -> None:
        """Name who advises for free where the customer lives."""
        assert self.case.account is not None
        customer = self.case.account.customer
        self.fields["monthly"].label = f"What can be paid a month ({self.currency})"
        places = free_advice(customer, on=self.case.account.summary.as_of)
        listed = "; ".join(" ".join(part for part in (each.name, each.phone, each.url) if part) for each in places)
        self.fields["said_by"].help_text = f"Free advice to name: {listed}." if listed else ""

    def clean_monthly(self) -> Money | None:
        """Read the amount, if there is one; nothing is an answer too."""
        typed = str(self.cleaned_data["monthly"]).strip()
        return amount_of(typed, self.currency, least=0) if typed else None


class HardshipReviewForm(CaseForm):
    """What came of it, or that it is over."""

    outcome = forms.ChoiceField(
        label="What came of it", choices=[*HardshipCase.Outcome.choices, ("end", "It is over: fees may come again")]
    )
    note = forms.CharField(label="Note", max_length=300, widget=forms.TextInput)

    def clean(self) -> dict[str, Any]:
        """Refuse where there is no case."""
        assert self.case.account is not None
        found = live_case(self.case.account.customer.pk)
        if found is None:
            raise forms.ValidationError("There is no hardship case of this customer.")
        return {**(super().clean() or self.cleaned_data), "hardship": found}
