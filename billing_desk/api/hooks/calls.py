"""A telephone system reports a call: `POST /hooks/calls`."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse

from billing_desk.api.errors import answer
from billing_desk.api.hooks.reading import read_json
from billing_desk.api.hooks.signature import signed_hook
from billing_desk.api.v1.calls import NewCall, report_call, shown_call


@signed_hook
def call_event(request: HttpRequest, at: datetime) -> HttpResponse:
    """Keep one call and answer who it may be; a number is never a proof, and no balance is told."""
    call = report_call(read_json(request, NewCall), at=at)
    return answer(202, shown_call(call))
