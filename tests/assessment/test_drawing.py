"""Which items are shown, and in which order."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.assessment.rules.drawing import choose_form, draw_module_items, draw_remediation_items, present, questions_of
from lms.catalog.rules import CourseContent, Form, Item
from lms.errors import IntegrityFault
from tests.assessment.samples import an_item, bank

FORMS = [Form("form-1", ()), Form("form-2", ()), Form("form-3", ())]
seeds = st.text(min_size=1, max_size=8)
banks = st.dictionaries(st.sampled_from(["I", "II", "III", "IV", "V"]), st.integers(1, 6), min_size=1).map(
    lambda counts: bank(**counts)
)


class Bank:
    """As much of a course as ``questions_of`` looks at."""

    def __init__(self, items: list[Item]) -> None:
        self._items = {item.ref: item for item in items}

    def item(self, ref: str) -> Item:
        return self._items[ref]


def course_of(items: list[Item]) -> CourseContent:
    return Bank(items)  # type: ignore[return-value]


@given(banks, seeds)
def test_presenting_shows_every_item_and_option_once_and_keeps_the_order(items: list[Item], seed: str) -> None:
    presented = present(items, seed)
    assert sorted(shown["item"] for shown in presented) == sorted(item.ref for item in items)
    questions = questions_of(presented, course_of(items))
    for position, (question, shown) in enumerate(zip(questions, presented, strict=True), start=1):
        assert question.position == position
        assert [option.ref for option in question.options] == shown["options"]
        assert sorted(shown["options"]) == ["a", "b", "c"]
        assert question.right.ref == question.item.key
    assert present(items, seed) == presented


def test_over_many_seeds_the_right_option_stands_in_every_place() -> None:
    places = Counter(present([an_item("x")], str(seed))[0]["options"].index("b") for seed in range(300))
    assert set(places) == {0, 1, 2}
    assert min(places.values()) > 60


@pytest.mark.parametrize(
    "change",
    [
        {"item": "other"},
        {"sha256": "altered"},
        {"options": ["a", "b"]},
        {"options": ["a", "b", "b"]},
        {"options": ["a", "b", "z"]},
        {"options": None},
    ],
)
def test_an_altered_presentation_is_never_shown(change: dict[str, object]) -> None:
    presented = present([an_item("x")], "seed")
    presented[0].update(change)
    with pytest.raises(IntegrityFault):
        questions_of(presented, course_of([an_item("x")]))


def test_an_item_that_was_published_anew_is_not_the_one_that_was_shown() -> None:
    presented = present([an_item("x")], "seed")
    with pytest.raises(IntegrityFault):
        questions_of(presented, course_of([replace(an_item("x"), sha256="new")]))


def test_a_form_never_used_comes_before_every_used_one() -> None:
    assert choose_form(FORMS, ["form-1", "form-3"], "s").ref == "form-2"


def test_when_every_form_was_used_the_one_used_longest_ago_comes() -> None:
    assert choose_form(FORMS, ["form-2", "form-1", "form-3", "form-2"], "s").ref == "form-1"


@given(st.lists(st.sampled_from(["form-1", "form-2", "form-3", "gone"]), max_size=12), seeds)
def test_two_attempts_in_a_row_never_have_the_same_form(used: list[str], seed: str) -> None:
    chosen = choose_form(FORMS, used, seed)
    assert not used or chosen.ref != used[-1]


def test_chance_decides_among_unused_forms() -> None:
    assert {choose_form(FORMS, [], str(seed)).ref for seed in range(40)} == {form.ref for form in FORMS}


def test_a_course_without_forms_says_so() -> None:
    with pytest.raises(IntegrityFault):
        choose_form([], [], "s")


@given(banks, st.integers(1, 12), st.data())
def test_a_module_draw_asks_critical_clauses_first_and_is_even(
    items: list[Item], wanted: int, data: st.DataObject
) -> None:
    clauses = sorted({item.clause for item in items})
    critical = data.draw(st.frozensets(st.sampled_from(clauses)))
    recent = data.draw(st.frozensets(st.sampled_from([item.ref for item in items])))
    drawn = draw_module_items(items, wanted, clauses, critical=critical, recently_used=recent, seed=data.draw(seeds))
    refs = [item.ref for item in drawn]
    assert len(refs) == len(set(refs)) == min(wanted, len(items))
    per_clause = Counter(item.clause for item in drawn)
    if wanted >= len(critical):
        assert critical <= set(per_clause)
    sizes = Counter(item.clause for item in items)
    for clause in clauses:
        for other in clauses:
            assert per_clause[other] >= min(per_clause[clause] - 1, sizes[other])
    for clause in clauses:
        fresh = {item.ref for item in items if item.clause == clause} - recent
        taken = {item.ref for item in drawn if item.clause == clause}
        assert taken <= fresh or fresh <= taken


@given(banks, st.integers(1, 4), st.data())
def test_remediation_asks_only_missed_clauses_and_other_items_first(
    items: list[Item], per_clause: int, data: st.DataObject
) -> None:
    clauses = data.draw(st.lists(st.sampled_from(["I", "II", "III", "IV", "V"]), min_size=1, unique=True))
    avoid = data.draw(st.frozensets(st.sampled_from([item.ref for item in items])))
    drawn = draw_remediation_items(items, clauses, avoid=avoid, per_clause=per_clause, seed=data.draw(seeds))
    assert {item.clause for item in drawn} <= set(clauses)
    for clause in clauses:
        available = {item.ref for item in items if item.clause == clause}
        taken = {item.ref for item in drawn if item.clause == clause}
        assert len(taken) == min(per_clause, len(available))
        assert not (taken & avoid) or available - avoid <= taken
