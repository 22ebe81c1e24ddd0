"""The comparison of attestation's rows with what the ledger was told of them.

Names may change on the person later: the row's own facts are what must agree. The idempotency key of a signing form
and the date by which a question is to be answered are not evidence; the one only makes a second click harmless, the
other follows from a setting.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Nullable, and_, or_, select
from sqlalchemy.orm import joinedload

import lms.catalog.evidence
import lms.policy.evidence
from lms.attestation.changes import check_readings
from lms.attestation.evidence import fields as evidence
from lms.attestation.evidence.outcomes import check_outcomes
from lms.attestation.evidence.signatures import check_signatures
from lms.attestation.models import Attestation, SigningQuestion, Witness
from lms.db import db
from lms.ledger.compare import Described, Resting, compare_rows, missing_rows, unrecorded_rows
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import iter_disclosed
from lms.ledger.rules.disclosures import JsonValue, timestamp
from lms.ledger.verify import Fault


def check_rows() -> Iterator[Fault]:
    """Names each attestation, witness, question or outcome whose row is not what the ledger says."""
    yield from _check_attestations()
    yield from check_signatures()
    yield from _check_witnesses()
    yield from _check_named()
    yield from _check_questions()
    yield from check_readings()
    yield from check_outcomes()


def _check_attestations() -> Iterator[Fault]:
    courses = Resting(lms.catalog.evidence.altered_versions())
    policies = Resting(lms.policy.evidence.altered_versions())

    def describe(row: Attestation) -> Described:
        fields = {**evidence.fields_of_attestation(row), "subject": f"person:{row.person_id}"}
        if courses.on(row.course_version_id, "attestation"):
            del fields["course"]
        if policies.on(row.policy_version_id, "attestation"):
            del fields["policy"]
        return f"attestation {row.id}", row.record_id, fields

    versions = (joinedload(Attestation.policy_version), joinedload(Attestation.course_version))
    yield from compare_rows(select(Attestation).options(*versions), Attestation.id, describe)
    yield from courses.faults()
    yield from policies.faults()
    for kind, outcome in ((evidence.SIGNED, "signed"), (evidence.DECLINED, "declined")):
        yield from missing_rows(kind, select(Attestation.record_id).where(Attestation.outcome == outcome))


def _check_witnesses() -> Iterator[Fault]:
    """What witnesses said."""
    yield from compare_rows(
        select(Witness).where(Witness.record_id.is_not(None)).options(joinedload(Witness.attestation)),
        Witness.id,
        lambda row: (f"witness {row.id}", row.record_id, _witness_row(row)),
    )
    for kind, said in (
        (evidence.WITNESS_CONFIRMED, Witness.confirmed_at.is_not(None)),
        (evidence.WITNESS_REFUSED, Witness.refused_at.is_not(None)),
    ):
        yield from missing_rows(kind, select(Witness.record_id).where(said))
    answered = or_(Witness.confirmed_at.is_not(None), Witness.refused_at.is_not(None))
    kinds = (evidence.WITNESS_CONFIRMED, evidence.WITNESS_REFUSED)
    yield from unrecorded_rows(select(Witness.id, Witness.record_id).where(answered), kinds, "witness")


def _witness_row(row: Witness) -> dict[str, JsonValue]:
    return {
        "attestation_record": row.attestation.record_id,
        "witness_id": row.person_id,
        "confirmed_at": None if row.confirmed_at is None else timestamp(row.confirmed_at),
        "refused_at": None if row.refused_at is None else timestamp(row.refused_at),
    }


def _check_named() -> Iterator[Fault]:
    """Who was named as a witness: in the decline's own record, and one by one in the place of who did not see it."""
    named: dict[tuple[str, int], tuple[LedgerEntry, str]] = {}
    read: set[str] = set()
    for entry, disclosed in iter_disclosed([evidence.DECLINED, evidence.WITNESS_NAMED], strict=False):
        if disclosed.destroyed:
            continue
        read.add(entry.record_id)
        if entry.kind == evidence.WITNESS_NAMED:
            named[disclosed["attestation_record"], disclosed["witness_id"]] = (entry, disclosed["named_at"])
            continue
        for witness in disclosed["witnesses"]:
            named[entry.record_id, witness["person_id"]] = (entry, disclosed["attested_at"])
    declines = db.session.scalars(select(LedgerEntry.record_id).where(LedgerEntry.kind == evidence.DECLINED))
    unread = set(declines) - read
    rows = select(Witness.id, Attestation.record_id, Witness.person_id, Witness.named_at).outerjoin(
        Attestation, Attestation.id == Witness.attestation_id
    )
    for witness_id, record_id, person_id, named_at in db.session.execute(rows.order_by(Witness.id)):
        found = named.pop((record_id, person_id), None)
        if found is not None and timestamp(named_at) != found[1]:
            where = f"witness {witness_id}: named_at"
            yield Fault(found[0].record_id, found[0].position, where, "differs from the ledger record")
        elif found is None and record_id not in unread:
            where = f"witness {witness_id}: person_id"
            yield Fault(record_id, None, where, "the ledger has no record that this person was named")
    for (_, person_id), (entry, _) in named.items():
        where = f"witness person:{person_id}"
        yield Fault(entry.record_id, entry.position, where, "was named, but the row is gone")


def _check_questions() -> Iterator[Fault]:
    """Questions asked at signing, with their answers. What was asked stands in the signature's own record."""
    asked = SigningQuestion.record_id.is_not(None)
    yield from compare_rows(
        select(SigningQuestion).where(asked).options(joinedload(SigningQuestion.attestation)),
        SigningQuestion.id,
        lambda row: (f"question {row.id}", row.record_id, _question_row(row)),
    )
    answered = SigningQuestion.answered_at.is_not(None)
    kind = evidence.QUESTION_ANSWERED
    yield from missing_rows(kind, select(SigningQuestion.record_id).where(answered))
    yield from unrecorded_rows(
        select(SigningQuestion.id, SigningQuestion.record_id).where(answered), (kind,), "question"
    )
    rows = db.session.execute(
        select(Attestation, Nullable(SigningQuestion))
        .outerjoin(SigningQuestion, SigningQuestion.attestation_id == Attestation.id)
        .where(
            or_(SigningQuestion.id.is_not(None), and_(Attestation.outcome == "signed", Attestation.reservation != ""))
        )
        .order_by(Attestation.id)
        .execution_options(yield_per=500)
    )
    for attestation, question in rows:
        where = f"attestation {attestation.id}: question"
        if question is None:
            yield Fault(attestation.record_id, None, where, "was asked at signing, but the row is gone")
        elif (question.text, question.asked_at) != (attestation.reservation, attestation.attested_at):
            yield Fault(attestation.record_id, None, where, "is not what was asked at signing")


def _question_row(row: SigningQuestion) -> dict[str, JsonValue]:
    return {
        "attestation_record": row.attestation.record_id,
        "question": row.text,
        "asked_at": timestamp(row.asked_at),
        "answer": row.answer,
        "answered_at": None if row.answered_at is None else timestamp(row.answered_at),
    }
