"""How a person's assignments stood on one day in the past, from what was known by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.attestation.models import Attestation
from lms.db import db
from lms.records.rules.notices import Currency, Moved, Obligation, Standing, currency, stood
from lms.roster.models import Person
from lms.roster.queries import list_leaves
from lms.roster.rules import is_separated
from lms.training.models import Assignment, Extension


@dataclass(frozen=True, slots=True)
class Stood:
    """An assignment as it stood on the day, under which version of which rule."""

    assignment: Assignment
    standing: Standing
    extensions: tuple[Extension, ...]
    closed_on: date | None


def standing_on(person: Person, on: date, until: datetime, zone: str) -> tuple[tuple[Stood, ...], Currency]:
    """Every assignment that had been made by then, as it stood, and whether the person was current."""
    assignments = db.session.scalars(
        select(Assignment)
        .where(Assignment.person_id == person.id, Assignment.made_at < until)
        .options(joinedload(Assignment.requirement_version))
        .order_by(Assignment.original_due_on, Assignment.id)
    ).all()
    ids = [assignment.id for assignment in assignments]
    moves = db.session.scalars(
        select(Extension).where(Extension.assignment_id.in_(ids), Extension.granted_at < until).order_by(Extension.id)
    ).all()
    declined = dict(
        db.session.execute(
            select(Attestation.assignment_id, Attestation.attested_at).where(
                Attestation.assignment_id.in_(ids), Attestation.outcome == "declined"
            )
        ).all()
    )
    away = any(
        leave.starts_on <= on and (leave.ends_on is None or on <= leave.ends_on) for leave in list_leaves(person.id)
    )
    gone = on < person.hired_on or is_separated(person.separated_on, person.rehired_on, on)
    found, obligations = list[Stood](), list[Obligation]()
    for item in assignments:
        own = tuple(move for move in moves if move.assignment_id == item.id)
        obligation = _obligation(item, own, declined.get(item.id), ZoneInfo(zone))
        obligations.append(obligation)
        ended = obligation.closed_on if obligation.closed_on is not None and obligation.closed_on <= on else None
        found.append(Stood(item, stood(obligation, on, on_leave=away, separated=gone), own, ended))
    return tuple(found), currency(obligations, on, on_leave=away, separated=gone)


def _obligation(
    item: Assignment, moves: Sequence[Extension], declined_at: datetime | None, zone: ZoneInfo
) -> Obligation:
    return Obligation(
        title=item.title,
        opens_on=item.opens_on,
        original_due_on=item.original_due_on,
        grace=item.grace_until - item.due_on,
        valid_through=item.valid_through,
        moves=tuple(Moved(move.until_on) for move in moves),
        outcome=item.outcome,
        closed_on=None if item.closed_at is None else item.closed_at.astimezone(zone).date(),
        awaiting_since=None if declined_at is None else declined_at.astimezone(zone).date(),
    )
