"""What a customer owed on the day that a page's address names (`?as_of=2026-01-31`); today when it names none."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest

from ledger.customers.models import Customer
from ledger.errors import InvalidInput
from ledger.invoices.queries import AccountSummary, account_summary


def summary_asked_for(request: HttpRequest, customer: Customer, today: date) -> tuple[AccountSummary, str]:
    """Return the summary of the day asked for, and what to say beside it; a day that cannot be is today."""
    text = request.GET.get("as_of", "").strip()
    if not text:
        return account_summary(customer.pk, today=today), ""
    try:
        day = date.fromisoformat(text)
        summary = account_summary(customer.pk, today=today, as_of=day)
    except ValueError:
        return account_summary(customer.pk, today=today), "That is not a day we can read; these are today's figures."
    except InvalidInput as refusal:
        return account_summary(customer.pk, today=today), str(refusal)
    return summary, summary.note
