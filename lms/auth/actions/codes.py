"""One-time codes are set up, used, and taken away. The ledger is told of it, and never of the secret."""

from __future__ import annotations

from datetime import date

from sqlalchemy import delete, select

from lms import clock
from lms.auth import codes, emails, evidence, locks, rules
from lms.auth.actions.proving import confirm, prove
from lms.auth.actions.telling import tell
from lms.auth.models import TotpCredential
from lms.auth.rules import Reauthentication
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.ledger.actions import append
from lms.roster.models import Person

WRONG = (
    "This code is not right, or it was used before. Nothing was signed or changed. "
    "Wait for the next code in your app and type that."
)
UNREADABLE = (
    "Your one-time codes can no longer be checked. Sign with your password, and ask an administrator to reset them."
)


def begin_codes(person: Person) -> None:
    """Makes a new secret that waits for its first code, after the person typed the password again.

    Raises Conflict where codes are in use already.
    """
    row = _locked(person.id)
    if row is not None and row.enrolled_at is not None:
        raise Conflict("One-time codes are set up already. Remove them first to set them up anew.")
    if row is None:
        row = TotpCredential(person_id=person.id, last_step=0)
        db.session.add(row)
    row.sealed, row.made_at = codes.box().seal(person.id, codes.new_secret()), clock.now()
    db.session.flush()


def confirm_codes(person: Person, code: str) -> None:
    """Puts the waiting secret into use, once its first code was typed right.

    Raises Conflict where nothing waits (any more), Invalid(field="code") for a wrong code.
    """
    row = _locked(person.id)
    now = clock.now()
    if row is not None and row.enrolled_at is not None:
        return
    if row is None or now - row.made_at > rules.ENROLMENT_LASTS:
        raise Conflict("This took too long. Begin again to get a new code to scan.")
    secret = codes.box().open(person.id, row.sealed)
    step = None if secret is None else codes.step_of(secret, code, now, row.last_step)
    if step is None:
        raise Invalid(
            "This is not the code that your app shows now. Check the clock of your phone, and type the next code.",
            field="code",
        )
    row.last_step, row.enrolled_at = step, now
    row.record_id = append(
        kind=evidence.TOTP_ENROLLED,
        subject=person.subject,
        fields={**evidence.fields_of_codes(row), "name": person.full_name, "badge": person.badge},
    ).record_id
    db.session.flush()
    tell(person, row.record_id, emails.codes_added(name=person.full_name))


def remove_codes(person: Person, *, by: Person) -> bool:
    """Takes the codes away: the person himself, or an administrator who resets them. The secret is deleted.

    Gives back whether there were any. A secret that was never confirmed is deleted without a record.
    """
    row = _locked(person.id)
    if row is None:
        return False
    used, enrolled_record = row.enrolled_at is not None, row.record_id
    db.session.execute(delete(TotpCredential).where(TotpCredential.person_id == person.id))
    locks.forgive(rules.code_name(person.id))
    if not used:
        return False
    record = append(
        kind=evidence.TOTP_REMOVED,
        subject=person.subject,
        fields=evidence.fields_of_removed_codes(person, clock.now(), by, str(enrolled_record)),
    )
    own = by.id == person.id
    tell(person, record.record_id, emails.codes_removed(name=person.full_name, by=None if own else by.full_name))
    return True


def reauthenticate_with_code(person: Person, password: str, code: str, *, ip: str, today: date) -> Reauthentication:
    """As ``reauthenticate``, with a one-time code beside the password.

    Wrong codes are counted on a name of their own, which a right password does not forgive. The step that was used is
    stored in the transaction of what is signed, so that a code signs once.

    Raises Invalid(field="password" or "code"), as TooManyTries while too many were wrong.
    """
    person_id, name = person.id, rules.code_name(person.id)
    proved = prove(person, password, ip)
    confirm(proved, today)
    locks.refuse_if_locked(name, field="code")
    row = _locked(person_id)
    if row is None or row.enrolled_at is None:
        raise Invalid("You have not set up one-time codes. Sign with your password alone.", field="code")
    secret = codes.box().open(person_id, row.sealed)
    if secret is None:
        raise Invalid(UNREADABLE, field="code")
    step = codes.step_of(secret, code, clock.now(), row.last_step)
    if step is None:
        db.session.rollback()
        locks.log_refusal(name, ip)
        locks.count_failure(name, field="code")
        db.session.commit()
        raise Invalid(WRONG, field="code")
    row.last_step = step
    locks.forgive(name)
    db.session.flush()
    return Reauthentication("password_totp", clock.now(), rules.METHOD_SAYS["password_totp"])


def _locked(person_id: int) -> TotpCredential | None:
    return db.session.scalar(
        select(TotpCredential)
        .where(TotpCredential.person_id == person_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
