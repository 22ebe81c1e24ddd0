"""What is late, what is counted, and the curve: plain dates, no database."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lms.dates import add_years
from lms.reporting import rules
from lms.reporting.rules import COUNTED, DONE, LATE, STATE_WORDS, TO_DO, Cycle
from lms.training.rules import State


def test_every_state_has_words_and_counts_on_one_side_at_most() -> None:
    assert set(STATE_WORDS) == set(State)
    assert not TO_DO & DONE
    assert LATE < TO_DO
    assert set(State) - COUNTED == {State.NOT_YET_OPEN, State.ON_LEAVE, State.WAIVED, State.SEPARATED}


def test_a_filter_value_is_a_group_a_state_or_nothing() -> None:
    assert rules.states_named("late") == {State.OVERDUE, State.DELINQUENT}
    assert rules.states_named("declined") == {State.DECLINED}
    assert rules.states_named("") == rules.states_named("nonsense") == frozenset()


def test_numbers_add_up_over_states_and_units() -> None:
    counts = rules.tally(
        [(1, "Patrol", "overdue", 3), (1, "Patrol", "completed", 5), (2, "K-9", "declined", 1), (2, "K-9", "waived", 2)]
    )
    assert counts.total == 11
    assert counts.of(DONE) == 6
    assert [(unit.name, unit.done, unit.counted) for unit in counts.units] == [("K-9", 1, 1), ("Patrol", 5, 8)]


@pytest.mark.parametrize(
    ("today", "before"),
    [
        (date(2026, 11, 22), date(2025, 11, 22)),
        (date(2024, 2, 29), date(2023, 2, 28)),
        (date(2025, 3, 1), date(2024, 3, 1)),
    ],
)
def test_twelve_months_are_calendar_months(today: date, before: date) -> None:
    assert add_years(today, -1) == before


def test_the_scope_begins_at_local_midnight() -> None:
    scope = rules.current_scope(date(2026, 7, 1), "America/New_York")
    assert scope.since == datetime(2025, 7, 1, 4, tzinfo=UTC)


def test_due_today_is_not_late() -> None:
    day = date(2026, 5, 5)
    assert rules.days_between(day, day) == (None, 0)
    assert rules.days_between(date(2026, 5, 4), day) == (1, None)


def test_the_curve_lays_two_years_together_by_weeks_before_the_due_date() -> None:
    this = Cycle(1, "2026", "Annual", date(2026, 12, 10), date(2026, 12, 31))
    last = Cycle(1, "2025", "Annual", date(2025, 12, 17), date(2025, 12, 31))
    counts = {"2026": [0, 5, 10, 10, 10, 10, 10, 10, 20], "2025": [1, 2, 4, 4, 4, 4, 4, 4]}
    curve = rules.draw_curve([this, last], counts, date(2026, 12, 18))
    assert curve.labels[:4] == ("Dec 10", "Dec 17", "Dec 24", "Dec 31")
    assert curve.due_index == 3
    assert curve.series[0] == ("2026", (0, 25, None, None, None, None, None, None))
    assert curve.series[1] == ("2025", (None, 25, 50, 100, 100, 100, 100, 100))


def test_a_cycle_without_people_has_no_curve_and_no_division() -> None:
    cycle = Cycle(1, "2026", "Annual", date(2026, 12, 10), date(2026, 12, 31))
    curve = rules.draw_curve([cycle], {"2026": [0] * 9}, date(2027, 3, 1))
    assert set(curve.series[0][1]) == {None}
