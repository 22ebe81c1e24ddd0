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
    by: Person | None = None,
) -> Person:
    """Adds a person to the roster, and records who that is: every later record names the person by this row.

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
    fault = rules.hire_date_fault(hired_on, clock.now().date())
    if fault is not None:
        raise Invalid(fault, field="hired_on")
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
    append(kind=evidence.PERSON_ADDED, subject=person.subject, fields=evidence.fields_of_person_change(person, by))
    return person


def rename_person(person: Person, given_name: str, family_name: str, by: Person | None) -> None:
    """Gives a person another name and records it. What was signed keeps its name; a search finds both.

    Raises Invalid where a name is missing.
    """
    for field, text in (("given_name", given_name), ("family_name", family_name)):
        if not text.strip():
            raise Invalid("Fill this in.", field=field)
    before = person.full_name
    person.given_name, person.family_name = given_name.strip(), family_name.strip()
    if person.full_name == before:
        return
    person.former_names = "\n".join(filter(None, (person.former_names, before)))
    db.session.flush()
    append(kind=evidence.PERSON_RENAMED, subject=person.subject, fields=evidence.fields_of_person_change(person, by))


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


def revoke_role(person: Person, role: str, by: Person | None) -> None:
    """Takes a role away and records it.

    Raises Conflict where it is the last administrator's, who could then never be replaced.
    """
    grant = db.session.scalar(
        select(RoleGrant).where(RoleGrant.person_id == person.id, RoleGrant.role == role).with_for_update()
    )
    if grant is None:
        return
    if role == ADMINISTRATOR:
        _require_another_administrator(person)
    _revoke(grant, person, by)


def _require_another_administrator(person: Person) -> None:
    others = [one for one in queries.list_people_with_role(ADMINISTRATOR, clock.now().date()) if one.id != person.id]
    if not others:
        raise Conflict(f"This is the last {ROLE_NAMES[ADMINISTRATOR].lower()}. Give the role to somebody else first.")


def _revoke(grant: RoleGrant, person: Person, by: Person | None, nobody: str = evidence.COMMAND_LINE) -> None:
    db.session.delete(grant)
    db.session.flush()
    append(
        kind=evidence.ROLE_REVOKED,
        subject=person.subject,
        fields=evidence.fields_of_role_change(person, grant.role, by, nobody),
    )


def _hold(person: Person) -> None:
    """Locks the person's row and reads it afresh, so that two changes of status come one after the other."""
    db.session.flush()
    columns = [attribute.key for attribute in Person.__mapper__.column_attrs]
    db.session.refresh(person, columns, with_for_update=True)


def record_leave(
    person: Person, *, kind: str, starts_on: date, ends_on: date | None, note: str = "", by: Person | None
) -> Leave:
    """Records a time away. Raises Invalid for an unknown kind, dates out of order or an overlap."""
    if kind not in rules.LEAVE_KINDS:
        raise Invalid("Choose one of the kinds of leave in the list.", field="kind")
    if ends_on is not None and ends_on < starts_on:
        raise Invalid("The last day away is before the first.", field="ends_on")
    _hold(person)
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
    db.session.refresh(leave, ["starts_on", "ends_on", "applied_at"], with_for_update=True)
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


def return_from_leave(person: Person, back_on: date, by: Person | None) -> Leave:
    """Ends the leave that would still run on ``back_on``, the first day back at work.

    Raises Conflict where no leave is running then, or its days were given back already.
    """
    running = [
        leave
        for leave in queries.list_leaves(person.id)
        if leave.starts_on < back_on and (leave.ends_on is None or leave.ends_on >= back_on)
    ]
    if not running:
        raise Conflict("No leave that began before that day is still running on it. Check the date.")
    end_leave(person, running[-1], back_on - timedelta(days=1), by)
    return running[-1]


def separate_person(person: Person, on: date, by: Person | None) -> None:
    """Dates the last day of service, and ends the person's roles: a return to service brings none of them back.

    Roles end now where that day has come, and otherwise once it is over (``end_roles_of_separated``). Raises Invalid
    where the day is before the hire date, Conflict where nobody else is administrator.
    """
    _hold(person)
    if on < person.service_began_on:
        raise Invalid("The last day of service is before the first.", field="separated_on")
    if ADMINISTRATOR in queries.roles_of(person.id):
        _require_another_administrator(person)
    person.separated_on = on
    db.session.flush()
    append(
        kind="roster.person_separated",
        subject=person.subject,
        fields={
            "name": person.full_name,
            "badge": person.badge,
            "separated_on": on.isoformat(),
            "changed_by": evidence.COMMAND_LINE if by is None else by.full_name,
        },
    )
    if on <= clock.now().date():
        grants = select(RoleGrant).where(RoleGrant.person_id == person.id).order_by(RoleGrant.id).with_for_update()
        for grant in db.session.scalars(grants).all():
            _revoke(grant, person, by)


def end_roles_of_separated(today: date) -> int:
    """Ends the roles of people whose last day of service is over on ``today``; says how many roles."""
    rows = db.session.execute(
        select(RoleGrant, Person)
        .join(Person, Person.id == RoleGrant.person_id)
        .where(queries.has_left(today))
        .order_by(RoleGrant.id)
        .with_for_update(of=RoleGrant)
    ).all()
    for grant, person in rows:
        _revoke(grant, person, None, "the schedule")
    return len(rows)


def rehire_person(person: Person, on: date, by: Person | None) -> None:
    """Dates a return to service; on-hire training begins again, all history stays.

    Raises Invalid for a day that is not after the last day of service, Conflict where the return is recorded already.
    """
    _hold(person)
    if person.separated_on is not None and person.rehired_on is not None and person.rehired_on > person.separated_on:
        raise Conflict("The return to service is recorded already. Record a separation first if they left again.")
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
            "changed_by": evidence.COMMAND_LINE if by is None else by.full_name,
        },
    )
