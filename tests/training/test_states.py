"""The state of an assignment, in Python and in SQL."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import select

from lms import clock
from lms.db import db
from lms.roster.models import Leave
from lms.roster.rules import is_away, is_separated
from lms.training.models import Assignment
from lms.training.queries import dates_of, state_expression
from lms.training.rules import AssignmentDates, State, covers, state_of, why_not_workable
from tests.factories.people import make_person
from tests.factories.training import make_assignment, published_course

TODAY = date(2026, 6, 15)


def dates(opens: int, due: int, grace: int, **given: object) -> AssignmentDates:
    """Dates as days from today."""
    moved = [TODAY + timedelta(days=days) for days in (opens, due, grace)]
    return AssignmentDates(*moved, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "state"),
    [
        (dates(1, 60, 90), State.NOT_YET_OPEN),
        (dates(0, 60, 90), State.OPEN),
        (dates(0, 31, 90), State.OPEN),
        (dates(0, 30, 90), State.DUE_SOON),
        (dates(-9, 0, 9), State.DUE_SOON),
        (dates(-9, -1, 9), State.OVERDUE),
        (dates(-9, -1, 0), State.OVERDUE),
        (dates(-9, -2, -1), State.DELINQUENT),
        (dates(-9, -2, -1, awaiting_witnesses=True), State.AWAITING_WITNESSES),
        (dates(-9, -2, -1, outcome="satisfied"), State.COMPLETED),
        (dates(-9, -2, -1, outcome="declined"), State.DECLINED),
        (dates(1, 2, 3, outcome="waived"), State.WAIVED),
    ],
)
def test_state(given: AssignmentDates, state: State) -> None:
    assert state_of(given, TODAY) == state


def test_what_the_person_cannot_change_comes_before_the_dates() -> None:
    late = dates(-9, -2, -1)
    assert state_of(late, TODAY, on_leave=True) == State.ON_LEAVE
    assert state_of(late, TODAY, on_leave=True, separated=True) == State.SEPARATED
    assert state_of(dates(-9, -2, -1, outcome="completed"), TODAY, separated=True) == State.COMPLETED


def test_sql_and_python_agree_on_every_kind_of_row(app: Flask) -> None:
    published_course()
    with clock.at(clock.now()):
        spans = [(1, 60, 90), (0, 60, 90), (-5, 30, 40), (-5, 31, 40), (-9, 0, 9), (-9, -1, 0), (-9, -2, -1)]
        outcomes = [None, "completed", "declined", "waived", "separated", "satisfied", "witnesses"]
        plain = [(span, None) for span in spans]
        for number, (span, outcome) in enumerate([*product(spans, outcomes), *plain]):
            person = make_person()
            opens, due, grace = (TODAY + timedelta(days=days) for days in span)
            row = make_assignment(person, opens_on=opens, due_on=due, cycle=str(number))
            row.grace_until = grace
            row.awaiting_witnesses = outcome == "witnesses"
            if outcome not in (None, "witnesses"):
                row.outcome, row.closed_at = outcome, clock.now()
            away = [None, (-3, None), (-3, 0), (-3, -1), (1, None)][number % 5]
            if away is not None and number < 49:
                ends = None if away[1] is None else TODAY + timedelta(days=away[1])
                leave = Leave(
                    person_id=person.id, kind="family", starts_on=TODAY + timedelta(days=away[0]), ends_on=ends
                )
                db.session.add(leave)
            left = [None, None, None, (-1, None), (0, None), (-9, -9), (-9, -8), (-9, 0), (-9, 1)][number % 9]
            if left is not None and number < 49:
                person.separated_on = TODAY + timedelta(days=left[0])
                person.rehired_on = None if left[1] is None else TODAY + timedelta(days=left[1])
        db.session.commit()

    leaves = {leave.person_id: leave for leave in db.session.scalars(select(Leave))}
    seen = set()
    rows = db.session.execute(select(Assignment, state_expression(TODAY)).order_by(Assignment.id)).all()
    assert len(rows) == 56
    for row, in_sql in rows:
        db.session.refresh(row, ["person"])
        leave = leaves.get(row.person_id)
        away_today = leave is not None and is_away(leave.starts_on, leave.ends_on, TODAY)
        gone = is_separated(row.person.separated_on, row.person.rehired_on, TODAY)
        assert in_sql == state_of(dates_of(row), TODAY, away_today, gone), row.cycle
        seen.add(in_sql)
    assert seen == {state.value for state in State}


def test_a_closed_or_future_training_cannot_be_worked_on() -> None:
    opens = TODAY + timedelta(days=10)
    assert why_not_workable(dates(10, 60, 90), opens, TODAY) is not None
    assert why_not_workable(dates(10, 60, 90), TODAY, TODAY) is None, "a completion would count already"
    assert why_not_workable(dates(-10, -5, -1), TODAY, TODAY) is None, "late work is welcome"
    assert why_not_workable(dates(-10, 5, 9, outcome="waived"), TODAY, TODAY) is not None
    assert why_not_workable(dates(-10, 5, 9, awaiting_witnesses=True), TODAY, TODAY) is not None


def test_paths_cover_what_asks_for_no_more() -> None:
    table = {(done, other): covers(done, other) for done, other in product(("full", "refresher", "test_out"), repeat=2)}
    assert [pair for pair, covered in table.items() if not covered] == [
        ("refresher", "full"),
        ("test_out", "full"),
        ("test_out", "refresher"),
    ]
