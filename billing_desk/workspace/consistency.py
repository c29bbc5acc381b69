"""Are disputes decided alike? What stands out between countries, languages and tenures, for all and each decider."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing_desk.workspace.access import needs
from billing_desk.workspace.people import staff_names
from ledger.disputes.consistency import LEAST, Group
from ledger.disputes.queries import consistency_report

#: The report looks back this far.
LOOKS_BACK = timedelta(days=365)


@needs("audit.view")
@require_GET
def decisions(request: HttpRequest) -> HttpResponse:
    """Show the approval rates of groups with their intervals, what stands out first; small groups have no rate."""
    now = timezone.now()
    report = consistency_report(since=now - LOOKS_BACK, until=now + timedelta(seconds=1))
    names = {f"agent:{pk}": name for pk, name in staff_names().items()}
    ordered = sorted(report.groups, key=lambda group: (not group.is_flagged, group.decider != "", not group.is_shown))
    appeals = [
        {"name": names.get(who, who), "count": count, "lost": lost}
        for who, (count, lost) in sorted(report.overturned_of.items())
    ]
    shown = {
        "groups": [_row(group, names) for group in ordered if group.is_shown or not group.decider],
        "flagged": len(report.flagged),
        "least": LEAST,
        "report": report,
        "appeals": appeals,
    }
    return render(request, "workspace/disputes/decisions.html", shown)


def _row(group: Group, names: dict[str, str]) -> dict[str, Any]:
    def share(rate: float | None) -> str:
        return "" if rate is None else f"{rate:.0%}"

    return {
        "group": group,
        "who": names.get(group.decider, group.decider) or "Everybody",
        "rate": share(group.rate),
        "interval": f"{share(group.low)} – {share(group.high)}" if group.is_shown else "",
        "others": share(group.others),
    }
