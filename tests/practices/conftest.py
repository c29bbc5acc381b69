"""The desk as outsiders meet it: mails by the hook, pages by a browser's client, work by the worker, a frozen clock."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from billing_desk.models import User
from ledger.customers.models import Customer
from ledger.events import outbox
from notifications.delivery.operations import deliver_due_messages
from notifications.models import Message as Delivered
from tests.conftest import NOW
from tests.tickets.worlds import ANA, mail, open_ana, open_desk
from tickets.models import Ticket

SECRET = "a-secret-of-more-than-24-characters"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Coordinates]:
    """The clock stands at T0 until a test moves it."""
    with time_machine.travel(NOW, tick=False) as moment:
        yield moment


@pytest.fixture
def desk(db, settings) -> None:
    """A fresh installation with its inbound hook open."""
    settings.INBOUND_HOOK_SECRET = SECRET
    open_desk()


@pytest.fixture
def ana(desk) -> Customer:
    """Ana, on file for long enough that her contacts prove something."""
    return open_ana(at=NOW - timedelta(days=90), phone="+4930123456")


@pytest.fixture
def post_mail(desk) -> Callable[..., Ticket | None]:
    """Return a function that posts a mail to the hook, as a mail provider would, and gives its ticket."""

    def post(raw: bytes | None = None, **parts: object) -> Ticket | None:
        answer = Client(enforce_csrf_checks=True).post(
            "/hooks/email",
            raw if raw is not None else mail(**parts),
            content_type="message/rfc822",
            headers={"Authorization": f"Bearer {SECRET}"},
        )
        assert answer.status_code == 202, answer.content
        return Ticket.objects.filter(pk=answer.json()["ticket"]).first()

    return post


@pytest.fixture
def work() -> Callable[[], None]:
    """Return a function that does what worker and beat do: reactions, then deliveries, until nothing is left."""

    def until_done() -> None:
        at: datetime = timezone.now()
        while outbox.run_due_reactions(at=at):
            continue
        deliver_due_messages(at=at)

    return until_done


@pytest.fixture
def staff(db) -> Callable[..., Client]:
    """Return a function that gives the browser of a member of staff with these roles."""

    def browser(name: str, *roles: str, customer: Customer | None = None) -> Client:
        user, is_new = User.objects.get_or_create(username=name, defaults={"first_name": name.capitalize()})
        if is_new:
            user.groups.add(*Group.objects.filter(name__in=roles))
            User.objects.filter(pk=user.pk).update(customer_id=customer.pk if customer else None)
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return browser


@pytest.fixture
def portal() -> Callable[..., Client]:
    """Return a function that signs a customer in to the portal by the link in their mail."""

    def browser(address: str = ANA) -> Client:
        client = Client()
        client.post("/account/sign-in", {"email": address})
        told = Delivered.objects.filter(recipient=address, template__startswith="sign_in_link").latest("pk")
        found = re.search(r"https?://[^/]+(/account/sign-in/\S+)", told.body)
        assert found
        client.post(found[1])
        return client

    return browser


def told(template: str) -> list[Delivered]:
    """Return the messages of one wording, oldest first."""
    return list(Delivered.objects.filter(template__startswith=f"{template}.").order_by("pk"))
