"""Roles are granted and taken away."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from lms import clock
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.ledger.actions import append
from lms.roster import evidence, queries
from lms.roster.models import Person, RoleGrant
from lms.roster.permissions import ADMINISTRATOR, GRANTED_ROLES, ROLE_NAMES


def grant_role(person: Person, role: str, by: Person | None) -> None:
    """Grants a role and records it; granting it twice changes nothing."""
    if role not in GRANTED_ROLES:
        raise Invalid("Choose one of the roles in the list.", field="role")
    if role in queries.roles_of(person.id):
        return
    db.session.add(
        RoleGrant(
            person_id=person.id,
            role=role,
            granted_at=clock.now(),
            granted_by_id=None if by is None else by.id,
        )
    )
    db.session.flush()
    append(
        kind=evidence.ROLE_GRANTED,
        subject=person.subject,
        fields=evidence.fields_of_role_change(person, role, by),
    )


def revoke_role(person: Person, role: str, by: Person | None, *, today: date) -> None:
    """Takes a role away and records it. ``today`` is the department's day.

    Raises Conflict where it is the last administrator's, who could then never be replaced.
    """
    grant = db.session.scalar(
        select(RoleGrant).where(RoleGrant.person_id == person.id, RoleGrant.role == role).with_for_update()
    )
    if grant is None:
        return
    if role == ADMINISTRATOR:
        require_another_administrator(person, today)
    end_role(grant, person, by)


def require_another_administrator(person: Person, today: date) -> None:
    """Raises Conflict where nobody else who is in service on ``today`` is administrator."""
    others = [one for one in queries.list_people_with_role(ADMINISTRATOR, today) if one.id != person.id]
    if not others:
        raise Conflict(f"This is the last {ROLE_NAMES[ADMINISTRATOR].lower()}. Give the role to somebody else first.")


def end_role(grant: RoleGrant, person: Person, by: Person | None, nobody: str = evidence.COMMAND_LINE) -> None:
    """Removes the grant and records it; ``nobody`` says what did it where no person did."""
    db.session.delete(grant)
    db.session.flush()
    append(
        kind=evidence.ROLE_REVOKED,
        subject=person.subject,
        fields=evidence.fields_of_role_change(person, grant.role, by, nobody),
    )
