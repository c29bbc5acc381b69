"""Bills: each line can be opened, the difference to the one before is drawn, and known situations are named."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from billing_desk.abroad import abroad_card
from billing_desk.portal.access import page, page_start, refuse_foreign, sees_money
from billing_desk.portal.bill_lines import open_lines
from billing_desk.portal.comparing import Comparison, compare_bill
from billing_desk.portal.session import SignedIn
from billing_desk.reading import reader
from ledger.customers.operations import record_view
from ledger.errors import NotFound
from ledger.explanations.scenarios.recognising import recognise
from ledger.invoices.models import Invoice
from ledger.invoices.queries import get_invoice, invoices_of
from ledger.money import Money

BILLS_A_PAGE = 24
#: More than this many situations on one bill is not an answer.
MOST_SITUATIONS = 3


@require_GET
@sees_money
def bills(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """List the customer's bills, newest first."""
    found = invoices_of(who.customer.pk, limit=BILLS_A_PAGE + 1, before=page_start(request))
    older = f"?before={found[BILLS_A_PAGE - 1].pk}" if len(found) > BILLS_A_PAGE else ""
    return page(request, who, "portal/bills.html", invoices=found[:BILLS_A_PAGE], older_url=older)


@require_GET
@sees_money
def bill(request: HttpRequest, who: SignedIn, invoice_id: int) -> HttpResponse:
    """Show one bill: what it looks like, why it differs from the last one, and every line to be opened."""
    try:
        invoice = get_invoice(invoice_id, customer_id=who.customer.pk)
    except NotFound:
        refuse_foreign(f"invoice:{invoice_id}", who)
    record_view(who.customer.pk, what=f"invoice:{invoice.pk}", by=who.actor, at=timezone.now())
    is_void = invoice.state == Invoice.State.VOID
    return page(
        request,
        who,
        "portal/bill.html",
        invoice=invoice,
        situations=situations_of(invoice, who),
        comparison=None if is_void else _compared(invoice),
        lines=open_lines(invoice),
        abroad=abroad_card(invoice, reader()),
        credit_notes=invoice.credit_notes.all(),
        sums=_sums(invoice),
    )


def _compared(invoice: Invoice) -> Comparison:
    return compare_bill(invoice.pk, customer_id=invoice.customer_id, total=invoice.total, language=reader())


def situations_of(invoice: Invoice, who: SignedIn) -> list[tuple[str, str]]:
    """Return title and words of what a bill looks like, the best fit first."""
    found = recognise(who.customer.pk, today=who.today, invoice_id=invoice.pk)
    about = [one for one in found if f"invoice:{invoice.pk}" in one.refs]
    return [(one.title(reader()), one.for_customer(reader())) for one in about[:MOST_SITUATIONS]]


def _sums(invoice: Invoice) -> dict[str, Money]:
    minor = {
        "net": invoice.net_minor,
        "tax": invoice.tax_minor,
        "paid": invoice.paid_minor,
        "credited": invoice.credited_minor,
        "on_hold": invoice.disputed_minor,
        "given_up": invoice.written_off_minor,
    }
    return {name: Money(amount, invoice.currency) for name, amount in minor.items()}
