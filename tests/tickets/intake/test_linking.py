"""What a message names is linked to the customer's own account: certain, a choice, or refused."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.events.models import Event
from tests.ledger.worlds import bill, pay
from tests.tickets.worlds import STRANGER, opened
from tickets import reactions
from tickets.conversations.models import Reference
from tickets.conversations.operations import AlreadyLinked, link_customer
from tickets.intake import linking
from tickets.intake.linking import NotAChoice, choose_reference
from tickets.intake.references import PaymentHint, References

pytestmark = pytest.mark.usefixtures("desk")
CHARGED = "I was charged 25.00 on 2/3 card 4242."


@pytest.fixture
def described(monkeypatch):
    """Say what the parser of words found in the text, so that these tests are about accounts and not about words."""

    def say(**found):
        monkeypatch.setattr(linking, "find_references", lambda text, *, today: References(**found))

    return say


def hint(amount="25.00", *, on=(date(2026, 3, 2), date(2026, 2, 3)), last4="4242"):
    return PaymentHint(Decimal(amount), amount, "", on, last4)


def test_the_only_payment_that_fits_the_words_is_linked(ana, described):
    bill(ana, 2500, 1000)
    right, _ = pay(ana, 2500), pay(ana, 1000)
    described(payment_hints=(hint(),))

    ticket = opened(text=CHARGED)

    found = Reference.objects.get(ticket=ticket)
    assert (found.subject, found.candidates, found.refused_because) == (f"payment:{right.pk}", [], "")


def test_two_payments_that_fit_are_a_choice_for_the_agent(ana, mia, now, described):
    bill(ana, 2500, 2500)
    first, second = pay(ana, 2500), pay(ana, 2500)
    described(payment_hints=(hint(),))
    found = Reference.objects.get(ticket=opened(text=CHARGED))
    assert (found.subject, set(found.candidates)) == ("", {f"payment:{first.pk}", f"payment:{second.pk}"})

    with pytest.raises(NotAChoice):
        choose_reference(found.pk, subject="payment:999999", by=mia, at=now)
    choose_reference(found.pk, subject=f"payment:{second.pk}", by=mia, at=now)

    found = Reference.objects.get()
    assert (found.subject, found.chosen_by) == (f"payment:{second.pk}", "agent:1")
    assert Event.objects.filter(kind="reference.chosen").count() == 1


def test_a_payment_nobody_made_is_said_to_fit_nothing(ana, described):
    described(payment_hints=(hint("99.00"),))

    assert Reference.objects.filter(ticket=opened(text=CHARGED)).get().refused_because == linking.NOTHING_FITS


def test_another_customers_bill_is_refused_with_reason_and_event_and_without_a_link(ana, ben, described):
    foreign = bill(ben, 2500)
    described(invoices=(foreign.number,))

    ticket = opened(text=f"What about {foreign.number}?")

    found = Reference.objects.get(ticket=ticket)
    assert (found.subject, found.candidates, found.refused_because) == ("", [], linking.NOT_THEIRS)
    assert Event.objects.get(kind="reference.refused").customer_id == ana.pk


def test_a_number_that_does_not_exist_looks_the_same_but_is_no_event(ana, described):
    described(invoices=("INV-2026-999999",))

    assert Reference.objects.get(ticket=opened()).refused_because == linking.NOT_THEIRS
    assert not Event.objects.filter(kind="reference.refused").exists()


def test_a_strangers_references_are_looked_up_only_once_their_account_is_known(ana, mia, now, described):
    invoice = bill(ana, 2500)
    described(invoices=(invoice.number,))
    ticket = opened(sender=STRANGER, text=f"About {invoice.number}")
    assert not Reference.objects.exists()

    link_customer(ticket.pk, customer_id=ana.pk, because="named on the phone", by=mia, at=now)
    event = Event.objects.get(kind="ticket.linked")
    for _ in range(2):
        reactions.link_found_references(event, now)

    assert Reference.objects.get().subject == f"invoice:{invoice.pk}"


def test_a_case_of_one_customer_is_not_linked_to_another(ana, ben, mia, now):
    ticket = opened()

    with pytest.raises(AlreadyLinked):
        link_customer(ticket.pk, customer_id=ben.pk, because="x", by=mia, at=now)
