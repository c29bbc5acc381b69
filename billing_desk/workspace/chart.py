"""The chart of recurring revenue: what came and went each month, as rectangles in a drawing (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.money import Money
from ledger.revenue.movements import Movement

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 240, 84, 10, 26
GAINS, LOSSES = ("new", "reactivation", "expansion"), ("contraction", "churn")
#: Round steps that a scale is drawn in.
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Piece:
    """One rectangle: the part of one month that one movement is."""

    name: str
    x: float
    y: float
    width: float
    height: float
    said: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A word at a place: a month below, or an amount beside the line it stands for."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Everything the drawing needs."""

    width: int
    height: int
    left: int
    zero: float
    pieces: tuple[Piece, ...]
    months: tuple[Mark, ...]
    lines: tuple[Mark, ...]


def movement_chart(rows: Sequence[Movement], language: str = "en") -> Chart | None:
    """Return the chart of some months in one currency, gains above the line and losses below; None without any."""
    if not rows:
        return None
    most = max(max(_sum(row, GAINS) for row in rows), 1)
    least = max(_sum(row, LOSSES) for row in rows)
    room = HEIGHT - TOP - BOTTOM
    scale = room / (most + least)
    zero = TOP + most * scale
    wide = (WIDTH - LEFT) / len(rows)
    pieces: list[Piece] = []
    for place, row in enumerate(rows):
        x = LEFT + place * wide + wide * 0.18
        pieces += _stack(row, GAINS, x, wide * 0.64, zero, scale, language)
        pieces += _stack(row, LOSSES, x, wide * 0.64, zero, -scale, language)
    months = tuple(
        Mark(round(LEFT + (place + 0.5) * wide, 1), HEIGHT - 8, f"{row.month:%b}") for place, row in enumerate(rows)
    )
    currency = rows[0].opening.currency
    return Chart(WIDTH, HEIGHT, LEFT, round(zero, 1), tuple(pieces), months, _scale(most, least, zero, scale, currency))


def _sum(row: Movement, names: Sequence[str]) -> int:
    return sum(getattr(row, name).minor for name in names)


def _stack(
    row: Movement, names: Sequence[str], x: float, width: float, zero: float, scale: float, language: str
) -> list[Piece]:
    """Return one month's movements on top of each other; below the line where the scale is below zero."""
    edge, pieces = zero, []
    for name in names:
        amount: Money = getattr(row, name)
        height = abs(amount.minor * scale)
        if not amount.minor:
            continue
        y = edge - height if scale > 0 else edge
        edge = edge - height if scale > 0 else edge + height
        said = f"{row.month:%B %Y}, {name}: {amount.display(language)}"
        pieces.append(Piece(name, round(x, 1), round(y, 1), round(width, 1), round(max(height, 0.5), 1), said))
    return pieces


def _scale(most: int, least: int, zero: float, scale: float, currency: str) -> tuple[Mark, ...]:
    """Return three or so amounts on round steps, each with the height of its line."""
    step, power = 0, 1
    while not step:
        step = next((each * power for each in STEPS if most + least <= 4 * each * power), 0)
        power *= 10
    marks = range(-(least // step) * step, most + 1, step)
    return tuple(
        Mark(LEFT - 8, round(zero - minor * scale, 1), Money(minor, currency).display("en")) for minor in marks
    )
