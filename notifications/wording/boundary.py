"""Where information ends and advice begins: what is said beside it, per language, and needed with it."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.errors import DomainError
from notifications.wording.catalogue import WORDINGS, languages_to_try
from notifications.wording.models import BoundaryText, MessageTemplate

ADVICE = "advice"
INFORMATION = "information"

#: What we ship; a supervisor's text takes its place. Language: disclaimer, referral.
SHIPPED: dict[str, tuple[str, str]] = {
    "en": (
        "This is information about your account, not legal, tax or financial advice.",
        "We cannot advise you on law, tax or debts. Please ask somebody who may: a lawyer or consumer advice centre, a "
        "tax adviser, or a free debt advice office near you.",
    ),
    "de": (
        "Das ist eine Auskunft zu Ihrem Konto, keine Rechts-, Steuer- oder Finanzberatung.",
        "Zu Recht, Steuern oder Schulden dürfen wir Sie nicht beraten. Bitte fragen Sie jemanden, der das darf: eine "
        "Anwältin oder die Verbraucherzentrale, ein Steuerbüro oder eine kostenlose Schuldnerberatung in Ihrer Nähe.",
    ),
}


class DisclaimerMissing(DomainError):
    """A text that comes near advice cannot be published: a language of it has no disclaimer."""


@dataclass(frozen=True, slots=True)
class Boundary:
    """What stands beside a text that comes near advice: what it is not, and whom to ask instead."""

    language: str
    disclaimer: str
    referral: str


def find_boundary(language: str) -> Boundary:
    """Return the disclaimer and the referral for a language or the nearest one: `de-DE`, `de`, then English."""
    order = languages_to_try(language)
    written = {row.language: row for row in BoundaryText.objects.filter(language__in=order)}
    for each in order:
        if each in written:
            return Boundary(each, written[each].disclaimer, written[each].referral)
        if each in SHIPPED:
            return Boundary(each, *SHIPPED[each])
    return Boundary("en", *SHIPPED["en"])


def has_boundary(language: str) -> bool:
    """Return whether there is a disclaimer in a language itself, e.g. `de` for `de-DE`; English does not stand in."""
    return find_boundary(language).language.partition("-")[0] == language.replace("_", "-").partition("-")[0].lower()


def languages_of(key: str) -> list[str]:
    """Return the languages a message has a text of its own in: those supervisors wrote, and those we ship."""
    written = MessageTemplate.objects.filter(key=key, is_in_use=True).values_list("language", flat=True)
    return sorted({*written, *SHIPPED})


def check_boundary(key: str, language: str) -> None:
    """Refuse to publish a message tagged as advice while one of its languages, or the new one, has no disclaimer.

    :raises DisclaimerMissing: naming the languages
    """
    if WORDINGS[key].tag != ADVICE:
        return
    check_languages([*languages_of(key), language])


def check_languages(languages: list[str]) -> None:
    """Refuse where one of some languages has no disclaimer.

    :raises DisclaimerMissing: naming the languages
    """
    missing = sorted({each for each in languages if not has_boundary(each)})
    if missing:
        raise DisclaimerMissing(
            f"This text comes near advice and cannot be published: there is no disclaimer in {', '.join(missing)} yet."
        )
