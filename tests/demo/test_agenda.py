"""Acts come in the order of their times, under the simulated clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from lms import clock
from lms.demo.agenda import Agenda

START = datetime(2024, 1, 1, tzinfo=UTC)


def test_processes_interleave_by_time_and_stop_at_the_end() -> None:
    seen: list[tuple[str, int]] = []

    def process(name: str, step: int) -> Iterator[datetime]:
        while True:
            seen.append((name, int((clock.now() - START).total_seconds())))
            yield clock.now() + timedelta(seconds=step)

    agenda = Agenda(START, START + timedelta(seconds=10))
    agenda.add(START, process("a", 4))
    agenda.add(START + timedelta(seconds=1), process("b", 5))
    moments: list[datetime] = []
    assert agenda.run(moments.append) == 5
    assert seen == [("a", 0), ("b", 1), ("a", 4), ("b", 6), ("a", 8)]
    assert moments == sorted(moments)


def test_what_is_added_too_late_happens_now() -> None:
    seen: list[datetime] = []
    agenda = Agenda(START, START + timedelta(days=1))

    def late() -> None:
        agenda.once(START - timedelta(days=9), lambda: seen.append(clock.now()))

    agenda.once(START, late)
    agenda.run(lambda _: None)
    assert seen == [START]
