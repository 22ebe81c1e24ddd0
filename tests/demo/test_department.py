"""The roster that the demonstration plans, and the dates of its people; no database."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest

from lms.demo.behaviour import pick_wrong, start_day, temper_of
from lms.demo.cast import CAST, Fate
from lms.demo.department import LEADS, Member, plan_department
from lms.roster.rules import normal_email

TODAY = date(2026, 3, 18)


def told(members: list[Member]) -> list[tuple[object, ...]]:
    return [(m.number, m.given, m.family, m.rank, m.unit, m.badge, m.email, m.hired_on, m.fate) for m in members]


def test_same_seed_makes_the_same_department() -> None:
    assert told(plan_department(160, 3, 110, TODAY)) == told(plan_department(160, 3, 110, TODAY))
    assert told(plan_department(160, 3, 110, TODAY)) != told(plan_department(160, 3, 111, TODAY))


@pytest.mark.parametrize(("people", "years"), [(13, 1), (14, 1), (30, 2), (160, 3), (400, 5)])
def test_departments_of_every_size_hold_together(people: int, years: int) -> None:
    members = plan_department(people, years, 110, TODAY)
    assert len(members) == people
    assert len({m.badge for m in members}) == len({m.email for m in members}) == people
    assert all(m.email.endswith("@portlandpd.example") and normal_email(m.email) == m.email for m in members)
    assert {m.part.role for m in members if m.part} == {part.role for part in CAST}
    seen: set[int] = set()
    for member in members:
        assert member.supervisor is None or member.supervisor.number in seen
        seen.add(member.number)
    assert all(m.hired_on <= TODAY for m in members)


def test_full_department_has_all_units_ranks_and_fates() -> None:
    members = plan_department(160, 3, 110, TODAY)
    assert len({m.unit for m in members}) >= 14
    assert {"Chief", "Major", "Detective", "Dispatcher", "Recruit", "Civilian"} <= {m.rank for m in members}
    assert [m.rank for m in members if m.supervisor is None] == ["Chief"]
    assert any("undercover" in m.flags for m in members)
    assert set(Counter(m.fate for m in members)) == {None, *Fate}
    assert all(m.roles for m in members if m.rank in LEADS)


def test_late_starters_are_few_and_nobody_starts_before_the_window() -> None:
    [member] = [m for m in plan_department(13, 1, 1, TODAY) if m.number == 1]
    random, temper = Random(5), temper_of(member, 1)
    opens, due = date(2026, 1, 1), date(2026, 3, 31)
    days = [start_day(opens, due, temper, random) for _ in range(2000)]
    assert min(days) >= opens
    assert max(days) <= due + timedelta(days=21)
    assert 0.03 < sum(day > due for day in days) / 2000 < 0.1


def test_wrong_answers_decide_as_planned() -> None:
    from dataclasses import dataclass

    from lms.assessment.rules.grading import Graded, grade
    from lms.catalog.rules import Mastery

    @dataclass(frozen=True)
    class FakeItem:
        clause: str

    @dataclass(frozen=True)
    class FakeQuestion:
        position: int
        item: FakeItem

    mastery = Mastery(80, frozenset({"IV.B.2.f", "IV.B.1.c"}))
    clauses = ["IV.B.2.f", "IV.B.1.c", *[f"IV.B.2.{letter}" for letter in "abcdeghj"]]
    questions = [FakeQuestion(n, FakeItem(c)) for n, c in enumerate(clauses, start=1)]
    [member] = [m for m in plan_department(13, 1, 1, TODAY) if m.number == 1]
    for seed in range(300):
        for passes in (True, False):
            wrong = pick_wrong(
                questions,  # type: ignore[arg-type]
                mastery,
                passes=passes,
                temper=temper_of(member, seed),
                random=Random(seed),
            )
            graded = [Graded(q.item.clause, q.position not in wrong) for q in questions]
            assert grade(graded, mastery).passed is passes
