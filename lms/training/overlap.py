"""Which open training of a person one completion would satisfy, read for the rules and told on pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from lms.catalog.models import CourseVersion
from lms.db import db
from lms.training.models import Assignment
from lms.training.queries import why_not_workable
from lms.training.rules import Candidate, CourseTexts, Finished, fuller, satisfies


def course_texts(course_id: int) -> CourseTexts:
    """Which policy text each version of a course teaches, and since when."""
    rows = db.session.execute(
        select(CourseVersion.id, CourseVersion.published_at, CourseVersion.policy_version_id)
        .where(CourseVersion.course_id == course_id)
        .order_by(CourseVersion.number)
    )
    return CourseTexts(tuple((row.id, row.published_at, row.policy_version_id) for row in rows))


def finished_of(done: Assignment, done_on: date, texts: CourseTexts, at: datetime) -> Finished:
    """A completion, for the rules. ``done_on`` is the local date of ``at``."""
    passed_on = None if done.capstone_summary is None else done.capstone_summary.get("course_version_id")
    one_text = texts.one_text(passed_on, at)
    return Finished(done.id, done.person_id, done.course_id, done.path, done_on, one_text)


def candidate_of(assignment: Assignment, *, paused: bool) -> Candidate:
    """An assignment that a completion may satisfy, for the rules. ``paused``: the person is on leave."""
    return Candidate(
        assignment_id=assignment.id,
        person_id=assignment.person_id,
        course_id=assignment.course_id,
        path=assignment.path,
        counts_from_on=assignment.counts_from_on,
        closed=assignment.closed_at is not None,
        awaiting_witnesses=assignment.awaiting_witnesses,
        paused=paused,
    )


def would_satisfy(assignment: Assignment, others: Sequence[Assignment], today: date) -> tuple[Assignment, ...]:
    """Those of a person's assignments that completing this one today would satisfy, too; nobody is on leave."""
    done = Finished(assignment.id, assignment.person_id, assignment.course_id, assignment.path, today)
    return tuple(other for other in others if satisfies(done, candidate_of(other, paused=False)))


def fuller_first(assignment: Assignment, others: Sequence[Assignment], today: date) -> Assignment | None:
    """Open training that asks for more and would satisfy this one, too, so that it is better done first."""
    if assignment.closed_at is not None:
        return None
    for other in others:
        workable = other.closed_at is None and why_not_workable(other, today) is None
        if workable and fuller(other.path, assignment.path) and would_satisfy(other, [assignment], today):
            return other
    return None


def list_satisfied_by(assignment_id: int) -> Sequence[Assignment]:
    """The assignments that were met by the completion of this one, soonest due first."""
    done = select(Assignment.person_id).where(Assignment.id == assignment_id).scalar_subquery()
    return db.session.scalars(
        select(Assignment)
        .where(Assignment.person_id == done, Assignment.satisfied_by_id == assignment_id)
        .order_by(Assignment.due_on, Assignment.id)
    ).all()
