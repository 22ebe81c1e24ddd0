"""Passkeys are enrolled, used and removed. Enrolment and removal are on the ledger, and a letter tells the person."""

from __future__ import annotations

from datetime import date

import structlog
from sqlalchemy import select

from lms import clock
from lms.auth import emails, evidence, passkeys, rules
from lms.auth.actions.telling import tell
from lms.auth.models import PasskeyCredential
from lms.auth.passkeys import NewPasskey, PasskeyError, RelyingParty
from lms.auth.rules import Reauthentication
from lms.db import db
from lms.errors import Conflict, Invalid, NotFound
from lms.ledger.actions import append
from lms.roster.models import Person
from lms.roster.rules import is_separated

NOT_USED = "The passkey could not be used. Nothing was signed. Try again, or sign with your password."
log = structlog.get_logger(__name__)


def enrol_passkey(person: Person, answer: str, challenge: bytes, label: str, site: RelyingParty) -> PasskeyCredential:
    """Adds the passkey that the browser made (JSON) for ``challenge``, after the person typed the password again.

    Raises Invalid where the answer does not hold, Conflict where the passkey was enrolled before.
    """
    label = label.strip()
    if not 0 < len(label) <= rules.LONGEST_LABEL:
        raise Invalid("Give the passkey a name, so that you know it again.", field="label")
    try:
        made = passkeys.check_registration(answer, site, challenge)
    except PasskeyError as error:
        log.warning("passkey_refused", person=person.id, reason=str(error))
        raise Invalid("The new passkey could not be used, so none was added. Try again.") from error
    known = select(PasskeyCredential.id).where(PasskeyCredential.credential_id == made.credential_id)
    if db.session.scalar(known) is not None:
        raise Conflict("This passkey was added before. Remove it from your device and make a new one.")
    row = _write(person, made, label, site)
    tell(person, row.record_id, emails.passkey_added(name=person.full_name, label=label))
    return row


def _write(person: Person, made: NewPasskey, label: str, site: RelyingParty) -> PasskeyCredential:
    row = PasskeyCredential(
        person_id=person.id,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        label=label,
        enrolled_at=clock.now(),
    )
    row.record_id = append(
        kind=evidence.PASSKEY_ENROLLED,
        subject=person.subject,
        fields={**evidence.fields_of_passkey(row), **evidence.fields_of_enrolment(person, row, site)},
    ).record_id
    db.session.add(row)
    db.session.flush()
    return row


def remove_passkey(person: Person, passkey_id: int) -> None:
    """Removes one's own passkey, after the person typed the password again. Removing it twice changes nothing.

    Raises NotFound. The row stays: earlier signatures are checked with its public key.
    """
    row = db.session.scalar(
        select(PasskeyCredential)
        .where(PasskeyCredential.id == passkey_id, PasskeyCredential.person_id == person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("There is no such passkey of yours.")
    if row.removed_at is not None:
        return
    row.removed_at = clock.now()
    db.session.flush()
    record = append(
        kind=evidence.PASSKEY_REMOVED, subject=person.subject, fields=evidence.fields_of_removed_passkey(person, row)
    )
    tell(person, record.record_id, emails.passkey_removed(name=person.full_name, label=row.label))


def prove_with_passkey(
    person: Person, answer: str, challenge: bytes, *, site: RelyingParty, today: date
) -> Reauthentication:
    """Verifies a passkey's signature (the browser's JSON) over ``challenge``, in the transaction of what is signed.

    The passkey's row is locked until that transaction ends, so that it cannot be removed, or sign a second time with
    the same count, in between. Raises Invalid where the signature is of another passkey, challenge, site or page, where
    the device did not verify its user, or where its count of signatures did not grow.
    """
    try:
        assertion = passkeys.read_assertion(answer)
        row = db.session.scalar(
            select(PasskeyCredential)
            .where(
                PasskeyCredential.credential_id == assertion.credential_id,
                PasskeyCredential.person_id == person.id,
                PasskeyCredential.removed_at.is_(None),
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        if row is None or is_separated(person.separated_on, person.rehired_on, today):
            raise PasskeyError("It is no passkey of this person, or was removed.")
        row.sign_count = passkeys.check_assertion(
            assertion,
            challenge,
            rp_id=site.rp_id,
            origin=site.origin,
            public_key=row.public_key,
            sign_count=row.sign_count,
        )
    except PasskeyError as error:
        log.warning("passkey_refused", person=person.id, reason=str(error))
        raise Invalid(NOT_USED) from error
    db.session.flush()
    return Reauthentication(
        "passkey", clock.now(), rules.METHOD_SAYS["passkey"], evidence.proof_of_assertion(row, assertion, site)
    )
