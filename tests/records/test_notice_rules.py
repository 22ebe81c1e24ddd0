"""How an assignment stood on a day in the past: from what was known then, never from what came after."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.records.rules.notices import Moved, Obligation, currency, stood
from lms.training.rules import State

DUE = date(2026, 12, 31)
PLAIN = Obligation("Annual training", date(2026, 10, 2), DUE, timedelta(days=30), valid_through=date(2027, 12, 31))
DONE = replace(PLAIN, outcome="completed", closed_on=date(2026, 11, 20))
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("obligation", "on", "state"),
    [
        (PLAIN, date(2026, 9, 1), State.NOT_YET_OPEN),
        (PLAIN, date(2026, 10, 2), State.OPEN),
        (PLAIN, date(2026, 12, 31), State.DUE_SOON),
        (PLAIN, date(2027, 1, 1), State.OVERDUE),
        (PLAIN, date(2027, 1, 31), State.DELINQUENT),
        (DONE, date(2026, 11, 19), State.OPEN),
        (DONE, date(2026, 11, 20), State.COMPLETED),
        (replace(PLAIN, awaiting_since=date(2026, 12, 1)), date(2027, 2, 1), State.AWAITING_WITNESSES),
        (replace(PLAIN, moves=(Moved(date(2027, 2, 15)),)), date(2027, 2, 1), State.DUE_SOON),
        (replace(PLAIN, moves=(Moved(date(2027, 2, 15)),)), date(2027, 2, 16), State.OVERDUE),
        (replace(PLAIN, moves=(Moved(date(2027, 2, 15)), Moved(date(2027, 1, 5)))), date(2027, 1, 6), State.OVERDUE),
    ],
)
def test_the_state_of_that_day(obligation: Obligation, on: date, state: State) -> None:
    assert stood(obligation, on).state is state


def test_the_due_date_of_that_day_is_that_of_the_last_move() -> None:
    moved = replace(PLAIN, moves=(Moved(date(2027, 2, 15)),))
    assert stood(moved, date(2027, 1, 1)).due_on == date(2027, 2, 15)
    assert stood(PLAIN, date(2027, 1, 1)).due_on == DUE


@given(on=DAYS, closed=DAYS)
def test_what_was_closed_later_stood_open_on_the_day(on: date, closed: date) -> None:
    done = replace(PLAIN, outcome="completed", closed_on=closed)
    expected = State.COMPLETED if closed <= on else stood(PLAIN, on).state
    assert stood(done, on).state is expected


@given(on=DAYS, leave=st.booleans())
def test_current_means_a_completion_in_force_and_nothing_late(on: date, leave: bool) -> None:
    found = currency([DONE, replace(PLAIN, title="Refresher")], on, on_leave=leave, separated=False)
    late = not leave and on > DUE
    in_force = date(2026, 11, 20) <= on <= date(2027, 12, 31)
    assert found.result == ("bad" if late else "ok" if in_force else "waiting")


@pytest.mark.parametrize(
    ("on", "separated", "title", "says"),
    [
        (
            date(2026, 11, 20),
            False,
            "Current",
            "Finished “Annual training” on November 20, 2026, which is good through",
        ),
        (date(2026, 11, 19), False, "No training in force", "none was past its due date"),
        (date(2028, 1, 1), False, "No training in force", "January 1, 2028"),
        (date(2026, 11, 20), True, "Not in service", "not in service on November 20, 2026"),
    ],
)
def test_currency_in_words(on: date, separated: bool, title: str, says: str) -> None:
    found = currency([DONE], on, on_leave=False, separated=separated)
    assert found.title == title
    assert says in found.says


def test_the_oldest_that_is_late_is_named() -> None:
    older = replace(PLAIN, title="Refresher", original_due_on=date(2026, 6, 1), opens_on=date(2026, 4, 1))
    found = currency([PLAIN, older, DONE], date(2027, 2, 1), on_leave=False, separated=False)
    assert found.says == "“Refresher” was due on June 1, 2026 and was not done by February 1, 2027."


def test_a_person_on_leave_is_not_late() -> None:
    found = currency([DONE, PLAIN], date(2027, 2, 1), on_leave=True, separated=False)
    assert found.result == "ok"
    assert "on leave that day" in found.says
