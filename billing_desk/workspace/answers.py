"""How a view answers after a change: the next page for a browser, a swap of the desk for htmx."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect


def go(request: HttpRequest, address: str, *, done: str = "", refusal: str = "") -> HttpResponse:
    """Go on to an address, with a sentence about what was done or why it was refused."""
    if done:
        messages.success(request, done)
    if refusal:
        messages.error(request, refusal)
    if request.headers.get("HX-Request"):
        place = {"path": address, "target": "#desk", "select": "#desk", "swap": "outerHTML"}
        return HttpResponse(status=204, headers={"HX-Location": json.dumps(place)})
    return HttpResponseRedirect(address, status=303)
