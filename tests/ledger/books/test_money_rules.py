"""The money examples of docs/accounting.md, run line by line."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from math import prod
from pathlib import Path

import pytest

from ledger.discounts.rules import Discount, apply_discounts
from ledger.invoices.tax import net_of_gross, tax_on_lines
from ledger.money import Money

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "accounting.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```money\n(.*?)\n```$", GUIDE, flags=re.MULTILINE | re.DOTALL)
EXAMPLES = [line for block in BLOCKS for line in block.splitlines()]


def computed(amounts: list[Money], rule: str, argument: str) -> list[Money]:
    first = amounts[0]
    if rule == "split":
        return first.split(int(argument))
    if rule == "by":
        return first.allocate([Decimal(share) for share in argument.split(":")])
    if rule == "times":
        return [first.times(prod(Fraction(factor) for factor in argument.split("*")))]
    if rule == "percent":
        return [first.percent(Decimal(argument))]
    if rule == "less":
        lines = [(str(place), amount) for place, amount in enumerate(amounts)]
        rates = [Discount(rate, percent=Fraction(rate)) for rate in argument.split(",")]
        taken = [sum(one.minor for one in line) for line in apply_discounts(lines, rates)]
        return [Money(amount.minor - off, amount.currency) for amount, off in zip(amounts, taken, strict=True)]
    if rule == "tax":
        return tax_on_lines([(amount, Decimal(argument)) for amount in amounts])
    return [net_of_gross(first, Decimal(argument))[0]]


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_money_example_of_the_guide_comes_out_to_the_unit(example):
    given, currency, rule, argument, result = re.fullmatch(
        r"([-\d. ]+) ([A-Z]{3}) (is|split|by|times|percent|less|tax|net at) ?(\S*?)(?: = | ?)([-\d. ]+)", example
    ).groups()
    amounts = [Money.parse(text, currency) for text in given.split()]

    if rule == "is":
        assert amounts[0].minor == int(argument + result)
    else:
        assert computed(amounts, rule, argument) == [Money.parse(text, currency) for text in result.split()]


def test_the_guide_has_money_examples():
    assert len(EXAMPLES) >= 20
