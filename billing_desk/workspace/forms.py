"""The inline forms of a ticket: what they ask, with the likely answer filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.utils.formats import date_format

from billing_desk.workspace.case import Case
from billing_desk.workspace.people import colleagues
from ledger.customers.queries import search_customers
from ledger.disputes.queries import disputable_lines, payment_to_refund
from ledger.disputes.reasons import REASONS
from ledger.errors import InvalidInput
from ledger.money import Money
from ledger.payments.models import Payment
from ledger.payments.queries import methods_of, payments_of
from ledger.refunds.routes import Way
from tickets.queues.models import Queue
from verification.methods.account_facts import QUESTIONS
from verification.policy import NEEDED

#: Acts a check can be for, the usual ones first; the customer reads the words.
PURPOSES = [
    (act, NEEDED[act].what.capitalize())
    for act in ("request_refund", "open_dispute", "see_balance", "change_contact", "cancel")
]
TEXTAREA = forms.Textarea(attrs={"rows": 4})


class CaseForm(forms.Form):
    """A form about one case. `amount` fields are read in the customer's currency."""

    required_css_class = "required"

    def __init__(self, case: Case, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id="panel_%s")
        self.case = case
        self.prepare()
        if "amount" in self.fields:
            self.fields["amount"].label = f"{self.fields['amount'].label} ({self.currency})"
        for field in self.fields.values():
            field.error_messages["required"] = "Please fill this in."

    def prepare(self) -> None:
        """Fill in choices and likely answers."""

    def offer(self, name: str, choices: Sequence[tuple[Any, str]]) -> None:
        """Set what a field lets one choose from."""
        cast(forms.ChoiceField, self.fields[name]).choices = list(choices)

    @property
    def currency(self) -> str:
        """The customer's currency."""
        assert self.case.account is not None
        return self.case.account.customer.currency

    def clean_amount(self) -> Money:
        """Read the amount as typed, with a point or a comma before the cents."""
        return amount_of(str(self.cleaned_data["amount"]), self.currency)


def amount_of(typed: str, currency: str, *, least: int = 1) -> Money:
    """Read an amount as typed, with a point or a comma before the cents; `least` is in minor units."""
    text = typed.replace("\u00a0", "").replace(" ", "")
    if "," in text and "." not in text:
        text = text.replace(",", ".")
    try:
        amount = Money.parse(text, currency)
    except InvalidInput as refusal:
        raise forms.ValidationError(str(refusal)) from refusal
    if amount.minor < least:
        raise forms.ValidationError("The amount must be above zero." if least else "The amount is not below zero.")
    return amount


def amount_field(label: str) -> forms.CharField:
    """Return the field for an amount, typed as digits."""
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "data-amount": ""})
    return forms.CharField(label=label, max_length=24, widget=widget)


class VerifyForm(CaseForm):
    """Where the one-time code goes: only to a contact on file, never to the address that wrote in."""

    contact_point = forms.TypedChoiceField(label="Send a code to", coerce=int, widget=forms.RadioSelect)
    purpose = forms.ChoiceField(label="The customer reads that it is for", choices=PURPOSES)

    def prepare(self) -> None:
        """Offer the contacts on file, the first that may move money chosen."""
        points = self.case.account.contacts if self.case.account else []
        choices = [(p.pk, f"{p.masked} · {p.person or p.get_kind_display()}, {p.right}") for p in points]
        self.offer("contact_point", choices)
        if points:
            self.initial.setdefault("contact_point", next((p.pk for p in points if p.may_move_money), points[0].pk))


class FactsForm(CaseForm):
    """What the customer says about the account; the right answers are never shown."""

    purpose = forms.ChoiceField(label="It is for", choices=PURPOSES, initial="see_balance")

    def prepare(self) -> None:
        """Ask the questions verification knows."""
        for name, question in QUESTIONS.items():
            self.fields[name] = forms.CharField(label=question, max_length=60, required=False)


class ManualCheckForm(VerifyForm):
    """A check done by a person: something shown or said, or a call back to the number on file."""

    level = forms.TypedChoiceField(
        label="What was checked",
        coerce=int,
        choices=[(1, "What was shown or said (level 1)"), (3, "Called back on the number on file (level 3)")],
        widget=forms.RadioSelect,
        initial=1,
    )
    reason = forms.CharField(label="What exactly", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    field_order = ["level", "contact_point", "purpose", "reason"]

    def prepare(self) -> None:
        """Ask for the contact that was called."""
        super().prepare()
        self.fields["contact_point"].label = "The contact you spoke with"


class LineSelect(forms.Select):
    """A select whose options carry the amount that belongs to them, for the amount field beside it."""

    amounts: dict[str, str] = {}

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Add the amount to the option."""
        option = super().create_option(*args, **kwargs)
        amount = self.amounts.get(str(option["value"]))
        if amount:
            option["attrs"]["data-fills-amount"] = amount
        return option


class DisputeForm(CaseForm):
    """Which line is wrong, by how much and why; only this amount is held."""

    line = forms.TypedChoiceField(label="Charge", coerce=int, widget=LineSelect)
    amount = amount_field("Amount in dispute, tax included")
    reason = forms.ChoiceField(label="What the customer says", choices=[(r.code, r.label) for r in REASONS.values()])

    def prepare(self) -> None:
        """Offer the lines that can be disputed, with what is left of each."""
        assert self.case.account is not None
        left = {
            line.pk: (line, Money(line.total.minor - line.disputed_minor - line.credited_minor, line.currency))
            for line in disputable_lines(self.case.account.customer.pk)
        }
        widget = self.fields["line"].widget
        widget.amounts = {str(pk): f"{amount.decimal():f}" for pk, (_, amount) in left.items()}
        choices = [
            (pk, f"{amount} · {line.description} · {line.invoice.number}") for pk, (line, amount) in left.items()
        ]
        self.offer("line", choices)
        wanted = str(self.initial.get("line") or (choices[0][0] if choices else ""))
        self.initial.setdefault("amount", widget.amounts.get(wanted, ""))
        topic = self.case.ticket.topic
        self.initial.setdefault(
            "reason", {"duplicate_charge": "duplicate", "higher_bill": "wrong_amount"}.get(topic, "other")
        )


class DisputeNoteForm(DisputeForm):
    """The same, with what the customer said, before it can be opened."""

    words = forms.CharField(
        label="In the customer's words", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )


class RefundForm(CaseForm):
    """Which payment the money goes back to, how much and why."""

    payment = forms.TypedChoiceField(label="Back to", coerce=int, widget=LineSelect)
    amount = amount_field("Amount")
    reason = forms.CharField(label="Reason", max_length=300, widget=forms.TextInput)
    is_goodwill = forms.BooleanField(label="Goodwill: a gift, nothing was wrong", required=False)
    way = forms.ChoiceField(label="Where it goes", required=False)
    dispute = forms.TypedChoiceField(coerce=int, required=False, empty_value=None, widget=forms.HiddenInput)

    def prepare(self) -> None:
        """Offer the payments something is left of, the amount of the dispute it settles filled in."""
        assert self.case.account is not None
        account = self.case.account
        payments = [p for p in payments_of(account.customer.pk, limit=24) if p.refundable.minor > 0]
        widget = self.fields["payment"].widget
        widget.amounts = {str(p.pk): f"{p.refundable.decimal():f}" for p in payments}
        self.offer("payment", [(p.pk, _payment_words(p)) for p in payments])
        self.offer("dispute", [(row["dispute"].pk, row["dispute"].number) for row in account.disputes])
        others = [(f"another:{each.pk}", f"{each} (waits a day)") for each in methods_of(account.customer.pk)]
        back = ("original", "Back the way it was paid")
        self.offer("way", [back, *others, ("credit", "Credit on the account (a gift)")])
        upheld = next((row["dispute"] for row in account.disputes if row["pays_out"]), None)
        if upheld is not None and "dispute" not in self.initial:
            paid, from_payment = upheld.became_credit, payment_to_refund(upheld)
            self.initial["dispute"], self.initial["amount"] = upheld.pk, f"{paid.decimal():f}"
            self.initial["reason"] = f"Dispute {upheld.number} upheld"
            self.initial["payment"] = from_payment.pk if from_payment else None
        if payments:
            self.initial.setdefault("amount", widget.amounts[str(self.initial.get("payment") or payments[0].pk)])


def way_of(chosen: str) -> Way:
    """Read what the form offers: `original`, `credit`, or `another:7`."""
    route, _, number = chosen.partition(":")
    return Way(route, int(number) if number.isdigit() else None)


def _payment_words(payment: Payment) -> str:
    """Return "29.75 EUR of 17 November, card 4242 (P-2026-000004)", naming what can still go back."""
    card = f", card {payment.card_last4}" if payment.card_last4 else ""
    return f"{payment.refundable} of {date_format(payment.received_on, 'j F')}{card} ({payment.number})"


class ExplanationForm(CaseForm):
    """The words the customer is told about a decision."""

    explanation = forms.CharField(label="What the customer is told", max_length=2000, widget=TEXTAREA)


class DecisionForm(ExplanationForm):
    """A decision: what the customer is told, and why it is not what the facts recommend, where it is not."""

    deviation = forms.CharField(
        label="Why you decide otherwise than the facts recommend",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class PartForm(DecisionForm):
    """How much of it the customer was right about."""

    field_order = ("amount", "explanation", "deviation")
    amount = amount_field("The customer was right about, tax included")


class AppealForm(CaseForm):
    """What is new."""

    reason = forms.CharField(label="What the customer says that is new", max_length=2000, widget=TEXTAREA)


class EvidenceForm(CaseForm):
    """A note or a file for the evidence; it is never changed or taken away again."""

    words = forms.CharField(label="What it is", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class HandOverForm(CaseForm):
    """Another team takes over; the clocks and all evidence go with the ticket."""

    to_queue = forms.ModelChoiceField(label="To", queryset=Queue.objects.order_by("name"), empty_label=None)
    reason = forms.CharField(label="What they need to know", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))

    def prepare(self) -> None:
        """Leave out the queue it is in."""
        field = cast("forms.ModelChoiceField[Queue]", self.fields["to_queue"])
        field.queryset = Queue.objects.exclude(pk=self.case.ticket.queue_id).order_by("name")


class AssignForm(CaseForm):
    """A colleague takes over."""

    to = forms.TypedChoiceField(label="To", coerce=int)

    def prepare(self) -> None:
        """Offer the colleagues who work tickets."""
        self.offer("to", colleagues())


class LinkForm(CaseForm):
    """Whose case it is: chosen by a person, with the reason kept."""

    words = forms.CharField(label="Customer", max_length=100, help_text="Number, e-mail address or name")
    because = forms.CharField(label="How you know", max_length=200)

    def clean(self) -> dict[str, Any]:
        """Find exactly one customer by what was typed."""
        cleaned = super().clean() or {}
        found = search_customers(str(cleaned.get("words", "")), limit=6) if cleaned.get("words") else []
        if not found and "words" in cleaned:
            self.add_error("words", "No customer has this number, address or name.")
        elif len(found) > 1:
            several = ", ".join(f"{customer.name} ({customer.number})" for customer in found[:5])
            self.add_error("words", f"Several customers fit: {several}. Use the number.")
        elif found:
            cleaned["customer"] = found[0]
        return cleaned
