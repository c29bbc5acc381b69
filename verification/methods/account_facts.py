"""Facts only the account holder knows, compared with the ledger: the answer is "matches" or "does not match"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ledger.customers.models import Customer
from ledger.errors import InvalidInput
from ledger.invoices.models import Invoice
from ledger.payments.models import Payment, PaymentMethod
from verification import policy

#: What may be asked, in the words an agent reads out.
QUESTIONS: dict[str, str] = {
    "customer_number": "What is the customer number on your bill?",
    "last_bill_amount": "What was the total of your last bill?",
    "last_payment_amount": "How much was your last payment?",
    "card_last4": "What are the last four digits of the card on file?",
}


def refuse_unusable(answers: Mapping[str, str]) -> None:
    """Refuse answers that cannot be judged; that costs no attempt.

    :raises InvalidInput: if fewer facts are answered than are needed, or one is not asked here
    """
    if strange := sorted(set(answers) - set(QUESTIONS)):
        raise InvalidInput(f"We do not ask for {', '.join(strange)}.")
    if sum(1 for answer in answers.values() if answer.strip()) < policy.FACTS_NEEDED:
        raise InvalidInput(f"Please ask for at least {policy.FACTS_NEEDED} facts.")


def matches(customer_id: int, answers: Mapping[str, str]) -> bool:
    """Return whether every answer given is right, and enough were given."""
    given = {fact: answer for fact, answer in answers.items() if answer.strip()}
    right = [same(FACTS[fact](customer_id), answer) for fact, answer in given.items()]
    return len(right) >= policy.FACTS_NEEDED and all(right)


def same(stored: str | None, said: str) -> bool:
    """Compare letters and digits only, so that `1 049,00 €` is `1049.00`; nothing stored never matches."""
    return bool(stored) and _bare(stored or "") == _bare(said)


def _bare(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.lower().removesuffix("eur").removesuffix("usd"))


def _customer_number(customer_id: int) -> str | None:
    return Customer.objects.filter(pk=customer_id).values_list("number", flat=True).first()


def _last_bill_amount(customer_id: int) -> str | None:
    bill = Invoice.objects.filter(customer_id=customer_id).order_by("-issued_on", "-pk").first()
    return str(bill.total.decimal()) if bill else None


def _last_payment_amount(customer_id: int) -> str | None:
    paid = Payment.objects.filter(customer_id=customer_id, state=Payment.State.SUCCEEDED)
    payment = paid.order_by("-received_on", "-pk").first()
    return str(payment.amount.decimal()) if payment else None


def _card_last4(customer_id: int) -> str | None:
    methods = PaymentMethod.objects.filter(customer_id=customer_id, removed_at=None)
    return methods.order_by("-pk").values_list("last4", flat=True).first()


FACTS: dict[str, Callable[[int], str | None]] = {
    "customer_number": _customer_number,
    "last_bill_amount": _last_bill_amount,
    "last_payment_amount": _last_payment_amount,
    "card_last4": _card_last4,
}
