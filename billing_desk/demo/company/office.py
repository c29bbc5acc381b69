"""The office of the demo company: staff, teams, plans, mailbox, telephone, standard replies, key and webhook."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import Model

from billing_desk.demo.company.templates import REPLY_TEMPLATES
from billing_desk.demo.company.world import World
from billing_desk.demo.mail import IMAP_PORT, IMAP_USER
from billing_desk.demo.people import SIGN_INS
from billing_desk.endpoints import new_secret
from billing_desk.keys import issue_key
from billing_desk.models import User, WebhookEndpoint
from ledger.events import kinds
from ledger.events.actor import Actor
from ledger.events.configuration import record_change, values_of
from ledger.models import Plan, Price
from notifications.notices.defaults import ensure_lead_times
from tickets.models import BusinessHours, Mailbox, Membership, PhoneLine, Queue, ReplyTemplate
from tickets.sla.defaults import ensure_defaults

IMAP_VARIABLE = "BILLING_DESK_DEMO_IMAP_PASSWORD"
#: What the shop of the demo company, an integration, may do.
SHOP_SCOPES = (
    "customers:read", "customers:write", "charges:read", "charges:write", "invoices:read", "payments:read",
    "payments:write", "subscriptions:read", "subscriptions:write", "tickets:read", "tickets:write", "events:read",
    "calls:write",
)  # fmt: skip
TEAMS = {
    "mia": ("billing", "retention"),
    "noe": ("billing", "disputes", "retention"),
    "pia": ("billing", "disputes", "finance", "retention"),
    "olg": ("finance",),
    "qui": ("billing",),
}
#: Net price of a plan per interval in minor units, and the tax on it in per cent: § 12 Abs. 1 UStG for what is sold in
#: euros; other currencies stand for sales abroad without German tax.
PLANS = (
    ("basic", "Basic", "month", {"EUR": 10_00, "USD": 11_00, "GBP": 9_00, "JPY": 1_600}),
    ("plus", "Plus", "month", {"EUR": 25_00, "USD": 27_00, "GBP": 22_00, "JPY": 4_000}),
    ("plus-y", "Plus-Y", "year", {"EUR": 250_00, "USD": 270_00, "GBP": 220_00, "JPY": 40_000}),
)
TAX = {"EUR": Decimal(19)}
#: Calls of the programming interface: a thousand a month are free, then 1.2 cents each, above ten thousand 0.8.
CALLS = [
    {"up_to": "1000", "unit_minor": "0"},
    {"up_to": "10000", "unit_minor": "1.2"},
    {"up_to": None, "unit_minor": "0.8"},
]


def open_office(world: World, *, at: datetime) -> None:
    """Hire everybody and set everything up, as a supervisor would on the first day."""
    ensure_defaults()
    ensure_lead_times()
    _hire(world)
    by = world.staff["pia"]
    _sell_plans(world.first_day, by=by, at=at)
    _form_teams(world, at=at)
    billing = Queue.objects.get(slug="billing")
    hours = BusinessHours.objects.get(name="Billing desk hours")
    mailbox = Mailbox(
        address=settings.SUPPORT_ADDRESS,
        host="localhost",
        port=int(os.environ.get("BILLING_DESK_DEMO_IMAP_PORT", IMAP_PORT)),
        username=IMAP_USER,
        password_variable=IMAP_VARIABLE,
        use_tls=False,
        queue=billing,
    )
    line = PhoneLine(
        number="".join(settings.COMPANY["billing_phone"].split()),
        name="Billing",
        hours=hours,
        languages=["de", "en"],
        closed_text="We are back Monday to Friday from 09:00. Please leave a message, or write to us.",
    )
    _configure(mailbox, by=by, at=at)
    _configure(line, by=by, at=at)
    for template in REPLY_TEMPLATES:
        _configure(ReplyTemplate(**template), by=by, at=at)
    _connect_shop(by=by, at=at)


def _configure(row: Model, *, by: Actor, at: datetime, hide: Sequence[str] = ()) -> None:
    """Save a row of configuration and record it, as the admin does."""
    row.save()
    name = str(row._meta.verbose_name)
    after = values_of(row, hide=hide)
    record_change(kinds.CONFIGURATION_CHANGED, row, what=f"{name} added", before={}, after=after, by=by, at=at)


def _hire(world: World) -> None:
    for role, username, password in SIGN_INS:
        user = User.objects.create_user(
            username, f"{username}@{settings.MAIL_DOMAIN}", password, first_name=username.capitalize(), is_staff=True
        )
        held = Group.objects.filter(name=role.replace(" ", "_"))
        user.groups.set(held)
        roles = frozenset(held.values_list("name", flat=True))
        world.staff[username] = Actor.agent(user.pk, name=user.first_name, roles=roles)


def _sell_plans(first_day: date, *, by: Actor, at: datetime) -> None:
    for code, name, interval, prices in PLANS:
        plan = Plan(code=code, name=name, interval=interval)
        _configure(plan, by=by, at=at)
        for currency, minor in prices.items():
            price = Price(product=plan, currency=currency, amount_minor=minor, valid_from=first_day)
            price.tax_rate = TAX.get(currency, Decimal(0))
            _configure(price, by=by, at=at)
    calls = Plan(code="calls", name="Calls", interval="month", meter="calls", unit="calls")
    _configure(calls, by=by, at=at)
    _configure(
        Price(product=calls, currency="EUR", model="graduated", tiers=CALLS, tax_rate=TAX["EUR"], valid_from=first_day),
        by=by,
        at=at,
    )


def _form_teams(world: World, *, at: datetime) -> None:
    queues = {queue.slug: queue for queue in Queue.objects.all()}
    for username, slugs in TEAMS.items():
        for slug in slugs:
            # The trainee is not given disputes before having learned them.
            excluded = ["duplicate_charge", "refund_request"] if username == "qui" else []
            member = Membership(
                queue=queues[slug], user_id=int(world.staff[username].reference), excluded_topics=excluded
            )
            _configure(member, by=world.staff["pia"], at=at)


def _connect_shop(*, by: Actor, at: datetime) -> None:
    """Issue the demo's API key, kept in a file only we may read; and name a webhook endpoint that is switched off."""
    _, secret = issue_key(name="Shop", scopes=SHOP_SCOPES, by=by, at=at)
    path = api_key_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(f"{secret}\n")
    # Made by hand, because open_endpoint looks the host up and posts from now on; nobody listens there.
    endpoint = WebhookEndpoint(
        name="Accounting of the shop",
        url="https://shop.example/hooks/billing",
        secret=new_secret(),
        is_active=False,
        created_at=at,
    )
    _configure(endpoint, by=by, at=at, hide=("secret",))


def api_key_file() -> Path:
    """Return where the demo's API key is kept."""
    return Path(settings.DATA_DIR) / "secrets" / "demo_api_key"
