"""A state machine as a small SVG (pure): states in columns by how far they are from the start, moves as arrows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 128, 34, 62, 26, 12


@dataclass(frozen=True, slots=True)
class Box:
    """A state: its name and the upper left corner of its box."""

    name: str
    x: int
    y: int

    @property
    def label(self) -> str:
        """The name as it is read."""
        return self.name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Arrow:
    """A move, as the path of a curve."""

    path: str


@dataclass(frozen=True, slots=True)
class Diagram:
    """What a template draws; sizes in pixels."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    box_width: int = WIDTH
    box_height: int = HEIGHT


def diagram(start: str, states: Sequence[str], moves: Iterable[tuple[str, str]]) -> Diagram:
    """Return where to draw every state and every move; a state nothing leads to stands in the first column."""
    steps = sorted(set(moves))
    column = _columns(start, states, steps)
    places: dict[int, list[str]] = {}
    for name in states:
        places.setdefault(column[name], []).append(name)
    boxes = {
        name: Box(name, MARGIN + at * (WIDTH + GAP_X), MARGIN + row * (HEIGHT + GAP_Y))
        for at, names in places.items()
        for row, name in enumerate(names)
    }
    rows = max(len(names) for names in places.values())
    return Diagram(
        width=2 * MARGIN + (max(places) + 1) * (WIDTH + GAP_X) - GAP_X,
        height=2 * MARGIN + rows * (HEIGHT + GAP_Y),
        boxes=tuple(boxes.values()),
        arrows=tuple(_arrow(boxes[source], boxes[target]) for source, target in steps),
    )


def _columns(start: str, states: Sequence[str], moves: Sequence[tuple[str, str]]) -> dict[str, int]:
    column, wave = {start: 0}, [start]
    while wave:
        reached = [target for source, target in moves if source in wave and target not in column]
        column |= dict.fromkeys(reached, column[wave[0]] + 1)
        wave = list(dict.fromkeys(reached))
    return {name: column.get(name, 0) for name in states}


def _arrow(source: Box, target: Box) -> Arrow:
    """Return a curve from box to box: forward from side to side, otherwise from below to below."""
    if target.x > source.x:
        x1, y1, x2, y2 = source.x + WIDTH, source.y + HEIGHT // 2, target.x, target.y + HEIGHT // 2
        bend = (x2 - x1) // 2
        return Arrow(f"M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}")
    x1, y1, x2, y2 = source.x + WIDTH // 2, source.y + HEIGHT, target.x + WIDTH // 2 + 14, target.y + HEIGHT
    low = max(y1, y2) + GAP_Y - 6
    return Arrow(f"M{x1},{y1} C{x1},{low} {x2},{low} {x2},{y2}")
