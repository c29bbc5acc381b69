"""The other ways of a refund: offered when it is asked for, and again when it has failed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from billing_desk.workspace.access import needs
from billing_desk.workspace.answers import go
from billing_desk.workspace.case import Case
from billing_desk.workspace.forms import CaseForm, way_of
from billing_desk.workspace.panels import Panel
from billing_desk.workspace.tickets import open_case, run_panel
from ledger.errors import NotFound
from ledger.events.actor import Actor
from ledger.payments.queries import methods_of
from ledger.refunds.models import Refund
from ledger.refunds.queries import get_refund
from tickets.casework import operations as casework

HELP = (
    "Another card or account needs a portal sign-in or a call back, and the money waits a day. Credit is there at once."
)


class WayForm(CaseForm):
    """Which way a refund takes now."""

    way = forms.ChoiceField(label="Where it goes")

    def prepare(self) -> None:
        """Offer the customer's other cards and accounts, and credit."""
        assert self.case.account is not None
        others = [(f"another:{each.pk}", str(each)) for each in methods_of(self.case.account.customer.pk)]
        self.offer("way", [*others, ("credit", "Credit on the account")])


@needs("refund.request")
@require_http_methods(["GET", "POST"])
def reroute(request: HttpRequest, refund_id: int) -> HttpResponse:
    """Open the panel for another way of a refund that failed, or send it there."""
    try:
        refund = get_refund(refund_id)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    kind, _, number = refund.conversation.partition(":")
    wanted = request.GET.get("ticket") or request.POST.get("ticket") or (number if kind == "ticket" else "")
    if not wanted.isdigit():
        refusal = f"Refund {refund.number} did not come from a ticket; do it from a ticket of this customer."
        return go(request, f"/desk/customers/{refund.customer_id}/", refusal=refusal)
    found = open_case(request, int(wanted))
    if isinstance(found, HttpResponse):
        return found
    if found.customer_id != refund.customer_id:
        raise Http404("There is no such refund in this case.")
    return run_panel(request, found, _panel(refund), f"/desk/refunds/{refund_id}/reroute?ticket={found.pk}")


def _panel(refund: Refund) -> Panel:
    def act(case: Case, asked: dict[str, Any], by: Actor, at: datetime) -> str:
        way = way_of(asked["way"])
        sent = casework.reroute_refund_for_ticket(case.ticket.pk, refund.pk, way=way, by=by, at=at)
        if sent.state == Refund.State.SETTLED:
            return f"Refund {sent.number} is credit on the account now; the customer is told."
        return f"Refund {sent.number} goes to {sent.method} after a day; it should be there {sent.arrives}."

    title = f"Refund {refund.number}: another way"
    return Panel(
        f"reroute-{refund.pk}", title, "Send it this way", WayForm, act, "refund.request", HELP, "request_refund"
    )
