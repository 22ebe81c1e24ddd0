"""What *My training* shows of one person, put together in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from lms.catalog.rules import CourseContent
from lms.db import db
from lms.roster.queries import is_on_leave
from lms.training import rules
from lms.training.models import Assignment, SpacedSet
from lms.training.overlap import fuller_first, would_satisfy
from lms.training.queries import current_contents, dates_of, find_open_set, progress_of, steps_of, why_not_workable
from lms.training.rules import NextStep, Progress, State


@dataclass(frozen=True, slots=True)
class OpenTraining:
    """An assignment that is still to be done, as *My training* shows it."""

    assignment: Assignment
    state: State
    following: NextStep | None
    minutes_left: int
    why_not_workable: str | None
    also_meets: tuple[Assignment, ...] = ()
    """What completing this one today would meet, too."""
    better_first: Assignment | None = None
    """Training that asks for more and would meet this one, too."""


@dataclass(frozen=True, slots=True)
class DoneTraining:
    """An assignment that ended, with those that its completion met, too. ``satisfied_by`` is loaded."""

    assignment: Assignment
    state: State
    also_met: tuple[Assignment, ...]


@dataclass(frozen=True, slots=True)
class TrainingOverview:
    """All that *My training* shows of one person. ``done`` is what ended since 1 January, newest first."""

    open: tuple[OpenTraining, ...]
    upcoming: tuple[OpenTraining, ...]
    done: tuple[DoneTraining, ...]
    on_leave: bool
    offer: SpacedSet | None
    """Five questions that may be answered now, or left alone."""


def training_overview(person_id: int, today: date, year_began_at: datetime) -> TrainingOverview:
    """Everything on *My training*, in five queries however much there is.

    The person works here: a separation ends every session. ``year_began_at`` is the moment at which the
    department's current year began.
    """
    assignments = db.session.scalars(
        select(Assignment)
        .where(
            Assignment.person_id == person_id,
            or_(Assignment.closed_at.is_(None), Assignment.closed_at >= year_began_at),
        )
        .options(joinedload(Assignment.requirement_version), joinedload(Assignment.satisfied_by))
        .order_by(Assignment.due_on, Assignment.id)
    ).all()
    away = is_on_leave(person_id, today)
    unfinished = [assignment for assignment in assignments if assignment.outcome is None]
    contents = current_contents({assignment.course_id for assignment in unfinished})
    steps = steps_of([assignment.id for assignment in unfinished])
    rows = [
        _open_training(
            assignment,
            rules.state_of(dates_of(assignment), today, away),
            contents[assignment.course_id],
            progress_of(assignment, steps.get(assignment.id, {})),
            today,
        )
        for assignment in unfinished
    ]
    rows = [_with_overlap(row, [] if away else unfinished, today) for row in rows]
    done = [a for a in assignments if a.outcome is not None]
    done.sort(key=lambda assignment: assignment.closed_at or year_began_at, reverse=True)
    return TrainingOverview(
        open=tuple(row for row in rows if row.assignment.opens_on <= today),
        upcoming=tuple(row for row in rows if row.assignment.opens_on > today),
        done=tuple(_done_training(assignment, done, today) for assignment in done),
        on_leave=away,
        offer=None if away else find_open_set(person_id, today),
    )


def _open_training(
    assignment: Assignment,
    state: State,
    content: CourseContent,
    progress: Progress,
    today: date,
) -> OpenTraining:
    return OpenTraining(
        assignment=assignment,
        state=state,
        following=rules.next_step(assignment.path, content, progress),
        minutes_left=rules.minutes_left(assignment.path, content, progress),
        why_not_workable=why_not_workable(assignment, today),
    )


def _with_overlap(row: OpenTraining, others: Sequence[Assignment], today: date) -> OpenTraining:
    """The same with what one completion would meet. ``others`` is empty on leave: then a completion meets itself."""
    return replace(
        row,
        also_meets=() if row.why_not_workable else would_satisfy(row.assignment, others, today),
        better_first=fuller_first(row.assignment, others, today),
    )


def _done_training(assignment: Assignment, done: Sequence[Assignment], today: date) -> DoneTraining:
    also = tuple(other for other in done if other.satisfied_by_id == assignment.id)
    return DoneTraining(assignment, rules.state_of(dates_of(assignment), today), also)
