"""Who may open which screen, and the acting member of staff as an Actor.

Reading is open to all staff; every change needs a permission of billing_desk/roles.py. How much an act may cost is
decided below, by the authority limits; here only who may try.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django_otp.plugins.otp_totp.models import TOTPDevice

from billing_desk.models import User
from billing_desk.roles import PERMISSIONS, ROLES, may, roles_of
from ledger.customers.operations import record_view, refuse_access
from ledger.events.actor import Actor

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

SIGN_IN = "/desk/sign-in"
#: One look at an account is put on record once in this time, per ticket and session.
VIEW_RECORDED_FOR_S = 3600


def staff_actor(request: HttpRequest) -> Actor:
    """Return the signed-in member of staff with the roles they hold now."""
    user = cast(User, request.user)
    name = user.first_name or user.get_username().capitalize()
    return Actor.agent(int(user.pk), name=name, roles=roles_of(user), customer_id=user.customer_id)


def can(request: HttpRequest, permission: str) -> bool:
    """Return whether the signed-in member of staff holds a permission."""
    return may(cast(User, request.user), permission)


def why_not(request: HttpRequest, permission: str) -> str:
    """Return why the signed-in member of staff may not do this, empty when they may."""
    if can(request, permission):
        return ""
    roles = [role.label.lower() for role in ROLES.values() if permission in role.permissions and role.is_for_staff]
    act = PERMISSIONS[permission]
    return f"“{act}” is not part of your role. It belongs to: {', '.join(roles)}."


def needs(permission: str) -> Callable[[View[P]], View[P]]:
    """Open a view to staff who are signed in, with their second factor if they have one, and hold the permission."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not _signed_in(request):
                return to_sign_in(request)
            why = why_not(request, permission)
            if why:
                return refused(request, why, subject=f"page:{request.path}"[:60])
            answer = view(request, *args, **kwargs)
            patch_cache_control(answer, private=True, no_store=True)
            return answer

        return guarded

    return decorate


def _signed_in(request: HttpRequest) -> bool:
    user = request.user
    if not user.is_authenticated or not user.is_active:
        return False
    verified = getattr(user, "otp_device", None) is not None
    return verified or not TOTPDevice.objects.filter(user_id=user.pk, confirmed=True).exists()


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send somebody to the sign-in page and, after it, back to where they wanted to go."""
    target = request.get_full_path() if request.method == "GET" and not request.headers.get("HX-Request") else "/desk/"
    address = f"{SIGN_IN}?next={quote(target)}"
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def refused(
    request: HttpRequest, why: str, *, subject: str, customer_id: int | None = None, status: int = 403
) -> HttpResponse:
    """Record a refused access and answer with the designed page: 403 with the reason, or 404 that tells nothing."""
    refuse_access(subject, why=why, customer_id=customer_id, by=staff_actor(request), at=timezone.now())
    if request.headers.get("HX-Request"):
        return render(request, "components/notice.html", {"kind": "bad", "text": why}, status=status)
    return render(request, f"{status}.html", {"why": why, "back": "/desk/"}, status=status)


def is_own_account(request: HttpRequest, customer_id: int | None) -> bool:
    """Return whether the customer is the member of staff themselves."""
    own = staff_actor(request).customer_id
    return own is not None and own == customer_id


def refuse_own_account(request: HttpRequest, subject: str, customer_id: int) -> HttpResponse:
    """Keep members of staff away from their own customer account, and record that they tried."""
    why = "This is your own customer account. A colleague has to work on it."
    return refused(request, why, subject=subject, customer_id=customer_id)


def note_view(request: HttpRequest, customer_id: int, *, what: str) -> None:
    """Put on record that an account was looked at, once an hour for each thing in one session."""
    now = timezone.now()
    seen: dict[str, float] = request.session.get("viewed", {})
    if now.timestamp() - seen.get(what, 0.0) < VIEW_RECORDED_FOR_S:
        return
    record_view(customer_id, what=what, by=staff_actor(request), at=now)
    recent = {key: moment for key, moment in seen.items() if now.timestamp() - moment < VIEW_RECORDED_FOR_S}
    request.session["viewed"] = {**recent, what: now.timestamp()}


def say(request: HttpRequest, sentence: str) -> None:
    """Tell the member of staff what has been done, on the next page they see."""
    messages.success(request, sentence)
