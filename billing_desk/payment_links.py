"""Sending a customer a link to pay one bill: the portal's address in a message, for whoever asks for it."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from ledger.events.actor import Actor
from ledger.invoices.queries import get_invoice
from ledger.payments.attempting import collectable
from ledger.payments.linking import LIVES, make_payment_link
from notifications.delivery.operations import queue_message
from notifications.preferences.queries import zone_of
from notifications.wording.speaker import Speaker


def send_payment_link(invoice_id: int, *, by: Actor, at: datetime) -> None:
    """This will send the customer a new link to pay one bill; the link stands in the message and nowhere else.

    :raises NothingToCollect: if nothing is asked for on the bill
    """
    invoice = get_invoice(invoice_id)
    token = make_payment_link(invoice_id, by=by, at=at)
    speaker = Speaker(invoice.customer.first_language, zone_of(invoice.customer))
    amount = collectable(invoice)
    queue_message(
        key=f"payment_link:{token[-20:]}",
        customer_id=invoice.customer_id,
        template="payment_link",
        values={
            "invoice": invoice.number,
            "amount": speaker.amount({"amount_minor": amount.minor, "currency": amount.currency}),
            "link": settings.PUBLIC_URL + reverse("portal:pay-link", args=[token]),
            "until": speaker.day((at + LIVES).date().isoformat()),
        },
        about=f"invoice:{invoice.pk}",
        is_secret=True,
        at=at,
    )
