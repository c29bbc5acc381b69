"""Answer a verification step: why it is asked, for which case, and the code. Works without sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.views.decorators.http import require_http_methods

from billing_desk.portal.access import outside_page
from billing_desk.portal.forms import CodeForm
from billing_desk.portal.retelling import say
from ledger.errors import DomainError
from ledger.events.actor import Actor
from verification.operations import answer_challenge
from verification.queries import OpenChallenge, open_challenge


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """Ask for the code that went to the contact on file; the token in the address names the question."""
    at = timezone.now()
    challenge = open_challenge(token, at=at) if token.isascii() and token.isprintable() else None
    if challenge is None or challenge.state == "closed":
        return outside_page(request, "portal/verify_closed.html", status=410)
    if challenge.state == "passed":
        return _page(request, "portal/verify_done.html", challenge)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        refusal = _answer(token, form.cleaned_data["answer"], challenge)
        challenge = open_challenge(token, at=at) or challenge
        if not refusal:
            return _page(request, "portal/verify_done.html", challenge)
        if challenge.state == "closed":
            return outside_page(request, "portal/verify_closed.html", status=410)
        form.add_error("answer", refusal)
    return _page(request, "portal/verify.html", challenge, form=form, status=422 if form.errors else 200)


def _answer(token: str, answer: str, challenge: OpenChallenge) -> str:
    """Return why the answer was refused, empty when it was right."""
    try:
        answer_challenge(token, answer=answer, by=Actor.customer(challenge.customer_id), at=timezone.now())
    except DomainError as refusal:
        return say(refusal)
    return ""


def _page(
    request: HttpRequest, template: str, challenge: OpenChallenge, *, status: int = 200, **values: object
) -> HttpResponse:
    kind, _, number = challenge.conversation.partition(":")
    case = f"#{number}" if kind == "ticket" else ""
    is_german = get_language() == "de"
    return outside_page(
        request,
        template,
        status=status,
        challenge=challenge,
        purpose=challenge.purpose_in_german if is_german else challenge.purpose,
        why=pgettext("why", challenge.why),
        case=case,
        **values,
    )
