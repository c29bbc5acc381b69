"""How the benchmarks measure: contenders take turns in short slices, and what counts is the ratio of neighbours.

A crew is one or more child processes, each with its own connections, that run a contender for a slice when told to.
Time on a shared machine drifts by tens of per cent within a minute; two slices next to each other drift together, so
the figure is the median of the paired ratios, with its 10th and 90th percentile. CPU per operation is steadier still;
it is read from the kernel for our process and, where the server runs on this machine, for our connections in it.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

#: Returns how many operations it did; None is one.
Act = Callable[[], int | None]
SLICE_S = 0.25


@dataclass(frozen=True)
class Contender:
    """One way of doing the work, and the server processes that work for it."""

    act: Act
    backends: tuple[int, ...] = ()


@dataclass(frozen=True)
class Turn:
    """What one slice gave, of one process or a whole crew; CPU in seconds per operation."""

    rate: float
    seconds_each: float
    client_cpu: float
    server_cpu: float


@dataclass
class Figure:
    """One line of the report: a ratio with its spread against a target."""

    subject: str
    ratios: list[float]
    target: float | None = None
    #: Growth is better when lower; a share of the limit when higher.
    is_growth: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def median(self) -> float:
        """The middle of the paired ratios."""
        return statistics.median(self.ratios)

    @property
    def verdict(self) -> str:
        """Whether the target is met; empty where there is none."""
        if self.target is None:
            return ""
        met = self.median <= self.target if self.is_growth else self.median >= self.target
        return "met" if met else "MISSED"

    def spread(self) -> tuple[float, float]:
        """Return the 10th and the 90th percentile."""
        ordered = sorted(self.ratios)
        return ordered[len(ordered) // 10], ordered[-1 - len(ordered) // 10]

    def row(self) -> str:
        """Return the line of a Markdown table."""
        low, high = self.spread()
        target = "" if self.target is None else f"{'≤' if self.is_growth else '≥'} {self.target:.2f}"
        cells = [self.subject, f"**{self.median:.2f}**", f"{low:.2f} to {high:.2f}", str(len(self.ratios)), target]
        return f"| {' | '.join([*cells, self.verdict])} | {'; '.join(self.notes)} |"


def cpu_of(backends: Iterable[int]) -> float:
    """Return the CPU seconds that server processes have used; 0 where the kernel does not tell."""
    try:
        return sum(_cpu_of_process(pid) for pid in backends)
    except OSError:
        return 0.0


def _cpu_of_process(pid: int) -> float:
    if len(os.listdir(f"/proc/{pid}/task")) > 1:
        # Threads that ended are counted here only, in hundredths of a second. Source: proc(5), utime and stime.
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            ticks = file.read().rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e9


def run_slice(contender: Contender, seconds: float) -> tuple[int, float, float, float]:
    """Run once or for a while; return operations, elapsed seconds, our CPU seconds, the server's."""
    server, client, started = cpu_of(contender.backends), time.process_time(), time.perf_counter()
    count, elapsed = 0, 0.0
    while not count or elapsed < seconds:
        count += contender.act() or 1
        elapsed = time.perf_counter() - started
    return count, elapsed, time.process_time() - client, cpu_of(contender.backends) - server


def _child(pipe: Any, build: Callable[..., dict[str, Contender]], url: str, arguments: tuple[Any, ...]) -> None:
    try:
        use_database(url)
        contenders = build(*arguments)
        pipe.send(list(contenders))
        while (order := pipe.recv()) is not None:
            name, seconds = order
            pipe.send(run_slice(contenders[name], seconds))
    except BaseException:
        pipe.send(traceback.format_exc())
        raise


class Crew:
    """Child processes that run the same contenders at the same time, on one database."""

    def __init__(
        self, build: Callable[..., dict[str, Contender]], url: str, *arguments: Any, members: int | None = None
    ) -> None:
        context = multiprocessing.get_context("fork")
        self.members = []
        for number in range(members or 1):
            near, far = context.Pipe()
            given = arguments if members is None else (number, *arguments)
            process = context.Process(target=_child, args=(far, build, url, given), daemon=True)
            process.start()
            far.close()
            self.members.append((process, near))
        self.names: list[str] = [self._answer(pipe) for _, pipe in self.members].pop()

    def turn(self, name: str, seconds: float = SLICE_S) -> Turn:
        """Let every member run one contender for a slice."""
        for _, pipe in self.members:
            pipe.send((name, seconds))
        done = [self._answer(pipe) for _, pipe in self.members]
        count = sum(one[0] for one in done)
        return Turn(
            rate=sum(one[0] / one[1] for one in done),
            seconds_each=sum(one[1] for one in done) / count,
            client_cpu=sum(one[2] for one in done) / count,
            server_cpu=sum(one[3] for one in done) / count,
        )

    def dismiss(self) -> None:
        """End the children."""
        for process, pipe in self.members:
            pipe.send(None)
            process.join()

    @staticmethod
    def _answer(pipe: Any) -> Any:
        answer = pipe.recv()
        if isinstance(answer, str):
            sys.exit(f"A contender failed:\n{answer}")
        return answer


Rounds = list[dict[str, Turn]]


@contextmanager
def crew(
    build: Callable[..., dict[str, Contender]], url: str, *arguments: Any, members: int | None = None
) -> Iterator[Crew]:
    """Hire a crew and dismiss it at the end."""
    hired = Crew(build, url, *arguments, members=members)
    try:
        yield hired
    finally:
        hired.dismiss()


def rounds_of(stages: dict[str, tuple[Crew, str]], pairs: int, seconds: float = SLICE_S) -> Rounds:
    """Warm up, then let the contenders take turns, in changing order; each is a crew and its contender's name."""
    for one, name in stages.values():
        one.turn(name, seconds)
    rounds = []
    for number in range(pairs):
        order = list(stages) if number % 2 else list(reversed(stages))
        done = {title: stages[title][0].turn(stages[title][1], seconds) for title in order}
        rounds.append(done)
    return rounds


def share(subject: str, rounds: Rounds, ours: str, limit: str, target: float | None = None, unit: str = "") -> Figure:
    """Return our rate as a share of the limit's."""
    ratios = [one[ours].rate / one[limit].rate for one in rounds]
    notes = [f"{name} {middle(rounds, name, 'rate'):,.0f}{unit}/s" for name in (ours, limit)]
    notes.append(cpu_note(rounds, [ours, limit]))
    return Figure(subject, ratios, target, notes=notes)


def growth(subject: str, rounds: Rounds, small: str, large: str, target: float | None = None) -> Figure:
    """Return the time at ten times the rows over the time at one."""
    ratios = [one[large].seconds_each / one[small].seconds_each for one in rounds]
    notes = [f"{name} {middle(rounds, name, 'seconds_each') * 1e3:.2f} ms" for name in (small, large)]
    notes.append(cpu_note(rounds, [small, large]))
    return Figure(subject, ratios, target, is_growth=True, notes=notes)


def middle(rounds: Rounds, name: str, what: str) -> float:
    """Return the median of one measure of one contender."""
    return statistics.median(getattr(one[name], what) for one in rounds)


def cpu_note(rounds: Rounds, names: Sequence[str]) -> str:
    """Return the CPU per operation of each contender, client and server, in microseconds."""
    said = []
    for name in names:
        client, server = (middle(rounds, name, what) * 1e6 for what in ("client_cpu", "server_cpu"))
        said.append(f"{name} {client:,.0f} + {server:,.0f}")
    return f"CPU client + server, µs: {', '.join(said)}"


def use_database(url: str) -> None:
    """Point Django at another database of the same server; before it has connected."""
    from django.db import connection

    connection.settings_dict["NAME"] = urlsplit(url).path.lstrip("/")


def owner_connection(url: str) -> Any:
    """Return a plain psycopg connection as the owner of the tables, whom the grants do not bind."""
    import psycopg

    return psycopg.connect(url, autocommit=True, prepare_threshold=3)


def backend_of(connection: Any) -> int:
    """Return the server process behind a connection, Django's or psycopg's; 0 when it is on another machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid(), inet_server_addr() IS NULL")
        pid, is_local = cursor.fetchone()
    return int(pid) if is_local else 0


def explain(url: str, sql: str, parameters: Any) -> str:
    """Return the plan of a statement with its buffers."""
    with owner_connection(url) as owner:
        owner.execute("SET plan_cache_mode = force_custom_plan")
        rows = owner.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {sql}", parameters).fetchall()
    return "\n".join(row[0] for row in rows)


def machine(url: str) -> str:
    """Return what the figures were measured on."""
    import platform

    import django
    import psycopg

    with owner_connection(url) as owner:
        version = owner.execute("SELECT current_setting('server_version')").fetchone()[0]
        durable = owner.execute("SELECT current_setting('fsync') || '/' || current_setting('synchronous_commit')")
        flush = durable.fetchone()[0]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"PostgreSQL {version} (fsync/synchronous_commit {flush}), Python {platform.python_version()}, "
        f"Django {django.__version__}, psycopg {psycopg.__version__}, {os.cpu_count()} cores, load {load}"
    )
