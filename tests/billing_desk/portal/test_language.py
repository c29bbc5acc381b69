"""The portal in the customer's language: German complete, English for who reads neither, chosen before sign-in."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client
from django.utils import translation

from billing_desk.portal.refusal_words import REFUSALS
from billing_desk.portal.retelling import retell, say
from billing_desk.portal.timelines import refund_steps
from billing_desk.reading import page_language, written_for
from ledger.customers.models import Customer
from ledger.customers.operations import open_customer
from ledger.disputes.opening import open_dispute
from ledger.errors import DomainError, InvalidInput
from ledger.events.actor import Actor
from ledger.invoices.models import Invoice
from ledger.money import Money
from ledger.subscriptions.models import Subscription
from notifications.preferences.operations import set_preference
from tests.billing_desk.portal.conftest import LONG_AGO, Bill, sign_in
from tests.billing_desk.portal.test_timelines import refund
from tests.conftest import NOW, berlin
from tests.ledger.subscriptions.worlds import sell_all, subscribed
from tests.ledger.worlds import prove

NBSP = "\u00a0"
GRETA = "greta@kunde.example"


@pytest.fixture
def greta(system: Actor) -> Customer:
    """Greta reads German."""
    return open_customer(
        name="Greta Groß", country="DE", currency="EUR", language="de-DE", email=GRETA, by=system, at=LONG_AGO
    )


@pytest.fixture
def march(greta: Customer, bill: Bill) -> Invoice:
    bill(greta, date(2026, 2, 1), ("Plus", 2000), due_on=date(2026, 2, 15))
    return bill(greta, date(2026, 3, 1), ("Plus", 2100))  # 24.99 with tax, after 23.80


@pytest.fixture
def plan(greta: Customer) -> Subscription:
    sell_all()
    return subscribed("plus", customer=greta, at=berlin(2026, 3, 1, 6))


def read(browser: Client, address: str, status: int = 200) -> str:
    """Return the words of a page without its markup."""
    answer = browser.get(address)
    assert answer.status_code == status
    return words_of(answer)


def words_of(answer: object) -> str:
    page = answer.content.decode()
    shown = re.sub(r"<(script|style).*?</\1>|<[^>]+>", "", page, flags=re.DOTALL)
    return " ".join(unescape(shown).replace(NBSP, " ").split())


def test_home_bills_and_a_bill_are_read_in_german(greta: Customer, march: Invoice) -> None:
    browser = sign_in(GRETA)

    answer = browser.get("/account/")
    home = words_of(answer)
    assert '<html lang="de">' in answer.content.decode()
    assert answer["Content-Language"] == "de"
    for words in (
        "Guten Tag, Greta Groß",
        "Übersicht Rechnungen Anfragen Erstattungen Tarif Einstellungen",
        "Offen",
        "48,79 €",  # 23.80 + 24.99
        "davon 23,80 € überfällig",
        "Warum Ihre letzte Rechnung 1,19 € höher ist als die vorige",  # 24.99 − 23.80
        "März 2026",
        "fällig am 15. März",
        "Angemeldet als Greta Groß",
    ):
        assert words in home, words
    assert "war fällig am 15. Februar" in read(browser, "/account/invoices/")
    page = read(browser, f"/account/invoices/{march.pk}/")
    for words in (
        f"Rechnung {march.number}",
        "Noch zu zahlen 24,99 €",
        "1,19 € höher als die vorige Rechnung",
        "Wie sich das zusammensetzt",
        "19 % Steuer",
        "Als PDF herunterladen",
        "Zu diesem Posten fragen",
    ):
        assert words in page, words


def test_why_a_line_is_charged_is_read_in_german_where_it_is_asked(greta: Customer, march: Invoice) -> None:
    line = march.lines.get()

    page = read(sign_in(GRETA), f"/account/conversations/new?about=invoiceline:{line.pk}")

    assert f"Zu: „Plus“ auf Rechnung {march.number}" in page
    assert "Was wir gleich dazu sagen können" in page
    assert "Dafür berechnen wir" in page or "24,99 €" in page


def test_a_dispute_is_read_in_german(greta: Customer, march: Invoice, system: Actor) -> None:
    line, proof = march.lines.get(), prove(greta)
    dispute = open_dispute(line.pk, amount=Money(2499, "EUR"), reason="duplicate", proof=proof, by=system, at=NOW)
    browser = sign_in(GRETA)

    page = read(browser, f"/account/disputes/{dispute.pk}/")

    for words in (
        f"Beanstandung {dispute.number} · doppelt berechnet",
        "wird geprüft",
        "24,99 € sind zurückgestellt. Alles andere in Ihrem Konto läuft weiter wie gewohnt.",
        "Sie bekommen unsere Antwort",
        "Nur dieser Betrag ist beanstandet.",
    ):
        assert words in page, words
    assert "24,99 € zurückgestellt, solange wir Ihre Beanstandung prüfen" in read(browser, "/account/")


def test_a_plan_is_changed_in_german(greta: Customer, plan: Subscription) -> None:
    browser, address = sign_in(GRETA), f"/account/subscriptions/{plan.pk}/plan"

    assert "Verlängert sich am 1. April." in read(browser, "/account/subscriptions/")
    assert "Basic, 10,00 € im Monat zzgl. Steuer" in read(browser, address)
    shown = read(browser, f"{address}?plan=basic")
    for words in ("Gilt ab", "1. April", "Das haben Sie dann nicht mehr: Chat", "Alles lassen, wie es ist"):
        assert words in shown, words
    refused = words_of(browser.get(f"{address}?plan=nothing"))
    assert "Dieser Tarif ist nicht mehr erhältlich." in refused
    cancelled = read(browser, f"/account/subscriptions/{plan.pk}/cancel")
    assert "Sie gilt, sobald Sie auf die Schaltfläche drücken." in cancelled


def test_a_bill_is_paid_in_german(greta: Customer, march: Invoice) -> None:
    browser, address = sign_in(GRETA), f"/account/invoices/{march.pk}/pay"

    page = read(browser, address)
    assert "Oder per Überweisung An" in page
    assert "Fällig am 15. März." in page
    assert "Bitte wählen Sie zuerst eine Karte oder ein Konto." in words_of(browser.post(address, {"method": ""}))
    added = browser.post(f"/account/payment-methods/?pay={march.pk}", {"card": "insufficient_funds"}, follow=True)
    assert "Die Karte ist hinterlegt." in words_of(added)
    method = greta.payment_methods.get()
    assert "gedeckt" in words_of(browser.post(address, {"method": method.pk}))


def test_how_it_works_is_read_in_german_by_who_prefers_it() -> None:
    page = read(Client(headers={"Accept-Language": "de-CH,fr;q=0.5"}), "/account/how-it-works")

    for words in (
        "So läuft es ab",
        "Erstattungen wartet auf Freigabe Ihr Antrag liegt uns vor.",
        "Beanstandungen",
        "Ratenzahlungen",
        "Sie zahlen in Raten. Solange gibt es für diese Rechnungen keine Mahnungen",
    ):
        assert words in page, words


def test_before_sign_in_the_browser_decides_until_somebody_chooses() -> None:
    browser = Client(headers={"Accept-Language": "de-DE"})

    german = browser.get("/account/sign-in")
    assert ('<html lang="de">' in german.content.decode(), "In Ihrem Konto anmelden" in words_of(german)) == (
        True,
        True,
    )
    chosen = browser.post(
        "/account/language", {"language": "en"}, headers={"Referer": "http://testserver/account/how-it-works"}
    )
    assert chosen.url == "http://testserver/account/how-it-works"
    assert "Sign in to your account" in read(browser, "/account/sign-in")
    away = browser.post("/account/language", {"language": "xx"}, headers={"Referer": "https://evil.example/"})
    assert away.url == "/account/sign-in"
    assert "Sign in to your account" in read(browser, "/account/sign-in")


def test_the_language_of_the_account_counts_more_than_the_browsers(ana: Customer, mia: Actor) -> None:
    browser = sign_in("ana@kunde.example")
    browser.defaults["HTTP_ACCEPT_LANGUAGE"] = "de"

    assert "Hello Ana Almeida" in read(browser, "/account/")
    set_preference(ana.pk, language="de", by=mia, at=NOW)
    assert "Guten Tag, Ana Almeida" in read(browser, "/account/")


@pytest.mark.parametrize(("tag", "page"), [("de-AT", "de"), ("de", "de"), ("en-GB", "en"), ("fr-FR", "en"), ("", "en")])
def test_a_language_we_do_not_write_gets_the_nearest_one_our_messages_use(tag: str, page: str) -> None:
    assert page_language(tag) == page


def test_a_french_customer_reads_english_with_amounts_as_france_writes_them(system: Actor, bill: Bill) -> None:
    chloe = open_customer(
        name="Chloé",
        country="FR",
        currency="EUR",
        language="fr-FR",
        email="chloe@client.example",
        by=system,
        at=LONG_AGO,
    )
    bill(chloe, date(2026, 3, 1), ("Plus", 200_000))  # 2,380.00 with tax

    page = sign_in("chloe@client.example").get("/account/").content.decode()

    assert '<html lang="en">' in page
    assert "You owe" in page
    assert "2\u202f380,00\u00a0€" in page


def test_the_workspace_stays_english_whatever_the_browser_prefers() -> None:
    page = Client(headers={"Accept-Language": "de"}).get("/desk/sign-in").content.decode()

    assert '<html lang="en">' in page
    assert "Skip to the content" in page


def test_a_refusal_is_said_in_german_and_what_nobody_translated_is_marked_as_english() -> None:
    class NobodyWroteWordsForThis(DomainError):
        pass

    refusal = NobodyWroteWordsForThis("Not <now>.")

    assert say(refusal) == "Not <now>."
    with written_for("de-DE"):
        assert say(refusal) == '<span lang="en">Not &lt;now&gt;.</span>'
        assert say(InvalidInput("A channel is email or sms.")).startswith("Wir haben Ihre Angaben nicht verstanden.")


def test_every_refusal_with_words_is_a_refusal_there_is() -> None:
    kinds, waiting = set(), [DomainError]
    while waiting:
        kind = waiting.pop()
        kinds.add(kind.__name__)
        waiting += kind.__subclasses__()

    assert sorted(REFUSALS.keys() - kinds) == []


def test_a_sentence_of_the_ledger_keeps_its_day_and_figures_in_german() -> None:
    with written_for("de-DE"):
        assert retell("A term is agreed on; 2026-04-30 is the earliest end.") == (
            "Eine Laufzeit ist vereinbart; frühestes Ende ist der 30. April 2026."
        )
        assert retell("Plus allows 1,000 requests a period; 1,200 were used in one.") == (
            "Plus enthält 1,000 requests je Zeitraum; in einem waren es 1,200."
        )
        assert retell("Somebody wrote this later.") == '<span lang="en">Somebody wrote this later.</span>'


def test_a_refund_tells_its_way_and_days_in_german() -> None:
    paid = refund("paid", gateway_reference="re_1", arrives_from=date(2026, 3, 6), arrives_by=date(2026, 3, 10))

    with written_for("de-DE"):
        steps = refund_steps(paid)

    assert [step.title for step in steps] == [
        f"Erstattung über 25,00{NBSP}€ beantragt",
        "Erstattung freigegeben",
        "Gesendet: Karte 4242",
        "Das Geld kommt an: Karte 4242",
    ]
    assert steps[-1].detail == "Voraussichtlich: 6.–10. März 2026."


def test_one_and_several_are_told_apart() -> None:
    with translation.override("de"):
        one, two = (
            translation.ngettext(
                "Your address belongs to %(many)s account.", "Your address belongs to %(many)s accounts.", many
            )
            for many in (1, 2)
        )

    assert (one % {"many": 1}, two % {"many": 2}) == (
        "Ihre Adresse gehört zu 1 Konto.",
        "Ihre Adresse gehört zu 2 Konten.",
    )
