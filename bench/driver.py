"""Runs one flow from several threads at once and says how often it was done, and how long each took."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Flow = Callable[[], None]
"""One whole flow, from the first request to the last answer. Raises where a step is not as expected."""
MakeFlow = Callable[[int], Flow]
"""Gives the flow of one thread (its number is given), with a browser of its own."""
MOST_ERRORS = 10
"""After so many a thread gives up."""


class Exhausted(Exception):
    """Nobody is left who could do the flow for the first time."""


class Takes:
    """Things that are each used once, by whichever thread comes first."""

    def __init__(self, items: list[tuple[str, int]]) -> None:
        self._items: Iterator[tuple[str, int]] = iter(items)
        self._lock = threading.Lock()

    def take(self) -> tuple[str, int]:
        """The next one. Raises Exhausted."""
        with self._lock:
            try:
                return next(self._items)
            except StopIteration:
                raise Exhausted from None


@dataclass(slots=True)
class Measured:
    """Flows finished inside the window of ``seconds``; ``times`` in seconds, sorted."""

    seconds: float
    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    exhausted: bool = False

    @property
    def rate(self) -> float:
        """Flows a second."""
        return len(self.times) / self.seconds if self.seconds > 0 else 0.0

    def percentile(self, percent: int) -> float:
        """A percentile of the times, in milliseconds; 0 where nothing was finished."""
        if not self.times:
            return 0.0
        return self.times[min(len(self.times) - 1, len(self.times) * percent // 100)] * 1000


def merged(parts: list[Measured]) -> Measured:
    """Several passes as one."""
    return Measured(
        seconds=sum(part.seconds for part in parts),
        times=sorted(moment for part in parts for moment in part.times),
        errors=[error for part in parts for error in part.errors],
        exhausted=any(part.exhausted for part in parts),
    )


class Run:
    """One measurement."""

    def __init__(self, make: MakeFlow, clients: int, seconds: float, warm_up: float) -> None:
        self._make, self._clients, self._seconds, self._warm_up = make, clients, seconds, warm_up
        self._lock = threading.Lock()
        self._done: list[tuple[float, float]] = []
        self._errors: list[str] = []
        self._exhausted_at: float | None = None
        self._end = 0.0

    def run(self) -> Measured:
        """Warms up, measures, and waits for every thread."""
        begin = time.perf_counter() + self._warm_up
        self._end = begin + self._seconds
        threads = [threading.Thread(target=self._work, args=(number,)) for number in range(self._clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=self._warm_up + self._seconds + 90)
            if thread.is_alive():
                self._errors.append("a thread hangs")
        end = min(self._end, self._exhausted_at or self._end)
        times = sorted(took for at, took in self._done if begin <= at <= end)
        return Measured(max(end - begin, 0.001), times, self._errors, self._exhausted_at is not None)

    def _work(self, number: int) -> None:
        failures = 0
        try:
            flow = self._make(number)
            while (began := time.perf_counter()) < self._end and failures < MOST_ERRORS:
                try:
                    flow()
                except Exhausted:
                    self._exhausted_at = self._exhausted_at or time.perf_counter()
                    return
                except Exception as error:
                    failures += 1
                    self._note(f"{type(error).__name__}: {error}")
                    continue
                now = time.perf_counter()
                with self._lock:
                    self._done.append((now, now - began))
        except BaseException as error:
            self._note(f"a thread died: {type(error).__name__}: {error}")
            raise

    def _note(self, error: str) -> None:
        with self._lock:
            self._errors.append(error)


def drive(make: MakeFlow, *, clients: int, seconds: float, warm_up: float) -> Measured:
    """Runs a flow in ``clients`` threads for ``seconds`` after ``warm_up`` seconds that do not count."""
    return Run(make, clients, seconds, warm_up).run()
