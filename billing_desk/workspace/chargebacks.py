"""Chargebacks: the deadlines of the card networks, soonest first, and answering one."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from billing_desk.workspace.access import is_own_account, needs, note_view, refuse_own_account, staff_actor
from billing_desk.workspace.answers import go
from billing_desk.workspace.dispute_files import as_zip, bills_of
from ledger.disputes.board import chargeback_board, get_chargeback, key_of, nearness, packs_of, steps_of
from ledger.disputes.chargebacks import accept_chargeback
from ledger.disputes.models import Chargeback, ChargebackPack
from ledger.disputes.packs import assemble_pack, refunds_of, submit_pack
from ledger.errors import DomainError, NotFound

PAGE = 50
#: How near a deadline is: words and tone. The tone never stands without the words.
NEARNESS = {
    "late": ("past", "bad"),
    "today": ("within a day", "bad"),
    "soon": ("within 3 days", "warn"),
    "later": ("later", "good"),
    "none": ("no deadline", ""),
}
#: What became of an answer: words and tone; empty: the pack was frozen before packs were sent from here.
ANSWERS = {
    "": ("frozen", "good"),
    "waiting": ("on its way", ""),
    "sending": ("being sent", ""),
    "unknown": ("no answer yet, asked again", "warn"),
    "sent": ("sent", "good"),
    "refused": ("refused", "bad"),
    "missed": ("too late, not sent", "bad"),
}


@needs("chargeback.answer")
@require_GET
def board(request: HttpRequest) -> HttpResponse:
    """List the open chargebacks, the soonest deadline first."""
    now, after = timezone.now(), _after(request)
    rows = chargeback_board(at=now, after=after, limit=PAGE + 1)
    shown, more = rows[:PAGE], len(rows) > PAGE
    due, pk = key_of(shown[-1]) if more else (None, 0)
    listed = [
        {
            "row": row,
            "words": NEARNESS[row.nearness][0],
            "tone": NEARNESS[row.nearness][1],
            "answer": ANSWERS[row.answer],
        }
        for row in shown
    ]
    next_url = f"?{urlencode({'after': f'{due.isoformat()}~{pk}'})}" if due else ""
    shown_page = {"rows": listed, "next_url": next_url, "is_first": after is None}
    return render(request, "workspace/chargebacks/page.html", shown_page)


def _after(request: HttpRequest) -> tuple[datetime, int] | None:
    moment, _, pk = request.GET.get("after", "").partition("~")
    try:
        due = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (due, int(pk)) if due.tzinfo and pk.isdecimal() and len(pk) < 18 else None


def _open(request: HttpRequest, chargeback_id: int) -> Chargeback | HttpResponse:
    try:
        found = get_chargeback(chargeback_id)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    if is_own_account(request, found.customer_id):
        return refuse_own_account(request, f"chargeback:{chargeback_id}", found.customer_id)
    return found


@needs("chargeback.answer")
@require_GET
def chargeback(request: HttpRequest, chargeback_id: int) -> HttpResponse:
    """Show one chargeback: where it stands, what the network said, what we answered and what can be answered."""
    found = _open(request, chargeback_id)
    if isinstance(found, HttpResponse):
        return found
    note_view(request, found.customer_id, what=f"chargeback:{found.pk}")
    words, tone = NEARNESS[nearness(found.due_at, timezone.now())]
    packs = packs_of(found)
    shown = {
        "chargeback": found,
        "nearness": words,
        "tone": tone,
        "steps": steps_of(found),
        "packs": [{"pack": pack, "answer": getattr(pack, "answer", None), "said": _said(pack)} for pack in packs],
        "is_answered": any(pack.stage == found.stage for pack in packs),
        "refunds": refunds_of(found),
    }
    return render(request, "workspace/chargebacks/chargeback.html", shown)


def _said(pack: ChargebackPack) -> tuple[str, str]:
    answer = getattr(pack, "answer", None)
    return ANSWERS[answer.state if answer else ""]


def _extra(found: Chargeback) -> dict[str, bytes]:
    return bills_of(found.payment.allocations.order_by("pk").values_list("invoice_id", flat=True))


@needs("chargeback.answer")
@require_GET
def preview(request: HttpRequest, chargeback_id: int) -> HttpResponse:
    """Hand out the pack as it would be submitted now; nothing is submitted."""
    found = _open(request, chargeback_id)
    if isinstance(found, HttpResponse):
        return found
    content = assemble_pack(found, extra=_extra(found), by=staff_actor(request), at=timezone.now())
    return as_zip(content, f"chargeback-{found.pk}-preview.zip")


@needs("chargeback.answer")
@require_GET
def submitted(request: HttpRequest, chargeback_id: int, pack_id: int) -> HttpResponse:
    """Hand out what was submitted, byte for byte."""
    found = _open(request, chargeback_id)
    if isinstance(found, HttpResponse):
        return found
    pack = ChargebackPack.objects.filter(pk=pack_id, chargeback=found).first()
    if pack is None:
        raise Http404("There is no such answer.")
    return as_zip(bytes(pack.content), f"chargeback-{found.pk}-{pack.stage}.zip")


@needs("chargeback.answer")
@require_POST
def submit(request: HttpRequest, chargeback_id: int) -> HttpResponse:
    """Freeze the pack as our answer at this stage."""
    found = _open(request, chargeback_id)
    if isinstance(found, HttpResponse):
        return found
    page = f"/desk/chargebacks/{chargeback_id}/"
    try:
        made = submit_pack(chargeback_id, extra=_extra(found), by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, page, refusal=str(refusal))
    if made.is_late:
        return go(request, page, refusal="The answer is frozen, but not sent: the network's deadline had passed.")
    return go(request, page, done="The answer is frozen and on its way to the network.")


@needs("chargeback.answer")
@require_POST
def accept(request: HttpRequest, chargeback_id: int) -> HttpResponse:
    """Give the chargeback up, with the reason."""
    found = _open(request, chargeback_id)
    if isinstance(found, HttpResponse):
        return found
    page = f"/desk/chargebacks/{chargeback_id}/"
    try:
        accept_chargeback(chargeback_id, why=request.POST.get("why", ""), by=staff_actor(request), at=timezone.now())
    except DomainError as refusal:
        return go(request, page, refusal=str(refusal))
    return go(request, page, done="Accepted. The bank keeps what it took; what is left of the payment can be refunded.")
