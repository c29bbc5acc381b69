"""The limits as tables to choose from, and the form that changes one."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django import forms

from billing_desk.roles import ROLES
from billing_desk.workspace.forms import amount_of
from ledger.authority.limiting import MOST_WINDOW_HOURS, Terms
from ledger.authority.models import AuthorityLimit
from ledger.errors import DomainError
from ledger.money import Money, exponent


class LimitForm(forms.Form):
    """What one role may give alone, and why it changes."""

    role = forms.ChoiceField(choices=[(role.name, role.label) for role in ROLES.values() if role.is_for_staff])
    act = forms.ChoiceField(label="May give alone", choices=AuthorityLimit.Act.choices)
    currency = forms.CharField(min_length=3, max_length=3)
    amount = forms.CharField(
        label="Up to", max_length=24, widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    )
    window_hours = forms.IntegerField(
        label="Added up for one customer over so many hours", min_value=1, max_value=MOST_WINDOW_HOURS
    )
    why = forms.CharField(label="Why", max_length=300, help_text="Colleagues read it, and the audit trail keeps it")

    def __init__(self, data: Any = None, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial, auto_id="limit_%s")

    def clean_currency(self) -> str:
        """Refuse a currency there is not."""
        currency = str(self.cleaned_data["currency"]).upper()
        try:
            exponent(currency)
        except DomainError as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return currency

    def clean_amount(self) -> Money:
        """Read the amount as typed; nothing is a limit too."""
        return amount_of(str(self.cleaned_data["amount"]), str(self.cleaned_data.get("currency", "EUR")), least=0)

    def terms(self) -> Terms:
        """Return the limit that is asked for."""
        asked = self.cleaned_data
        return Terms(asked["role"], asked["act"], asked["amount"], asked["window_hours"])


@dataclass(frozen=True)
class LimitTable:
    """One act: a row for each role with its limits."""

    act: str
    rows: list[tuple[str, list[AuthorityLimit]]]


def limit_tables() -> list[LimitTable]:
    """Return the limits in force, an act each, in one query."""
    limits = AuthorityLimit.objects.order_by("act", "role", "currency")
    tables = {}
    for act, of_act in groupby(limits, key=lambda row: row.act):
        roles = groupby(of_act, key=lambda row: row.role)
        tables[act] = [(role.replace("_", " "), list(rows)) for role, rows in roles]
    return [LimitTable(str(label), tables[act]) for act, label in AuthorityLimit.Act.choices if act in tables]
