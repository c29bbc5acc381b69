"""How, in which language and when we may write."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from billing_desk.portal.access import page, signed_in
from billing_desk.portal.forms import PreferenceForm
from billing_desk.portal.paper import delivery_of
from billing_desk.portal.retelling import say
from billing_desk.portal.session import SignedIn
from ledger.customers.queries import contact_points
from ledger.errors import DomainError
from notifications.preferences.models import Preference
from notifications.preferences.operations import set_preference


@require_http_methods(["GET", "POST"])
@signed_in
def preferences(request: HttpRequest, who: SignedIn) -> HttpResponse:
    """Show and change the preference of the whole account."""
    contacts = contact_points(who.customer.pk)
    kept = Preference.objects.filter(customer=who.customer).first()
    language = (kept.language if kept else "") or who.customer.first_language
    form = PreferenceForm(
        request.POST or None,
        initial={
            "channel": kept.channel if kept else "email",
            "language": language.partition("-")[0],
            "quiet_from": kept.quiet_from if kept else None,
            "quiet_until": kept.quiet_until if kept else None,
        },
        has_phone=any(contact.kind == "phone" for contact in contacts),
        language=language.partition("-")[0],
    )
    if request.method == "POST" and form.is_valid() and _save(form, who):
        messages.success(request, _("Saved. This holds from our next message on."))
        return redirect("portal:preferences")
    status = 422 if form.errors else 200
    return page(
        request, who, "portal/preferences.html", status=status, form=form, contacts=contacts, bills=delivery_of(who)
    )


def _save(form: PreferenceForm, who: SignedIn) -> bool:
    try:
        set_preference(who.customer.pk, **form.cleaned_data, by=who.actor, at=timezone.now())
    except DomainError as refusal:
        form.add_error(None, say(refusal))
        return False
    return True
