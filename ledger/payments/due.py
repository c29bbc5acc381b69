"""collect_due_invoices: the first charge of every bill on its due day, where a card or account is on file."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from ledger.errors import DomainError
from ledger.events.actor import Actor
from ledger.invoices.models import Invoice
from ledger.payments.attempt_models import Attempt
from ledger.payments.circuit import GatewayResting
from ledger.payments.collecting import collect_invoice
from ledger.payments.models import PaymentMethod

log = logging.getLogger(__name__)

SCHEDULE = Actor.system("collect_due_invoices")
PAGE = 200


def collect_due_invoices(*, at: datetime) -> int:
    """Sweep: charge what is due where the customer lives and the schedule has not tried yet; return how many it tried.

    What is refused (a hold, a dispute, an expired card) is left alone and looked at again by the next sweep; a charge
    that fails is the retries' from then on. A gateway that rests ends the sweep. Off unless COLLECT_DUE is set.
    """
    tried, last = 0, 0
    while settings.COLLECT_DUE:
        page = list(_due(at).filter(pk__gt=last).order_by("pk")[:PAGE])
        for invoice in page:
            if invoice.due_on > invoice.customer.local_day(at):
                continue
            try:
                collect_invoice(invoice.pk, trigger=Attempt.Trigger.SCHEDULE, is_first=True, by=SCHEDULE, at=at)
            except GatewayResting:
                return tried
            except DomainError as refusal:
                log.info("%s is not collected: %s", invoice.number, refusal)
            else:
                tried += 1
        if len(page) < PAGE:
            break
        last = page[-1].pk
    return tried


def _due(at: datetime) -> QuerySet[Invoice]:
    """Return open bills due by tomorrow somewhere, of customers with a card or account, that nobody has scheduled."""
    on_file = PaymentMethod.objects.filter(customer_id=OuterRef("customer_id"), removed_at=None)
    on_file = on_file.exclude(kind=PaymentMethod.Kind.TRANSFER)
    scheduled = Attempt.objects.filter(invoice_id=OuterRef("pk"), trigger=Attempt.Trigger.SCHEDULE)
    found = Invoice.objects.filter(state=Invoice.State.OPEN, due_on__lte=at.date() + timedelta(days=1))
    return found.filter(Exists(on_file), ~Exists(scheduled)).select_related("customer")
