"""How refunds, disputes, payment plans and chargebacks go here: drawn from what the code and the limits say now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from billing_desk.diagram import diagram
from billing_desk.workflows import Workflow, authorities, workflows_for_staff
from billing_desk.workspace.access import needs


@needs("desk.open")
@require_GET
def guide(request: HttpRequest) -> HttpResponse:
    """Show every workflow with its moves, and who may give how much."""
    drawn = [(each, _drawn(each)) for each in workflows_for_staff()]
    return render(request, "workspace/guide/page.html", {"drawn": drawn, "authorities": authorities()})


def _drawn(each: Workflow) -> object:
    names = [name for name, _ in each.states]
    return diagram(each.start, names, [(move.source, move.target) for move in each.moves])
