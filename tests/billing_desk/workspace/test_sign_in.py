"""Sign-in, the second factor, the lock-out, sign-out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

PASSWORD = {"username": "mia", "password": "a-long-password-1"}


def code_of(device: TOTPDevice) -> str:
    """Return what the authenticator app shows now."""
    return f"{totp(device.bin_key, device.step, device.t0, device.digits, device.drift):06d}"


def test_the_right_password_opens_the_page_that_was_wanted(staff):
    answer = Client().post("/desk/sign-in", {**PASSWORD, "next": "/desk/approvals/"})

    assert (answer.status_code, answer.url) == (302, "/desk/approvals/")


def test_a_wrong_password_says_so_without_naming_which_of_the_two_was_wrong(staff):
    answer = Client().post("/desk/sign-in", {"username": "mia", "password": "wrong"})

    assert answer.status_code == 422
    assert "do not go together" in answer.content.decode()


def test_nobody_is_sent_to_a_foreign_address_after_sign_in(staff):
    answer = Client().post("/desk/sign-in", {**PASSWORD, "next": "https://evil.example/"})

    assert answer.url == "/desk/"


def test_after_five_wrong_passwords_the_sign_in_is_locked_and_says_for_how_long(staff):
    client = Client()
    for _ in range(5):
        answer = client.post("/desk/sign-in", {"username": "mia", "password": "wrong"})

    right = client.post("/desk/sign-in", PASSWORD)

    assert answer.status_code == 429
    assert "locked for 15 minutes" in right.content.decode()
    assert client.get("/desk/").status_code == 302


@pytest.fixture
def with_second_factor(sign_in, staff) -> TOTPDevice:
    """Mia after she has set up her authenticator app on the security page."""
    mia = sign_in("mia")
    page = mia.get("/desk/security").content.decode()
    assert "<svg" in page
    device = TOTPDevice.objects.get(user=staff["mia"])
    answer = mia.post("/desk/security", {"code": code_of(device)}, follow=True)
    assert "shown once" in answer.content.decode()
    device.refresh_from_db()
    assert device.confirmed
    TOTPDevice.objects.filter(pk=device.pk).update(last_t=-1)
    return device


def test_with_a_second_factor_the_password_alone_opens_nothing(with_second_factor):
    client = Client()

    answer = client.post("/desk/sign-in", PASSWORD)

    assert answer.url.startswith("/desk/sign-in/code")
    assert client.get("/desk/").status_code == 302


def test_a_password_session_from_before_the_second_factor_is_asked_for_it(with_second_factor, sign_in):
    assert sign_in("mia").get("/desk/").url.startswith("/desk/sign-in")


def test_the_code_of_the_app_completes_the_sign_in(with_second_factor):
    client = Client()
    client.post("/desk/sign-in", PASSWORD)

    wrong = client.post("/desk/sign-in/code", {"code": "000000"})
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    right = client.post("/desk/sign-in/code", {"code": code_of(with_second_factor)})

    assert wrong.status_code == 422
    assert "not right or no longer valid" in wrong.content.decode()
    assert right.status_code == 302
    assert client.get("/desk/").status_code == 200


def test_a_recovery_code_works_once(with_second_factor):
    code = StaticToken.objects.first().token
    first, second = Client(), Client()
    first.post("/desk/sign-in", PASSWORD)
    second.post("/desk/sign-in", PASSWORD)

    assert first.post("/desk/sign-in/code", {"code": code}).status_code == 302
    assert second.post("/desk/sign-in/code", {"code": code}).status_code == 422


def test_the_password_step_is_forgotten_after_five_minutes(with_second_factor, clock):
    client = Client()
    client.post("/desk/sign-in", PASSWORD)
    clock.shift(timedelta(minutes=6))

    assert client.get("/desk/sign-in/code").url == "/desk/sign-in"


def test_signing_out_ends_the_session_and_needs_a_post(sign_in):
    mia = sign_in("mia")

    assert mia.get("/desk/sign-out").status_code == 405
    mia.post("/desk/sign-out")

    assert mia.get("/desk/").status_code == 302
