"""Changes of the roster."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from lms import clock
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.ledger.actions import append
from lms.roster import evidence, queries, rules
from lms.roster.models import Leave, Person, RoleGrant, Unit
from lms.roster.permissions import ADMINISTRATOR, GRANTED_ROLES, ROLE_NAMES


def add_unit(name: str, parent: Unit | None = None) -> Unit:
    """Adds a unit; gives back the one of that name where it exists."""
    unit = queries.find_unit_by_name(name)
    if unit is None:
        unit = Unit(name=name.strip(), parent_id=None if parent is None else parent.id)
        db.session.add(unit)
        db.session.flush()
    return unit


def add_person(
    *,
    badge: str,
    email: str,
    given_name: str,
    family_name: str,
    rank: str,
    unit: Unit,
    hired_on: date,
    supervisor: Person | None = None,
    flags: Sequence[str] = (),
    former_names: str = "",
) -> Person:
    """Adds a person to the roster.

    Raises Invalid where a name is missing, the address is no email address, or badge or address is taken.
    """
    address = rules.normal_email(email)
    if address is None:
        raise Invalid("Enter an email address such as name@department.gov.", field="email")
    for field, text in (
        ("badge", badge),
        ("given_name", given_name),
        ("family_name", family_name),
        ("rank", rank),
    ):
        if not text.strip():
            raise Invalid("Fill this in.", field=field)
    if not date(1940, 1, 1) <= hired_on <= clock.now().date() + timedelta(days=366):
        raise Invalid("Enter the first day of service, at most a year ahead. Check the year.", field="hired_on")
    taken = db.session.execute(
        select(Person.badge, Person.email).where((Person.badge == badge.strip()) | (Person.email == address))
    ).first()
    if taken is not None:
        field = "badge" if taken.badge == badge.strip() else "email"
        raise Invalid("Somebody on the roster has this already. Check for a typing error.", field=field)
    person = Person(
        badge=badge.strip(),
        email=address,
        given_name=given_name.strip(),
        family_name=family_name.strip(),
        former_names=former_names.strip(),
        rank=rank.strip(),
        unit_id=unit.id,
        supervisor_id=None if supervisor is None else supervisor.id,
        flags=list(flags),
        hired_on=hired_on,
        created_at=clock.now(),
    )
    db.session.add(person)
    db.session.flush()
    return person


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
        kind="roster.role_granted",
        subject=person.subject,
        fields=evidence.fields_of_role_change(person, role, by),
    )


def revoke_role(person: Person, role: str, by: Person | None) -> None:
    """Takes a role away and records it.

    Raises Conflict where it is the last administrator's, who could then never be replaced.
    """
    grant = db.session.scalar(select(RoleGrant).where(RoleGrant.person_id == person.id, RoleGrant.role == role))
    if grant is None:
        return
    others = [one for one in queries.list_people_with_role(ADMINISTRATOR, clock.now().date()) if one.id != person.id]
    if role == ADMINISTRATOR and not others:
        raise Conflict(f"This is the last {ROLE_NAMES[role].lower()}. Give the role to somebody else first.")
    db.session.delete(grant)
    db.session.flush()
    append(
        kind="roster.role_revoked",
        subject=person.subject,
        fields=evidence.fields_of_role_change(person, role, by),
    )


def record_leave(
    person: Person, *, kind: str, starts_on: date, ends_on: date | None, note: str = "", by: Person | None
) -> Leave:
    """Records a time away. Raises Invalid for an unknown kind, dates out of order or an overlap."""
    if kind not in rules.LEAVE_KINDS:
        raise Invalid("Choose one of the kinds of leave in the list.", field="kind")
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("The last day away is before the first.", field="ends_on")
    for other in queries.list_leaves(person.id):
        if (ends_on is None or other.starts_on <= ends_on) and (other.ends_on is None or starts_on <= other.ends_on):
            raise Invalid("This overlaps a leave that is already recorded. End that one first.", field="starts_on")
    leave = Leave(person_id=person.id, kind=kind, starts_on=starts_on, ends_on=ends_on, note=note)
    db.session.add(leave)
    db.session.flush()
    append(
        kind="roster.leave_recorded",
        subject=person.subject,
        fields=evidence.fields_of_leave(person, leave, by),
    )
    return leave


def end_leave(person: Person, leave: Leave, ends_on: date, by: Person | None) -> None:
    """Sets the last day away. Raises Invalid where it is before the first, Conflict where days were given back."""
    if leave.applied_at is not None:
        raise Conflict("The days of this leave were already given back. Record another leave instead.")
    if ends_on < leave.starts_on:
        raise Invalid("The last day away is before the first.", field="ends_on")
    leave.ends_on = ends_on
    db.session.flush()
    append(
        kind="roster.leave_ended",
        subject=person.subject,
        fields=evidence.fields_of_leave(person, leave, by),
    )


def separate_person(person: Person, on: date, by: Person | None) -> None:
    """Dates the last day of service. Raises Invalid where it is before the hire date."""
    if on < person.service_began_on:
        raise Invalid("The last day of service is before the first.", field="separated_on")
    person.separated_on = on
    db.session.flush()
    append(
        kind="roster.person_separated",
        subject=person.subject,
        fields={
            "name": person.full_name,
            "badge": person.badge,
            "separated_on": on.isoformat(),
            "changed_by": "command line" if by is None else by.full_name,
        },
    )


def rehire_person(person: Person, on: date, by: Person | None) -> None:
    """Dates a return to service; on-hire training begins again, all history stays."""
    if person.separated_on is None or on <= person.separated_on:
        raise Invalid("The return must be after the last day of service.", field="rehired_on")
    person.rehired_on = on
    db.session.flush()
    append(
        kind="roster.person_rehired",
        subject=person.subject,
        fields={
            "name": person.full_name,
            "badge": person.badge,
            "rehired_on": on.isoformat(),
            "changed_by": "command line" if by is None else by.full_name,
        },
    )
