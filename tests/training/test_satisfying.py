"""Which assignments one completion satisfies: what holds for every date, path and set of assignments."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.training.rules import (
    Candidate,
    CourseTexts,
    Finished,
    covers,
    fuller,
    satisfied_of,
    satisfied_reason,
    satisfies,
)

DAY = date(2026, 11, 20)
DONE = Finished(1, 7, 3, "refresher", DAY)
OTHER = Candidate(2, 7, 3, "test_out", DAY)

days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
taken = st.sampled_from(["full", "refresher", "test_out"])
finished = st.builds(Finished, st.integers(1, 9), st.integers(1, 2), st.integers(1, 2), taken, days, st.booleans())
candidates = st.builds(
    Candidate, st.integers(1, 9), st.integers(1, 2), st.integers(1, 2), taken, days,
    st.booleans(), st.booleans(), st.booleans(),
)  # fmt: skip


def test_the_refresher_on_the_first_day_of_the_window_meets_the_yearly_one() -> None:
    assert satisfies(DONE, OTHER)


@pytest.mark.parametrize(
    "other",
    [
        replace(OTHER, counts_from_on=DAY + timedelta(days=1)),
        replace(OTHER, path="full"),
        replace(OTHER, course_id=4),
        replace(OTHER, person_id=8),
        replace(OTHER, closed=True),
        replace(OTHER, awaiting_witnesses=True),
        replace(OTHER, paused=True),
        replace(OTHER, assignment_id=1),
    ],
)
def test_each_of_the_conditions_is_needed(other: Candidate) -> None:
    assert not satisfies(DONE, other)
    assert satisfied_of(DONE, [other, OTHER]) == (2,)


def test_a_capstone_on_an_older_text_meets_nothing_else() -> None:
    assert not satisfies(replace(DONE, one_text=False), OTHER)


def test_a_smaller_training_never_meets_a_fuller_one() -> None:
    assert not satisfies(replace(DONE, path="test_out"), replace(OTHER, path="refresher"))
    assert fuller("refresher", "test_out")
    assert not any(fuller(path, path) for path in ("full", "refresher", "test_out"))


@given(finished, st.lists(candidates, max_size=8))
def test_nothing_outside_its_window_or_closed_or_paused_is_ever_satisfied(
    done: Finished, others: list[Candidate]
) -> None:
    chosen = satisfied_of(done, others)
    for number in chosen:
        met = [other for other in others if other.assignment_id == number and satisfies(done, other)]
        assert met
        for other in met:
            assert done.done_on >= other.counts_from_on
            assert not any((other.closed, other.awaiting_witnesses, other.paused))
            assert (other.person_id, other.course_id) == (done.person_id, done.course_id)
            assert covers(done.path, other.path)
            assert done.one_text
    assert done.assignment_id not in chosen


@given(finished, st.lists(candidates, max_size=8, unique_by=lambda other: other.assignment_id))
def test_each_is_closed_once_and_a_second_time_changes_nothing(done: Finished, others: list[Candidate]) -> None:
    chosen = satisfied_of(done, others)
    assert len(set(chosen)) == len(chosen)
    ended = {*chosen, done.assignment_id}
    after = [replace(other, closed=other.closed or other.assignment_id in ended) for other in others]
    assert satisfied_of(done, after) == ()
    assert satisfied_of(replace(done, assignment_id=99), after) == (), "nor does another completion of that day"


@given(finished, candidates, st.integers(0, 400))
def test_a_later_completion_counts_wherever_an_earlier_one_does(done: Finished, other: Candidate, late: int) -> None:
    later = replace(done, done_on=done.done_on + timedelta(days=late))
    assert satisfies(later, other) or not satisfies(done, other)


def test_the_text_is_the_one_that_was_in_force_at_the_end() -> None:
    def at(day: int) -> datetime:
        return datetime(2026, 3, day, tzinfo=UTC)

    texts = CourseTexts(((10, at(1), 5), (11, at(5), 5), (12, at(9), 6)))
    assert texts.one_text(10, at(6)), "a new edition of the lessons is the same policy"
    assert not texts.one_text(11, at(9)), "the policy changed between capstone and signature"
    assert texts.one_text(12, at(20))
    assert texts.one_text(11, datetime(2026, 2, 1, tzinfo=UTC)), "there was no other text yet"
    assert not texts.one_text(12, datetime(2026, 2, 1, tzinfo=UTC))
    assert not texts.one_text(None, at(20)), "no capstone was passed"
    assert not texts.one_text(99, at(20)), "a version of another course"


def test_the_reason_names_the_assignment_and_the_record() -> None:
    assert satisfied_reason(12, "abc") == "satisfied by assignment 12 / abc"
    assert satisfied_reason(12, None) == "satisfied by assignment 12 / no record"
