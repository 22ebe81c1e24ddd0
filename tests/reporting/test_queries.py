"""Counts, lists, the curve and a person's page, on both databases."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask

from lms import clock
from lms.catalog.queries import current_content
from lms.db import db
from lms.errors import NotFound
from lms.notify.actions import enqueue
from lms.policy.actions import flag_due_reviews
from lms.policy.queries import list_current_versions
from lms.policy.rules import review_due_on
from lms.reporting import queries
from lms.reporting.queries import SORTS, AssignmentFilter
from lms.reporting.rules import COUNTED, STATE_WORDS, Scope
from lms.roster import actions as roster
from lms.roster.models import Person
from lms.training import actions as training
from lms.training.models import Assignment, RequirementVersion
from lms.training.rules import State
from tests.factories.people import make_person
from tests.factories.training import TINY, make_assignment, published_course, take, walk_modules
from tests.reporting import samples
from tests.support.queries import counted_queries

Department = dict[str, Assignment]


def found(scope: Scope, **given: object) -> list[queries.AssignmentRow]:
    wanted = AssignmentFilter(**given)  # type: ignore[arg-type]
    return queries.list_assignments(wanted, scope, sort="days", descending=False, limit=100, offset=0)[0]


def test_every_person_is_counted_once_in_their_own_state(department: Department, scope: Scope) -> None:
    counts = queries.counts_by_state(scope)
    assert {state: number for state, number in counts.items() if number} == {State(name): 1 for name in department}


def test_every_number_is_the_length_of_the_list_behind_it(department: Department, scope: Scope) -> None:
    counts = queries.count_states(scope)
    for state, number in counts.by_state.items():
        assert len(found(scope, state=state.value)) == number
    assert len(found(scope)) == counts.total == queries.count_assignments(AssignmentFilter(), scope)
    for unit in counts.units:
        rows = found(scope, state="counted", unit_id=unit.unit_id)
        assert len(rows) == unit.counted
        assert {row.state for row in rows} <= COUNTED
    assert sum(unit.done for unit in queries.completion_by_unit(scope)) == 2


def test_what_a_newer_cycle_followed_is_no_longer_current(requirement: RequirementVersion, scope: Scope) -> None:
    person = make_person()
    old = samples.assign(person, requirement, "2025", date(2025, 10, 2), date(2025, 12, 31))
    samples.close(old, "completed", datetime(2025, 12, 30, 15, tzinfo=UTC))
    assert [row.cycle for row in found(scope)] == ["2025"]
    samples.assign(person, requirement, "2026", date(2026, 10, 2), date(2026, 12, 31))
    assert [row.cycle for row in found(scope)] == ["2026"]


def test_what_was_left_undone_stays_current_for_ever(requirement: RequirementVersion, scope: Scope) -> None:
    person = make_person()
    samples.assign(person, requirement, "2022", date(2022, 10, 2), date(2022, 12, 31))
    samples.assign(person, requirement, "2026", date(2026, 10, 2), date(2026, 12, 31))
    assert [row.cycle for row in found(scope)] == ["2022", "2026"]


def test_closed_more_than_a_year_ago_is_history(requirement: RequirementVersion, scope: Scope) -> None:
    old = samples.assign(make_person(), requirement, "2025", date(2025, 10, 2), date(2025, 12, 31))
    samples.close(old, "completed", datetime(2025, 11, 22, 4, 59, tzinfo=UTC))
    assert found(scope) == []
    samples.close(old, "completed", datetime(2025, 11, 22, 5, 0, tzinfo=UTC))
    assert len(found(scope)) == 1


def test_people_who_left_are_in_no_number(department: Department, scope: Scope) -> None:
    person = db.session.get_one(Person, department["overdue"].person_id)
    roster.separate_person(person, date(2026, 11, 20), None, today=clock.today("UTC"))
    assert State.OVERDUE not in {row.state for row in found(scope)}
    assert queries.counts_by_state(scope)[State.SEPARATED] == 0


def test_overdue_are_named_longest_first(department: Department, scope: Scope) -> None:
    late = queries.list_most_overdue(scope)
    assert [(row.state, row.days_late) for row in late] == [(State.DELINQUENT, 82), (State.OVERDUE, 10)]


@pytest.mark.parametrize("sort", SORTS)
def test_lists_sort_both_ways(department: Department, scope: Scope, sort: str) -> None:
    def keys(descending: bool) -> list[object]:
        rows, _total = queries.list_assignments(
            AssignmentFilter(), scope, sort=sort, descending=descending, limit=50, offset=0
        )
        order = list(STATE_WORDS)
        return [
            {
                "name": row.name, "unit": row.unit, "training": row.title, "due": row.due_on,
                "state": order.index(row.state), "days": (row.closed_at is not None, row.due_on),
            }[sort]
            for row in rows
        ]  # fmt: skip

    assert all(a <= b for a, b in pairwise(keys(False)))  # type: ignore[operator]
    down = keys(True)
    if sort == "days":
        closed = [key[0] for key in down]  # type: ignore[index]
        assert closed == sorted(closed)
    else:
        assert all(a >= b for a, b in pairwise(down))  # type: ignore[operator]


def test_lists_filter_by_text_and_requirement(
    department: Department, requirement: RequirementVersion, scope: Scope
) -> None:
    assert [row.state for row in found(scope, text="declined person8")] == [State.DECLINED]
    assert found(scope, text="100%") == []
    assert len(found(scope, requirement_id=requirement.requirement_id)) == len(department)
    assert found(scope, requirement_id=999) == []


def test_pages_cut_the_list_without_gap_or_overlap(department: Department, scope: Scope) -> None:
    pages = [
        queries.list_assignments(AssignmentFilter(), scope, sort="unit", descending=False, limit=4, offset=offset)
        for offset in (0, 4, 8, 12)
    ]
    assert [total for _rows, total in pages] == [len(department)] * 3 + [0]
    assert len({row.assignment_id for rows, _total in pages for row in rows}) == len(department)


def test_the_curve_counts_completions_by_week(requirement: RequirementVersion) -> None:
    samples.many(requirement, 40)
    curve = queries.completion_curve(samples.TODAY, samples.ZONE)
    assert curve is not None
    assert [name for name, _values in curve.series] == ["2026", "2025"]
    this, last = dict(curve.series)["2026"], dict(curve.series)["2025"]
    assert curve.labels[curve.due_index] == "Dec 31"
    known = [value for value in this if value is not None]
    assert known == sorted(known)
    assert known[-1] == 75
    assert this[curve.due_index] is None
    assert last[-1] == 100


def test_there_is_no_curve_without_a_common_due_date(requirement: RequirementVersion) -> None:
    assert queries.completion_curve(samples.TODAY, samples.ZONE) is None


def test_a_team_is_everybody_below_in_the_chain_of_command(requirement: RequirementVersion, scope: Scope) -> None:
    chief = make_person(family_name="Chief")
    sergeant = make_person(family_name="Sergeant", supervisor=chief)
    officer = make_person(family_name="Under", supervisor=sergeant)
    other = make_person(family_name="Other")
    for person in (chief, officer, other):
        samples.assign(person, requirement, "2026", date(2026, 10, 2), date(2026, 12, 31))
    rows = queries.list_team(chief.id, scope)
    assert [(row.person_id, row.state) for row in rows] == [(sergeant.id, None), (officer.id, State.OPEN)]
    assert [row.person_id for row in queries.list_team(sergeant.id, scope)] == [officer.id]
    assert queries.list_team(other.id, scope) == []


def test_a_circle_in_the_chain_of_command_ends(requirement: RequirementVersion, scope: Scope) -> None:
    first = make_person(family_name="First")
    second = make_person(family_name="Second", supervisor=first)
    first.supervisor_id = second.id
    db.session.flush()
    assert [row.person_id for row in queries.list_team(first.id, scope)] == [second.id]


def test_a_persons_training_shows_what_happened_to_each_assignment(department: Department) -> None:
    sergeant = make_person(given_name="Sam", family_name="Sergeant")
    assignment = department["overdue"]
    training.extend_assignment(assignment, date(2026, 12, 20), "Court all month.", sergeant)
    person = db.session.get_one(Person, assignment.person_id)
    enqueue(
        person_id=person.id, to_address=person.email, topic="assignment", topic_id=assignment.id, stage="overdue",
        subject="Overdue", body_text="Please finish.", dedupe_key="k1",
    )  # fmt: skip
    db.session.commit()
    shown = queries.person_training(person.id, samples.TODAY)
    [file] = shown.files
    assert file.state is State.DUE_SOON
    assert file.may_remind
    assert [item.reason for item in file.extensions] == ["Court all month."]
    assert shown.names[sergeant.id] == "Sam Sergeant"
    assert [letter.subject for letter in shown.notices] == ["Overdue"]


@pytest.mark.parametrize("allowed", [1, 2])
def test_the_course_says_after_how_many_capstones_a_conversation_waits(
    app: Flask, tmp_path: Path, allowed: int
) -> None:
    shutil.copytree(TINY, tmp_path / "course")
    course = tmp_path / "course" / "course.yaml"
    course.write_text(course.read_text(encoding="utf-8").replace("attempts: 2", f"attempts: {allowed}"))
    published_course(tmp_path / "course")
    person = make_person()
    assignment = make_assignment(person, path="full")
    content = current_content(assignment.course_id)
    walk_modules(assignment, content)
    today = clock.today(samples.ZONE)
    for number in range(1, allowed + 1):
        take(assignment, content.capstone.module, "capstone", content, wrong=5)
        db.session.commit()
        [file] = queries.person_training(person.id, today).files
        assert file.needs_conversation == (number == allowed)
        take(assignment, content.capstone.module, "remediation", content)


def test_a_review_is_due_on_its_date_for_the_page_as_for_the_worker(requirement: RequirementVersion) -> None:
    [version] = list_current_versions()
    due_on = review_due_on(version.revised_on, version.review_months)
    assert queries.list_reviews_due(due_on - timedelta(days=1)) == []
    assert [found.id for found, _due in queries.list_reviews_due(due_on)] == [version.id]
    assert flag_due_reviews(due_on - timedelta(days=1)) == 0
    assert flag_due_reviews(due_on) == 1


def test_a_person_who_is_not_on_the_roster_is_not_found(requirement: RequirementVersion) -> None:
    with pytest.raises(NotFound):
        queries.person_training(4711, samples.TODAY)


def test_a_persons_page_takes_the_same_statements_for_many_years(requirement: RequirementVersion) -> None:
    version_id = requirement.id

    def statements(years: range) -> int:
        person, version = make_person(), db.session.get_one(RequirementVersion, version_id)
        for year in years:
            made = samples.assign(person, version, str(year), date(year, 10, 2), date(year, 12, 31))
            samples.close(made, "completed", datetime(year, 11, 3, 15, tzinfo=UTC))
        db.session.commit()
        person_id = person.id
        db.session.expunge_all()
        with counted_queries() as seen:
            queries.person_training(person_id, samples.TODAY)
        return len(seen)

    assert statements(range(2025, 2026)) == statements(range(2010, 2026)) <= 12
