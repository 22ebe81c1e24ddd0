"""The bracket rule, and when a witness is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.ledger.rules.anchoring import EVERY, LONGEST_PAUSE, Course, clock_fault, is_due, next_ask, pause_after
from lms.ledger.rules.brackets import SKEW, Bracket, Brackets, Stamp, out_of_order

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR, MINUTE, TICK = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
MOMENTS = st.integers(0, 600).map(lambda minutes: NOON + minutes * MINUTE)
STAMPS = st.lists(st.builds(Stamp, st.integers(1, 30), MOMENTS), max_size=8)
TWO = [Stamp(10, NOON), Stamp(20, NOON + HOUR)]


@pytest.mark.parametrize(
    ("position", "bracket"),
    [
        (0, Bracket(None, NOON)),
        (9, Bracket(None, NOON)),
        (10, Bracket(NOON, NOON + HOUR)),
        (19, Bracket(NOON, NOON + HOUR)),
        (20, Bracket(NOON + HOUR, None)),
    ],
)
def test_a_record_lies_between_the_stamp_without_it_and_the_stamp_with_it(position: int, bracket: Bracket) -> None:
    assert Brackets(TWO).of(position) == bracket


@pytest.mark.parametrize(
    ("position", "at", "fine"),
    [
        (10, NOON - SKEW, True),
        (10, NOON - SKEW - TICK, False),
        (19, NOON + HOUR + SKEW, True),
        (19, NOON + HOUR + SKEW + TICK, False),
        (0, NOON - 1000 * HOUR, True),
        (0, NOON + SKEW + TICK, False),
        (20, NOON + 1000 * HOUR, True),
        (20, NOON + HOUR - SKEW - TICK, False),
    ],
)
def test_the_skew_is_granted_and_not_a_microsecond_more(position: int, at: datetime, fine: bool) -> None:
    assert (Brackets(TWO).of(position).fault(at) is None) is fine


def test_a_prepared_record_is_granted_its_window_backwards_only() -> None:
    bracket, window = Bracket(NOON, NOON + HOUR), 5 * MINUTE
    assert bracket.fault(NOON - SKEW - window, window) is None
    assert "later than it says" in (bracket.fault(NOON - SKEW - window - TICK, window) or "")
    assert "its time is false" in (bracket.fault(NOON + HOUR + SKEW + TICK, window) or "")


@given(stamps=STAMPS, position=st.integers(0, 35))
def test_a_span_is_where_its_bracket_holds(stamps: list[Stamp], position: int) -> None:
    brackets = Brackets(stamps)
    bracket, start, end = brackets.span(position)
    assert start <= position < end
    assert all(brackets.of(place) == bracket for place in range(start, min(end, 40)))


def test_without_stamps_nothing_bounds_a_record() -> None:
    assert Brackets([]).of(3) == Bracket()
    assert Bracket().fault(NOON) is None


def test_of_several_stamps_the_narrowest_counts() -> None:
    stamps = [Stamp(10, NOON), Stamp(10, NOON + MINUTE), Stamp(20, NOON + HOUR), Stamp(20, NOON + HOUR + MINUTE)]
    assert Brackets(stamps).of(15) == Bracket(NOON + MINUTE, NOON + HOUR)


def test_stamps_against_the_order_of_the_log_are_named() -> None:
    assert out_of_order(TWO) == []
    assert out_of_order([Stamp(10, NOON), Stamp(20, NOON - SKEW)]) == []
    early = Stamp(20, NOON - SKEW - TICK)
    assert out_of_order([early, Stamp(10, NOON)]) == [(Stamp(10, NOON), early)]


@given(stamps=STAMPS, position=st.integers(0, 35), at=MOMENTS)
def test_the_rule_equals_asking_every_stamp_one_by_one(stamps: list[Stamp], position: int, at: datetime) -> None:
    wrong = any(
        at < stamp.stamped_at - SKEW if stamp.size <= position else at > stamp.stamped_at + SKEW for stamp in stamps
    )
    assert (Brackets(stamps).of(position).fault(at) is not None) is wrong


@given(times=st.lists(MOMENTS, min_size=1, max_size=30), cuts=st.sets(st.integers(1, 30)), late=st.integers(0, 300))
def test_an_honest_log_is_never_flagged(times: list[datetime], cuts: set[int], late: int) -> None:
    times = sorted(times)
    stamps = []
    for size in sorted(cut for cut in cuts if cut <= len(times)):
        sealed_at = times[size - 1]
        stamps.append(Stamp(size, sealed_at + timedelta(seconds=late)))  # late ≤ SKEW; the next record may come at once
    assert out_of_order(stamps) == []
    brackets = Brackets(stamps)
    assert [p for p, at in enumerate(times) if brackets.of(p).fault(at)] == []


@given(stamps=STAMPS)
def test_order_faults_are_exactly_the_pairs_against_the_order(stamps: list[Stamp]) -> None:
    wrong = any(a.size < b.size and b.stamped_at < a.stamped_at - SKEW for a in stamps for b in stamps)
    assert bool(out_of_order(stamps)) is wrong


def test_a_witness_is_asked_at_once_then_hourly_and_only_for_news() -> None:
    assert is_due(Course(), NOON, news=True)
    assert not is_due(Course(), NOON, news=False)
    asked = Course(10, NOON)
    assert not is_due(asked, NOON + EVERY - TICK, news=True)
    assert is_due(asked, NOON + EVERY, news=True)
    assert not is_due(asked, NOON + EVERY, news=False)
    assert is_due(asked, NOON - TICK, news=True), "a clock that went back holds nothing up"


def test_pauses_grow_and_end_at_four_hours() -> None:
    pauses = [pause_after(tries) for tries in range(1, 12)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(minutes=10)
    assert pauses[-1] == LONGEST_PAUSE == timedelta(hours=4)
    assert next_ask(Course(0, NOON, 1)) == NOON + timedelta(minutes=10)
    assert next_ask(Course()) is None


@pytest.mark.parametrize(
    ("apart", "says"),
    [
        (SKEW, None),
        (-SKEW, None),
        (SKEW + TICK, "5 minutes ahead of"),
        (-3 * HOUR, "3 hours behind"),
        (72 * HOUR, "3 days ahead of"),
    ],
)
def test_clocks_must_agree(apart: timedelta, says: str | None) -> None:
    fault = clock_fault(NOON + apart, NOON)
    assert (fault is None) if says is None else (says in (fault or ""))
