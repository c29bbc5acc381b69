"""docs/capabilities.md tells the truth: every test it names exists, and every practice stands in it once."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "capabilities.md").read_text(encoding="utf-8")
#: The practices: how many rows each of the three lists has.
ROWS = {"S0": 29, "S1": 119, "S2": 33}
PROOF = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
STATES = {"works", "thin", "not yet"}


def practices() -> list[list[str]]:
    """Return the cells of every practice's line: row, state, what, proof, missing."""
    lines = (line for line in PAGE.splitlines() if re.match(r"\| S[012]-\d+ \|", line))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@lru_cache
def names_in(path: str) -> frozenset[str]:
    """Return the names of the tests a file holds; none when there is no such file."""
    file = ROOT / path
    return (
        frozenset(re.findall(r"^ *def (test_\w+)", file.read_text(encoding="utf-8"), re.M))
        if file.is_file()
        else frozenset()
    )


def test_every_practice_stands_in_the_table_exactly_once():
    wanted = [f"{part}-{number}" for part, rows in ROWS.items() for number in range(1, rows + 1)]

    assert [row[0] for row in practices()] == wanted


def test_every_test_it_names_exists():
    named = PROOF.findall(PAGE)

    assert named
    assert [f"{path}::{name}" for path, name in named if name not in names_in(path)] == []
    assert len(named) == PAGE.count("`tests/") - PAGE.count("`tests/architecture/test_capabilities.py`")


@pytest.mark.parametrize("row", practices(), ids=lambda row: row[0])
def test_what_works_or_is_thin_has_a_proof_and_what_is_thin_says_what_is_missing(row):
    number, state, what, proof, missing = row

    assert state in STATES
    assert what
    assert bool(PROOF.search(proof)) == (state != "not yet"), number
    assert missing or state != "thin", number


def test_the_sentence_at_the_top_counts_right():
    states = [row[1] for row in practices()]
    works, thin, missing = (states.count(state) for state in ("works", "thin", "not yet"))

    assert f"{works} practices work, {thin} are thin, {missing} are not there yet." in PAGE
