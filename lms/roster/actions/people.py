"""Units and people are added; a person gets another name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from lms import clock
from lms.db import db
from lms.errors import Invalid
from lms.ledger.actions import append
from lms.roster import evidence, queries, rules
from lms.roster.models import Person, Unit


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
