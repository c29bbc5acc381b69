"""The diary of the demo company: what happens at which moment, in the order of time."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count

#: Something that happens at a moment; it may plan more.
Act = Callable[[datetime], None]
#: A story waits between its steps: it yields how long.
Story = Iterator[timedelta]


class Diary:
    """Acts by moment; what would lie after `until` never happens."""

    def __init__(self, *, until: datetime) -> None:
        self.until = until
        self._acts: list[tuple[datetime, int, Act]] = []
        self._numbers = count()

    def plan(self, at: datetime, act: Act) -> None:
        """Let an act happen at a moment, after those planned earlier for the same; never when it lies in the future."""
        if at <= self.until:
            heapq.heappush(self._acts, (at, next(self._numbers), act))

    def tell(self, at: datetime, story: Callable[[], Story], *, set_moment: Callable[[datetime], None]) -> None:
        """Let a story begin at a moment and go on after each pause it asks for, until the present stops it."""
        steps = story()

        def go_on(moment: datetime) -> None:
            set_moment(moment)
            pause = next(steps, None)
            if pause is not None:
                self.plan(moment + pause, go_on)

        self.plan(at, go_on)

    def run(self, *, after: Callable[[datetime], None]) -> None:
        """Live through everything planned; `after` is called when all acts of a moment are done."""
        while self._acts:
            moment = self._acts[0][0]
            while self._acts and self._acts[0][0] == moment:
                heapq.heappop(self._acts)[2](moment)
            after(moment)
