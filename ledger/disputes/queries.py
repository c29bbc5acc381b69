"""Every read of disputes worth a name."""

from __future__ import annotations

from django.db.models import F

from ledger.disputes.board import chargeback_board, get_chargeback
from ledger.disputes.evidence import first_tampered_evidence
from ledger.disputes.facts import recommendation_for
from ledger.disputes.history import consistency_report, dispute_history, similar_disputes
from ledger.disputes.locking import NoSuchDispute
from ledger.disputes.models import Dispute, EvidenceBundle, EvidenceItem, ProvisionalCredit
from ledger.disputes.seeing import review_token, unseen_by
from ledger.disputes.watching import disputes_nearing
from ledger.invoices.models import Invoice, InvoiceLine
from ledger.payments.models import Payment

__all__ = [
    "chargeback_board",
    "consistency_report",
    "dispute_history",
    "disputes_nearing",
    "first_tampered_evidence",
    "get_chargeback",
    "recommendation_for",
    "review_token",
    "similar_disputes",
    "unseen_by",
]


def disputes_of(customer_id: int, *, limit: int = 24) -> list[Dispute]:
    """Return a customer's disputes, newest first."""
    found = Dispute.objects.filter(customer_id=customer_id).select_related("line__invoice")
    return list(found.order_by("-pk")[:limit])


def get_dispute(dispute_id: int, *, customer_id: int | None = None) -> Dispute:
    """Return a dispute, of this customer when one is named.

    :raises NoSuchDispute: if there is none, or it is another customer's
    """
    found = Dispute.objects.filter(pk=dispute_id).select_related("line__invoice", "customer")
    if customer_id is not None:
        found = found.filter(customer_id=customer_id)
    dispute = found.first()
    if dispute is None:
        raise NoSuchDispute("There is no such dispute.")
    return dispute


def evidence_of(dispute_id: int) -> EvidenceBundle | None:
    """Return the evidence frozen when the dispute was opened."""
    return EvidenceBundle.objects.filter(dispute_id=dispute_id).first()


def evidence_items(dispute_id: int) -> list[EvidenceItem]:
    """Return what was added to the evidence later, without the files, in order."""
    return list(EvidenceItem.objects.filter(dispute_id=dispute_id).defer("file").order_by("number"))


def provisional_credit_of(dispute_id: int) -> ProvisionalCredit | None:
    """Return the credit given for a dispute before its decision."""
    return ProvisionalCredit.objects.filter(dispute_id=dispute_id).first()


def disputable_lines(customer_id: int, *, limit: int = 50) -> list[InvoiceLine]:
    """Return lines that can be disputed: billed, not void, not in a dispute, not credited in full; newest first."""
    lines = InvoiceLine.objects.filter(invoice__customer_id=customer_id, disputed_minor=0)
    asked_for = lines.filter(invoice__state__in=[Invoice.State.OPEN, Invoice.State.PAID])
    left = asked_for.exclude(credited_minor__gte=F("net_minor") + F("tax_minor"))
    return list(left.select_related("invoice", "charge").order_by("-pk")[:limit])


def payment_to_refund(dispute: Dispute) -> Payment | None:
    """Return the payment a dispute's paid part goes back from: the newest of the bill that still holds it.

    While it is open that is all of the paid part, later what was granted of it.
    """
    gives = dispute.paid_minor if dispute.is_open else dispute.became_credit.minor
    paid = Payment.objects.filter(
        allocations__invoice_id=dispute.line.invoice_id,
        state=Payment.State.SUCCEEDED,
        amount_minor__gte=F("refunded_minor") + F("charged_back_minor") + gives,
    )
    return paid.order_by("-received_on", "-pk").first() if gives else None
