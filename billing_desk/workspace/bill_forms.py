"""The forms of a bill: void it, credit lines of it, give it up."""

from __future__ import annotations

from typing import Any

from django import forms

from billing_desk.workspace.forms import amount_of
from ledger.invoices.crediting import Correction
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.money import Money

LONG = forms.Textarea(attrs={"rows": 2})


class VoidForm(forms.Form):
    """Why a bill is withdrawn, and whether its charges are asked for again."""

    reason = forms.CharField(label="Why", max_length=250, widget=LONG)
    bill_again = forms.BooleanField(label="Its charges go on the next bill", required=False)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="void_%s")
        self.fields["reason"].error_messages["required"] = "Please say why; it stands on the record."


class GiveUpForm(forms.Form):
    """Why a bill is given up."""

    reason = forms.CharField(label="Why", max_length=300, widget=LONG)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id="give_up_%s")
        self.fields["reason"].error_messages["required"] = "Please say why; an approver reads it."


class CreditForm(forms.Form):
    """How much is taken back of which lines, tax included, and why."""

    reason = forms.CharField(label="Why", max_length=300, help_text="The customer reads it on the credit note.")

    def __init__(self, invoice: Invoice, data: Any = None) -> None:
        super().__init__(data, auto_id="credit_%s")
        self.invoice, self.rows = invoice, list[tuple[InvoiceLine, Money]]()
        for line in invoice.lines.all():
            left = line.total - Money(line.credited_minor + line.disputed_minor, line.currency)
            self.rows.append((line, left))
            if left.minor > 0:
                self.fields[f"line_{line.pk}"] = _amount(line, left)
        self.fields["reason"].error_messages["required"] = "Please say why; the customer reads it."

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines of the bill, each with its field where something is left of it."""
        found = []
        for line, left in self.rows:
            name = f"line_{line.pk}"
            found.append({"line": line, "left": left, "field": self[name] if name in self.fields else None})
        return found

    def clean(self) -> dict[str, Any]:
        """Read the amounts as typed; those left empty are not credited."""
        cleaned = super().clean() or {}
        corrections = []
        for line, left in self.rows:
            typed = str(cleaned.get(f"line_{line.pk}") or "").strip()
            if not typed:
                continue
            try:
                amount = amount_of(typed, line.currency)
            except forms.ValidationError as problem:
                self.add_error(f"line_{line.pk}", problem)
                continue
            if amount > left:
                self.add_error(f"line_{line.pk}", f"Only {left} is left of it.")
            corrections.append(Correction(line.pk, amount))
        if not corrections and not self.errors:
            raise forms.ValidationError("Write an amount beside at least one line.")
        cleaned["corrections"] = corrections
        return cleaned


def _amount(line: InvoiceLine, left: Money) -> forms.CharField:
    attrs = {"inputmode": "decimal", "autocomplete": "off", "placeholder": f"{left.decimal():f}"}
    label = f"Credit of {line.description}"
    return forms.CharField(label=label, max_length=24, required=False, widget=forms.TextInput(attrs=attrs))
