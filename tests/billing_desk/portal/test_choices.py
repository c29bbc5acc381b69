"""What customers choose alone: the card that pays, paper or e-mail, and the one offer beside the cancel button."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from ledger.authority.models import AuthorityLimit
from ledger.billing.operations import run_billing
from ledger.catalogue.models import Plan, Price
from ledger.customers.address_book import change_address
from ledger.customers.models import Customer
from ledger.discounts.models import DiscountGrant
from ledger.events.actor import Actor
from ledger.events.models import Event
from ledger.hardship.operations import start_hardship
from ledger.invoices.models import Invoice
from ledger.models import Charge, MethodChoice, SaveOffer, ShownOffer
from ledger.payments.models import PaymentMethod
from ledger.payments.operations import add_payment_method
from ledger.periods import add_months
from ledger.printing.queries import gets_paper
from ledger.subscriptions.models import Subscription
from ledger.subscriptions.operations import start_subscription
from ledger.usage.operations import UsageReport, report_usage
from notifications.delivery.models import Message
from notifications.reactions import tell_customer
from tests.billing_desk.portal.conftest import BOB, refused, sign_in
from tests.conftest import NOW, berlin

METHODS, SETTINGS = "/account/payment-methods/", "/account/preferences/"
TEXT = {"text_en": "Half price for three months?", "text_de": "Drei Monate zum halben Preis?"}


@pytest.fixture
def plan(db: None) -> Plan:
    made = Plan.objects.create(code="plus", name="Plus", features=["Mail", "Chat"], longest_pause_days=92)
    Price.objects.create(
        product_id=made.pk, currency="EUR", amount_minor=2500, tax_rate=19, valid_from=date(2025, 1, 1)
    )
    return made


@pytest.fixture
def plus(ana: Customer, plan: Plan, system: Actor) -> Subscription:
    """Plus, billed on 1 March and due on 15 March; today is 2 March."""
    start = start_subscription(ana.pk, plan_code="plus", started_on=date(2026, 3, 1), by=system, at=berlin(2026, 3, 1))
    run_billing(at=berlin(2026, 3, 1, 6))
    return start


@pytest.fixture
def cards(ana: Customer, system: Actor) -> list[PaymentMethod]:
    more = {"kind": "card", "brand": "Visa", "expires_on": date(2028, 1, 31), "by": system, "at": NOW}
    return [add_payment_method(ana.pk, token=f"sandbox:{n}", last4=n, **more) for n in ("1111", "2222")]


def text_of(browser: Client, address: str, **asked: object) -> str:
    return browser.get(address, asked).content.decode()


def words(page: str) -> str:
    """Return what is read on a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", "", page).split())


def cancel_page(browser: Client, plus: Subscription) -> str:
    return text_of(browser, f"/account/subscriptions/{plus.pk}/cancel")


def test_a_card_is_chosen_for_a_plan_once_it_was_shown_when_it_is_used(
    browser: Client, plus: Subscription, cards: list[PaymentMethod]
) -> None:
    old = cards[0]
    asked = {"for": f"subscription:{plus.pk}", "method": str(old.pk)}

    assert "Visa 1111" in text_of(browser, f"{METHODS}choose", **{"for": asked["for"]})
    seen = text_of(browser, f"{METHODS}choose", **asked)
    assert not MethodChoice.objects.exists()
    browser.post(f"{METHODS}choose", asked)
    listed = text_of(browser, METHODS)

    assert "15 March: €29.75, INV-" in words(seen)
    assert "within 14 days" in seen
    assert MethodChoice.objects.get().method == old
    assert "Plan Plus" in words(listed)
    browser.post(f"{METHODS}choices/{MethodChoice.objects.get().pk}/undo")
    assert MethodChoice.objects.get().state == "taken_back"


def test_nobody_chooses_for_others_or_with_the_card_of_another(
    bob: Customer, plus: Subscription, cards: list[PaymentMethod]
) -> None:
    his = sign_in(BOB)
    asked = {"for": f"subscription:{plus.pk}", "method": "none"}

    assert his.post(f"{METHODS}choose", asked).status_code == 404
    assert his.post(f"{METHODS}choose", {"for": "everything", "method": str(cards[0].pk)}).status_code == 422
    assert his.post(f"{METHODS}choices/1/undo").status_code == 404
    assert refused(f"methodchoice:subscription:{plus.pk}")
    assert not MethodChoice.objects.exists()


def test_bills_come_on_paper_once_the_first_one_and_the_address_were_shown(
    browser: Client, ana: Customer, plus: Subscription, system: Actor
) -> None:
    nowhere = browser.get(f"{SETTINGS}bills/paper")
    change_address(ana.pk, street="Lindenweg 4", postal_code="10115", city="Berlin", by=system, at=NOW)

    seen = text_of(browser, f"{SETTINGS}bills/paper")
    browser.post(f"{SETTINGS}bills/paper")

    assert (nowhere.status_code, "no postal address" in nowhere.content.decode()) == (422, True)
    assert '<dt>First bill</dt><dd><time datetime="2026-04-01">' in seen
    assert "Lindenweg 4" in seen
    assert gets_paper(ana.pk)
    assert "printed, by post" in text_of(browser, SETTINGS)
    browser.post(f"{SETTINGS}bills/{ana.delivery_choices.get().pk}/undo")
    assert not gets_paper(ana.pk)


# The offer beside the cancel button


@pytest.fixture
def limit(db: None) -> AuthorityLimit:
    Group.objects.get_or_create(name="supervisor")
    row, _ = AuthorityLimit.objects.update_or_create(
        role="supervisor", act="discount", currency="EUR", defaults={"amount_minor": 10_000}
    )
    return row


@pytest.fixture
def offer(plan: Plan, limit: AuthorityLimit) -> SaveOffer:
    return SaveOffer.objects.create(plan=plan, kind="discount", percent=Decimal(50), months=3, **TEXT)


def test_the_offer_is_beside_the_button_once_and_never_again(
    browser: Client, plus: Subscription, offer: SaveOffer
) -> None:
    first, again = (cancel_page(browser, plus) for _ in range(2))

    assert "Half price for three months?" in first
    assert first.index("Cancel the plan</button>") < first.index("Half price")  # after it, never before
    assert "Half price" not in again
    assert 'name="expected"' in first  # cancelling takes one click on this very page
    assert ShownOffer.objects.get().state == "shown"


def test_accepted_it_gives_the_discount_and_tells_so(browser: Client, plus: Subscription, offer: SaveOffer) -> None:
    cancel_page(browser, plus)
    shown = ShownOffer.objects.get()
    address = f"/account/subscriptions/{plus.pk}/offers/{shown.pk}"

    browser.post(address)
    browser.post(address)  # the second click gives nothing more
    for month in range(1, 5):
        run_billing(at=berlin(2026, 3 + month, 1, 6))

    grant = DiscountGrant.objects.get()
    assert (grant.state, grant.requested_by) == ("used_up", f"system:save_offer_{offer.pk}")
    nets = list(Invoice.objects.order_by("pk").values_list("net_minor", flat=True))
    assert nets == [2500, 1250, 1250, 1250, 2500]
    tell_customer(Event.objects.get(kind="save_offer.accepted"), NOW)
    told = Message.objects.latest("pk").body
    assert "we take 50 % off its next 3 bills" in told
    assert "You can still cancel at any time" in told


def test_a_pause_on_offer_pauses(browser: Client, plus: Subscription, plan: Plan) -> None:
    SaveOffer.objects.create(plan=plan, kind="pause", months=2, text_en="A pause?", text_de="Eine Pause?")
    cancel_page(browser, plus)

    browser.post(f"/account/subscriptions/{plus.pk}/offers/{ShownOffer.objects.get().pk}")

    assert Subscription.objects.get().state == "paused"
    assert plus.changes.get(what="resume").effective_on == date(2026, 5, 2)


def in_hardship(ana: Customer, plan: Plan, limit: AuthorityLimit) -> None:
    start_hardship(
        ana.pk, words="I lost my job", can_pay_monthly=None, is_insolvent=False, said_by="Ana", conversation="ticket:1",
        by=Actor.system("test"), at=NOW,
    )  # fmt: skip


def above_the_limit(ana: Customer, plan: Plan, limit: AuthorityLimit) -> None:
    AuthorityLimit.objects.filter(pk=limit.pk).update(amount_minor=3_749)  # 3 times half of 25.00 is 37.50


def switched_off(ana: Customer, plan: Plan, limit: AuthorityLimit) -> None:
    SaveOffer.objects.update(is_shown=False)


def a_pause_too_long(ana: Customer, plan: Plan, limit: AuthorityLimit) -> None:
    SaveOffer.objects.update(kind="pause", percent=None, months=4)


@pytest.mark.parametrize("spoil", [in_hardship, above_the_limit, switched_off, a_pause_too_long])
def test_it_is_not_shown_where_it_must_not_or_could_not_be_given(
    spoil: Callable[..., None],
    browser: Client,
    ana: Customer,
    plan: Plan,
    plus: Subscription,
    offer: SaveOffer,
    limit: AuthorityLimit,
) -> None:
    spoil(ana, plan, limit)

    page = cancel_page(browser, plus)

    assert "Stay with this offer" not in page
    assert "Cancel the plan</button>" in page
    assert not ShownOffer.objects.exists()


def test_cancelled_past_the_offer_nothing_is_charged_in_24_months(
    browser: Client, plus: Subscription, offer: SaveOffer
) -> None:
    page = cancel_page(browser, plus)
    done = browser.post(f"/account/subscriptions/{plus.pk}/cancel", {"expected": "0"}, follow=True).content.decode()
    for month in range(1, 25):
        day = add_months(date(2026, 3, 1), month)
        run_billing(at=berlin(day.year, day.month, day.day, 6))

    assert "No further bill: nothing more is charged for this plan." in page
    assert "Still open on earlier bills of this plan: €29.75." in words(page)
    assert "Cancelled, ends 31 March. No further charge." in words(done)
    assert (Charge.objects.count(), Invoice.objects.count()) == (1, 1)
    assert ShownOffer.objects.get().state == "declined"
    tell_customer(Event.objects.get(kind="subscription.cancelled"), NOW)
    assert "nothing more is charged" in Message.objects.latest("pk").body


def test_the_final_bill_is_a_range_where_use_is_still_to_come(browser: Client, ana: Customer, system: Actor) -> None:
    meter = Plan.objects.create(code="meter", name="Meter", meter="calls", unit="calls")
    Price.objects.create(
        product_id=meter.pk, currency="EUR", model="per_unit", unit_minor=10, tax_rate=0, valid_from=date(2024, 1, 1)
    )
    start = start_subscription(
        ana.pk, plan_code="meter", started_on=date(2026, 1, 1), by=system, at=berlin(2026, 1, 1, 9)
    )
    for month, calls in [(1, 100), (2, 300)]:
        used = UsageReport(ana.pk, "calls", Decimal(calls), berlin(2026, month, 5), f"k{month}", start.pk)
        report_usage([used], by=system, at=berlin(2026, month, 6))
    run_billing(at=berlin(2026, 3, 1, 6))

    page = cancel_page(browser, start)

    assert "What you use until then is billed once more:" in page
    assert "from €10.00 to €30.00, as you use it" in words(page)
    browser.post(f"/account/subscriptions/{start.pk}/cancel", {"expected": "0"})
    report_usage(
        [UsageReport(ana.pk, "calls", Decimal(200), berlin(2026, 3, 5), "k3", start.pk)],
        by=system,
        at=NOW + timedelta(5),
    )
    run_billing(at=berlin(2026, 4, 1, 6))
    assert Invoice.objects.latest("pk").total_minor == 2000
