"""print_case: the PDF of a case, made by a process of its own (pure).

The typesetter keeps what it has set for as long as its process lives; a case of thousands of messages would stay in the
memory of whoever serves pages. `python -m tickets.casefile.press MOMENT` reads values from its standard input and
writes the PDF to its standard output; it needs neither the database nor the settings.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

import typst

from ledger.documents.glyphs import clean, coverage, font_folders
from ledger.errors import DomainError

LAYOUT = Path(__file__).parent / "case.typ"
ROOT = Path(__file__).resolve().parents[2]
STANDARD: Final = "a-3b"
#: A case of 5,000 messages takes about ten seconds.
LONGEST_S = 120


class CaseNotPrinted(DomainError):
    """The document could not be made."""


def print_case(values: IO[bytes], pdf: IO[bytes], *, at: datetime) -> None:
    """Write the PDF of the values of a case (JSON) to a file, dated `at`.

    :raises CaseNotPrinted: if it takes too long or cannot be set
    """
    command = [sys.executable, "-m", "tickets.casefile.press", at.astimezone(UTC).isoformat()]
    try:
        done = subprocess.run(
            command, stdin=values, stdout=pdf, stderr=subprocess.PIPE, cwd=ROOT, timeout=LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise CaseNotPrinted("The case is too long to be printed; take the JSON file.") from late
    if done.returncode:
        raise CaseNotPrinted("The case could not be printed; take the JSON file.")


def drawable(value: Any) -> Any:
    """Return texts with a box in place of each letter that our fonts lack: what a customer wrote is never refused."""
    if isinstance(value, str):
        known = coverage()
        return "".join(letter if ord(letter) in known else "\N{WHITE SQUARE}" for letter in _lines(value))
    if isinstance(value, dict):
        return {key: drawable(each) for key, each in value.items()}
    return [drawable(each) for each in value] if isinstance(value, list) else value


def _lines(text: str) -> str:
    return "\N{LINE SEPARATOR}".join(clean(line) for line in text.splitlines())


def main(moment: str) -> None:
    """Read values, write the PDF."""
    values = drawable(json.load(sys.stdin.buffer))
    made: bytes = typst.compile(
        str(LAYOUT),
        root=str(LAYOUT.parent),
        font_paths=list(font_folders()),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"case": json.dumps(values, ensure_ascii=False)},
        pdf_standards=STANDARD,
        timestamp=datetime.fromisoformat(moment).replace(microsecond=0),
    )
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main(sys.argv[1])
