"""What *My training* shows of one person, put together in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from lms.catalog.rules import CourseContent
from lms.db import db
from lms.roster.queries import is_on_leave
from lms.training import rules
from lms.training.models import Assignment, SpacedSet
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


@dataclass(frozen=True, slots=True)
class TrainingOverview:
    """All that *My training* shows of one person. ``done`` is what ended since 1 January, newest first."""

    open: tuple[OpenTraining, ...]
    upcoming: tuple[OpenTraining, ...]
    done: tuple[tuple[Assignment, State], ...]
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
        .options(joinedload(Assignment.requirement_version))
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
    done = [a for a in assignments if a.outcome is not None]
    done.sort(key=lambda assignment: assignment.closed_at or year_began_at, reverse=True)
    return TrainingOverview(
        open=tuple(row for row in rows if row.assignment.opens_on <= today),
        upcoming=tuple(row for row in rows if row.assignment.opens_on > today),
        done=tuple((assignment, rules.state_of(dates_of(assignment), today)) for assignment in done),
        on_leave=away,
        offer=None if away else find_open_set(person_id, today),
    )


def _open_training(
    assignment: Assignment, state: State, content: CourseContent, progress: Progress, today: date
) -> OpenTraining:
    return OpenTraining(
        assignment=assignment,
        state=state,
        following=rules.next_step(assignment.path, content, progress),
        minutes_left=rules.minutes_left(assignment.path, content, progress),
        why_not_workable=why_not_workable(assignment, today),
    )
