"""Whether a set of answers passes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.assessment.rules.grading import Graded, grade, needed_to_pass
from lms.catalog.rules import Mastery

CLAUSES = ["I", "III.page", "IV.B.1.c", "IV.B.2.e", "IV.B.2.f", "IV.B.2.k.1", "IV.B.2.n"]
MASTERY = Mastery(80, frozenset({"IV.B.1.c", "IV.B.2.f"}))
answers = st.lists(st.builds(Graded, st.sampled_from(CLAUSES), st.booleans()), max_size=40)


def sheet(right: int, wrong: int, *missed: str) -> list[Graded]:
    return [Graded("I", True)] * right + [Graded("I", False)] * wrong + [Graded(clause, False) for clause in missed]


@pytest.mark.parametrize(("right", "wrong", "passes"), [(8, 2, True), (7, 3, False), (4, 1, True), (0, 1, False)])
def test_eighty_percent_exactly_passes(right: int, wrong: int, passes: bool) -> None:
    assert grade(sheet(right, wrong), MASTERY).passed is passes


def test_one_missed_critical_clause_fails_whatever_the_score() -> None:
    result = grade(sheet(19, 0, "IV.B.2.f"), MASTERY)
    assert (result.percent, result.passed, result.critical_missed) == (95, False, ("IV.B.2.f",))


def test_a_critical_clause_that_was_missed_once_and_right_once_is_missed() -> None:
    result = grade([Graded("IV.B.1.c", True)] * 9 + [Graded("IV.B.1.c", False)], MASTERY)
    assert result.missed == ("IV.B.1.c",)
    assert not result.passed


def test_nothing_answered_is_nothing_passed() -> None:
    result = grade([], MASTERY)
    assert (result.passed, result.percent, result.total) == (False, 0, 0)


def test_missed_clauses_are_named_once_in_the_order_of_the_policy() -> None:
    result = grade(sheet(0, 0, "IV.B.2.n", "IV.B.2.k.1", "III.page", "IV.B.2.n", "I"), MASTERY)
    assert result.missed == ("I", "III.page", "IV.B.2.k.1", "IV.B.2.n")


@given(answers, st.integers(1, 100), st.frozensets(st.sampled_from(CLAUSES)))
def test_passing_is_the_exact_share_and_every_critical_clause(
    given_answers: list[Graded], percent: int, critical: frozenset[str]
) -> None:
    result = grade(given_answers, Mastery(percent, critical))
    wrong = {answer.clause for answer in given_answers if not answer.correct}
    share = Fraction(result.correct * 100, result.total) if result.total else Fraction(0)
    assert result.passed == (bool(given_answers) and share >= percent and not (wrong & critical))
    assert set(result.missed) == wrong
    assert set(result.critical_missed) == wrong & critical
    assert result.percent == int(share)


@given(st.integers(1, 60), st.integers(1, 100))
def test_the_needed_number_is_the_least_that_reaches_the_share(total: int, percent: int) -> None:
    needed = needed_to_pass(total, percent)
    assert needed * 100 >= percent * total
    assert (needed - 1) * 100 < percent * total


@given(answers)
def test_the_order_of_the_answers_changes_nothing(given_answers: list[Graded]) -> None:
    assert grade(given_answers, MASTERY) == grade(given_answers[::-1], MASTERY)
