"""Measures our hot paths against the best hand-written SQL and prints the ratios.

    python -m tests.benchmarks [posting reading queues notices billing reactions api export] [--pairs 20] [--full]
                               [--write]

Without names every subject runs, in about eight minutes. --full takes the large data (1,000,000 postings on one
account, 1,000,000 subscriptions). --write puts the figures into docs/performance.md. With DATABASE_URL that server is
used (its user must be allowed to create databases and roles); else an own one with flush to disk is started.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator

from tests.benchmarks import api_list, billing_run, exports, ledger_posting, ledger_reading, notices, queues, reactions
from tests.benchmarks.harness import Figure, machine
from tests.benchmarks.options import Options
from tests.benchmarks.report import HEAD, write_report
from tests.benchmarks.server import Server, running_server

SUBJECTS: dict[str, Callable[[Server, Options], Iterator[Figure]]] = {
    "posting": ledger_posting.measure,
    "reading": ledger_reading.measure,
    "queues": queues.measure,
    "notices": notices.measure,
    "billing": billing_run.measure,
    "reactions": reactions.measure,
    "api": api_list.measure,
    "export": exports.measure,
}


def read_options() -> tuple[Options, str]:
    """Return the options and the words that gave them."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", help=f"subjects: {', '.join(SUBJECTS)}")
    parser.add_argument("--pairs", type=int, default=20, help="slices of each contender")
    parser.add_argument("--full", action="store_true", help="the large data; takes half an hour")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    given = parser.parse_args()
    if unknown := sorted(set(given.only) - set(SUBJECTS)):
        parser.error(f"There is no subject {', '.join(unknown)}. Subjects: {', '.join(SUBJECTS)}.")
    if given.write and given.only:
        parser.error("Only a run of every subject is written into the document.")
    words = " ".join(["make bench", *(['ARGS="--full"'] if given.full else [])])
    return Options(max(given.pairs, 3), given.full, tuple(given.only)), words if given.write else ""


def main() -> None:
    """Run the subjects one after the other."""
    options, written_by = read_options()
    figures: list[Figure] = []
    with running_server() as server:
        where = machine(server.url)
        print(where, flush=True)
        for name in options.only or SUBJECTS:
            started = time.monotonic()
            for figure in SUBJECTS[name](server, options):
                if not figures:
                    print("\n".join(HEAD))
                figures.append(figure)
                print(figure.row(), flush=True)
            print(f"<!-- {name}: {time.monotonic() - started:.0f} s -->", flush=True)
    for name, plan in options.plans.items():
        print(f"\n{name}\n{plan}")
    if written_by:
        load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
        write_report(figures, where=where, load=load, command=written_by, plans=options.plans)


if __name__ == "__main__":
    main()
