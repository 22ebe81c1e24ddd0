"""The queue of acts by time. Every act runs under the simulated clock, so the ledger's times never go back."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from lms import clock

Process = Iterator[datetime]
"""Somebody's doings: runs until the next moment at which something happens, and gives that moment."""


class Agenda:
    """Runs processes in the order of their next moments, from a beginning up to an end."""

    def __init__(self, begin: datetime, end: datetime) -> None:
        self.now = begin.astimezone(UTC)
        self.end = end
        self._waiting: list[tuple[datetime, int, Process]] = []
        self._count = 0

    def add(self, moment: datetime, process: Process) -> None:
        """Starts a process at a moment, or now where that has gone by."""
        self._count += 1
        heapq.heappush(self._waiting, (max(moment.astimezone(UTC), self.now), self._count, process))

    def once(self, moment: datetime, act: Callable[[], object]) -> None:
        """Does one thing at a moment."""
        self.add(moment, _single(act))

    def run(self, after_each: Callable[[datetime], None]) -> int:
        """Runs all that happens before the end; what is under way then simply stays unfinished. Says how many acts."""
        acts = 0
        while self._waiting and self._waiting[0][0] <= self.end:
            self.now, _, process = heapq.heappop(self._waiting)
            with clock.at(self.now):
                following = next(process, None)
                after_each(self.now)
            acts += 1
            if following is not None:
                self.add(following, process)
        return acts


def _single(act: Callable[[], object]) -> Process:
    act()
    yield from ()
