"""What the ledger is told of passwords, passkeys and one-time codes, and the check that the rows still say the same.

The record holds that a password was set, when and by whom, and neither the password nor its hash: the hash is renewed
at a sign-in, and whoever reads a record must not be able to guess at it. So a hash that somebody put into the table is
not found here; a signature by password says of itself that it is the weaker mode. Of a passkey everything is recorded,
for signatures are checked with its public key. Of one-time codes the record holds the hash of the encrypted secret.
Sessions, links and counts of failures are not evidence: they are removed after ninety days.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lms.auth.models import PasskeyCredential, PasswordCredential, TotpCredential
from lms.auth.passkeys import Assertion, RelyingParty, algorithm_of
from lms.db import db
from lms.ledger.compare import Described, compare_rows, missing_rows, unrecorded_rows
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import iter_disclosed
from lms.ledger.rules.disclosures import JsonValue, b64url, timestamp
from lms.ledger.verify import Fault
from lms.roster.models import Person

PASSWORD_SET = "auth.password_set"  # noqa: S105 - a kind of record
PASSKEY_ENROLLED = "credential.passkey_enrolled"
PASSKEY_REMOVED = "credential.passkey_removed"
TOTP_ENROLLED = "credential.totp_enrolled"
TOTP_REMOVED = "credential.totp_removed"


@dataclass(slots=True)
class EnrolledKey:
    """A passkey as the ledger knows it: from which record on, and until which one, it could sign."""

    subject: str | None
    public_key: str
    """Base64url of the COSE key."""
    since: int
    until: int | None = None
    """Ids of ledger entries, which order the records of all logs."""


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


def fields_of_passkey(row: PasskeyCredential) -> dict[str, JsonValue]:
    """Every fact of the row that never changes."""
    return {
        "credential_id": b64url(row.credential_id),
        "public_key": b64url(row.public_key),
        "label": row.label,
        "enrolled_at": timestamp(row.enrolled_at),
    }


def fields_of_enrolment(person: Person, row: PasskeyCredential, site: RelyingParty) -> dict[str, JsonValue]:
    """What only the record of an enrolment keeps: whose the passkey is, and for which site it was made."""
    return {
        "name": person.full_name,
        "badge": person.badge,
        "alg": algorithm_of(row.public_key),
        "rp_id": site.rp_id,
        "origin": site.origin,
    }


def fields_of_removed_passkey(person: Person, row: PasskeyCredential) -> dict[str, JsonValue]:
    """That a passkey can no longer sign, and since when."""
    return {
        "name": person.full_name,
        "badge": person.badge,
        "credential_id": b64url(row.credential_id),
        "label": row.label,
        "enrolled_record": row.record_id,
        "removed_at": None if row.removed_at is None else timestamp(row.removed_at),
    }


def fields_of_codes(row: TotpCredential) -> dict[str, JsonValue]:
    """That codes are in use: since when, and the hash of the encrypted secret, so that another one would show."""
    return {
        "enrolled_at": None if row.enrolled_at is None else timestamp(row.enrolled_at),
        "sealed_sha256": hashlib.sha256(row.sealed).hexdigest(),
    }


def fields_of_removed_codes(person: Person, at: datetime, by: Person, enrolled_record: str) -> dict[str, JsonValue]:
    """That codes are no longer in use, since when, and who took them away."""
    return {
        "name": person.full_name,
        "badge": person.badge,
        "removed_at": timestamp(at),
        "enrolled_record": enrolled_record,
        "reset": by.id != person.id,
        "removed_by": by.full_name,
        "removed_by_badge": by.badge,
    }


def proof_of_assertion(row: PasskeyCredential, assertion: Assertion, site: RelyingParty) -> dict[str, str | int]:
    """All that a passkey's signature can be checked with, for the record's proof."""
    return {
        "credential_id": b64url(row.credential_id),
        "public_key": b64url(row.public_key),
        "rp_id": site.rp_id,
        "origin": site.origin,
        "client_data": b64url(assertion.client_data),
        "authenticator_data": b64url(assertion.authenticator_data),
        "signature": b64url(assertion.signature),
        "alg": algorithm_of(row.public_key),
    }


def enrolled_keys() -> tuple[dict[str, EnrolledKey], set[str | None]]:
    """Every passkey that the ledger knows, by credential id (base64url); none is enrolled twice.

    Beside them the subjects of whom an enrolment can no longer be read, because its content was disposed of.
    """
    keys: dict[str, EnrolledKey] = {}
    disposed: set[str | None] = set()
    for entry, disclosed in iter_disclosed([PASSKEY_ENROLLED, PASSKEY_REMOVED], strict=False):
        if disclosed.destroyed:
            disposed.add(entry.subject)
        elif entry.kind == PASSKEY_ENROLLED:
            keys.setdefault(
                disclosed["credential_id"], EnrolledKey(entry.subject, disclosed["public_key"], since=entry.id)
            )
        elif (key := keys.get(disclosed["credential_id"])) is not None and key.until is None:
            key.until = entry.id
    return keys, disposed


def check_rows() -> Iterator[Fault]:
    """Every password, passkey or one-time code that is not as the ledger says."""
    yield from _check_passwords()
    yield from _check_passkeys()
    yield from _check_codes()


def _check_passkeys() -> Iterator[Fault]:
    """Passkeys as enrolled, and removed exactly where the ledger says so."""
    yield from compare_rows(select(PasskeyCredential), PasskeyCredential.id, _describe_passkey)
    rows = select(PasskeyCredential.id, PasskeyCredential.record_id)
    yield from unrecorded_rows(rows, (PASSKEY_ENROLLED,), "passkey")
    yield from missing_rows(PASSKEY_ENROLLED, select(PasskeyCredential.record_id))
    removed: dict[str, tuple[LedgerEntry, str]] = {}
    unread: set[str | None] = set()
    for entry, disclosed in iter_disclosed([PASSKEY_REMOVED], strict=False):
        if disclosed.destroyed:
            unread.add(entry.subject)
            continue
        removed.setdefault(disclosed["enrolled_record"], (entry, disclosed["removed_at"]))
    for row in db.session.scalars(select(PasskeyCredential).order_by(PasskeyCredential.id)):
        found = removed.get(row.record_id)
        name = f"passkey {row.id}: removed_at"
        if found is None:
            if row.removed_at is not None and f"person:{row.person_id}" not in unread:
                yield Fault(row.record_id, None, name, "is set, but the ledger has no record of the removal")
        elif row.removed_at is None or timestamp(row.removed_at) != found[1]:
            yield Fault(found[0].record_id, found[0].position, name, "differs from the ledger record")


def _describe_passkey(row: PasskeyCredential) -> Described:
    return f"passkey {row.id}", row.record_id, {**fields_of_passkey(row), "subject": f"person:{row.person_id}"}


def _check_codes() -> Iterator[Fault]:
    """One-time codes are in use exactly where the last record of a person says so, with the secret of then."""
    last: dict[str | None, LedgerEntry] = {}
    told: dict[str, dict[str, JsonValue]] = {}
    for entry, disclosed in iter_disclosed([TOTP_ENROLLED, TOTP_REMOVED], strict=False):
        last[entry.subject] = entry
        if entry.kind == TOTP_ENROLLED and not disclosed.destroyed:
            told[entry.record_id] = {name: disclosed[name] for name in ("enrolled_at", "sealed_sha256")}
    for row in db.session.scalars(select(TotpCredential).where(TotpCredential.enrolled_at.is_not(None))):
        name, subject = f"person {row.person_id}: one-time codes", f"person:{row.person_id}"
        known = last.pop(subject, None)
        if known is None or known.kind != TOTP_ENROLLED or known.record_id != row.record_id:
            yield Fault(row.record_id, None, name, "are in use, but the ledger has no record of it")
        elif known.record_id in told and fields_of_codes(row) != told[known.record_id]:
            yield Fault(known.record_id, known.position, name, "differ from the ledger record")
    for entry in sorted(last.values(), key=lambda found: found.id):
        if entry.kind == TOTP_ENROLLED:
            what = "were set up, but the row is gone"
            yield Fault(entry.record_id, entry.position, f"{entry.subject}: one-time codes", what)


def _check_passwords() -> Iterator[Fault]:
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
