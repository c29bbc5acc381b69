"""Cases of every other kind: questions, languages, files, strangers, robots, calls, promises."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from billing_desk.demo.company.case import Case
from billing_desk.demo.company.pictures import bill_png
from ledger.customers.models import ContactPoint, Customer
from notifications.models import Message as Delivered
from tickets.channels.phone import receive_call
from tickets.channels.portal import from_portal
from tickets.conversations.models import Ticket
from tickets.intake.operations import receive_message
from tickets.promises.operations import make_promise
from verification.operations import record_manual_check

Steps = Iterator[timedelta]
SOON, A_WHILE, LATER, A_DAY = (timedelta(minutes=minutes) for minutes in (4, 25, 110, 1440))


def ana_charged_twice(case: Case) -> Steps:
    """The case to try: two charges that look alike, both paid by the card ending in 4242, and nobody on it yet."""
    case.write(
        "Zweimal abgebucht",
        "Guten Tag,\n\nfür diesen Monat wurde zweimal abgebucht: zweimal 29,75 € von meiner Karte 4242. Ich habe nur "
        "einen Plus-Tarif. Bitte prüfen Sie das und geben Sie mir das Geld zurück.\n\nViele Grüße\nAna Abendroth\n",
    )
    yield SOON
    case.bring_to("disputes", "pia", "Charged twice")


def bo_answers_the_notice(case: Case) -> Steps:
    """An answer to a renewal notice opens a case that knows which notice it answers."""
    told = (
        Delivered.objects.filter(customer_id=case.person.customer_id, template="renewal_notice").order_by("pk").last()
    )
    headers = {"In-Reply-To": told.message_id, "References": told.message_id} if told else {}
    subject = told.subject if told else "My renewal"
    text = "Hi,\n\nthanks for the heads-up. Can I switch from yearly to monthly before it renews?\n\nBo\n"
    case.write(f"Re: {subject}", text, headers=headers)
    yield SOON


def chi_in_japanese(case: Case) -> Steps:
    """A mail in Japanese, taken by Mia."""
    case.write(
        "請求書について",
        "お世話になっております。\n\n今月の請求書の写しを送っていただけますか。\n\nよろしくお願いいたします。\n",
    )
    yield A_WHILE
    case.take("mia")
    case.note("mia", "She asks for a copy of this month's bill.")


def fem_sends_files(case: Case) -> Steps:
    """The finance contact of Delta sends a picture; a web page that calls itself a picture is refused."""
    files = (
        ("statement.png", "image/png", bill_png()),
        ("second.png", "image/png", b"<!doctype html><html><body><script>alert(1)</script></body></html>"),
    )
    text = "Goedemorgen,\n\nin de bijlage staat ons bankafschrift. Klopt de betaling bij uw factuur?\n\nFem Visser\n"
    case.write("Bankafschrift", text, sender="fem@delta-bv.example", name="Fem Visser", files=files)
    yield A_WHILE


def gil_was_promised(case: Case) -> Steps:
    """A promise that was not kept: the case comes back, urgent."""
    case.write("Invoice for the migration", "Dear all,\n\nI cannot approve 2,000.00 without the report.\n\nGil\n")
    yield A_WHILE
    case.take("olg")
    case.say("olg", "Dear Gil,\n\nthe report follows by tomorrow noon.\n\nOlg")
    make_promise(
        case.ticket_id, what="document", words="The migration report follows by tomorrow noon", due_at=case.at + A_DAY,
        by=case.staff("olg"), at=case.at,
    )  # fmt: skip
    yield 3 * A_DAY
    case.answer("Still no report. I am waiting.")


def card_number(case: Case) -> Steps:
    """A card number in a mail: masked before it is stored. 4242 4242 4242 4242 is the industry's test number."""
    text = "Hi,\n\nplease charge my new card instead: 4242 4242 4242 4242, 12/30, CVC 123.\n\nThanks!\n"
    case.write("New card", text)
    yield A_WHILE
    case.take("mia")
    case.note("mia", "Never take a card by mail: sending the link to the account page.")


def stranger(case: Case) -> Steps:
    """Somebody else names a customer's case: a new case without any link to it."""
    victim = Ticket.objects.filter(state__in=["resolved", "closed"], customer__isnull=False).order_by("pk").first()
    number = victim.pk if victim else 1
    case.write(
        f"Re: Refund [#{number}]",
        "Hello,\n\nthis is urgent. Please pay the refund of this case to my new account DE00 0000.\n",
        sender="accounts@not-the-customer.example",
        name="Accounts",
    )
    yield SOON


def guesser(case: Case) -> Steps:
    """Somebody writes from the customer's address but does not know the code: locked."""
    case.write("Change my address", "Hello,\n\nplease change my e-mail address to another one.\n")
    yield A_WHILE
    case.take("mia")
    case.fail_to_verify("mia", "change_contact")
    yield SOON
    case.note("mia", "Three wrong codes; called the number on file, and nobody had asked for this.")


def away(case: Case) -> Steps:
    """A question back; the customer's robot answers, which wakes nobody."""
    case.write("Abonnement", "Hallo,\n\nik wil graag van Basic naar Plus. Wat kost dat?\n")
    yield A_WHILE
    case.bring_to("retention", "mia", "Wants to change plan")
    case.take("noe")
    case.say("noe", "Hallo,\n\nPlus kost 25,00 per maand zonder btw. Wilt u per direct of per de eerste?\n\nNoe")
    yield SOON
    robot = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    case.answer("Ik ben tot maandag afwezig en lees mijn mail daarna.", headers=robot)


def newsletter_robot(case: Case) -> Steps:
    """A robot's mail that belongs to no case is parked where it can be seen."""
    headers = {"Auto-Submitted": "auto-generated", "Precedence": "bulk"}
    case.write("Out of office", "I am away.", sender="robot@bulk.example", name="Robot", headers=headers)
    yield SOON


def in_the_portal(case: Case) -> Steps:
    """A question asked in the portal, answered and resolved."""
    customer = Customer.objects.get(pk=case.person.customer_id)
    point = ContactPoint.objects.filter(customer=customer, kind="email").earliest("pk")
    inbound = from_portal(
        customer, point, "Why is this bill higher?", "It was less last month, and I changed nothing.", form_id="demo"
    )
    case.ticket_id = receive_message(inbound, customer_id=customer.pk, at=case.at).pk
    yield A_WHILE
    case.take("mia")
    record_manual_check(
        customer_id=customer.pk, conversation=f"ticket:{case.ticket_id}", purpose="see_invoices", level=1,
        reason="Named the last two bills and their dates", by=case.staff("mia"), at=case.at,
    )  # fmt: skip
    case.say(
        "mia", "Hello,\n\nthe first bill covered a part of a month only. Nothing has changed.\n\nMia", resolve=True
    )


def calls(case: Case) -> Steps:
    """Four calls on the billing line: known, withheld, unknown, malformed."""
    line = "+49 30 901820"
    receive_call(external_id="demo-call-1", caller="+49 30 23125777", line=line, at=case.at)
    yield A_WHILE
    receive_call(external_id="demo-call-2", caller="anonymous", line=line, at=case.at)
    yield A_WHILE
    receive_call(external_id="demo-call-3", caller="+44 20 7946 0999", line=line, at=case.at)
    yield A_WHILE
    receive_call(external_id="demo-call-4", caller="0815", line=line, at=case.at)
