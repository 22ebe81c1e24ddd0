"""What the ledger is told of passwords, and the check that the rows still say the same.

The record holds that a password was set, when and by whom, and neither the password nor its hash: the hash is renewed
at a sign-in, and whoever reads a record must not be able to guess at it. So a hash that somebody put into the table is
not found here; a signature by password says of itself that it is the weaker mode. Sessions, links and counts of
failures are not evidence: they are removed after ninety days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from lms.auth.models import PasswordCredential
from lms.db import db
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import iter_disclosed
from lms.ledger.rules.disclosures import JsonValue, timestamp
from lms.ledger.verify import Fault
from lms.roster.models import Person

PASSWORD_SET = "auth.password_set"  # noqa: S105 - a kind of record


def fields_of_password(person: Person, at: datetime, by: Person | None, *, first: bool) -> dict[str, JsonValue]:
    """That a password was set: whose, when, and by whom."""
    return {
        "name": person.full_name,
        "badge": person.badge,
        "set_at": timestamp(at),
        "first": first,
        "set_by": "command line" if by is None else by.full_name,
        "set_by_badge": None if by is None else by.badge,
    }


def check_rows() -> Iterator[Fault]:
    """Every password that was set, or is gone, without the ledger knowing of it."""
    last: dict[str | None, tuple[LedgerEntry, str | None]] = {}
    for entry, disclosed in iter_disclosed([PASSWORD_SET], strict=False):
        last[entry.subject] = (entry, None if disclosed.destroyed else disclosed["set_at"])
    rows = select(PasswordCredential.person_id, PasswordCredential.set_at).order_by(PasswordCredential.person_id)
    for person_id, set_at in db.session.execute(rows):
        name = f"person {person_id}: password"
        entry_and_time = last.pop(f"person:{person_id}", None)
        if entry_and_time is None:
            yield Fault(None, None, name, "is set, but the ledger has no record of it")
            continue
        entry, recorded = entry_and_time
        if recorded is not None and timestamp(set_at) != recorded:
            yield Fault(entry.record_id, entry.position, f"{name}, set_at", "differs from the ledger record")
    for entry, _ in sorted(last.values(), key=lambda found: found[0].id):
        yield Fault(entry.record_id, entry.position, f"{entry.subject}: password", "was set, but the row is gone")
