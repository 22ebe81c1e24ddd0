"""What the ledger is told of people, roles and leave, and the check that the rows still say the same.

A person's names, badge, address and hire date are recorded, because every other record names the person by the row.
Rank, unit, supervisor and flags are not: they are what the department's own roster says today, and what followed
from them (an assignment's dates, a role) is frozen and recorded by itself. Nor is HR's note to a leave, which is for
HR alone, or when days away were given back, which the extensions record.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from lms.db import db
from lms.ledger.audit_tree import Fault
from lms.ledger.models import LedgerEntry, LedgerRecordKey
from lms.ledger.queries import iter_disclosed
from lms.ledger.rules.disclosures import JsonValue, normal_value
from lms.roster.models import Leave, Person, RoleGrant

COMMAND_LINE = "command line"
PERSON_ADDED, PERSON_RENAMED = "roster.person_added", "roster.person_renamed"
ROLE_GRANTED, ROLE_REVOKED = "roster.role_granted", "roster.role_revoked"
LEAVE_CANCELLED = "roster.leave_cancelled"
LEAVE_KINDS = ("roster.leave_recorded", "roster.leave_ended", LEAVE_CANCELLED)
DATED = {"roster.person_separated": "separated_on", "roster.person_rehired": "rehired_on"}


def fields_of_person(person: Person) -> dict[str, JsonValue]:
    """Who a person is."""
    return {
        "badge": person.badge,
        "email": person.email,
        "given_name": person.given_name,
        "family_name": person.family_name,
        "former_names": person.former_names,
        "hired_on": person.hired_on.isoformat(),
    }


def fields_of_person_change(person: Person, by: Person | None) -> dict[str, JsonValue]:
    """A person added or renamed: who that is from now on, and who said so."""
    return {
        **fields_of_person(person),
        "changed_by": COMMAND_LINE if by is None else by.full_name,
        "changed_by_badge": None if by is None else by.badge,
    }


def fields_of_role_change(
    person: Person, role: str, by: Person | None, nobody: str = COMMAND_LINE
) -> dict[str, JsonValue]:
    """A role granted or revoked: whose, which, and by whom; ``nobody`` says what did it where no person did."""
    return {
        "name": person.full_name,
        "badge": person.badge,
        "role": role,
        "changed_by": nobody if by is None else by.full_name,
        "changed_by_badge": None if by is None else by.badge,
    }


def fields_of_leave(person: Person, leave: Leave, by: Person | None) -> dict[str, JsonValue]:
    """A leave as recorded, ended or cancelled. Its kind is in a disclosure of its own, so that it can be withheld."""
    return {
        "name": person.full_name,
        "badge": person.badge,
        "leave_id": leave.id,
        "leave_kind": leave.kind,
        "starts_on": leave.starts_on.isoformat(),
        "ends_on": None if leave.ends_on is None else leave.ends_on.isoformat(),
        "changed_by": COMMAND_LINE if by is None else by.full_name,
    }


def check_rows() -> Iterator[Fault]:
    """Every person, role, leave, separation and rehire that is not what the ledger last said of it."""
    yield from _check_people()
    yield from _check_roles()
    yield from _check_leaves()
    for kind, column in DATED.items():
        yield from _check_dates(kind, column)


def _check_people() -> Iterator[Fault]:
    last = {
        entry.subject: (entry, dict(disclosed))
        for entry, disclosed in iter_disclosed([PERSON_ADDED, PERSON_RENAMED], strict=False)
        if not disclosed.destroyed
    }
    disposed = set(
        db.session.scalars(
            select(LedgerEntry.subject)
            .join(LedgerRecordKey, LedgerRecordKey.record_id == LedgerEntry.record_id)
            .where(LedgerEntry.kind.in_((PERSON_ADDED, PERSON_RENAMED)), LedgerRecordKey.key.is_(None))
        )
    )
    for person in db.session.scalars(select(Person).order_by(Person.id)):
        if person.subject not in last:
            if person.subject not in disposed:
                yield Fault(None, None, f"person {person.id}", "the ledger has no record of this row")
            continue
        entry, recorded = last.pop(person.subject)
        for name, value in fields_of_person(person).items():
            if recorded.get(name) != normal_value(value, name):
                what = "differs from the ledger record"
                yield Fault(entry.record_id, entry.position, f"person {person.id}: {name}", what)
    for subject, (entry, _) in sorted(last.items(), key=lambda found: found[1][0].id):
        yield Fault(entry.record_id, entry.position, str(subject), "the row that this record tells of is gone")


def _check_roles() -> Iterator[Fault]:
    held: dict[tuple[str, str], str] = {}
    for entry, disclosed in iter_disclosed([ROLE_GRANTED, ROLE_REVOKED], strict=False):
        if disclosed.destroyed:
            continue
        key = (str(entry.subject), str(disclosed["role"]))
        held.pop(key, None)
        if entry.kind == ROLE_GRANTED:
            held[key] = entry.record_id
    rows = db.session.execute(select(RoleGrant.person_id, RoleGrant.role).order_by(RoleGrant.id))
    stored = {(f"person:{person_id}", role) for person_id, role in rows}
    for subject, role in sorted(stored - set(held)):
        yield Fault(None, None, f"{subject}: role {role}", "is held, but the ledger has no record that it was given")
    for subject, role in sorted(set(held) - stored):
        yield Fault(held[subject, role], None, f"{subject}: role {role}", "was given, but the row is gone")


def _check_leaves() -> Iterator[Fault]:
    last = {}
    for entry, disclosed in iter_disclosed(LEAVE_KINDS, strict=False):
        if disclosed.destroyed:
            continue
        last[disclosed["leave_id"]] = (entry, disclosed)
        if entry.kind == LEAVE_CANCELLED:
            del last[disclosed["leave_id"]]
    for leave in db.session.scalars(select(Leave).order_by(Leave.id)):
        if leave.id not in last:
            yield Fault(None, None, f"leave {leave.id}", "the ledger has no record of this row")
            continue
        entry, disclosed = last.pop(leave.id)
        ends_on = None if leave.ends_on is None else leave.ends_on.isoformat()
        now = (f"person:{leave.person_id}", leave.kind, leave.starts_on.isoformat(), ends_on)
        if now != (entry.subject, disclosed["leave_kind"], disclosed["starts_on"], disclosed["ends_on"]):
            yield Fault(entry.record_id, entry.position, f"leave {leave.id}", "differs from the ledger record")
    for leave_id, (entry, _) in sorted(last.items()):
        yield Fault(entry.record_id, entry.position, f"leave {leave_id}", "the row that this record tells of is gone")


def _check_dates(kind: str, column: str) -> Iterator[Fault]:
    last = {
        entry.subject: (entry, disclosed[column])
        for entry, disclosed in iter_disclosed([kind], strict=False)
        if not disclosed.destroyed
    }
    field = getattr(Person, column)
    for person_id, on in db.session.execute(select(Person.id, field).order_by(Person.id)):
        entry, recorded = last.get(f"person:{person_id}", (None, None))
        if (None if on is None else on.isoformat()) != recorded:
            record_id = None if entry is None else entry.record_id
            yield Fault(record_id, None, f"person {person_id}: {column}", "differs from the ledger record")
