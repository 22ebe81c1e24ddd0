"""Spaced sets held against their attempts, which are compared with their records by ``checks``."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import and_, select

from lms.assessment.models import Attempt
from lms.assessment.queries import SPACED
from lms.db import db
from lms.ledger.verify import Fault
from lms.training.models import Assignment, SpacedSet

_SAME = and_(
    Attempt.assignment_id == SpacedSet.assignment_id, Attempt.number == SpacedSet.number, Attempt.kind == SPACED
)


def check_sets() -> Iterator[Fault]:
    """Every set whose end is not that of its attempt, or that is another person's; every attempt without a set."""
    rows = db.session.execute(
        select(SpacedSet, Assignment.person_id, Attempt.finished_at, Attempt.record_id)
        .join(Assignment, Assignment.id == SpacedSet.assignment_id)
        .outerjoin(Attempt, _SAME)
        .order_by(SpacedSet.id)
        .execution_options(yield_per=500, populate_existing=True)
    )
    for row, person_id, finished_at, record_id in rows:
        expected = {"person_id": person_id, "finished_at": finished_at, "record_id": record_id}
        for name, value in expected.items():
            if getattr(row, name) != value:
                yield Fault(record_id, None, f"spaced set {row.id}: {name}", "is not what the answers on record say")
    stray = select(Attempt.id, Attempt.record_id).outerjoin(SpacedSet, _SAME)
    for attempt_id, record_id in db.session.execute(stray.where(Attempt.kind == SPACED, SpacedSet.id.is_(None))):
        yield Fault(record_id, None, f"attempt {attempt_id}", "The spaced set that it answers is missing.")
