"""Signing with a passkey, in two steps: the record is prepared whole, then the passkey signs it and it is appended.

What is prepared lives for a few minutes and is no evidence. Before it is appended, everything in it is derived anew
from the database and compared: a policy, course, name or score that changed meanwhile is never signed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

from sqlalchemy import delete

from lms import clock
from lms.attestation import evidence, queries
from lms.attestation.actions.signing import (
    STALE,
    add_signed,
    checked_text,
    fields_of,
    lock_own,
    make_row,
    require_current,
    require_key,
)
from lms.attestation.models import Attestation, PreparedSignature
from lms.attestation.rules import Client, Shown
from lms.auth.rules import Reauthentication
from lms.db import db
from lms.errors import Stale
from lms.ledger.actions import NotAsPrepared, Prepared, append_prepared, prepare, read_prepared
from lms.ledger.rules.disclosures import normal_value
from lms.ledger.rules.entries import SIGNING_WINDOW, WINDOWED_METHOD
from lms.roster.models import Person

OF_THE_REQUEST = frozenset({"ip", "user_agent", "app_version"})
"""Fields that tell of the request that prepared the record; the one that brings the signature may differ in them."""
AGAIN = "Nothing was signed. What you typed is still there."
OTHER_TYPED = f"What you typed changed after your passkey was asked. {AGAIN} Sign again."
OTHER_TAB = f"This was opened for signing again, perhaps in another tab. {AGAIN} Sign again here."


def prepare_signature(
    person: Person, assignment_id: int, shown: Shown, *, on_duty: bool, reservation: str, client: Client
) -> Prepared | None:
    """Makes the record that a passkey is to sign, in the place of one prepared before; None where it is signed already.

    Raises as ``sign_attestation``.
    """
    assignment = lock_own(person, assignment_id)
    if queries.find_attestation_of(assignment.id) is not None:
        return None
    sheet = require_current(assignment, shown)
    now = clock.now()
    row = make_row(sheet, person, "signed", WINDOWED_METHOD, on_duty, checked_text(reservation), now)
    prepared = prepare(kind=evidence.SIGNED, subject=person.subject, fields=fields_of(sheet, row, client))
    forget_prepared(assignment_id)
    db.session.add(PreparedSignature(assignment_id=assignment_id, content=prepared.text(), prepared_at=now))
    db.session.flush()
    return prepared


def sign_prepared(
    person: Person,
    assignment_id: int,
    shown: Shown,
    *,
    on_duty: bool,
    reservation: str,
    record_id: str,
    prove: Callable[[bytes], Reauthentication],
    idempotency_key: str,
    answer_by: date,
) -> Attestation:
    """Appends exactly what was prepared as ``record_id``, with the proof that ``prove`` gives for its challenge.

    A retry, or a second tab, gives back the attestation that is there. Raises Stale where what was shown or prepared is
    no longer so or waited too long, Invalid where ``prove`` does or a text is too long, Conflict where the assignment
    is not ready.
    """
    assignment = lock_own(person, assignment_id)
    existing = queries.find_attestation_of(assignment.id)
    if existing is not None:
        return existing
    sheet, key = require_current(assignment, shown), require_key(idempotency_key)
    waiting = db.session.get(PreparedSignature, assignment_id, populate_existing=True)
    if waiting is None:
        raise Stale(f"This waited too long to be signed. {AGAIN} Sign again.")
    try:
        prepared = read_prepared(waiting.content)
        if prepared.entry.record_id != record_id:
            raise Stale(OTHER_TAB)
        row = make_row(
            sheet, person, "signed", WINDOWED_METHOD, on_duty, checked_text(reservation), _moment_of(prepared)
        )
        _require_same(prepared.fields, fields_of(sheet, row, Client("", "", "")))
        record = append_prepared(prepared, proof=evidence.proof_of(prove(prepared.challenge)))
    except NotAsPrepared as error:
        raise Stale(f"{error.message} {AGAIN}") from error
    add_signed(assignment, row, record.record_id, key, answer_by)
    forget_prepared(assignment_id)
    return row


def _moment_of(prepared: Prepared) -> datetime:
    try:
        return datetime.fromisoformat(prepared.fields["attested_at"])
    except (KeyError, TypeError, ValueError) as error:
        raise NotAsPrepared("The record that was prepared for signing cannot be read.") from error


def _require_same(prepared: Mapping[str, object], now: Mapping[str, object]) -> None:
    """Every field as it would be recorded now. Raises Stale, and says so where only what was typed differs."""
    changed = {
        name
        for name, value in now.items()
        if name not in OF_THE_REQUEST and prepared.get(name) != normal_value(value, name)
    }
    if changed:
        raise Stale(OTHER_TYPED if changed <= {"reservation", "on_duty"} else STALE)


def forget_prepared(assignment_id: int) -> None:
    """Removes what waits for a passkey's signature on this assignment."""
    db.session.execute(delete(PreparedSignature).where(PreparedSignature.assignment_id == assignment_id))


def forget_expired(now: datetime) -> int:
    """Removes what waited longer than SIGNING_WINDOW; gives how many rows went."""
    gone = db.session.execute(delete(PreparedSignature).where(PreparedSignature.prepared_at < now - SIGNING_WINDOW))
    return int(gone.rowcount)  # type: ignore[attr-defined]
