"""Reads of the roster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, bindparam, func, not_, or_, select
from sqlalchemy.orm import joinedload

from lms.db import db
from lms.errors import NotFound
from lms.roster.models import Leave, Person, RoleGrant, Unit
from lms.roster.permissions import GRANTED_ROLES, ROLE_NAMES


def get_person(person_id: int) -> Person:
    """The person, with their unit. Raises NotFound."""
    person = find_person(person_id)
    if person is None:
        raise NotFound("There is no such person on the roster.")
    return person


def find_person(person_id: int) -> Person | None:
    """The person, with their unit and supervisor."""
    return db.session.scalar(
        select(Person).where(Person.id == person_id).options(joinedload(Person.unit), joinedload(Person.supervisor))
    )


def find_person_by_email(email: str) -> Person | None:
    """By email address, in any case."""
    return db.session.scalar(
        select(Person).where(Person.email == email.strip().lower()).options(joinedload(Person.unit))
    )


def find_person_by_badge_or_email(text: str) -> Person | None:
    """By what people type to name a colleague: a badge number or an email address."""
    text = text.strip()
    return db.session.scalar(
        select(Person).where(or_(Person.badge == text, Person.email == text.lower())).options(joinedload(Person.unit))
    )


def list_units() -> Sequence[Unit]:
    """All units by name."""
    return db.session.scalars(select(Unit).order_by(Unit.name)).all()


def find_unit_by_name(name: str) -> Unit | None:
    """By its exact name."""
    return db.session.scalar(select(Unit).where(Unit.name == name.strip()))


def roles_of(person_id: int) -> frozenset[str]:
    """The roles granted to a person, without the officer's role that everybody has."""
    return frozenset(db.session.scalars(select(RoleGrant.role).where(RoleGrant.person_id == person_id)))


def role_names_of(person_id: int) -> list[str]:
    """The names of the roles granted to a person, in the order of the table of permissions."""
    held = roles_of(person_id)
    return [ROLE_NAMES[role] for role in GRANTED_ROLES if role in held]


def list_people_with_role(role: str, today: date | None = None) -> Sequence[Person]:
    """People who hold a granted role and, where ``today`` is given, work here on that day; by name."""
    return db.session.scalars(
        select(Person)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.role == role, *([] if today is None else [active_on(today)]))
        .order_by(Person.family_name, Person.given_name)
    ).all()


def active_on(today: date) -> ColumnElement[bool]:
    """SQL condition: in service on ``today``; the same decision as ``rules.works_here``."""
    return and_(Person.hired_on <= today, not_(has_left(today)))


def has_left(today: date) -> ColumnElement[bool]:
    """SQL condition: no longer works here on ``today``; the same decision as ``rules.is_separated``, never NULL."""
    return and_(
        Person.separated_on.is_not(None),
        Person.separated_on < today,
        or_(Person.rehired_on.is_(None), Person.rehired_on <= Person.separated_on, Person.rehired_on > today),
    )


def matches_text(text: str) -> ColumnElement[bool]:
    """SQL condition: each word occurs in a current or former name, the badge number or the email address."""
    words = text.split()[:6]
    columns = (Person.given_name, Person.family_name, Person.former_names, Person.badge, Person.email)
    return and_(
        *(or_(*(func.lower(column).contains(word.lower(), autoescape=True) for column in columns)) for word in words)
    )


def search_people(
    text: str, *, include_separated: bool = True, today: date | None = None, limit: int = 50, offset: int = 0
) -> tuple[Sequence[Person], int]:
    """People found by name (current or former), badge or email, and how many there are in all."""
    where = [matches_text(text)] if text.strip() else []
    if not include_separated and today is not None:
        where.append(active_on(today))
    total = db.session.scalar(select(func.count()).select_from(Person).where(*where)) or 0
    people = db.session.scalars(
        select(Person)
        .where(*where)
        .options(joinedload(Person.unit))
        .order_by(Person.family_name, Person.given_name, Person.id)
        .limit(limit)
        .offset(offset)
    ).all()
    return people, total


def away_on(today: date) -> ColumnElement[bool]:
    """SQL condition on Leave: it covers ``today``; the same decision as ``rules.is_away``."""
    return and_(Leave.starts_on <= today, or_(Leave.ends_on.is_(None), Leave.ends_on >= today))


def current_leaves(today: date) -> dict[int, Leave]:
    """Who is away on ``today``, by person id."""
    leaves = db.session.scalars(select(Leave).where(away_on(today)).order_by(Leave.id))
    return {leave.person_id: leave for leave in leaves}


_AWAY = (
    select(Leave.id)
    .where(
        Leave.person_id == bindparam("person_id"),
        Leave.starts_on <= bindparam("today"),
        or_(Leave.ends_on.is_(None), Leave.ends_on >= bindparam("today")),
    )
    .limit(1)
)


def is_on_leave(person_id: int, today: date) -> bool:
    """Whether the person is away on ``today``."""
    return db.session.scalar(_AWAY, {"person_id": person_id, "today": today}) is not None


def list_leaves(person_id: int) -> Sequence[Leave]:
    """All leaves of a person, oldest first."""
    return db.session.scalars(select(Leave).where(Leave.person_id == person_id).order_by(Leave.starts_on)).all()
