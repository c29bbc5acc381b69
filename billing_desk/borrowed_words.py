"""Words that other tables hold in English and customers read in their own language; each with what kind of word it is.

They are looked up when a page is written (`pgettext`), so the catalogue has to know them from here.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import TextChoices

from billing_desk.templatetags.words import STATES
from ledger.agreements.models import Agreement
from ledger.catalogue.models import Product
from ledger.customers.models import ContactPoint
from ledger.disputes.models import Dispute
from ledger.disputes.reasons import REASONS
from ledger.instalments.models import PaymentPlan
from ledger.invoices.models import Invoice
from ledger.invoices.statements import WORDS as MOVEMENTS
from ledger.payments.gateways_sandbox import TEST_ACCOUNTS, TEST_CARDS
from ledger.payments.models import PaymentMethod
from ledger.refunds.models import Refund
from ledger.subscriptions.models import Subscription
from verification.policy import NEEDED, UNLISTED

#: Whose states stand on pages of the portal.
SHOWN: tuple[type[TextChoices], ...] = (
    Invoice.State, Refund.State, Dispute.State, PaymentPlan.State, Agreement.State, Subscription.State,
)  # fmt: skip


def borrowed() -> Iterator[tuple[str, str]]:
    """Yield kind and English of every word that is looked up in a table."""
    known = {state: said for state, (said, _) in STATES.items()}
    for states in SHOWN:
        known |= {state: state.replace("_", " ") for state in states.values if state not in known}
    yield from (("state", said) for said in known.values())
    yield from (("plan", known[state]) for state in Subscription.State.values)
    yield from (("why", need.why) for need in (*NEEDED.values(), UNLISTED))
    yield from (("movement", words) for words in MOVEMENTS.values())
    yield from (("reason", reason.label.lower()) for reason in REASONS.values())
    yield from (("test card", name) for name, _ in (*TEST_CARDS.values(), TEST_ACCOUNTS["ok"]))
    yield from (("payment method", str(label)) for label in PaymentMethod.Kind.labels)
    yield from (("right", str(label)) for label in ContactPoint.Right.labels)
    yield from (("interval", interval) for interval in Product.Interval.values)
