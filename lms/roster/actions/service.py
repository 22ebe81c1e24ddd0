"""Service ends and begins again, and roles end with it."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from lms.db import db
from lms.errors import Conflict, Invalid
from lms.ledger.actions import append
from lms.roster import evidence, queries, rules
from lms.roster.actions.roles import end_role, require_another_administrator
from lms.roster.actions.rows import hold
from lms.roster.models import Person, RoleGrant
from lms.roster.permissions import ADMINISTRATOR


def separate_person(person: Person, on: date, by: Person | None, *, today: date) -> None:
    """Dates the last day of service, and ends the person's roles: a return to service brings none of them back.

    Roles end now where that day has come on ``today``, the department's day, and otherwise once it is over
    (``end_roles_of_separated``). Raises Invalid where the day is before the hire date, Conflict where nobody else is
    administrator.
    """
    hold(person)
    if on < person.service_began_on:
        raise Invalid("The last day of service is before the first.", field="separated_on")
    if on > today + rules.FARTHEST_SEPARATION:
        raise Invalid("The last day of service is more than two years ahead. Check the year.", field="separated_on")
    if ADMINISTRATOR in queries.roles_of(person.id):
        require_another_administrator(person, today)
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
    if on <= today:
        grants = select(RoleGrant).where(RoleGrant.person_id == person.id).order_by(RoleGrant.id).with_for_update()
        for grant in db.session.scalars(grants).all():
            end_role(grant, person, by)


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
        end_role(grant, person, None, "the schedule")
    return len(rows)


def rehire_person(person: Person, on: date, by: Person | None) -> None:
    """Dates a return to service; on-hire training begins again, all history stays.

    Raises Invalid for a day that is not after the last day of service, Conflict where the return is recorded already.
    """
    hold(person)
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
