"""When a capstone attempt is open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.assessment.rules.standing import CapstoneStanding, attempts_left

small = st.integers(0, 6)


def standing(**given_values: object) -> CapstoneStanding:
    values = {"passed": False, "finished": 0, "per_round": 2, "unlocks": 0, "remediation": ()}
    return CapstoneStanding(**{**values, **given_values})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "says"),
    [
        (standing(), None),
        (standing(finished=1), None),
        (standing(finished=1, remediation=("I",)), "missed"),
        (standing(finished=2), "training sergeant"),
        (standing(finished=2, remediation=("I",)), "missed"),
        (standing(finished=2, unlocks=1), None),
        (standing(finished=3, unlocks=1), "training sergeant"),
        (standing(finished=2, passed=True), "passed"),
    ],
)
def test_what_has_to_come_before_the_next_attempt(now: CapstoneStanding, says: str | None) -> None:
    reason = now.why_not_startable
    assert reason is None if says is None else says in str(reason)


@given(small, small, small)
def test_each_conversation_opens_exactly_one_more(per_round: int, unlocks: int, finished: int) -> None:
    before, after = attempts_left(per_round, unlocks, finished), attempts_left(per_round, unlocks + 1, finished)
    assert 0 <= before <= after <= before + 1
    assert after == before + 1 or finished > per_round + unlocks


@given(small, small, small, st.booleans())
def test_a_conversation_is_needed_exactly_when_nothing_is_left_and_nothing_passed(
    per_round: int, unlocks: int, finished: int, passed: bool
) -> None:
    now = standing(per_round=per_round, unlocks=unlocks, finished=finished, passed=passed)
    assert now.needs_conversation == (not passed and finished >= per_round + unlocks)
