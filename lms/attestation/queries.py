"""Reads of attestations, receipts, witnesses and questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import joinedload

from lms import clock
from lms.attestation.models import Attestation, SigningDraft, SigningQuestion, Witness
from lms.attestation.rules import DRAFT_KEPT_FOR, QUESTION_STAGE, WITNESS_STAGE
from lms.db import db
from lms.errors import IntegrityFault, NotFound
from lms.ledger.checks import RecordCheck, check_record
from lms.ledger.queries import (
    Disclosed,
    InclusionProof,
    find_checkpoint_covering,
    get_entry,
    list_verifier_keys,
    prove_inclusion,
    read_disclosures,
)
from lms.ledger.rules.proofs import fingerprint
from lms.notify.models import OutboxMessage
from lms.roster.models import Person
from lms.roster.permissions import SERGEANT
from lms.roster.queries import find_person, is_on_leave, roles_of
from lms.roster.rules import is_separated


@dataclass(frozen=True, slots=True)
class Receipt:
    """An attestation with all that its receipt shows. ``proof`` is None until a checkpoint covers the record."""

    attestation: Attestation
    position: int
    leaf: bytes
    check: RecordCheck
    proof: InclusionProof | None
    witnesses: Sequence[Witness]
    question: SigningQuestion | None
    purpose: str = ""
    """Why the department asks, as it was shown to somebody who declined; from the record, as is what follows."""
    says: str = ""
    passkey: str = ""
    """What the proof can and cannot show; the id of the passkey that signed, base64url."""

    @property
    def fingerprint(self) -> str:
        """The leaf hash in groups that can be read aloud."""
        return fingerprint(self.leaf)

    @property
    def state(self) -> str:
        """``completed`` for a signature, ``awaiting_witnesses`` or ``declined`` for a decline."""
        if self.attestation.outcome == "signed":
            return "completed"
        return "declined" if confirmed(self.witnesses) else "awaiting_witnesses"


def confirmed(witnesses: Sequence[Witness]) -> bool:
    """Whether two witnesses have confirmed a decline."""
    return sum(1 for witness in witnesses if witness.confirmed_at is not None) >= 2


def _attestations() -> Select[Attestation]:
    return select(Attestation).options(
        joinedload(Attestation.person).joinedload(Person.unit),
        joinedload(Attestation.policy_version),
        joinedload(Attestation.course_version),
        joinedload(Attestation.assignment),
    )


def find_attestation(attestation_id: int) -> Attestation | None:
    """By id, with person and versions."""
    return db.session.scalar(_attestations().where(Attestation.id == attestation_id))


def get_attestation(attestation_id: int) -> Attestation:
    """By id. Raises NotFound."""
    row = find_attestation(attestation_id)
    if row is None:
        raise NotFound("There is no such attestation.")
    return row


def find_attestation_of(assignment_id: int) -> Attestation | None:
    """The one attestation of an assignment."""
    return db.session.scalar(_attestations().where(Attestation.assignment_id == assignment_id))


def get_receipt(attestation: Attestation) -> Receipt:
    """Puts a receipt together: its record is checked anew each time."""
    entry = get_entry(attestation.record_id)
    checkpoint = find_checkpoint_covering(entry.position, entry.log_id)
    told = _told(attestation.record_id)
    return Receipt(
        attestation=attestation,
        position=entry.position,
        leaf=entry.leaf_hash,
        check=check_record(attestation.record_id),
        proof=None if checkpoint is None else prove_inclusion(attestation.record_id, checkpoint),
        witnesses=list_witnesses(attestation.id),
        question=find_question_of(attestation.id),
        purpose=str(told.get("purpose", "")),
        says=str((told.proof or {}).get("says", "")),
        passkey=str((told.proof or {}).get("credential_id", "")),
    )


def _told(record_id: str) -> Disclosed:
    """What the record discloses; nothing where it cannot be read any more, which the check says."""
    try:
        return read_disclosures(record_id)
    except IntegrityFault:
        return Disclosed()


def proof_of_receipt(receipt: Receipt) -> dict[str, Any]:
    """What proves a receipt without the server: entry, disclosures, and the C2SP ``tlog-proof@v1`` text.

    The leaf is SHA-256(0x00 || entry); each disclosure's SHA-256 stands in the entry; the proof leads from the leaf
    to the root that the signed checkpoint in it names. ``proof`` is None until a checkpoint covers the record.
    """
    record_id = receipt.attestation.record_id
    entry, disclosed = get_entry(record_id), read_disclosures(record_id)
    return {
        "record_id": record_id,
        "position": receipt.position,
        "leaf_sha256": receipt.leaf.hex(),
        "entry": entry.entry,
        "disclosures": list(disclosed.encoded),
        "proof_disclosure": disclosed.proof_encoded,
        "inclusion_proof": None if receipt.proof is None else receipt.proof.text(),
        "verifier_keys": list_verifier_keys(entry.log_id),
    }


def list_attestations(person_id: int) -> Sequence[Attestation]:
    """A person's attestations, newest first."""
    return db.session.scalars(
        _attestations().where(Attestation.person_id == person_id).order_by(Attestation.attested_at.desc())
    ).all()


def attestations_between(since: datetime, until: datetime) -> Select[Attestation]:
    """The statement for attestations from ``since`` (inclusive) to ``until`` (exclusive), oldest first."""
    return (
        _attestations()
        .where(Attestation.attested_at >= since, Attestation.attested_at < until)
        .order_by(Attestation.attested_at, Attestation.id)
    )


def list_witnesses(attestation_id: int) -> Sequence[Witness]:
    """The witnesses named for a decline, with their people, in the order named."""
    return db.session.scalars(
        select(Witness)
        .where(Witness.attestation_id == attestation_id)
        .options(joinedload(Witness.person))
        .order_by(Witness.id)
    ).all()


def list_witnesses_of(attestation_ids: Sequence[int]) -> dict[int, list[Witness]]:
    """The witnesses of many attestations in one query."""
    found: dict[int, list[Witness]] = {key: [] for key in attestation_ids}
    rows = db.session.scalars(
        select(Witness)
        .where(Witness.attestation_id.in_(attestation_ids))
        .options(joinedload(Witness.person))
        .order_by(Witness.id)
    )
    for row in rows:
        found[row.attestation_id].append(row)
    return found


def find_witness(witness_id: int, person_id: int) -> Witness:
    """A witnessing of this person. Raises NotFound, also where it is somebody else's."""
    row = db.session.scalar(
        select(Witness)
        .where(Witness.id == witness_id, Witness.person_id == person_id)
        .options(
            joinedload(Witness.attestation).joinedload(Attestation.person),
            joinedload(Witness.attestation).joinedload(Attestation.assignment),
            joinedload(Witness.person),
        )
    )
    if row is None:
        raise NotFound("Nobody has named you as a witness here.")
    return row


def pending_witnessings(person_id: int) -> Sequence[Witness]:
    """What a person is asked to confirm and has neither confirmed nor refused."""
    return db.session.scalars(
        select(Witness)
        .where(Witness.person_id == person_id, Witness.confirmed_at.is_(None), Witness.refused_at.is_(None))
        .options(joinedload(Witness.person), joinedload(Witness.attestation).joinedload(Attestation.assignment))
        .order_by(Witness.id)
    ).all()


_PENDING = (
    select(func.count())
    .select_from(Witness)
    .where(Witness.person_id == bindparam("person_id"), Witness.confirmed_at.is_(None), Witness.refused_at.is_(None))
)


def count_pending_witnessings(person_id: int) -> int:
    """How many confirmations wait for a person."""
    return db.session.scalar(_PENDING, {"person_id": person_id}) or 0


def _questions() -> Select[SigningQuestion]:
    return select(SigningQuestion).options(
        joinedload(SigningQuestion.attestation).joinedload(Attestation.person).joinedload(Person.unit),
        joinedload(SigningQuestion.attestation).joinedload(Attestation.course_version),
    )


def find_question_of(attestation_id: int) -> SigningQuestion | None:
    """The question asked at this signing."""
    return db.session.scalar(select(SigningQuestion).where(SigningQuestion.attestation_id == attestation_id))


def get_question(question_id: int) -> SigningQuestion:
    """By id, with whose it is. Raises NotFound."""
    row = db.session.scalar(_questions().where(SigningQuestion.id == question_id))
    if row is None:
        raise NotFound("There is no such question.")
    return row


def list_questions(*, answered: bool, limit: int = 100) -> Sequence[SigningQuestion]:
    """Questions that wait (soonest date first), or those answered (newest first)."""
    statement = _questions().limit(limit)
    if answered:
        statement = statement.where(SigningQuestion.answered_at.is_not(None)).order_by(
            SigningQuestion.answered_at.desc()
        )
    else:
        statement = statement.where(SigningQuestion.answered_at.is_(None)).order_by(
            SigningQuestion.answer_by, SigningQuestion.id
        )
    return db.session.scalars(statement).all()


def why_not_send(message: OutboxMessage, today: date) -> str | None:
    """Why a letter about signing must not go out any more, asked at the moment of sending; None to send it.

    Nobody who left is written to. A receipt and an answer belong to the person, also on leave; whoever is on leave is
    asked for nothing, and finds what waits on the first page after the return.
    """
    recipient = None if message.person_id is None else find_person(message.person_id)
    if recipient is None:
        return "The person is not on the roster."
    if is_separated(recipient.separated_on, recipient.rehired_on, today):
        return "The person no longer works here."
    attestation = None if message.topic_id is None else find_attestation(message.topic_id)
    if attestation is None:
        return "The attestation does not exist."
    if message.stage not in (WITNESS_STAGE, QUESTION_STAGE):
        return None if recipient.id == attestation.person_id else "The letter is about somebody else's attestation."
    if is_on_leave(recipient.id, today):
        return "The person is on leave."
    return _why_not_ask(message.stage, attestation, recipient)


def _why_not_ask(stage: str, attestation: Attestation, recipient: Person) -> str | None:
    """Why somebody is no longer to be asked to confirm a decline or to answer a question."""
    if stage == WITNESS_STAGE:
        asked = any(
            row.person_id == recipient.id and row.confirmed_at is None and row.refused_at is None
            for row in list_witnesses(attestation.id)
        )
        return None if asked else "The person has answered already, or is not a witness."
    if SERGEANT not in roles_of(recipient.id):
        return "The person is no longer training sergeant."
    question = find_question_of(attestation.id)
    return None if question is not None and question.answered_at is None else "The question was answered already."


def find_draft(assignment_id: int, act: str) -> SigningDraft | None:
    """What was typed before a refused ``act`` (sign, decline) on this assignment."""
    return db.session.scalar(
        select(SigningDraft).where(
            SigningDraft.assignment_id == assignment_id,
            SigningDraft.act == act,
            SigningDraft.saved_at >= clock.now() - DRAFT_KEPT_FOR,
        )
    )
