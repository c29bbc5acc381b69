"""Puts the figures of a run into docs/performance.md, between two marks; the words around them are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from tests.benchmarks.harness import Figure
from tests.benchmarks.server import ROOT

DOCUMENT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
HEAD = [
    "| what | ratio | 10th to 90th | pairs | target | | medians |",
    "|---|---|---|---|---|---|---|",
]


def write_report(figures: Sequence[Figure], *, where: str, load: str, command: str, plans: Mapping[str, str]) -> None:
    """Replace what stands between the marks."""
    day = datetime.now(UTC).date().isoformat()
    lines = [BEGIN, f"`{command}` on {day}: {where}; load at the end {load}.", "", *HEAD]
    lines += [figure.row() for figure in figures]
    for name, plan in plans.items():
        lines += ["", f"{name}:", "", "```text", plan, "```"]
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    DOCUMENT.write_text("\n".join([before.rstrip(), "", *lines, END]) + after, encoding="utf-8")
    print(f"The figures are in {DOCUMENT.relative_to(ROOT)}.")
