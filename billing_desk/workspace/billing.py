"""Billing for supervisors and finance: runs, months, recurring revenue; what it comes to, and where to act on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing_desk.workspace.access import can, needs, why_not
from billing_desk.workspace.chart import GAINS, LOSSES, movement_chart
from billing_desk.workspace.people import staff_names
from ledger.billing.models import BillingException, BillingRun
from ledger.billing.queries import control_lines
from ledger.books.queries import trial_balance
from ledger.closing.models import MonthClose
from ledger.errors import DomainError
from ledger.imports.models import ImportRun
from ledger.periods import add_months
from ledger.revenue.movements import Movement
from ledger.revenue.outlook import NEEDED, known_months, outlook_of
from ledger.revenue.queries import mrr_movements

RUNS, MONTHS, IMPORTS = 5, 4, 3
#: Months of recurring revenue that are drawn.
DRAWN = 12
COLUMNS = ("opening", *GAINS, *LOSSES, "fx", "closing")
WORDS = {"fx": "exchange rates"}
OWED = {"receivable": "due", "receivable_disputed": "on hold"}


@needs("books.view")
@require_GET
def billing(request: HttpRequest) -> HttpResponse:
    """Show the state of billing: what ran, what is owed, which months wait to be closed, what was imported."""
    runs = list(BillingRun.objects.order_by("-pk")[:RUNS])
    shown = {
        "runs": [{"run": run, "lines": control_lines(run)} for run in runs],
        "exceptions": BillingException.objects.filter(resolved_at=None).count(),
        "owed": [
            {"words": OWED[line.account], "amount": line.debit - line.credit}
            for line in trial_balance()
            if line.account in OWED
        ],
        "months": [_month(row) for row in MonthClose.objects.order_by("-month")[:MONTHS]],
        "imports": list(ImportRun.objects.order_by("-pk")[:IMPORTS]) if can(request, "import.run") else [],
        "why_no_export": why_not(request, "books.close"),
        "why_no_import": why_not(request, "import.run"),
        "why_no_run": why_not(request, "billing.run"),
        "why_no_close": why_not(request, "books.close"),
        "today": timezone.localdate(),
        "people": staff_names(),
    }
    return render(request, "workspace/billing/page.html", shown)


def _month(row: MonthClose) -> dict[str, Any]:
    warned = [item for item in row.checklist if item["level"] == "warn"]
    fine = [item for item in row.checklist if item["level"] == "ok"]
    return {"month": row, "blocking": row.blocking, "warned": warned, "fine": fine}


@needs("books.view")
@require_GET
def revenue(request: HttpRequest) -> HttpResponse:
    """Draw how recurring revenue moved in each of the last months, with the figures below."""
    last = timezone.localdate().replace(day=1)
    shown: dict[str, Any] = {"today": timezone.localdate()}
    try:
        bridge = mrr_movements(add_months(last, 1 - DRAWN), last, today=timezone.localdate())
    except DomainError as refusal:
        shown["trouble"] = str(refusal)
        return render(request, "workspace/billing/revenue.html", shown)
    choices = ["all", *sorted(bridge.by_currency)]
    chosen = request.GET.get("currency", "all")
    rows = bridge.by_currency.get(chosen, bridge.in_book_currency)
    chosen = chosen if chosen in bridge.by_currency else "all"
    shown |= {
        "chart": movement_chart(rows) if bridge.by_currency else None,
        "columns": [WORDS.get(name, name) for name in COLUMNS],
        "rows": [_row(row, last) for row in reversed(rows)],
        "choices": [{"code": code, "is_on": code == chosen} for code in choices],
        "legend": [*GAINS, *LOSSES],
        "now": rows[-1] if rows else None,
        "outlook": _outlook(rows, last),
    }
    return render(request, "workspace/billing/revenue.html", shown)


def _outlook(rows: Sequence[Movement], running: date) -> dict[str, Any]:
    known = known_months(rows, before=running)
    found = outlook_of(known)
    if found is None:
        return {"known": len(known), "needed": NEEDED}
    return {
        "known": len(known),
        "found": found,
        "volatility": f"{found.volatility * 100:.1f}",
        "kept": f"{float(found.kept * 100):.1f} %",
    }


def _row(row: Movement, running: date) -> dict[str, Any]:
    net, gross = row.net_retention, row.gross_retention
    return {
        "month": row.month,
        "is_running": row.month == running,
        "amounts": [{"name": name, "amount": getattr(row, name)} for name in COLUMNS],
        "net": f"{float(net * 100):.1f} %" if net is not None else "",
        "gross": f"{float(gross * 100):.1f} %" if gross is not None else "",
    }
