"""The words of an agreement in the customer's language (pure), with the hash that says which words were accepted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from babel.dates import format_date

from ledger.agreements.terms import Terms

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "intro": "Agreement between {customer} and us on {plan} (subscription {number}), version {version}.",
        "replaces": "It takes the place of version {before} from its first day on.",
        "plan": "Plan",
        "price": "Price",
        "price_agreed": "{price} per unit and billing period",
        "price_percent": "{percent} % off the list price in force",
        "price_list": "List price in force",
        "starts": "In force from",
        "term": "Term",
        "term_open": "No end",
        "term_until": "Until {last}",
        "renewal": "After the term",
        "renews": "Goes on for {months} months at a time unless somebody gives notice",
        "runs_out": "The list price applies",
        "notice": "Notice",
        "notice_days": "{days} days before the end",
        "notice_none": "None needed",
    },
    "de": {
        "intro": "Vereinbarung zwischen {customer} und uns über {plan} (Abonnement {number}), Fassung {version}.",
        "replaces": "Sie ersetzt von ihrem ersten Tag an die Fassung {before}.",
        "plan": "Tarif",
        "price": "Preis",
        "price_agreed": "{price} je Einheit und Abrechnungszeitraum",
        "price_percent": "{percent} % Nachlass auf den jeweils gültigen Listenpreis",
        "price_list": "Jeweils gültiger Listenpreis",
        "starts": "Gültig ab",
        "term": "Laufzeit",
        "term_open": "Unbefristet",
        "term_until": "Bis {last}",
        "renewal": "Nach der Laufzeit",
        "renews": "Verlängert sich um jeweils {months} Monate, wenn niemand kündigt",
        "runs_out": "Es gilt der Listenpreis",
        "notice": "Kündigungsfrist",
        "notice_days": "{days} Tage zum Ende",
        "notice_none": "Keine",
    },
}


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one version: paragraphs, terms as label and value, and the hash over all of it."""

    language: str
    paragraphs: tuple[str, ...]
    terms: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """The whole text, as it is kept and shown."""
        return "\n".join([*self.paragraphs, *(f"{label}: {value}" for label, value in self.terms)])

    @property
    def hash(self) -> str:
        """The SHA-256 of the text."""
        return hash_of(self.text)


def hash_of(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal digits."""
    return sha256(text.encode()).hexdigest()


def words_for(terms: Terms, *, customer: str, number: int, version: int, before: int | None, language: str) -> Wording:
    """Return the words of a version in a language, in English where we have no words in it."""
    tag = language if language.partition("-")[0].lower() in WORDS else "en"
    say = WORDS[tag.partition("-")[0].lower()]
    intro = say["intro"].format(customer=customer, plan=terms.plan_name, number=number, version=version)
    paragraphs = [intro, *([say["replaces"].format(before=before)] if before else [])]
    return Wording(tag, tuple(paragraphs), _terms(terms, say, tag))


def _terms(terms: Terms, say: dict[str, str], tag: str) -> tuple[tuple[str, str], ...]:
    locale = tag.replace("-", "_")
    price = say["price_list"]
    if terms.price is not None:
        price = say["price_agreed"].format(price=terms.price.display(tag))
    elif terms.percent is not None:
        percent = f"{terms.percent.normalize():f}"
        price = say["price_percent"].format(percent=percent.replace(".", "," if tag.startswith("de") else "."))
    shown = [
        (say["plan"], terms.plan_name),
        (say["price"], price),
        (say["starts"], format_date(terms.starts_on, "long", locale)),
    ]
    if terms.ends_on is None:
        shown.append((say["term"], say["term_open"]))
    else:
        last = format_date(terms.ends_on - timedelta(days=1), "long", locale)
        after = say["renews"].format(months=terms.renews_months) if terms.renews_months else say["runs_out"]
        shown += [(say["term"], say["term_until"].format(last=last)), (say["renewal"], after)]
    notice = say["notice_days"].format(days=terms.notice_days) if terms.notice_days else say["notice_none"]
    return (*shown, (say["notice"], notice))
