"""The kinds of rules and what each has to say (pure): a rule with a missing, unknown or impossible part is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ledger.errors import InvalidInput
from ledger.money import CURRENCIES


class InvalidRule(InvalidInput):
    """The rule cannot be understood; the message names the part and what it should be."""


@dataclass(frozen=True, slots=True)
class Param:
    """One part of a rule. `check` returns what a value should be where it is wrong, and "" where it is right."""

    check: Callable[[Any], str]
    is_needed: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """What a kind of rule is for and its parts. `needs_country`: a rule for everywhere would be a guess."""

    title: str
    params: Mapping[str, Param]
    needs_country: bool = False


_PLAIN = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,4})?", re.ASCII)


def _percent(value: Any) -> str:
    wrong = 'a number of per cent from 0 to 100, written as text, such as "19" or "25.5"'
    if not isinstance(value, str) or not _PLAIN.fullmatch(value):
        return wrong
    return "" if 0 <= Decimal(value) <= 100 else wrong


def _signed_percent(value: Any) -> str:
    """A base rate may be below zero, as Germany's was from 2013 to 2022."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and abs(Decimal(value)) <= 100:
        return ""
    return 'a number of per cent, written as text, such as "1.27"'


def _whole(least: int, most: int) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        fits = type(value) is int and least <= value <= most
        return "" if fits else f"a whole number from {least} to {most}"

    return check


def _one_of(*words: str) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        return "" if value in words else "one of: " + ", ".join(words)

    return check


def _flag(value: Any) -> str:
    return "" if isinstance(value, bool) else "true or false"


def _text(value: Any) -> str:
    return "" if isinstance(value, str) and 0 < len(value.strip()) <= 500 else "a text of at most 500 characters"


def _texts(value: Any) -> str:
    fits = isinstance(value, list) and value and not any(_text(each) for each in value)
    return "" if fits else "a list of texts, at least one"


def _days_list(value: Any) -> str:
    fits = isinstance(value, list) and value and not any(_whole(0, 400)(each) for each in value)
    return "" if fits else "a list of days before, such as [30, 10]"


def _currency(value: Any) -> str:
    return "" if isinstance(value, str) and value in CURRENCIES else "a currency code of ISO 4217, such as EUR"


def _fixed_sums(value: Any) -> str:
    """Steps of a fixed sum: {"below_minor": 100000, "amount_minor": 4000, "currency": "GBP"}; the last has no end."""
    wrong = 'a list of {"below_minor": whole number or null, "amount_minor": whole number, "currency": code}, rising'
    if not isinstance(value, list) or not value:
        return wrong
    ends = []
    for step in value:
        if not isinstance(step, dict) or set(step) != {"below_minor", "amount_minor", "currency"}:
            return wrong
        if type(step["amount_minor"]) is not int or step["amount_minor"] < 0 or step["currency"] not in CURRENCIES:
            return wrong
        ends.append(step["below_minor"])
    rising = all(type(end) is int for end in ends[:-1]) and ends[-1] is None and ends[:-1] == sorted(set(ends[:-1]))
    return "" if rising else wrong


_DAYS = _whole(0, 400)
_NOTICE = {
    "min_days": Param(_DAYS),
    "max_days": Param(_DAYS),
    "send_days": Param(_days_list, is_needed=False),
    "must_say": Param(_texts, is_needed=False),
}

KINDS: Mapping[str, Kind] = {
    "tax_rate": Kind(
        "Tax rate of a country",
        {
            "rate": Param(_percent),
            "treatment": Param(_one_of("standard", "reduced", "zero", "exempt")),
            "name": Param(_text),
        },
        needs_country=True,
    ),
    "reverse_charge": Kind(
        "The customer accounts for the tax",
        {"accept": Param(_one_of("registered", "format_valid")), "check_max_days": Param(_whole(1, 3660))},
        needs_country=True,
    ),
    "destination_rate": Kind(
        "The rate of where the customer lives",
        {"scheme": Param(_text)},
        needs_country=True,
    ),
    "export": Kind(
        "No tax is collected",
        {"why": Param(_one_of("recipient_accounts", "not_registered", "not_taxed"))},
        needs_country=True,
    ),
    "special_territory": Kind(
        "A part of a country with tax rules of its own",
        {
            "name": Param(_text),
            "status": Param(_one_of("outside", "inside")),
            "postal_codes": Param(_texts, is_needed=False),
            "cities": Param(_texts, is_needed=False),
            "regions": Param(_texts, is_needed=False),
        },
        needs_country=True,
    ),
    "distance_threshold": Kind(
        "Sales to consumers in other member states up to which the seller's own rate applies",
        {"threshold_minor": Param(_whole(0, 10**12)), "currency": Param(_currency), "is_waived": Param(_flag)},
        needs_country=True,
    ),
    "renewal_notice": Kind("Notice before a renewal or the end of a trial", _NOTICE),
    "price_change_notice": Kind("Notice before a price changes", _NOTICE),
    "cancellation": Kind(
        "How a contract can be ended",
        {
            "notice_max_days": Param(_DAYS, is_needed=False),
            "same_medium": Param(_flag, is_needed=False),
            "online": Param(_flag, is_needed=False),
            "button": Param(_flag, is_needed=False),
            "voicemail_hours": Param(_whole(1, 240), is_needed=False),
        },
    ),
    "base_rate": Kind("Base interest rate of a country", {"rate": Param(_signed_percent)}, needs_country=True),
    "late_fee": Kind(
        "What may be asked for late payment",
        {
            "points": Param(_percent),
            "day_count": Param(_one_of("actual/365")),
            "round_daily": Param(_flag),
            "fixed_sums": Param(_fixed_sums, is_needed=False),
            "keeps_first_rate": Param(_flag, is_needed=False),
            "grace_days": Param(_DAYS, is_needed=False),
            "cap_percent": Param(_percent, is_needed=False),
        },
        needs_country=True,
    ),
    "withdrawal": Kind(
        "How long a consumer may withdraw", {"days": Param(_DAYS), "counted_from": Param(_one_of("contract"))}
    ),
    "dispute_clock": Kind(
        "By when a dispute is confirmed and answered",
        {
            "acknowledge_days": Param(_DAYS, is_needed=False),
            "decide_days": Param(_whole(1, 400)),
            "is_business_days": Param(_flag, is_needed=False),
            "credited_days": Param(_whole(1, 400), is_needed=False),
            "appeal_days": Param(_whole(1, 400), is_needed=False),
            "take_back_days": Param(_whole(1, 400), is_needed=False),
        },
    ),
    "language": Kind("Languages texts must be in", {"languages": Param(_texts)}, needs_country=True),
    "free_advice": Kind(
        "Free advice for people with debts",
        {"name": Param(_text), "url": Param(_text), "phone": Param(_text, is_needed=False)},
        needs_country=True,
    ),
}


def check_params(kind: str, params: Any) -> None:
    """Refuse what a rule of this kind cannot say.

    :raises InvalidRule: naming the part that is missing, unknown or wrong, and what it should be
    """
    if kind not in KINDS:
        raise InvalidRule(f"{kind!r} is not a kind of rule. There are: {', '.join(KINDS)}.")
    if not isinstance(params, dict):
        raise InvalidRule(f'The parts of a rule are written as {{"name": value}}, not as {type(params).__name__}.')
    known = KINDS[kind].params
    for name in params:
        if name not in known:
            raise InvalidRule(f"A {kind} rule has no part {name!r}. It has: {', '.join(known)}.")
    for name, param in known.items():
        if name not in params:
            if param.is_needed:
                raise InvalidRule(f"A {kind} rule needs {name!r}: {param.check(None)}.")
            continue
        wrong = param.check(params[name])
        if wrong:
            raise InvalidRule(f"{name!r} of a {kind} rule is {wrong}.")
    _check_together(kind, params)


def _check_together(kind: str, params: Mapping[str, Any]) -> None:
    if {"min_days", "max_days"} <= set(params) and params["min_days"] > params["max_days"]:
        raise InvalidRule(f"{kind}: 'min_days' is not above 'max_days'.")
    for days in params.get("send_days", ()):
        if not params["min_days"] <= days <= params["max_days"]:
            raise InvalidRule(f"{kind}: a notice {days} days before is outside its window.")
    if kind == "tax_rate" and params["treatment"] in {"zero", "exempt"} and Decimal(params["rate"]):
        raise InvalidRule("A zero or exempt tax rate is 0.")


def as_decimal(text: str) -> Decimal:
    """Return a figure of a rule.

    :raises InvalidRule: if the text is none
    """
    try:
        return Decimal(text)
    except InvalidOperation as problem:
        raise InvalidRule(f"{text!r} is not a number.") from problem
