"""Periods and lines, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime

from lms.ledger.checks import RecordCheck, State, Step
from lms.records import rules


def check(*states: State) -> RecordCheck:
    return RecordCheck("r", tuple(Step(str(n), state, f"step {n} is {state}") for n, state in enumerate(states)))


def test_a_line_is_red_before_it_is_waiting_before_it_is_green() -> None:
    assert rules.check_line(check(State.GOOD, State.GOOD)).result == "ok"
    assert rules.check_line(check(State.GOOD, State.PENDING)).result == "waiting"
    line = rules.check_line(check(State.GOOD, State.PENDING, State.BAD))
    assert (line.result, line.detail) == ("bad", "step 2 is bad")


def test_a_period_is_whole_local_days_also_across_the_change_of_clocks() -> None:
    since, until = rules.period_moments(date(2026, 3, 8), date(2026, 3, 8), "America/New_York")
    assert since == datetime(2026, 3, 8, 5, tzinfo=UTC)
    assert until == datetime(2026, 3, 9, 4, tzinfo=UTC)


def test_a_period_has_an_order_and_an_end() -> None:
    day = date(2026, 3, 8)
    assert rules.period_fault(day, day) is None
    assert rules.period_fault(day, date(2026, 3, 7)) is not None
    assert rules.period_fault(date(1990, 1, 1), day) is not None


def test_recorded_fields_are_read_out_in_words() -> None:
    fields = {
        "badge": "4417",
        "on_duty": False,
        "reservation": "",
        "attested_at": "2026-03-08T05:00:00.000000Z",
        "sd": 1,
    }
    lines = rules.readable(fields, lambda text: f"at {text[:10]}")
    assert lines == [
        ("Badge", "4417"),
        ("Time", "at 2026-03-08"),
        ("Done on duty", "No"),
        ("Question, reservation or reason", None),
    ]
