"""accept, bind and revoke a mandate: nothing is kept on file without the customer's yes to words that are stored."""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from ledger.customers.models import Customer
from ledger.customers.queries import get_customer
from ledger.errors import DomainError, InvalidInput
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.operations import record_event
from ledger.payments.attempt_models import Attempt
from ledger.payments.circuit import GatewayResting, through_circuit
from ledger.payments.consent_words import Consent
from ledger.payments.gateways import PaidWith, gateway
from ledger.payments.gateways_sandbox import PREFIX, TEST_ACCOUNTS
from ledger.payments.mandate_models import Mandate
from ledger.payments.methods import SEPA
from ledger.payments.models import PaymentMethod
from ledger.payments.operations import add_payment_method

log = logging.getLogger(__name__)

KEEPER = Actor.system("keep_methods")
#: How often the gateway is asked with what somebody paid, before a person has to look.
MOST_ASKED = 20


class MandateNotAccepted(DomainError):
    """Nothing is kept on file, because nobody has said yes to it."""


class NoSepaHere(DomainError):
    """SEPA direct debits reach only accounts in the SEPA area, in euro."""


@transaction.atomic
def consent_to_keep(attempt: Attempt, consent: Consent, *, by: Actor, at: datetime) -> Mandate:
    """This will store that the customer wants what they pay with kept; with what that is, the gateway says later."""
    return _accept(attempt.customer, consent, kind=Mandate.Kind.CARD, attempt=attempt, by=by, at=at)


@transaction.atomic
def add_test_account(
    customer_id: int, *, account: str, consent: Consent, accepted: bool, by: Actor, at: datetime
) -> Mandate:
    """This will put one of the sandbox's test accounts on file with the SEPA mandate the customer has just accepted.

    :raises MandateNotAccepted: if the words were not accepted
    :raises NoSepaHere: if the customer's country or currency is not in the SEPA area
    :raises InvalidInput: if there is no such test account
    """
    customer = get_customer(customer_id)
    if not accepted:
        raise MandateNotAccepted("Please tick that you give the mandate; without it no account is kept.")
    if customer.country not in SEPA or customer.currency != "EUR":
        raise NoSepaHere("SEPA direct debit needs an account in the SEPA area, and bills in euro.")
    if account not in TEST_ACCOUNTS:
        raise InvalidInput("Please choose one of the test accounts.")
    mandate = _accept(customer, consent, kind=Mandate.Kind.DIRECT_DEBIT, attempt=None, by=by, at=at)
    kept = PaidWith(PREFIX + account, Mandate.Kind.DIRECT_DEBIT, "Test account", TEST_ACCOUNTS[account][1])
    return _bind(mandate, kept, by=by, at=at)


def _accept(
    customer: Customer, consent: Consent, *, kind: str, attempt: Attempt | None, by: Actor, at: datetime
) -> Mandate:
    mandate = Mandate.objects.create(
        customer=customer,
        kind=kind,
        reference=f"M{customer.pk}-{secrets.token_hex(6).upper()}",
        wording=consent.wording,
        language=consent.language,
        accepted_at=at,
        accepted_on=customer.local_day(at),
        accepted_by=str(by),
        notice_days=settings.SEPA_NOTICE_DAYS if kind == Mandate.Kind.DIRECT_DEBIT else 0,
        attempt=attempt,
        ask_again_at=at if attempt else None,
    )
    _record(kinds.MANDATE_ACCEPTED, mandate, by=by, at=at)
    return mandate


def _bind(mandate: Mandate, kept: PaidWith, *, by: Actor, at: datetime) -> Mandate:
    """Put the card or account on file and write into the locked mandate what was still open."""
    mandate.method = add_payment_method(
        mandate.customer_id, kind=kept.kind, brand=kept.brand, last4=kept.last4, expires_on=kept.expires_on,
        token=kept.token, by=by, at=at,
    )  # fmt: skip
    mandate.kind, mandate.gateway_reference = kept.kind, kept.mandate
    if kept.kind == Mandate.Kind.DIRECT_DEBIT:
        mandate.notice_days = settings.SEPA_NOTICE_DAYS
    if kept.mandate_reference and not Mandate.objects.filter(reference=kept.mandate_reference).exists():
        mandate.reference = kept.mandate_reference[:35]
    mandate.ask_again_at = None
    mandate.save()
    _record(kinds.MANDATE_IN_FORCE, mandate, by=by, at=at)
    return mandate


def keep_methods(*, at: datetime, limit: int = 50) -> int:
    """Sweep: ask the gateway with what customers paid who want it kept, and put it on file; return how many were."""
    due = Mandate.objects.filter(
        method=None, revoked_at=None, ask_again_at__lte=at, attempt__state=Attempt.State.SUCCEEDED
    )
    ids = list(due.order_by("ask_again_at", "pk").values_list("pk", flat=True)[:limit])
    return sum(_keep(mandate_id, at=at) for mandate_id in ids)


def _keep(mandate_id: int, *, at: datetime) -> int:
    mandate = _claim(mandate_id, at=at)
    if mandate is None or mandate.attempt is None:
        return 0
    provider, reference = gateway(), mandate.attempt.gateway_reference or ""
    try:
        kept = through_circuit(provider, lambda: provider.paid_with(payment_reference=reference, at=at), at=at)
    except (OSError, GatewayResting) as problem:
        log.warning("nobody says yet with what %s was paid: %s", reference, problem)
        return 0
    with transaction.atomic():
        held = Mandate.objects.select_for_update(of=("self",)).select_related("customer").get(pk=mandate_id)
        if held.method_id is not None or held.revoked_at is not None:
            return 0
        if kept is None:
            held.ask_again_at = None
            held.save(update_fields=["ask_again_at"])
            _record(kinds.MANDATE_NOT_KEPT, held, by=KEEPER, at=at)
            return 0
        _bind(held, kept, by=KEEPER, at=at)
    return 1


@transaction.atomic
def _claim(mandate_id: int, *, at: datetime) -> Mandate | None:
    """Hold a mandate whose method is not known; whoever asks first sets when it is asked again."""
    held = Mandate.objects.select_for_update(skip_locked=True, of=("self",)).select_related("attempt")
    mandate = held.filter(pk=mandate_id, method=None, ask_again_at__lte=at).first()
    if mandate is None:
        return None
    mandate.asked += 1
    wait = timedelta(minutes=min(2**mandate.asked, 24 * 60))
    mandate.ask_again_at = at + wait if mandate.asked < MOST_ASKED else None
    mandate.save(update_fields=["asked", "ask_again_at"])
    return mandate


def follow_replacement(old: PaymentMethod, new: PaymentMethod) -> None:
    """This will let a mandate hold for the card that took the place of the one it was given for."""
    if not Mandate.objects.filter(method=new).exists():
        Mandate.objects.filter(method=old, revoked_at=None).update(method=new)


def revoke_mandate_of(method: PaymentMethod, *, by: Actor, at: datetime) -> Mandate | None:
    """This will end the mandate of a card or account that is taken off the file; None where there never was one."""
    mandate = Mandate.objects.select_for_update(of=("self",)).filter(method=method, revoked_at=None).first()
    if mandate is not None:
        mandate.revoked_at, mandate.revoked_by = at, str(by)
        mandate.save(update_fields=["revoked_at", "revoked_by"])
        _record(kinds.MANDATE_REVOKED, mandate, by=by, at=at)
    return mandate


def _record(kind: str, mandate: Mandate, *, by: Actor, at: datetime) -> None:
    record_event(
        kind,
        subject=mandate,
        customer_id=mandate.customer_id,
        by=by,
        at=at,
        reference=mandate.reference,
        what=mandate.kind,
        accepted_on=mandate.accepted_on.isoformat(),
        notice_days=mandate.notice_days,
        method=str(mandate.method) if mandate.method else "",
        last4=mandate.method.last4 if mandate.method else "",
    )
