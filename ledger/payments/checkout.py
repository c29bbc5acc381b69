"""Paying on a page of the gateway: an attempt without a method and without the lock, for nobody can hold a customer.

When such a payment and another one arrive for one bill, the second is sent back.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.invoices.operations import lock_invoice
from ledger.payments.attempt_models import Attempt
from ledger.payments.attempting import NothingToCollect, collectable
from ledger.payments.charging import tell_of_delay
from ledger.payments.circuit import GatewayResting, through_circuit
from ledger.payments.consent_words import Consent
from ledger.payments.events import record_attempt
from ledger.payments.gateways import gateway
from ledger.payments.mandates import consent_to_keep

#: After this a page of the gateway is dead. Source: Stripe API reference, "Checkout Session", `expires_at`: 24 hours.
PAGE_LIVES = timedelta(hours=25)


def open_checkout_page(
    invoice_id: int, *, words: str, back_to: str, consent: Consent | None = None, by: Actor, at: datetime
) -> str | None:
    """This will return the address of a page of the gateway on which a bill can be paid; None where it has none.

    With a consent, what the customer pays with is kept on file once they have paid.

    :raises NothingToCollect: if nothing is asked for on the bill
    :raises GatewayResting: if the gateway does not answer
    """
    provider = gateway()
    if provider.name == "sandbox":
        return None
    attempt = _begin(invoice_id, consent, by=by, at=at)
    try:
        page = through_circuit(
            provider,
            lambda: provider.open_checkout(
                key=attempt.key,
                amount=attempt.amount,
                words=words,
                back_to=back_to,
                keep=consent is not None,
                at=at,
            ),
            at=at,
        )
    except OSError as problem:
        tell_of_delay(invoice_id, by=by, at=at)
        raise GatewayResting("A technical fault on our side: please try again in a few minutes.") from problem
    return page.url if page else None


@transaction.atomic
def _begin(invoice_id: int, consent: Consent | None, *, by: Actor, at: datetime) -> Attempt:
    invoice = lock_invoice(invoice_id)
    amount = collectable(invoice)
    if amount.minor <= 0:
        raise NothingToCollect(f"Nothing is asked for on {invoice.number} at the moment.")
    attempt = Attempt.objects.create(
        key=f"attempt-{secrets.token_hex(12)}",
        customer_id=invoice.customer_id,
        invoice=invoice,
        gateway=gateway().name,
        trigger=Attempt.Trigger.CUSTOMER,
        amount_minor=amount.minor,
        currency=amount.currency,
        started_by=str(by),
        started_at=at,
        ask_again_at=at + PAGE_LIVES,
    )
    record_attempt(kinds.ATTEMPT_STARTED, attempt, by=by, at=at)
    if consent is not None:
        consent_to_keep(attempt, consent, by=by, at=at)
    return attempt
