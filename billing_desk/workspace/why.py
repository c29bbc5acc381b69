"""Why the bill is what it is: the situations recognised, the causes of the difference, words for phone and reply."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from billing_desk.abroad import Abroad, abroad_card, fee_words
from billing_desk.workspace import access
from billing_desk.workspace.access import needs
from billing_desk.workspace.drafting import draft_for
from billing_desk.workspace.names import names_of
from billing_desk.workspace.tickets import open_case, show
from ledger.customers.models import Customer
from ledger.customers.queries import get_customer
from ledger.errors import DomainError
from ledger.explanations.causes import CauseWords
from ledger.explanations.differences import DifferenceExplanation, explain_difference
from ledger.explanations.phone import bill_script
from ledger.explanations.scenarios.finding import Finding
from ledger.explanations.scenarios.recognising import recognise
from ledger.fx.queries import NoRate
from ledger.invoices.models import Invoice
from ledger.invoices.queries import invoices_of
from ledger.money import Money
from tickets.conversations.models import Ticket

#: How many situations the panel lists; the best fit comes first.
SITUATIONS = 4
STAFF_LANGUAGE = "en"


@dataclass(frozen=True)
class Bar:
    """One cause as a bar: its share of the widest one, to the right for more and to the left for less."""

    words: str
    amount: Money
    width: int

    @property
    def tone(self) -> str:
        """More is a warning, less is good."""
        return "more" if self.amount.minor > 0 else "less"


@dataclass(frozen=True)
class Why:
    """What the panel shows of one bill; `trouble` says why it cannot be compared."""

    situations: list[dict[str, Any]]
    invoice: Invoice | None = None
    headline: str = ""
    bars: tuple[Bar, ...] = ()
    total: Money | None = None
    script: tuple[str, ...] = ()
    trouble: str = ""
    abroad: Abroad | None = None


def why_of(customer: Customer, *, invoice: Invoice | None = None) -> Why:
    """Return what is to be said about a customer's latest bill, or about one of theirs."""
    today = customer.local_day(timezone.now())
    about = invoice or _latest(customer)
    found = recognise(customer.pk, today=today, invoice_id=about.pk if about else None)[:SITUATIONS]
    situations = _situations(found)
    if about is None:
        return Why(situations)
    script = tuple(sentence.text for sentence in bill_script(about.pk, STAFF_LANGUAGE).sentences)
    about.customer = customer
    abroad = abroad_card(about, STAFF_LANGUAGE)
    try:
        explained = explain_difference(about.pk, STAFF_LANGUAGE)
    except NoRate as missing:
        return Why(situations, about, script=script, trouble=str(missing), abroad=abroad)
    bars = bars_of(explained)
    return Why(situations, about, explained.headline, bars, explained.difference.total, script, abroad=abroad)


def _latest(customer: Customer) -> Invoice | None:
    issued = [bill for bill in invoices_of(customer.pk, limit=6) if bill.state != Invoice.State.VOID]
    return issued[0] if issued else None


def bars_of(explained: DifferenceExplanation, language: str = STAFF_LANGUAGE) -> tuple[Bar, ...]:
    """Return the causes as bars; together they are the difference."""
    found = explained.difference
    words = CauseWords(found.total.currency, language)
    widest = max((abs(cause.minor) for cause in found.causes), default=0) or 1
    return tuple(
        Bar(words.short(cause), Money(cause.minor, found.total.currency), max(2, abs(cause.minor) * 100 // widest))
        for cause in found.causes
    )


def _situations(found: list[Finding]) -> list[dict[str, Any]]:
    names = names_of(ref for one in found for ref in one.refs)
    return [
        {
            "scenario": one.scenario,
            "title": one.title(STAFF_LANGUAGE),
            "text": one.for_agent(STAFF_LANGUAGE),
            "evidence": [{"ref": ref, "name": names[ref]} for ref in dict.fromkeys(one.refs)],
        }
        for one in found
    ]


@needs("customer.view")
@require_GET
def why(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Open the panel that says why the latest bill of the case's customer is what it is."""
    found = open_case(request, ticket_id)
    if isinstance(found, HttpResponse):
        return found
    if found.customer_id is None:
        raise Http404("First say whose case this is.")
    access.note_view(request, found.customer_id, what=f"ticket:{found.pk}")
    shown = {
        "why": why_of(get_customer(found.customer_id)),
        "ticket": found,
        "may_work": access.can(request, "ticket.work"),
    }
    if request.headers.get("HX-Request"):
        return render(request, "workspace/tickets/_why.html", shown)
    return show(request, found, panel={"why": shown["why"], "form": None})


@needs("customer.view")
@require_GET
def headline(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Answer with what the case looks like, in a few lines: the account pane asks for it once it stands."""
    found = open_case(request, ticket_id)
    if isinstance(found, HttpResponse):
        return found
    if found.customer_id is None:
        raise Http404("First say whose case this is.")
    shown = {
        "why": why_of(get_customer(found.customer_id)),
        "ticket": found,
        "may_work": access.can(request, "ticket.work"),
    }
    return render(request, "workspace/account/_headline.html", shown)


@needs("ticket.work")
@require_POST
def put_into_reply(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """Add the words for the customer, in their language, below what is typed already."""
    found = open_case(request, ticket_id)
    if isinstance(found, HttpResponse):
        return found
    typed, refusal = request.POST.get("text", "").rstrip(), ""
    try:
        words = _for_customer(found, request.POST.get("what", ""), fee=request.POST.get("fee", ""))
        typed = f"{typed}\n\n{words}" if typed else words
    except DomainError as problem:
        refusal = str(problem)
    draft = draft_for(found, text=typed, refusal=refusal, key=request.POST.get("key", ""))
    if not request.headers.get("HX-Request"):
        return show(request, found, draft=draft)
    return render(request, "workspace/tickets/_composer.html", {"draft": draft, "ticket": found, "may_work": True})


def _for_customer(ticket: Ticket, what: str, *, fee: str = "") -> str:
    """Return a situation, the difference, the card of a bill abroad, or whose a fee is, in the customer's words.

    Nothing when it is no longer so.
    """
    if ticket.customer_id is None:
        return ""
    customer = get_customer(ticket.customer_id)
    kind, _, name = what.partition(":")
    if kind == "situation":
        found = recognise(customer.pk, today=customer.local_day(timezone.now()))
        return next((one.for_customer(customer.language) for one in found if one.scenario == name), "")
    about = _latest(customer)
    if about is not None and kind == "fee":
        return fee_words(about, fee, customer.language)
    if about is not None and kind == "abroad":
        card = abroad_card(about, customer.language)
        return f"{about.number}\n{card.text}" if card else ""
    return explain_difference(about.pk, customer.language).explanation.text if about else ""
