"""Documents handed out on the desk: bills, credit notes and statements as PDF, as the customer gets them."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing_desk.documents import open_document
from billing_desk.workspace.access import is_own_account, needs, refuse_own_account, staff_actor
from billing_desk.workspace.answers import go
from ledger.customers.operations import record_view
from ledger.customers.queries import get_customer
from ledger.errors import DomainError, NotFound
from ledger.invoices.models import CreditNote, Invoice
from ledger.periods import add_months

#: A statement of more months than this is asked for in parts.
MOST_MONTHS = 36


@needs("customer.view")
@require_GET
def bill(request: HttpRequest, invoice_id: int) -> HttpResponse:
    """Hand out a bill as it was issued."""
    owner = Invoice.objects.filter(pk=invoice_id).values_list("customer_id", flat=True).first()
    return _hand_out(request, f"invoice:{invoice_id}", owner, back=f"/desk/invoices/{invoice_id}/")


@needs("customer.view")
@require_GET
def credit_note(request: HttpRequest, note_id: int) -> HttpResponse:
    """Hand out a credit note as it was issued."""
    note = CreditNote.objects.filter(pk=note_id).first()
    back = f"/desk/invoices/{note.invoice_id}/" if note else "/desk/"
    return _hand_out(request, f"creditnote:{note_id}", note.customer_id if note else None, back=back)


@needs("customer.view")
@require_GET
def statement(request: HttpRequest, customer_id: int) -> HttpResponse:
    """Hand out the statement of whole months that are over, the last three unless an earlier first one is named."""
    try:
        customer = get_customer(customer_id)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    end = customer.local_day(timezone.now()).replace(day=1)
    first = _month(request.GET.get("first", "")) or add_months(end, -3)
    if not add_months(end, -MOST_MONTHS) <= first < end:
        first = add_months(end, -3)
    return _hand_out(
        request, f"statement:{customer_id}:{first}:{end}", customer_id, back=f"/desk/customers/{customer_id}/"
    )


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _hand_out(request: HttpRequest, subject: str, customer_id: int | None, *, back: str) -> HttpResponse:
    if customer_id is None:
        raise Http404("There is no such document.")
    if is_own_account(request, customer_id):
        return refuse_own_account(request, subject[:60], customer_id)
    by, now = staff_actor(request), timezone.now()
    try:
        found = open_document(subject, customer_id=customer_id, by=by, at=now)
    except DomainError as refusal:
        return go(request, back, refusal=str(refusal))
    record_view(customer_id, what=f"document:{found.pk}", by=by, at=now)
    answer = HttpResponse(bytes(found.content), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    return answer
