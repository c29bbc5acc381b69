"""What the command line of the benchmarks offers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """How long and how large; `only` names subjects, empty is all of them."""

    pairs: int = 20
    full: bool = False
    only: tuple[str, ...] = ()
    write: Path | None = None
    plans: dict[str, str] = field(default_factory=dict)
