"""Everyday questions in several languages, with the answers they got; the bulk of the cases of the past months."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from billing_desk.demo.company.case import Case
from billing_desk.demo.company.chance import between


@dataclass(frozen=True)
class Question:
    """What somebody asks, and the answer."""

    language: str
    subject: str
    text: str
    answer: str


QUESTIONS = (
    Question(
        "de", "Rechnungskopie", "Guten Tag, ich brauche eine Kopie der letzten Rechnung für das Finanzamt. Danke!",
        "Guten Tag, alle Rechnungen stehen in Ihrem Konto unter „Rechnungen“ zum Herunterladen.",
    ),
    Question(
        "en", "Receipt for last month", "Hi, could you send me a receipt for last month? My accountant asks for it.",
        "Hello, you find every receipt in your account under Bills. Tell us if one is missing.",
    ),
    Question(
        "fr", "Changement d'adresse", "Bonjour, comment changer l'adresse sur ma facture ? Merci d'avance.",
        "Bonjour, c'est possible dans votre compte, sous « Adresse ». La prochaine facture la reprendra.",
    ),
    Question(
        "nl", "Betaaldatum", "Hallo, kan de betaaldatum naar de 15e van de maand? Dat komt mij beter uit.",
        "Hallo, dat kan. Kies de dag in uw account bij uw abonnement; u ziet vooraf wat er verandert.",
    ),
    Question(
        "de", "Karte läuft ab", "Guten Tag, meine Karte läuft bald ab. Was muss ich tun, damit nichts schiefgeht?",
        "Guten Tag, tragen Sie die neue Karte einfach in Ihrem Konto ein, bevor die alte abläuft.",
    ),
    Question(
        "en", "VAT on my bill", "Hello, why is there no VAT on my bill although I live abroad? Is that correct?",
        "Hello, yes: the tax depends on where you live. The bill names the rate that applies to you.",
    ),
    Question(
        "de", "Tarif wechseln", "Hallo, ab wann gilt ein Wechsel von Basic zu Plus, und was kostet er mich?",
        "Hallo, der Wechsel gilt ab dem nächsten Abrechnungstag; Plus kostet 25,00 € im Monat zuzüglich Steuer.",
    ),
    Question(
        "en", "Payment did not go through", "Hi, my bank refused the payment. Will you try again by yourselves?",
        "Hello, yes, in three days. You can also pay at once from your account.",
    ),
)  # fmt: skip
#: Questions of the last days whose answer the customer has not reacted to.
STILL_WAITING = frozenset({2, 3, 6})
AGENTS = ("mia", "noe", "mia", "pia")


def asked_and_answered(number: int) -> Callable[[Case], Iterator[timedelta]]:
    """Return the story of one everyday question; it is closed by itself after a week of silence."""
    question, agent = question_of(number), AGENTS[number % len(AGENTS)]

    def story(case: Case) -> Iterator[timedelta]:
        case.write(question.subject, f"{question.text}\n\n{case.person.name}\n")
        yield timedelta(minutes=between(15, 200, "answer", number))
        case.take(agent)
        case.say(agent, f"{question.answer}\n\n{case.staff(agent).name}", resolve=number % 3 == 1)
        if number in STILL_WAITING:
            return
        if number % 3 != 1:
            yield timedelta(hours=between(2, 20, "thanks", number))
            case.answer("Danke, alles klar." if question.language == "de" else "Thank you, that helps.")
            yield timedelta(minutes=between(20, 90, "bye", number))
            case.say(agent, "Gern!" if question.language == "de" else "You are welcome!", resolve=True)

    return story


def asked(number: int) -> Callable[[Case], Iterator[timedelta]]:
    """Return the story of a question nobody has taken yet."""
    question = question_of(number)

    def story(case: Case) -> Iterator[timedelta]:
        case.write(question.subject, f"{question.text}\n\n{case.person.name}\n")
        yield timedelta(minutes=1)

    return story


def question_of(number: int) -> Question:
    """Return the question of a number."""
    return QUESTIONS[number % len(QUESTIONS)]
