"""The one offer beside the cancel button: shown once, taken with one click, never asked about."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from billing_desk.portal.access import refuse_foreign, sees_money
from billing_desk.portal.plans import own_plan
from billing_desk.portal.retelling import say
from billing_desk.portal.session import SignedIn
from ledger.errors import DomainError
from ledger.offers.models import ShownOffer
from ledger.offers.operations import NoSuchOffer, accept_save_offer, show_save_offer
from ledger.subscriptions.models import Subscription

__all__ = ["accept", "offer_for"]


def offer_for(who: SignedIn, plan: Subscription, *, at: datetime) -> ShownOffer | None:
    """Return the offer to show beside the cancel button, if this is the once that it is shown."""
    return show_save_offer(plan.pk, language=get_language() or "en", by=who.actor, at=at)


@require_POST
@sees_money
def accept(request: HttpRequest, who: SignedIn, subscription_id: int, offer_id: int) -> HttpResponse:
    """Take the offer instead of cancelling."""
    own_plan(subscription_id, who)
    try:
        accept_save_offer(offer_id, customer_id=who.customer.pk, by=who.actor, at=timezone.now())
    except NoSuchOffer:
        refuse_foreign(f"shownoffer:{offer_id}", who)
    except DomainError as problem:
        messages.error(request, say(problem))
        return redirect("portal:plan-change", subscription_id, "cancel")
    messages.success(request, _("Thank you for staying. A confirmation is on its way to you."))
    return redirect("portal:plans")
