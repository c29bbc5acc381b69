"""What else Stripe is asked: with what somebody paid, and our answers to disputes."""

from __future__ import annotations

import io
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

import stripe

from ledger.money import Money
from ledger.payments.gateway_answers import Evidence, GatewayAnswer, PaidWith

Result = TypeVar("Result")

#: Which kinds of Stripe's methods are charged later without the customer, and what we call them.
KEPT = {"card": "card", "sepa_debit": "direct_debit"}
#: Source: Stripe API reference, "The Dispute evidence object": what each may hold; together at most 150,000 characters.
LONGEST = {"product_description": 20_000, "uncategorized_text": 20_000}
LONGEST_OTHER = 5_000


class AsksStripe:
    """The calls of the gateway that are not about taking and giving money; the client and `_ask` are its own."""

    client: stripe.StripeClient
    _ask: Callable[[Callable[[], Any]], Any]

    def paid_with(self, *, payment_reference: str, at: datetime) -> PaidWith | None:
        """Return the card or account of a payment intent, if a customer there owns it and it can be charged again."""
        intent = self._ask(lambda: self.client.v1.payment_intents.retrieve(payment_reference)).to_dict()
        method_id, owner = intent.get("payment_method"), intent.get("customer")
        if not method_id or not owner:
            return None
        method = self._ask(lambda: self.client.v1.payment_methods.retrieve(str(method_id))).to_dict()
        kind = str(method.get("type") or "")
        if kind not in KEPT:
            return None
        shown = method.get(kind) or {}
        mandate, mandate_reference = self._mandate(intent) if kind == "sepa_debit" else ("", "")
        prefix = "" if kind == "card" else f"{kind}:"
        return PaidWith(
            token=f"{prefix}{owner}/{method_id}",
            kind=KEPT[kind],
            brand=str(shown.get("brand") or "").capitalize()[:20],
            last4=str(shown.get("last4") or "")[:4],
            expires_on=_last_day(shown),
            mandate=mandate,
            mandate_reference=mandate_reference,
        )

    def _mandate(self, intent: dict[str, Any]) -> tuple[str, str]:
        """Return the mandate Stripe made for an account, by its id and by the reference the bank knows it by."""
        if not intent.get("latest_charge"):
            return "", ""
        charge = self._ask(lambda: self.client.v1.charges.retrieve(str(intent["latest_charge"]))).to_dict()
        known_as = ((charge.get("payment_method_details") or {}).get("sepa_debit") or {}).get("mandate")
        if not known_as:
            return "", ""
        mandate = self._ask(lambda: self.client.v1.mandates.retrieve(str(known_as))).to_dict()
        details = (mandate.get("payment_method_details") or {}).get("sepa_debit") or {}
        return str(known_as), str(details.get("reference") or "")

    def answer_chargeback(
        self, *, key: str, chargeback: str, amount: Money, evidence: Evidence, at: datetime
    ) -> GatewayAnswer:
        """Submit the evidence of a dispute; the pack's hash and our key stay with it in its metadata."""
        fields: dict[str, Any] = {
            name: text[: LONGEST.get(name, LONGEST_OTHER)] for name, text in evidence.fields.items() if text
        }
        if evidence.receipt:
            fields["receipt"] = self._upload(evidence.receipt, key=key)
        wanted: Any = {"evidence": fields, "submit": True, "metadata": {"key": key, "sha256": evidence.sha256}}
        try:
            made = self._ask(lambda: self.client.v1.disputes.update(chargeback, wanted, {"idempotency_key": key}))
        except stripe.InvalidRequestError as refused:
            return GatewayAnswer(False, failure_code=str(refused.code or "invalid_request"))
        return GatewayAnswer(True, str(made.id))

    def _upload(self, content: bytes, *, key: str) -> str:
        file = io.BytesIO(content)
        file.name = "bill.pdf"
        wanted: Any = {"purpose": "dispute_evidence", "file": file}
        made = self._ask(lambda: self.client.v1.files.create(wanted, {"idempotency_key": f"{key}/receipt"}))
        return str(made.id)

    def find_answer(self, *, key: str, chargeback: str, at: datetime) -> GatewayAnswer | None:
        """Look whether a dispute carries our key and counts a submission."""
        try:
            found = self._ask(lambda: self.client.v1.disputes.retrieve(chargeback)).to_dict()
        except stripe.InvalidRequestError as refused:
            return GatewayAnswer(False, failure_code=str(refused.code or "invalid_request"))
        submitted = (found.get("evidence_details") or {}).get("submission_count") or 0
        if submitted and (found.get("metadata") or {}).get("key") == key:
            return GatewayAnswer(True, chargeback)
        if submitted:
            return GatewayAnswer(False, failure_code="answered_elsewhere")
        return None


def _last_day(shown: dict[str, Any]) -> date | None:
    year, month = shown.get("exp_year"), shown.get("exp_month")
    return date(int(year), int(month), monthrange(int(year), int(month))[1]) if year and month else None
