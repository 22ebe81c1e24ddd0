"""Requirements get versions, and people get assignments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite
from sqlalchemy.orm import joinedload

from lms import clock
from lms.db import db
from lms.ledger.actions import append
from lms.roster.models import Person
from lms.training import evidence
from lms.training.actions.rows import name_of
from lms.training.actions.satisfying import record_satisfied
from lms.training.models import Assignment, Requirement, RequirementVersion
from lms.training.rules import Dates


@dataclass(frozen=True, slots=True)
class NewAssignment:
    """One obligation to be made. ``satisfied_by`` is the completion that already counts for it, if one does."""

    person_id: int
    version: RequirementVersion
    requirement: Requirement
    cycle: str
    dates: Dates
    why: str
    satisfied_by: Assignment | None = None


def add_requirement_version(
    requirement: Requirement,
    *,
    title: str,
    cadence: str,
    path: str,
    rule: Mapping[str, Any],
    by: Person | None,
) -> RequirementVersion:
    """Adds the next state of a requirement and records it. Assignments already made keep their version."""
    last = db.session.scalar(
        select(RequirementVersion.number)
        .where(RequirementVersion.requirement_id == requirement.id)
        .order_by(RequirementVersion.number.desc())
        .limit(1)
    )
    version = RequirementVersion(
        requirement_id=requirement.id,
        number=(last or 0) + 1,
        title=title,
        cadence=cadence,
        path=path,
        rule=dict(rule),
        created_by_id=None if by is None else by.id,
        created_at=clock.now(),
    )
    fields = evidence.fields_of_requirement_version(version, requirement)
    appended = append(kind=evidence.REQUIREMENT_SET, fields={**fields, "set_by": name_of(by)})
    version.record_id = appended.record_id
    db.session.add(version)
    db.session.flush()
    return version


def make_assignment(person_id: int, version: RequirementVersion, cycle: str, dates: Dates, why: str) -> Assignment:
    """Makes one assignment; gives back the one that this person already has for the cycle."""
    requirement = db.session.get_one(Requirement, version.requirement_id)
    make_assignments([NewAssignment(person_id, version, requirement, cycle, dates, why)])
    return db.session.scalars(
        select(Assignment).where(
            Assignment.person_id == person_id,
            Assignment.requirement_id == version.requirement_id,
            Assignment.cycle == cycle,
        )
    ).one()


def make_assignments(batch: Sequence[NewAssignment]) -> int:
    """Makes many in one statement and says how many were new.

    An assignment that exists for the same person, requirement and cycle is left as it is, whoever made it.
    """
    if not batch:
        return 0
    insert = insert_postgresql if db.engine.dialect.name == "postgresql" else insert_sqlite
    made_at = clock.now()
    statement = (
        insert(Assignment)
        .values([_values(new, made_at) for new in batch])
        .on_conflict_do_nothing(index_elements=["person_id", "requirement_id", "cycle"])
        .returning(Assignment.id, Assignment.satisfied_by_id)
    )
    made = db.session.execute(statement).all()
    _record_satisfied([row.id for row in made if row.satisfied_by_id is not None])
    return len(made)


def _record_satisfied(ids: Sequence[int]) -> None:
    """Writes the record of each assignment that was satisfied from the start."""
    if not ids:
        return
    rows = select(Assignment).where(Assignment.id.in_(ids)).options(joinedload(Assignment.satisfied_by))
    for row in db.session.scalars(rows.order_by(Assignment.id)).all():
        if row.satisfied_by is not None:
            record_satisfied(row, row.satisfied_by)
    db.session.flush()


def _ending(done: Assignment | None) -> dict[str, Any]:
    """How an assignment that is satisfied from the start ended; what was not signed leaves it unsigned, too."""
    if done is None:
        return {"closed_at": None, "outcome": None, "satisfied_by_id": None}
    outcome = "satisfied" if done.outcome == "completed" else "declined"
    return {"closed_at": done.closed_at, "outcome": outcome, "satisfied_by_id": done.id}


def _values(new: NewAssignment, made_at: datetime) -> dict[str, Any]:
    return {
        "person_id": new.person_id,
        "requirement_id": new.requirement.id,
        "requirement_version_id": new.version.id,
        "course_id": new.requirement.course_id,
        "cycle": new.cycle,
        "title": new.version.title,
        "path": new.version.path,
        "opens_on": new.dates.opens_on,
        "counts_from_on": new.dates.counts_from_on or new.dates.opens_on,
        "original_due_on": new.dates.due_on,
        "due_on": new.dates.due_on,
        "grace_until": new.dates.grace_until,
        "valid_through": new.dates.valid_through,
        "why": new.why,
        "made_at": made_at,
        **_ending(new.satisfied_by),
        "remediation": [],
        "awaiting_witnesses": False,
    }
