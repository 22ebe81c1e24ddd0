"""Spaced sets are offered and finished. When, is the schedule's to decide; which questions, the assessment's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert as insert_postgresql
from sqlalchemy.dialects.sqlite import insert as insert_sqlite

from lms import clock
from lms.db import db
from lms.training.models import SpacedSet


@dataclass(frozen=True, slots=True)
class NewSpacedSet:
    """One set to be offered after the completion ``assignment_id``."""

    person_id: int
    assignment_id: int
    requirement_version_id: int
    number: int
    opens_on: date
    closes_on: date


def offer_spaced_sets(batch: Sequence[NewSpacedSet]) -> int:
    """Offers many in one statement and says how many were new; one that exists is left as it is."""
    if not batch:
        return 0
    insert = insert_postgresql if db.engine.dialect.name == "postgresql" else insert_sqlite
    made_at = clock.now()
    statement = (
        insert(SpacedSet)
        .values([{**asdict(new), "made_at": made_at} for new in batch])
        .on_conflict_do_nothing(index_elements=["assignment_id", "number"])
        .returning(SpacedSet.id)
    )
    return len(db.session.execute(statement).all())


def finish_spaced_set(row: SpacedSet, at: datetime, record_id: str) -> None:
    """Notes that its questions were answered; the record tells how. The caller holds the assignment's lock."""
    row.finished_at, row.record_id = at, record_id
    db.session.flush()
