"""Leave, notices and the reading of rules, case by case."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from lms.schedule.rules import (
    Audience,
    RuleError,
    Stage,
    dedupe_key,
    give_back,
    local_time,
    parse_rule,
    stage_of,
)

D = date
OPENS, DUE = D(2026, 10, 2), D(2026, 12, 31)


@pytest.mark.parametrize(
    ("start", "end", "due"),
    [
        (D(2026, 11, 1), D(2026, 11, 10), D(2027, 1, 10)),  # ten days away within the window
        (D(2026, 9, 1), D(2026, 10, 11), D(2027, 1, 10)),  # the clock began on October 2: ten days of it away
        (D(2026, 8, 1), D(2026, 10, 1), DUE),  # back before it opened
        (D(2026, 12, 31), D(2027, 3, 31), D(2027, 4, 1)),  # left on the due date: one day remains
        (D(2027, 1, 1), D(2027, 3, 31), DUE),  # was overdue already
        (D(2026, 11, 1), D(2026, 11, 1), D(2027, 1, 1)),  # one day
    ],
)
def test_leave_stops_the_clock(start: date, end: date, due: date) -> None:
    assert give_back(DUE, start, end, OPENS) == due


@pytest.mark.parametrize(
    ("today", "stage"),
    [
        (D(2026, 10, 1), None),
        (D(2026, 10, 2), Stage.OPENS),
        (D(2026, 11, 30), Stage.OPENS),
        (D(2026, 12, 1), Stage.DAYS_30),
        (D(2026, 12, 24), Stage.DAYS_7),
        (D(2026, 12, 30), Stage.TOMORROW),
        (D(2026, 12, 31), Stage.TOMORROW),
        (D(2027, 1, 1), Stage.OVERDUE),
        (D(2030, 1, 1), Stage.OVERDUE),
    ],
)
def test_the_newest_stage_fits(today: date, stage: Stage | None) -> None:
    assert stage_of(OPENS, DUE, today) == stage


def test_a_short_window_begins_with_the_letter_that_it_opens() -> None:
    assert stage_of(D(2026, 3, 1), D(2026, 3, 31), D(2026, 3, 1)) == Stage.OPENS
    assert stage_of(D(2026, 3, 1), D(2026, 3, 31), D(2026, 3, 23)) == Stage.OPENS
    assert stage_of(D(2026, 3, 1), D(2026, 3, 31), D(2026, 3, 24)) == Stage.DAYS_7


def test_a_moved_due_date_gets_notices_of_its_own() -> None:
    assert dedupe_key(7, Stage.DAYS_7, DUE, DUE) == "assignment:7:7_days"
    assert dedupe_key(7, Stage.DAYS_7, D(2027, 1, 31), DUE) == "assignment:7:7_days:2027-01-31"
    assert dedupe_key(7, Stage.OPENS, D(2027, 1, 31), DUE) == "assignment:7:opens"


def test_the_morning_is_local_also_when_clocks_change() -> None:
    assert local_time(D(2026, 3, 7), 7, "America/New_York").astimezone(UTC) == datetime(2026, 3, 7, 12, tzinfo=UTC)
    assert local_time(D(2026, 3, 8), 7, "America/New_York").astimezone(UTC) == datetime(2026, 3, 8, 11, tzinfo=UTC)


def test_an_audience_matches_every_list_that_is_not_empty() -> None:
    audience = Audience(ranks=frozenset({"Officer"}), flags=frozenset({"undercover", "applicant"}))
    assert audience.includes(rank="Officer", unit_id=3, flags=["applicant"])
    assert not audience.includes(rank="Officer", unit_id=3, flags=[])
    assert not audience.includes(rank="Sergeant", unit_id=3, flags=["undercover"])
    assert Audience().includes(rank="Chief", unit_id=1, flags=[])


def test_a_rule_is_read() -> None:
    rule = parse_rule(
        {
            "basis": "calendar", "starts_on": "2026-01-01", "due": "06-30", "opens": "04-01", "window_days": 60,
            "grace_days": 10, "min_active_months": 3, "early": "counts", "years": 2,
            "audience": {"ranks": ["Officer"], "unit_ids": [4], "flags": []},
        }
    )  # fmt: skip
    assert (rule.due, rule.opens, rule.years, rule.early) == ((6, 30), (4, 1), 2, "counts")
    assert rule.audience == Audience(frozenset({"Officer"}), frozenset({4}))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"basis": "weekly"}, "basis must be one of"),
        ({"starts_on": "soon"}, "starts_on must be a date"),
        ({"starts_on": None}, "starts_on must be a date"),
        ({"due": "02-29"}, "due must be a month and a day"),
        ({"due_days": 0}, "due_days must be a whole number"),
        ({"years": True}, "years must be a whole number"),
        ({"grace_days": 1.5}, "grace_days must be a whole number"),
        ({"early": "maybe"}, "early must be one of"),
        ({"colour": "blue"}, "unknown keys: colour"),
        ({"audience": {"shoe_size": [9]}}, "audience may name"),
        ({"audience": {"ranks": "Officer"}}, "audience may name"),
    ],
)
def test_a_rule_that_cannot_be_used_says_which_key(change: dict[str, Any], says: str) -> None:
    with pytest.raises(RuleError, match=says):
        parse_rule({"basis": "calendar", "starts_on": "2026-01-01", **change})
