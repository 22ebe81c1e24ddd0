"""What the ledger is told of roles and leave."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from lms.db import db
from lms.ledger.audit_tree import Fault
from lms.ledger.queries import iter_disclosed
from lms.ledger.rules.disclosures import JsonValue
from lms.roster.models import Leave, Person, RoleGrant

ROLE_GRANTED, ROLE_REVOKED = "roster.role_granted", "roster.role_revoked"
LEAVE_KINDS = ("roster.leave_recorded", "roster.leave_ended")
DATED = {"roster.person_separated": "separated_on", "roster.person_rehired": "rehired_on"}


def fields_of_role_change(person: Person, role: str, by: Person | None) -> dict[str, JsonValue]:
    """A role granted or revoked: whose, which, and by whom."""
    return {
        "name": person.full_name,
        "badge": person.badge,
        "role": role,
        "changed_by": "command line" if by is None else by.full_name,
        "changed_by_badge": None if by is None else by.badge,
    }


def fields_of_leave(person: Person, leave: Leave, by: Person | None) -> dict[str, JsonValue]:
    """A leave as recorded or ended. Its kind is in a disclosure of its own, so that it can be withheld."""
    return {
        "name": person.full_name,
        "badge": person.badge,
        "leave_id": leave.id,
        "leave_kind": leave.kind,
        "starts_on": leave.starts_on.isoformat(),
        "ends_on": None if leave.ends_on is None else leave.ends_on.isoformat(),
        "changed_by": "command line" if by is None else by.full_name,
    }


def check_rows() -> Iterator[Fault]:
    """Every role, leave, separation and rehire that is not what the ledger last said of it."""
    yield from _check_roles()
    yield from _check_leaves()
    for kind, column in DATED.items():
        yield from _check_dates(kind, column)


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
    last = {
        disclosed["leave_id"]: (entry, disclosed)
        for entry, disclosed in iter_disclosed(LEAVE_KINDS, strict=False)
        if not disclosed.destroyed
    }
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
