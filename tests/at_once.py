"""Acts that begin in the same moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from ledger.errors import DomainError


def at_once(acts: Sequence[Callable[[], object]]) -> list[object]:
    """Run all acts at the same moment, each on its own connection; refusals are returned, anything else is raised."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        try:
            start.wait()
            return act()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))
