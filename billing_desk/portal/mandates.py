"""What customers agreed to so that a card or account is kept: read again, given for an account, and taken back."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing_desk.portal.access import sees_money
from billing_desk.portal.retelling import say
from billing_desk.portal.session import SignedIn
from billing_desk.reading import reader
from ledger.errors import DomainError
from ledger.payments.consent_words import KEEP, SEPA, Consent, consent_words
from ledger.payments.gateways_sandbox import TEST_ACCOUNTS
from ledger.payments.mandate_models import Mandate
from ledger.payments.mandates import add_test_account
from ledger.payments.methods import SEPA as SEPA_COUNTRIES
from ledger.payments.models import PaymentMethod


@dataclass(frozen=True, slots=True)
class Kept:
    """A card or account on file, with what was agreed to; None for one kept before consents were stored."""

    method: PaymentMethod
    mandate: Mandate | None


def kept_with_mandates(methods: list[PaymentMethod]) -> list[Kept]:
    """Return methods with their mandates; one query for all."""
    found = {one.method_id: one for one in Mandate.objects.filter(method__in=methods)}
    return [Kept(method, found.get(method.pk)) for method in methods]


def consent_to_keep() -> Consent:
    """Return the words for keeping what is paid with, in the reader's language."""
    return consent_words(KEEP, language=reader(), seller=settings.SELLER["name"])


def sepa_consent() -> Consent:
    """Return the words of a SEPA mandate, in the reader's language."""
    return consent_words(SEPA, language=reader(), seller=settings.SELLER["name"], days=settings.SEPA_NOTICE_DAYS)


def accounts_for(who: SignedIn) -> dict[str, tuple[str, str]]:
    """Return the test accounts a customer can give a mandate for; none where no SEPA debit reaches them."""
    reaches = who.customer.country in SEPA_COUNTRIES and who.customer.currency == "EUR"
    return TEST_ACCOUNTS if settings.GATEWAY == "sandbox" and reaches else {}


@require_POST
@sees_money
def give_mandate(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """Put an account on file, if the customer has accepted the mandate that was shown."""
    given, shown = request.POST, sepa_consent()
    try:
        if not accounts_for(who) or given.get("wording") != shown.wording:
            messages.error(request, _("The words have changed since they were shown. Please read them once more."))
        else:
            add_test_account(
                who.customer.pk,
                account=given.get("account", ""),
                consent=shown,
                accepted=given.get("accepted") == "yes",
                by=who.actor,
                at=timezone.now(),
            )
            messages.success(request, _("The account is on file. What you agreed to stands here whenever you need it."))
    except DomainError as problem:
        messages.error(request, say(problem))
    return redirect("portal:methods")
