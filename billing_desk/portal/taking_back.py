"""A choice of the customer taken back: the proof, the refusal in words, and where it leads."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from billing_desk.portal.access import refuse_foreign
from billing_desk.portal.retelling import say
from billing_desk.portal.session import SignedIn
from billing_desk.portal.subscription import proof_missing
from ledger.errors import DomainError, NotFound


def take_back(
    request: HttpRequest, who: SignedIn, subject: str, undo: Callable[[], object], *, done: str, leads_to: str
) -> HttpResponse:
    """Undo what the customer chose and say `done`, or why not; what is not theirs is recorded and is not there."""
    refusal = proof_missing(who, "change_plan")
    try:
        if not refusal:
            undo()
    except NotFound:
        refuse_foreign(subject, who)
    except DomainError as problem:
        refusal = say(problem)
    if refusal:
        messages.error(request, refusal)
    else:
        messages.success(request, done)
    return redirect(leads_to)
