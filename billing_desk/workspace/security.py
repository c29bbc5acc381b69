"""The second factor of a member of staff: an authenticator app, and recovery codes for the day the phone is gone."""

from __future__ import annotations

import secrets
from base64 import b32encode

import segno
from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_otp import login as remember_device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from billing_desk.workspace.access import needs, say

RECOVERY_CODES = 10
NAME = "Authenticator app"
RECOVERY_NAME = "Recovery codes"


class ConfirmForm(forms.Form):
    """The first code of a new authenticator proves that it was set up right."""

    code = forms.CharField(
        label="Code shown by the app",
        max_length=10,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


@never_cache
@needs("desk.open")
@require_http_methods(["GET", "POST"])
def security(request: HttpRequest) -> HttpResponse:
    """Show the second factor; set one up, confirmed by its first code."""
    if TOTPDevice.objects.filter(user_id=request.user.pk, confirmed=True).exists():
        left = StaticToken.objects.filter(device__user_id=request.user.pk, device__confirmed=True).count()
        codes = request.session.pop("recovery_codes", None)
        return render(request, "workspace/security/page.html", {"is_on": True, "codes_left": left, "codes": codes})
    device, _ = TOTPDevice.objects.get_or_create(user_id=request.user.pk, confirmed=False, defaults={"name": NAME})
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if device.verify_token(form.cleaned_data["code"].replace(" ", "")):
            return _switch_on(request, device)
        form.add_error("code", "That code does not fit. Check the clock of your phone and use the newest code.")
    shown = {"is_on": False, "form": form, "qr": _picture(device), "secret": _readable(device)}
    return render(request, "workspace/security/page.html", shown, status=422 if form.errors else 200)


@needs("desk.open")
@require_POST
def new_recovery_codes(request: HttpRequest) -> HttpResponse:
    """Replace all recovery codes; the old ones stop working at once."""
    request.session["recovery_codes"] = _replace_codes(int(request.user.pk or 0))
    say(request, "New recovery codes are made; the old ones no longer work.")
    return redirect("/desk/security")


def _switch_on(request: HttpRequest, device: TOTPDevice) -> HttpResponse:
    device.confirmed = True
    device.save(update_fields=["confirmed"])
    remember_device(request, device)
    request.session["recovery_codes"] = _replace_codes(int(request.user.pk or 0))
    say(request, "The second factor is on. Keep the recovery codes where you find them without your phone.")
    return redirect("/desk/security")


@transaction.atomic
def _replace_codes(user_id: int) -> list[str]:
    device, _ = StaticDevice.objects.get_or_create(user_id=user_id, name=RECOVERY_NAME, defaults={"confirmed": True})
    device.token_set.all().delete()
    codes = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=code) for code in codes])
    return codes


def _picture(device: TOTPDevice) -> str:
    code = segno.make(device.config_url, error="m")
    return mark_safe(
        code.svg_inline(border=0, dark="#14171c", title="QR code for your authenticator app", omitsize=True)
    )


def _readable(device: TOTPDevice) -> str:
    text = b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))
