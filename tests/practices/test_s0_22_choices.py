"""S0-22: with which card what is paid, and bills by e-mail or on paper: seen before, confirmed, taken back."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import psycopg
import pypdfium2
import pytest
from django.db import IntegrityError, connection, transaction

from billing_desk.documents import deliver_bill
from ledger.billing.operations import run_billing
from ledger.customers.address_book import change_address
from ledger.events.models import Event
from ledger.invoices.voiding import void_invoice
from ledger.models import Attempt, Invoice, Letter, MethodChoice, Payment, Retry
from ledger.paying.next_charge import EVERYTHING, Scope, next_charge
from ledger.paying.operations import (
    AlreadyChosen,
    CannotPayThisWay,
    ChoiceIsUsed,
    choose_payment_method,
    undo_payment_method,
)
from ledger.payments.collecting import collect_invoice
from ledger.payments.expiring import replace_card
from ledger.payments.on_file import NoSuchPaymentMethod, remove_payment_method
from ledger.payments.operations import add_payment_method
from ledger.payments.recovery import plan_after_failure, run_due_retries
from ledger.payments.retry_defaults import ensure_retry_rules
from ledger.printing.delivery import (
    DeliveryAlreadyChosen,
    DeliveryIsUsed,
    NoPostalAddress,
    choose_delivery,
    preview_delivery,
    undo_delivery,
)
from ledger.printing.operations import (
    BatchIsPrinted,
    LettersTaken,
    NothingToPrint,
    file_of,
    mark_printed,
    take_letters,
)
from ledger.subscriptions.telling import NoSuchSubscription
from notifications.delivery.models import Message
from notifications.reactions import tell_customer
from tests.conftest import NOW, berlin
from tests.ledger.subscriptions.worlds import sell_all, subscribed
from tests.ledger.worlds import SYSTEM, bill, eur, open_ana
from tickets.sla.defaults import ensure_defaults

pytestmark = pytest.mark.django_db
FIRST, TENTH = berlin(2026, 3, 1, 9), berlin(2026, 3, 10, 11)


def card(customer, last4: str, what: str = "ok", **more):
    return add_payment_method(
        customer.pk, kind="card", brand="Visa", last4=last4, token=f"sandbox:{what}", by=SYSTEM, at=FIRST, **more
    )


@pytest.fixture
def plus():
    sell_all()
    return subscribed("plus", at=FIRST)


@pytest.fixture
def old(plus):
    return card(plus.customer, "1111")


@pytest.fixture
def new(plus, old):
    return card(plus.customer, "2222")


def charged(invoice: Invoice) -> str:
    attempt = collect_invoice(invoice.pk, trigger="schedule", by=SYSTEM, at=berlin(2026, 3, 20))
    return attempt.method.last4


def choose(method, *, scope=EVERYTHING, at=TENTH):
    return choose_payment_method(method.customer_id, method_id=method.pk, scope=scope, by=SYSTEM, at=at)


def told_last() -> Message:
    """Tell the customer of the last event, and return the message."""
    tell_customer(Event.objects.latest("pk"), TENTH)
    return Message.objects.latest("pk")


def test_the_narrower_choice_pays_and_without_one_the_newest_card(plus, old, new):
    first, second, third = (bill(plus.customer, 1000, at=FIRST) for _ in range(3))
    of_plan = Invoice.objects.get(source=f"subscription:{plus.pk}")
    assert charged(first) == "2222"

    choose(old)
    choose(new, scope=Scope(invoice_id=third.pk))
    choose(new, scope=Scope(subscription_id=plus.pk))

    assert [charged(each) for each in (second, third, of_plan)] == ["1111", "2222", "2222"]


def test_it_is_shown_when_a_card_is_used_next_and_that_is_when_it_is(plus, old, new):
    of_plan = Invoice.objects.get()
    plan, one_bill = Scope(subscription_id=plus.pk), Scope(invoice_id=of_plan.pk)

    seen = next_charge(plus.customer_id, plan, at=TENTH)
    assert (seen.on, seen.what, seen.amount) == (of_plan.due_on, of_plan.number, eur(2975))
    choose(old, scope=one_bill)
    later = next_charge(plus.customer_id, plan, at=TENTH)
    assert (later.on, later.what, later.amount) == (date(2026, 4, 15), "Plus", eur(2975))  # 1 April and 14 days
    choose(old, scope=plan)
    assert next_charge(plus.customer_id, EVERYTHING, at=TENTH) is None
    run_billing(at=berlin(2026, 4, 1, 5))
    made = Invoice.objects.latest("pk")
    assert (made.due_on, made.total, charged(made)) == (later.on, later.amount, "1111")


def test_a_choice_can_be_taken_back_for_fourteen_days_until_it_is_charged(plus, old, new):
    plan = Scope(subscription_id=plus.pk)
    first = choose(new, scope=plan)
    second = choose(old, scope=plan)

    with pytest.raises(ChoiceIsUsed, match="14 days"):
        undo_payment_method(second.pk, customer_id=plus.customer_id, by=SYSTEM, at=TENTH + timedelta(days=14))
    almost = TENTH + timedelta(days=14, seconds=-1)
    undo_payment_method(second.pk, customer_id=plus.customer_id, by=SYSTEM, at=almost)

    assert MethodChoice.objects.get(state="in_force").pk == first.pk
    assert charged(Invoice.objects.get()) == "2222"
    with pytest.raises(ChoiceIsUsed, match="charged since"):
        undo_payment_method(first.pk, customer_id=plus.customer_id, by=SYSTEM, at=TENTH)


def test_what_cannot_pay_is_refused_in_words(plus, old):
    ends = card(plus.customer, "3333", expires_on=date(2026, 3, 31))
    transfer = add_payment_method(plus.customer_id, kind="transfer", token="iban", by=SYSTEM, at=FIRST)
    bob = open_ana(email="bob@example.com")
    plan = Scope(subscription_id=plus.pk)
    choose(old, scope=Scope(invoice_id=Invoice.objects.get().pk))

    with pytest.raises(CannotPayThisWay, match="expired before the next payment on 2026-04-15"):
        choose(ends, scope=plan)
    with pytest.raises(CannotPayThisWay, match="transfer"):
        choose(transfer)
    with pytest.raises(NoSuchPaymentMethod):
        choose_payment_method(bob.pk, method_id=old.pk, by=SYSTEM, at=TENTH)
    with pytest.raises(NoSuchSubscription):
        choose(card(bob, "4444"), scope=plan)
    choose(old)
    with pytest.raises(AlreadyChosen, match="1111 pays this already"):
        choose(old)


def test_a_new_card_takes_over_what_the_old_was_chosen_for_and_a_removed_one_leaves_it_to_the_newest(plus, old, new):
    choose(old, scope=Scope(subscription_id=plus.pk))
    renewed = replace_card(
        old.pk, token="sandbox:renewed", last4="5555", expires_on=date(2030, 1, 1), by=SYSTEM, at=TENTH
    )
    newest = card(plus.customer, "6666")
    first = Invoice.objects.get()

    assert charged(first) == "5555"
    remove_payment_method(renewed.pk, customer_id=plus.customer_id, by=SYSTEM, at=TENTH)
    assert charged(bill(plus.customer, 900)) == newest.last4


def test_what_is_tried_again_is_tried_with_the_card_chosen_since(plus):
    ensure_retry_rules()
    broke, good = card(plus.customer, "1111", "insufficient_funds"), card(plus.customer, "2222")
    invoice = bill(plus.customer, 1000, at=FIRST)
    collect_invoice(invoice.pk, method_id=broke.pk, trigger="schedule", by=SYSTEM, at=TENTH)
    plan_after_failure(Payment.objects.get().pk, invoice_id=invoice.pk, by=SYSTEM, at=TENTH)
    planned = Retry.objects.filter(state="planned").order_by("planned_for").first()

    choose(good, scope=Scope(invoice_id=invoice.pk), at=TENTH + timedelta(hours=1))
    seen = next_charge(plus.customer_id, Scope(invoice_id=invoice.pk), at=TENTH + timedelta(hours=1))
    run_due_retries(at=planned.planned_for)

    assert seen.on == plus.customer.local_day(planned.planned_for)
    assert Attempt.objects.latest("pk").method_id == good.pk
    assert Invoice.objects.get(pk=invoice.pk).state == "paid"
    assert not Retry.objects.filter(state="planned").exists()


def test_the_customer_is_told_what_pays_from_when_and_until_when_it_can_be_taken_back(plus, old, new):
    choice = choose(old, scope=Scope(subscription_id=plus.pk))
    chosen = told_last()
    undo_payment_method(choice.pk, customer_id=plus.customer_id, by=SYSTEM, at=TENTH)
    undone = told_last()

    assert chosen.subject == "Zahlungsart für Ihren Tarif Plus: Visa 1111"
    assert "Die nächste Abbuchung ist am 15. März 2026: 29,75" in chosen.body
    assert "Bis zum 24. März 2026 können Sie das zurücknehmen" in chosen.body
    assert "wieder: bezahlt wird mit der neuesten hinterlegten Karte" in undone.body


# Paper


@pytest.fixture
def ana():
    ensure_defaults()
    return change_address(open_ana().pk, street="Lindenweg 4", postal_code="10115", city="Berlin", by=SYSTEM, at=NOW)


def on_paper(customer, *, at=NOW):
    return choose_delivery(customer.pk, way="paper", by=SYSTEM, at=at)


def billed(customer, minor: int = 1000) -> Invoice:
    """Issue a bill, and let happen what follows."""
    made = bill(customer, minor)
    deliver_bill(Event.objects.get(kind="invoice.issued", subject=f"invoice:{made.pk}"), NOW)
    return made


def test_before_it_is_confirmed_the_first_bill_and_the_address_are_shown(ana):
    sell_all()
    subscribed("plus", at=FIRST, customer=ana)

    seen = preview_delivery(ana.pk, "paper", at=TENTH)

    assert (seen.before, seen.after, seen.first_on) == ("email", "paper", date(2026, 4, 1))
    assert seen.address == ("Ana Berg", "Lindenweg 4", "10115 Berlin")
    with pytest.raises(DeliveryAlreadyChosen):
        preview_delivery(ana.pk, "email", at=TENTH)
    with pytest.raises(NoPostalAddress, match="no postal address"):
        preview_delivery(open_ana(email="b@example.com").pk, "paper", at=TENTH)


def test_a_bill_on_paper_is_a_letter_once_and_no_mail(ana):
    on_paper(ana)

    made = billed(ana)
    event = Event.objects.get(kind="invoice.issued", subject=f"invoice:{made.pk}")
    deliver_bill(event, NOW)  # a worker that died is followed by another

    letter = Letter.objects.get()
    assert (letter.invoice_id, letter.state, letter.document is not None) == (made.pk, "waiting", True)
    assert not Message.objects.filter(template__startswith="invoice_issued").exists()


def test_the_letters_of_a_day_are_one_file_fetched_as_often_as_needed_and_posted_once(ana):
    on_paper(ana)
    first, withdrawn, second = billed(ana, 1000), billed(ana, 2000), billed(ana, 3000)
    void_invoice(withdrawn.pk, reason="Wrong", by=SYSTEM, at=NOW)

    batch = take_letters(NOW.date(), by=SYSTEM, at=NOW)
    pages = pypdfium2.PdfDocument(BytesIO(file_of(batch)))
    text = " ".join(page.get_textpage().get_text_range() for page in pages)
    late = billed(ana, 4000)
    with pytest.raises(LettersTaken, match="tomorrow's file"):
        take_letters(NOW.date(), by=SYSTEM, at=NOW)
    mark_printed(batch.pk, by=SYSTEM, at=NOW)

    assert [number in text for number in (first.number, second.number, withdrawn.number)] == [True, True, False]
    states = dict(Letter.objects.values_list("invoice_id", "state"))
    assert states == {first.pk: "posted", withdrawn.pk: "called_off", second.pk: "posted", late.pk: "waiting"}
    with pytest.raises(BatchIsPrinted):
        mark_printed(batch.pk, by=SYSTEM, at=NOW)
    tomorrow = take_letters(NOW.date() + timedelta(days=1), by=SYSTEM, at=NOW)
    assert [letter.invoice_id for letter in tomorrow.letters.all()] == [late.pk]
    with pytest.raises(NothingToPrint):
        take_letters(NOW.date() + timedelta(days=2), by=SYSTEM, at=NOW)


def test_the_database_keeps_a_letter_in_its_file_and_on_record(ana):
    on_paper(ana)
    billed(ana)
    batch = take_letters(NOW.date(), by=SYSTEM, at=NOW)
    other = Letter.objects.model.batch.field.related_model.objects.create(
        day=NOW.date() + timedelta(days=9), taken_by="x", taken_at=NOW
    )

    for change in ({"batch": other}, {"state": "waiting", "batch": None}):
        with pytest.raises((IntegrityError, psycopg.Error)), transaction.atomic():
            Letter.objects.update(**change)
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege('billing_desk_app', 'ledger_letter', 'DELETE')")
        assert cursor.fetchone() == (False,)
    assert Letter.objects.get().batch_id == batch.pk


def test_it_can_be_taken_back_until_a_bill_is_in_line(ana):
    choice = on_paper(ana)
    undo_delivery(choice.pk, customer_id=ana.pk, by=SYSTEM, at=NOW + timedelta(days=13))
    billed(ana)
    assert (Letter.objects.count(), Message.objects.filter(template__startswith="invoice_issued").count()) == (0, 1)

    again = on_paper(ana)
    billed(ana)
    with pytest.raises(DeliveryIsUsed, match="by post already"):
        undo_delivery(again.pk, customer_id=ana.pk, by=SYSTEM, at=NOW)
    choose_delivery(ana.pk, way="email", by=SYSTEM, at=NOW)
    told = told_last()
    assert "kommen per E-Mail" in told.body
