"""Conversations: read, write, attach files, and ask a new question, also about one line of a bill."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from billing_desk.portal.access import page, page_start, refuse_foreign, signed_in
from billing_desk.portal.forms import QuestionForm, WritingForm
from billing_desk.portal.questions import Question, look_up, send
from billing_desk.portal.retelling import say
from billing_desk.portal.session import SignedIn
from ledger.errors import DomainError, NotFound
from tickets.casework.queries import case_of
from tickets.conversations.models import Ticket
from tickets.conversations.queries import get_attachment, get_ticket, messages_of, tickets_of_customer
from tickets.sla.models import Clock
from tickets.sla.operations import RESPONSES

#: More open conversations than this nobody reads on one page.
MOST_ON_HOME = 5
CASES_A_PAGE = 20
#: Types a browser may show in place; everything else is downloaded.
SHOWN_IN_PLACE = {"image/png", "image/jpeg", "image/webp", "image/gif"}


@dataclass(frozen=True)
class Conversation:
    """A case with what happens next, in the customer's words."""

    ticket: Ticket
    state_words: str
    what_next: str
    due_at: datetime | None = None


def may_read(who: SignedIn, ticket: Ticket) -> bool:
    """Whether a conversation is this contact's: contacts who may not see money read only what they asked themselves."""
    if ticket.customer_id != who.customer.pk:
        return False
    return who.may_see_money or ticket.requester.lower() == who.contact.value.lower()


def in_words(tickets: Iterable[Ticket]) -> list[Conversation]:
    """Return cases with what happens next and by when, the promises read in one query."""
    listed = list(tickets)
    owed = Clock.objects.filter(ticket__in=listed, kind__in=RESPONSES).exclude(state=Clock.State.STOPPED)
    promised = dict(owed.order_by("started_at", "id").values_list("ticket_id", "due_at"))
    return [_in_words(ticket, promised.get(ticket.pk)) for ticket in listed]


def _in_words(ticket: Ticket, due: datetime | None) -> Conversation:
    states = Ticket.State
    if ticket.state == states.OPEN:
        return Conversation(ticket, _("with us"), _("We answer by") if due else _("We are working on it."), due)
    if ticket.state == states.WAITING:
        return Conversation(ticket, _("your turn"), _("We have answered and wait for your reply."))
    if ticket.state == states.RESOLVED:
        return Conversation(ticket, _("answered"), _("Answered. Write again if something is still open."))
    return Conversation(ticket, _("closed"), _("Closed."))


def open_conversations(who: SignedIn) -> list[Conversation]:
    """Return what is open between the customer and us, the newest first."""
    own = (ticket for ticket in tickets_of_customer(who.customer.pk) if may_read(who, ticket))
    unfinished = [ticket for ticket in own if ticket.state in (Ticket.State.OPEN, Ticket.State.WAITING)]
    return in_words(unfinished[:MOST_ON_HOME])


@require_GET
@signed_in
def conversations(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """List the conversations, newest first."""
    found = tickets_of_customer(who.customer.pk, limit=CASES_A_PAGE + 1, before=page_start(request))
    shown = in_words(ticket for ticket in found[:CASES_A_PAGE] if may_read(who, ticket))
    older = f"?before={found[CASES_A_PAGE - 1].pk}" if len(found) > CASES_A_PAGE else ""
    return page(request, who, "portal/conversations.html", conversations=shown, older_url=older)


@require_http_methods(["GET", "POST"])
@signed_in
def conversation(request: HttpRequest, who: SignedIn, ticket_id: int) -> HttpResponse:
    """Show one conversation; take a reply."""
    ticket = _own_ticket(who, ticket_id)
    form = WritingForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        question = Question(ticket.subject, form.cleaned_data["text"], form.cleaned_data["uploads"], ticket=ticket)
        landed = _send(form, who, question)
        if landed is not None:
            return redirect("portal:conversation", landed.pk)
    return page(
        request,
        who,
        "portal/conversation.html",
        status=422 if form.errors else 200,
        ticket=ticket,
        now=in_words([ticket])[0],
        said=messages_of(ticket.pk, for_customer=True),
        case=case_of(ticket.pk) if who.may_see_money else None,
        form=form,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def ask(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """Take a new question; asked from a bill, it names the line it is about."""
    about = (request.POST if request.method == "POST" else request.GET).get("about", "")
    try:
        found = look_up(about, who)
    except NotFound:
        refuse_foreign(about, who)
    start = {"about": about, "subject": _("Question about {words}").format(words=found.words)[:200] if found else ""}
    form = QuestionForm(request.POST or None, request.FILES or None, initial=start)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        landed = _send(form, who, Question(values["subject"], values["text"], values["uploads"], about=about))
        if landed is not None:
            return redirect("portal:conversation", landed.pk)
    status = 422 if form.errors else 200
    return page(request, who, "portal/ask.html", status=status, form=form, about=found)


@require_GET
@signed_in
def attached_file(request: HttpRequest, who: SignedIn, ticket_id: int, attachment_id: int) -> HttpResponse:
    """Hand out a file of an own conversation; nothing in it can run in the browser."""
    subject = f"attachment:{attachment_id}"
    try:
        attachment = get_attachment(attachment_id, customer_id=who.customer.pk)
    except NotFound:
        refuse_foreign(subject, who)
    message = attachment.message
    if message.ticket_id != ticket_id or message.kind not in ("in", "out") or not may_read(who, message.ticket):
        refuse_foreign(subject, who)
    response = HttpResponse(bytes(attachment.content or b""), content_type=attachment.media_type)
    where = "inline" if attachment.media_type in SHOWN_IN_PLACE else "attachment"
    response["Content-Disposition"] = content_disposition_header(where == "attachment", attachment.name) or where
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _own_ticket(who: SignedIn, ticket_id: int) -> Ticket:
    try:
        ticket = get_ticket(ticket_id, customer_id=who.customer.pk)
    except NotFound:
        refuse_foreign(f"ticket:{ticket_id}", who)
    if not may_read(who, ticket):
        refuse_foreign(f"ticket:{ticket_id}", who)
    return ticket


def _send(form: WritingForm, who: SignedIn, question: Question) -> Ticket | None:
    try:
        return send(question, who, key=form.cleaned_data["key"], at=timezone.now())
    except DomainError as refusal:
        form.add_error(None, say(refusal))
        return None
