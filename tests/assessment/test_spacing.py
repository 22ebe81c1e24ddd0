"""Which five questions: from the weakest clauses, and not lately seen."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.assessment.rules.spacing import HALF_LIFE_DAYS, LATELY_DAYS, SET_SIZE, Given, pick_set, weakness
from lms.catalog.rules import Item
from lms.policy.rules import clause_sort_key
from tests.assessment.samples import bank

TODAY = date(2026, 6, 1)
LONG_AGO = TODAY - timedelta(days=100)
ITEMS = [
    *bank(I=2, II=2),
    *(
        Item(f"{ref}-{n}", ref, "fact", "?", (), "", "")
        for ref in ("IV.B.1.c", "IV.B.2.a", "IV.B.2.f", "IV.B.2.k.2")
        for n in (1, 2)
    ),
]


def clauses(items: tuple[Item, ...]) -> list[str]:
    return [item.clause for item in items]


def test_an_unknown_clause_is_at_one_half_and_answers_move_it() -> None:
    assert weakness([], TODAY) == 0.5
    assert weakness([(False, TODAY)], TODAY) == pytest.approx(2 / 3)
    assert weakness([(True, TODAY)], TODAY) == pytest.approx(1 / 3)


def test_an_answer_counts_half_after_the_half_life() -> None:
    then = TODAY - timedelta(days=HALF_LIFE_DAYS)
    assert weakness([(False, then)], TODAY) == pytest.approx(1.5 / 2.5)
    assert weakness([(True, then)], TODAY) == pytest.approx(1 / 2.5)


def test_missed_clauses_come_first_then_unknown_ones_then_those_that_were_right() -> None:
    known = [
        Given("IV.B.2.f-1", False, LONG_AGO, True),
        Given("IV.B.1.c-1", False, LONG_AGO, True),
        Given("I-1", True, LONG_AGO, True),
    ]
    picked = pick_set(ITEMS, known, TODAY)
    assert clauses(picked) == ["IV.B.1.c", "IV.B.2.f", "II", "IV.B.2.a", "IV.B.2.k.2"]


def test_practice_after_a_failed_capstone_says_nothing_of_a_clause() -> None:
    known = [Given("IV.B.2.k.2-1", False, LONG_AGO, False)]
    assert pick_set(ITEMS, known, TODAY)[0].clause == "I"


def test_an_item_never_seen_comes_before_one_seen_long_ago_and_that_before_one_seen_lately() -> None:
    seen = [Given("IV.B.2.f-1", False, LONG_AGO, True)]
    assert pick_set(ITEMS, seen, TODAY)[0].ref == "IV.B.2.f-2"
    seen.append(Given("IV.B.2.f-2", False, TODAY, True))
    assert pick_set(ITEMS, seen, TODAY)[0].ref == "IV.B.2.f-1"
    seen.append(Given("IV.B.2.f-1", False, TODAY, True))
    assert "IV.B.2.f" not in clauses(pick_set(ITEMS, seen, TODAY))


def test_items_seen_lately_are_asked_where_there_are_no_others() -> None:
    few = ITEMS[:4]
    seen = [Given(item.ref, True, TODAY, True) for item in few]
    assert len(pick_set(few, seen, TODAY)) == 4


def test_equally_weak_clauses_come_in_the_order_of_the_policy() -> None:
    assert clauses(pick_set(ITEMS[::-1], [], TODAY)) == ["I", "II", "IV.B.1.c", "IV.B.2.a", "IV.B.2.f"]


REFS = st.sampled_from([item.ref for item in ITEMS] + ["gone-1"])
GIVEN = st.lists(st.builds(Given, REFS, st.booleans(), st.dates(date(2023, 1, 1), TODAY), st.booleans()), max_size=40)


@given(GIVEN, st.integers(0, len(ITEMS)))
def test_a_set_is_of_distinct_items_of_the_course_and_as_long_as_it_can_be(answers: list[Given], many: int) -> None:
    items = ITEMS[:many]
    picked = pick_set(items, answers, TODAY)
    assert len(picked) == len({item.ref for item in picked}) == min(SET_SIZE, many)
    assert set(picked) <= set(items)
    assert picked == pick_set(items[::-1], answers[::-1], TODAY)


@given(GIVEN)
def test_no_fresh_clause_that_was_left_out_is_weaker_than_one_that_was_asked(answers: list[Given]) -> None:
    picked = pick_set(ITEMS, answers, TODAY)
    lately = {a.item for a in answers if (TODAY - a.answered_on).days < LATELY_DAYS}
    clause_of = {item.ref: item.clause for item in ITEMS}

    def rank(clause: str) -> tuple[float, object]:
        own = [(a.correct, a.answered_on) for a in answers if a.first and clause_of.get(a.item) == clause]
        return (-round(weakness(own, TODAY), 9), clause_sort_key(clause))

    left_out = {i.clause for i in ITEMS if i.ref not in lately} - set(clauses(picked))
    if left_out:
        assert not {item.ref for item in picked} & lately
        assert max(rank(clause) for clause in clauses(picked)) < min(rank(clause) for clause in left_out)
