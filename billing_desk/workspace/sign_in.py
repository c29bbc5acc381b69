"""Sign in with name and password, then with the second factor where there is one; sign out."""

from __future__ import annotations

from django import forms
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import login as remember_device
from django_otp import match_token, user_has_device

from billing_desk.models import User

HALF_WAY = "half_signed_in"
HALF_WAY_LASTS_S = 300
LOCKED_OUT = (
    "Too many wrong attempts. For your safety this sign-in is locked for 15 minutes; a supervisor can unlock it."
)


class PasswordForm(AuthenticationForm):
    """Name and password; the answer to a wrong one never says which of the two it was."""

    error_messages = {
        "invalid_login": "That user name and password do not go together.",
        "inactive": "That user name and password do not go together.",
    }


class SecondFactorForm(forms.Form):
    """Six digits of the authenticator app, or one of the recovery codes."""

    code = forms.CharField(
        label="Code from your authenticator app",
        max_length=20,
        help_text="Six digits. Without your phone, use one of your recovery codes.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; go on to the second factor, or straight in."""
    if request.method == "GET":
        return _page(request, PasswordForm(request), step="password")
    form = PasswordForm(request, data=request.POST)
    if not form.is_valid():
        if getattr(request, "axes_locked_out", False):
            # The lock-out middleware would answer with a bare page; ours says how long it lasts.
            vars(request).pop("axes_locked_out")
            return _page(request, form, step="locked", status=429)
        return _page(request, form, step="password", status=422)
    user = form.get_user()
    if user_has_device(user):
        request.session[HALF_WAY] = {"user": user.pk, "at": timezone.now().timestamp(), "backend": user.backend}
        return redirect(f"/desk/sign-in/code?next={_next(request)}")
    login(request, user)
    return redirect(_next(request))


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the second factor of somebody whose password was right at most five minutes ago."""
    half = request.session.get(HALF_WAY) or {}
    user = User.objects.filter(pk=half.get("user", 0), is_active=True).first()
    if user is None or timezone.now().timestamp() - half["at"] > HALF_WAY_LASTS_S:
        return redirect("/desk/sign-in")
    form = SecondFactorForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, form, step="code", status=200 if request.method == "GET" else 422)
    device = match_token(user, form.cleaned_data["code"].replace(" ", ""))
    if device is None:
        form.add_error("code", "That code is not right or no longer valid. Wait for the next one and try again.")
        return _page(request, form, step="code", status=422)
    login(request, user, backend=half["backend"])
    remember_device(request, device)
    request.session.pop(HALF_WAY, None)
    return redirect(_next(request))


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("/desk/sign-in")


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/desk/"
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else "/desk/"


def _page(request: HttpRequest, form: forms.Form, *, step: str, status: int = 200) -> HttpResponse:
    shown = {"form": form, "step": step, "next": _next(request), "locked_out": LOCKED_OUT}
    return render(request, "workspace/sign_in/page.html", shown, status=status)
