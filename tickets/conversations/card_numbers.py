"""Tells a payment card number from every other long number. Pure.

A number counts as a card when its first digits belong to a brand, its length is one that brand issues, and its check
digit is right. The check digit alone would take one long reference in ten for a card; order 113542617735902 passes it.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise

#: First digits (as a range of numbers of equal width) and the lengths issued, the usual one first.
#: Source: ISO/IEC 7812-1 issuer ranges as published by the schemes.
BRANDS: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    ("4", "4", (16, 13, 19)),  # Visa
    ("51", "55", (16,)),  # Mastercard
    ("2221", "2720", (16,)),
    ("34", "34", (15,)),  # American Express
    ("37", "37", (15,)),
    ("300", "305", (14, 16, 15, 17, 18, 19)),  # Diners Club
    ("3095", "3095", (14, 16, 15, 17, 18, 19)),
    ("36", "36", (14, 16, 15, 17, 18, 19)),
    ("38", "39", (14, 16, 15, 17, 18, 19)),
    ("6011", "6011", (16, 19, 17, 18)),  # Discover
    ("644", "659", (16, 19, 17, 18)),
    ("3528", "3589", (16, 19, 17, 18)),  # JCB
    ("62", "62", (16, 19, 17, 18)),  # UnionPay
    ("81", "81", (16, 19, 17, 18)),
    ("2200", "2204", (16, 19, 17, 18)),  # Mir
    ("5018", "5018", (16, 18, 19, 12, 13, 14, 15, 17)),  # Maestro
    ("5020", "5020", (16, 18, 19, 12, 13, 14, 15, 17)),
    ("5038", "5038", (16, 18, 19, 12, 13, 14, 15, 17)),
    ("5893", "5893", (16, 18, 19, 12, 13, 14, 15, 17)),
    ("6304", "6304", (16, 18, 19, 12, 13, 14, 15, 17)),
    ("6759", "6759", (16, 18, 19, 12, 13, 14, 15, 17)),
    ("6761", "6763", (16, 18, 19, 12, 13, 14, 15, 17)),
    ("5019", "5019", (16,)),  # Dankort
    ("60", "60", (16,)),  # RuPay
    ("508", "508", (16,)),
    ("82", "82", (16,)),
    ("9792", "9792", (16,)),  # Troy
)
SHORTEST, LONGEST = 12, 19

#: How long an account number is in each country that is likely here. Source: SWIFT IBAN registry.
IBAN_LENGTHS = {
    **dict.fromkeys(("NO",), 15),
    **dict.fromkeys(("BE",), 16),
    **dict.fromkeys(("DK", "FI", "NL"), 18),
    **dict.fromkeys(("SI",), 19),
    **dict.fromkeys(("AT", "EE", "LT", "LU"), 20),
    **dict.fromkeys(("CH", "HR", "LI", "LV"), 21),
    **dict.fromkeys(("BG", "DE", "GB", "IE"), 22),
    **dict.fromkeys(("GI",), 23),
    **dict.fromkeys(("AD", "CZ", "ES", "RO", "SE", "SK"), 24),
    **dict.fromkeys(("PT",), 25),
    **dict.fromkeys(("IS", "TR"), 26),
    **dict.fromkeys(("FR", "GR", "IT", "MC", "SM"), 27),
    **dict.fromkeys(("CY", "HU", "PL"), 28),
    **dict.fromkeys(("MT",), 31),
}

#: Digits that may belong together: groups parted by little more than a separator, a line break or a quote mark.
RUN = re.compile(r"[0-9](?:[\s.,\-/_|·*>\u200b]{0,8}[0-9])*")
DOUBLED = str.maketrans("0123456789", "0246813579")
NOT_DIGITS = re.compile(r"[^0-9]+")
NOT_WRITTEN = re.compile(r"[^A-Z0-9]+")
GROUP = re.compile(r"[0-9]+(?:\u200b+[0-9]+)*")
#: Four groups of four with words between them: "4242 4242 and then 4242 4242".
WORDED = re.compile(r"(?<![0-9])([2-6][0-9]{3})" + r"((?:[^0-9]{1,24}[0-9]{4}){3})(?![0-9])")
IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?:[ \u200b-]?[A-Z0-9]){11,30}\b")


@dataclass(frozen=True)
class CardNumber:
    """Where a card number stands in the text, from its first digit to past its last, and its last four digits."""

    start: int
    end: int
    last4: str


def find_card_numbers(text: str) -> list[CardNumber]:
    """Return the card numbers in a text whose digits are ASCII and whose invisible characters are U+200B."""
    taken = bytearray(len(text))
    for start, end in _ibans(text):
        taken[start:end] = b"x" * (end - start)
    cards: list[CardNumber] = []
    for run in RUN.finditer(text):
        if run.end() - run.start() >= 12:
            cards.extend(_cards_in_run(text, run, taken))
    for card in cards:
        taken[card.start : card.end] = b"x" * (card.end - card.start)
    for found in WORDED.finditer(text):
        digits = NOT_DIGITS.sub("", found[0])
        if is_card_number(digits) and b"x" not in taken[found.start() : found.end()]:
            cards.append(CardNumber(*found.span(), digits[-4:]))
    return sorted(cards, key=lambda card: card.start)


def is_card_number(digits: str) -> bool:
    """Say whether the digits are a number some card brand could have issued."""
    return preference(digits) is not None and _check_digit_is_right(digits)


def preference(digits: str) -> int | None:
    """Return how usual the length is for the brand of these digits, 0 the most; None when no brand issues it."""
    return _lengths(digits[:4]).get(len(digits))


@lru_cache(maxsize=10_000)
def _lengths(beginning: str) -> dict[int, int]:
    """Return the lengths that brands issue for numbers that begin so, each with how usual it is."""
    for first, last, lengths in BRANDS:
        if first <= beginning[: len(first)] <= last:
            return {length: rank for rank, length in enumerate(lengths)}
    return {}


def _cards_in_run(text: str, run: re.Match[str], taken: bytearray) -> Iterator[CardNumber]:
    groups = [(found.start() + run.start(), found.end() + run.start()) for found in GROUP.finditer(run[0])]
    lengths = [_digit_count(text, span) for span in groups]
    starts = [0, *accumulate(lengths)]
    digits = NOT_DIGITS.sub("", run[0])
    index = 0
    while index < len(groups):
        count = _best_window(digits, starts, index, lambda window: _belong_together(text, groups[window]))
        span = (groups[index][0], groups[index + max(count, 1) - 1][1])
        number = digits[starts[index] : starts[index + count]]
        if count and b"x" not in taken[slice(*span)] and not _is_phone_number(text, span[0], len(number)):
            yield CardNumber(*span, number[-4:])
            index += count
        else:
            index += 1


def _best_window(digits: str, starts: list[int], index: int, is_one_number: Callable[[slice], bool]) -> int:
    """Return how many groups from `index` on make up a card number, the brand's usual length preferred; 0 if none."""
    best, best_rank, first = 0, 99, starts[index]
    if digits[first] in "017":
        return 0
    for last in range(bisect_left(starts, first + SHORTEST), min(index + LONGEST + 1, len(starts))):
        number = digits[first : starts[last]]
        if len(number) > LONGEST:
            break
        rank = preference(number)
        if rank is None or rank >= best_rank or not _check_digit_is_right(number):
            continue
        if is_one_number(slice(index, last)):
            best, best_rank = last - index, rank
    return best


def _belong_together(text: str, groups: list[tuple[int, int]]) -> bool:
    """Say whether groups of digits read as one number; columns of amounts and dates do not.

    Groups of one or two digits must all be parted by the very same separator ("42.42.42" yes, "25.00 30.00" no).
    """
    if all(end - start > 2 for start, end in groups[:-1]):
        return True
    between = {text[left[1] : right[0]] for left, right in pairwise(groups)}
    return len(between) == 1 and len({end - start for start, end in groups[:-1]}) == 1


def _is_phone_number(text: str, start: int, length: int) -> bool:
    """Say whether the digits are an international phone number: a plus before, at most 15 digits (ITU-T E.164)."""
    return length <= 15 and text[max(start - 8, 0) : start].rstrip(" (\u200b")[-1:] == "+"


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    """Find where account numbers stand: ISO 13616 form, the country's length, right check digits (ISO 7064, 97-10)."""
    for found in IBAN.finditer(text):
        written = NOT_WRITTEN.sub("", found[0])
        length = IBAN_LENGTHS.get(written[:2], len(written))
        if len(written) >= length and _is_iban(written[:length]):
            yield found.span()


def _is_iban(written: str) -> bool:
    turned = written[4:] + written[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1


def _check_digit_is_right(digits: str) -> bool:
    """Apply the Luhn formula. Source: ISO/IEC 7812-1, annex B."""
    plain, doubled = digits[-1::-2], digits[-2::-2].translate(DOUBLED)
    return sum(map(int, plain + doubled)) % 10 == 0


def _digit_count(text: str, span: tuple[int, int]) -> int:
    return span[1] - span[0] - text.count("\u200b", *span)
