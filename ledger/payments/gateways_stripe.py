"""Stripe through its official library: payment intents with our key as idempotency key and in their metadata.

A card number never passes through here: methods are known by Stripe's own ids (`pm_…`, or `cus_…/pm_…` for one that
belongs to a customer there; `sepa_debit:` and the like in front where it is no card), and a new card is typed on
Stripe's page. Whatever the library raises that is not an
answer becomes an OSError: nothing is known then.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

import stripe
from django.conf import settings

from ledger.money import Money
from ledger.payments.declines_codes import code_to_keep
from ledger.payments.gateway_answers import Checkout, GatewayAnswer
from ledger.payments.gateways_stripe_more import AsksStripe

Result = TypeVar("Result")

#: How long one call may take before we call it lost; the library's own repeats are ours to make.
TIMEOUT_S = 20
#: How much older than the attempt an intent may look, because clocks differ.
SLACK = timedelta(minutes=2)
#: More pages than this are not read through to find one intent; then nothing is known.
MOST_PAGES = 20
PAGE = 100
#: Source: Stripe API reference, "Errors": these say that nothing was done, or that nobody knows.
NO_ANSWER = (stripe.APIConnectionError, stripe.APIError, stripe.RateLimitError, stripe.AuthenticationError)


class StripeUnreachable(OSError):
    """Stripe gave no answer we could use."""


class StripeGateway(AsksStripe):
    """The account whose secret key the settings name."""

    name = "stripe"

    def __init__(self) -> None:
        self.client = stripe.StripeClient(
            settings.STRIPE_SECRET_KEY,
            base_addresses={"api": settings.STRIPE_API_BASE, "files": settings.STRIPE_FILES_BASE},
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=TIMEOUT_S),
        )

    def charge(self, *, key: str, token: str, amount: Money, at: datetime) -> GatewayAnswer:
        """Make and confirm a payment intent off session; a decline is an answer."""
        kind, _, known_as = token.rpartition(":")
        customer, _, method = known_as.rpartition("/")
        wanted: Any = {
            "amount": amount.on_the_wire("stripe"),
            "currency": amount.currency.lower(),
            "payment_method": method,
            "payment_method_types": [kind or "card"],
            "metadata": {"key": key},
            "confirm": True,
            "off_session": True,
        }
        if customer:
            wanted["customer"] = customer
        try:
            made = self._ask(lambda: self.client.v1.payment_intents.create(wanted, {"idempotency_key": key}))
        except stripe.CardError as declined:
            return GatewayAnswer(False, failure_code=_code(declined))
        except stripe.InvalidRequestError as refused:
            return GatewayAnswer(False, failure_code=str(refused.code or "invalid_request"))
        return answer_of(made.to_dict())

    def refund(self, *, key: str, payment_reference: str, amount: Money, at: datetime) -> GatewayAnswer:
        """Give a part of an intent back."""
        wanted: Any = {
            "payment_intent": payment_reference,
            "amount": amount.on_the_wire("stripe"),
            "metadata": {"key": key},
        }
        try:
            made = self._ask(lambda: self.client.v1.refunds.create(wanted, {"idempotency_key": key}))
        except stripe.InvalidRequestError as refused:
            return GatewayAnswer(False, failure_code=str(refused.code or "invalid_request"))
        return _refund_answer(made.to_dict())

    def find(self, *, key: str, since: datetime, at: datetime) -> GatewayAnswer | None:
        """Look for a key in the metadata of the newest intents and refunds; the search of Stripe lags behind."""
        is_refund = key.startswith("refund:")
        after: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            found = self._page({"limit": PAGE, **after}, is_refund=is_refund)
            for one in found["data"]:
                if (one.get("metadata") or {}).get("key") == key:
                    return _refund_answer(one) if is_refund else answer_of(one)
            last = found["data"][-1] if found["data"] else None
            if last is None or not found["has_more"] or last["created"] < (since - SLACK).timestamp():
                return None
            after = {"starting_after": last["id"]}
        raise StripeUnreachable("Too much happened since; a person has to look this attempt up at Stripe.")

    def _page(self, wanted: Any, *, is_refund: bool) -> dict[str, Any]:
        if is_refund:
            return self._ask(lambda: self.client.v1.refunds.list(wanted)).to_dict()
        return self._ask(lambda: self.client.v1.payment_intents.list(wanted)).to_dict()

    def open_checkout(
        self, *, key: str, amount: Money, words: str, back_to: str, keep: bool, at: datetime
    ) -> Checkout | None:
        """Open a page of Stripe for one payment, which carries our key to the intent it makes.

        With `keep` Stripe makes a customer of its own who owns the card or account, and asks the bank for later use.
        """
        item = {
            "quantity": 1,
            "price_data": {
                "currency": amount.currency.lower(),
                "unit_amount": amount.on_the_wire("stripe"),
                "product_data": {"name": words},
            },
        }
        wanted: Any = {
            "mode": "payment",
            "line_items": [item],
            "success_url": back_to,
            "cancel_url": back_to,
            "payment_intent_data": {"metadata": {"key": key}},
        }
        if keep:
            wanted["payment_intent_data"]["setup_future_usage"] = "off_session"
            wanted["customer_creation"] = "always"
        made = self._ask(lambda: self.client.v1.checkout.sessions.create(wanted, {"idempotency_key": key}))
        return Checkout(str(made.url), str(made.id))

    def _ask(self, call: Callable[[], Result]) -> Result:
        try:
            return call()
        except NO_ANSWER as problem:
            raise StripeUnreachable(f"Stripe gave no answer: {type(problem).__name__}.") from problem


def _code(declined: stripe.CardError) -> str:
    """Return the finest code there is: the bank's reason, else what kind of decline it was."""
    fine = getattr(declined.error, "decline_code", None) if declined.error else None
    advice = getattr(declined.error, "advice_code", None) if declined.error else None
    return code_to_keep(str(fine or declined.code or "card_declined"), str(advice or ""))


def answer_of(intent: dict[str, Any]) -> GatewayAnswer:
    """Return what a payment intent says. Source: Stripe docs, "How PaymentIntents work", statuses."""
    status, reference = intent.get("status"), str(intent.get("id") or "")
    if status == "succeeded":
        return GatewayAnswer(True, reference, taken=_taken(intent))
    if status in ("processing", "requires_capture"):
        return GatewayAnswer(False, reference, pending=True)
    if status == "requires_action":
        return GatewayAnswer(False, failure_code="authentication_required")
    error = intent.get("last_payment_error") or {}
    code = str(error.get("decline_code") or error.get("code") or "card_declined")
    return GatewayAnswer(False, failure_code=code_to_keep(code, str(error.get("advice_code") or "")))


def _taken(intent: dict[str, Any]) -> Money | None:
    received, currency = intent.get("amount_received"), str(intent.get("currency") or "").upper()
    return Money.from_wire(received, currency, "stripe") if isinstance(received, int) and received > 0 else None


def _refund_answer(refund: dict[str, Any]) -> GatewayAnswer:
    status, reference = refund.get("status"), str(refund.get("id") or "")
    if status == "succeeded":
        return GatewayAnswer(True, reference)
    if status in ("pending", "requires_action"):
        return GatewayAnswer(False, reference, pending=True)
    return GatewayAnswer(False, failure_code=str(refund.get("failure_reason") or "declined"))
