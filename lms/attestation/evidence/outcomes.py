"""How assignments ended, held against the attestations that ended them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Nullable, case, func, or_, select
from sqlalchemy.orm import aliased

from lms.attestation.models import Attestation, Witness
from lms.attestation.rules import WITNESSES
from lms.db import db
from lms.ledger.verify import Fault
from lms.training.models import Assignment


def check_outcomes() -> Iterator[Fault]:
    """Every assignment whose end, or the time of it, is not the one that its attestation tells of."""
    confirmed = (Witness.attestation_id == Attestation.id, Witness.confirmed_at.is_not(None))
    count, first, last = (
        select(what).select_from(Witness).where(*confirmed).scalar_subquery()
        for what in (func.count(), func.min(Witness.confirmed_at), func.max(Witness.confirmed_at))
    )
    rows = db.session.execute(
        select(Assignment, Nullable(Attestation), count, first, last)
        .outerjoin(Attestation, Attestation.assignment_id == Assignment.id)
        .where(
            or_(
                Assignment.outcome.in_(("completed", "declined", "satisfied")),
                Assignment.awaiting_witnesses.is_(True),
                Attestation.id.is_not(None),
            )
        )
        .order_by(Assignment.id)
        .execution_options(yield_per=500)
    )
    for assignment, attestation, witnesses, first_at, last_at in rows:
        if attestation is not None and attestation.outcome == "declined":
            yield from _check_one(assignment, attestation, witnesses >= WITNESSES, (first_at, last_at))
        else:
            ended_at = None if attestation is None else attestation.attested_at
            yield from _check_one(assignment, attestation, attestation is not None, (ended_at,))
    yield from _unfounded()


def _check_one(
    assignment: Assignment, attestation: Attestation | None, ends: bool, ended_at: tuple[datetime | None, ...]
) -> Iterator[Fault]:
    """One assignment: its owner, its outcome, when that came, and whether it waits for witnesses."""
    name, record_id = f"assignment {assignment.id}", None if attestation is None else attestation.record_id
    if attestation is not None and attestation.person_id != assignment.person_id:
        yield Fault(record_id, None, f"{name}: person_id", "is not who attested")
    waits = attestation is not None and not ends and assignment.outcome is None
    if assignment.awaiting_witnesses != waits:
        yield Fault(record_id, None, f"{name}: awaiting_witnesses", "is not what the attestation on record says")
    ended = None
    if attestation is not None and ends:
        ended = "completed" if attestation.outcome == "signed" else "declined"
    own = assignment.outcome if assignment.satisfied_by_id is None else None
    if own in (None, "separated") and ended is None:
        return
    if own != ended:
        what = f"is {own}, but the attestation on record says {ended or 'nothing'}"
        yield Fault(record_id, None, f"{name}: outcome", what)
    elif assignment.closed_at not in ended_at:
        yield Fault(record_id, None, f"{name}: closed_at", "is not the time of the attestation on record")
    elif assignment.closed_record_id != record_id:
        yield Fault(record_id, None, f"{name}: closed_record_id", "is not the record of the attestation")


def _unfounded() -> Iterator[Fault]:
    """Assignments said to be satisfied by another one that does not do that, or not then."""
    other = aliased(Assignment)
    follows = case((other.outcome == "completed", "satisfied"), else_="declined")
    rows = db.session.execute(
        select(
            Assignment.id,
            or_(
                other.id.is_(None),
                other.person_id != Assignment.person_id,
                other.course_id != Assignment.course_id,
                other.outcome.is_(None),
                other.outcome.not_in(("completed", "declined")),
            ),
            Assignment.outcome == follows,
            Assignment.closed_at == other.closed_at,
        )
        .outerjoin(other, other.id == Assignment.satisfied_by_id)
        .where(or_(Assignment.satisfied_by_id.is_not(None), Assignment.outcome == "satisfied"))
        .order_by(Assignment.id)
    )
    for assignment_id, unfounded, same_end, same_time in rows:
        name = f"assignment {assignment_id}"
        if unfounded:
            what = "names no completed assignment of the same person and course"
            yield Fault(None, None, f"{name}: satisfied_by_id", what)
        elif not same_end:
            yield Fault(None, None, f"{name}: outcome", "is not what the assignment that satisfies it says")
        elif not same_time:
            yield Fault(None, None, f"{name}: closed_at", "is not when the assignment that satisfies it was completed")
