"""What the ledger is told of attestations, and the check that the rows still say the same."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased, joinedload

from lms.attestation.changes import check_readings
from lms.attestation.models import Attestation, SigningQuestion, Witness
from lms.attestation.rules import Client, statement_sha256
from lms.auth.rules import Reauthentication
from lms.catalog.models import CourseVersion
from lms.catalog.rules import CourseContent
from lms.db import db
from lms.ledger.compare import compare_rows, missing_rows, unrecorded_rows
from lms.ledger.rules.disclosures import JsonValue, timestamp
from lms.ledger.verify import Fault
from lms.policy.models import PolicyVersion
from lms.roster.models import Person
from lms.training.models import Assignment

SIGNED = "attestation.signed"
DECLINED = "attestation.declined"
WITNESS_CONFIRMED = "attestation.witness_confirmed"
WITNESS_REFUSED = "attestation.witness_refused"
QUESTION_ANSWERED = "attestation.question_answered"
MEANINGS = {
    "signed": "The person signed the statement below. The signature records completion, not agreement.",
    "declined": "The person completed the training and declined to sign the statement below.",
}


def fields_of_attestation(row: Attestation) -> dict[str, JsonValue]:
    """Every fact of the row itself, with the versions it names (both loaded)."""
    policy, course = row.policy_version, row.course_version
    return {
        "meaning": MEANINGS[row.outcome],
        "outcome": row.outcome,
        "printed_name": row.printed_name,
        "badge": row.badge,
        "statement": row.statement,
        "statement_sha256": statement_sha256(row.statement),
        "training_named": row.training_named,
        "on_duty": row.on_duty,
        "reservation": row.reservation,
        "method": row.method,
        "attested_at": timestamp(row.attested_at),
        "assignment_id": row.assignment_id,
        "score": row.score,
        "score_total": row.score_total,
        "capstone_record": row.capstone_record_id,
        "policy": policy_of(policy),
        "course": course_of(course),
    }


def policy_of(policy: PolicyVersion) -> dict[str, JsonValue]:
    """How a record names a policy version."""
    return {
        "version": policy.number,
        "revised_on": policy.revised_on.isoformat(),
        "effective_on": policy.effective_on.isoformat(),
        "sha256": policy.sha256,
    }


def course_of(course: CourseVersion) -> dict[str, JsonValue]:
    """How a record names a course version."""
    return {"title": course.title, "version": course.number, "sha256": course.sha256}


def fields_of_page(
    content: CourseContent, completed: CourseContent, path: str, client: Client, form: str
) -> dict[str, JsonValue]:
    """What only the record keeps: the hash of every module that was completed, the form, what stood beside the
    statement, and where the request came from."""
    return {
        "modules": [
            {"module": module.ref, "title": module.title, "sha256": module.sha256}
            for module in completed.modules
            if path == "full" or module.is_capstone
        ],
        "path": path,
        "form": form,
        "notices": list(content.attestation.notices),
        "ip": client.ip,
        "user_agent": client.user_agent,
        "app_version": client.app_version,
    }


def proof_of(reauthentication: Reauthentication) -> dict[str, JsonValue]:
    """The signer's proof, with what it can and cannot show."""
    return {
        "method": reauthentication.method,
        "at": timestamp(reauthentication.at),
        "says": reauthentication.says,
    }


def fields_of_witness(row: Witness, person: Person, attestation: Attestation) -> dict[str, JsonValue]:
    """A witness's confirmation or refusal."""
    return {
        "attestation_record": attestation.record_id,
        "declined_by": attestation.printed_name,
        "witness_name": person.full_name,
        "witness_badge": person.badge,
        "confirmed_at": None if row.confirmed_at is None else timestamp(row.confirmed_at),
        "refused_at": None if row.refused_at is None else timestamp(row.refused_at),
    }


def fields_of_answer(row: SigningQuestion, attestation: Attestation, by: Person) -> dict[str, JsonValue]:
    """A question with its answer."""
    return {
        "attestation_record": attestation.record_id,
        "question": row.text,
        "asked_at": timestamp(row.asked_at),
        "answer": row.answer,
        "answered_at": None if row.answered_at is None else timestamp(row.answered_at),
        "answered_by": by.full_name,
        "answered_by_badge": by.badge,
    }


def check_rows() -> Iterator[Fault]:
    """Names each attestation, witness or answer whose row is not what its record says."""
    yield from compare_rows(
        select(Attestation).options(joinedload(Attestation.policy_version), joinedload(Attestation.course_version)),
        Attestation.id,
        lambda row: (
            f"attestation {row.id}",
            row.record_id,
            {**fields_of_attestation(row), "subject": f"person:{row.person_id}"},
        ),
    )
    for kind, outcome in ((SIGNED, "signed"), (DECLINED, "declined")):
        yield from missing_rows(kind, select(Attestation.record_id).where(Attestation.outcome == outcome))
    yield from compare_rows(
        select(Witness).where(Witness.record_id.is_not(None)).options(joinedload(Witness.attestation)),
        Witness.id,
        lambda row: (f"witness {row.id}", row.record_id, _witness_row(row)),
    )
    yield from compare_rows(
        select(SigningQuestion)
        .where(SigningQuestion.record_id.is_not(None))
        .options(joinedload(SigningQuestion.attestation)),
        SigningQuestion.id,
        lambda row: (f"question {row.id}", row.record_id, _question_row(row)),
    )

    yield from missing_rows(WITNESS_CONFIRMED, select(Witness.record_id).where(Witness.confirmed_at.is_not(None)))
    yield from missing_rows(WITNESS_REFUSED, select(Witness.record_id).where(Witness.refused_at.is_not(None)))
    answered = SigningQuestion.answered_at.is_not(None)
    yield from missing_rows(QUESTION_ANSWERED, select(SigningQuestion.record_id).where(answered))
    said = select(Witness.id, Witness.record_id).where(
        or_(Witness.confirmed_at.is_not(None), Witness.refused_at.is_not(None))
    )
    yield from unrecorded_rows(said, (WITNESS_CONFIRMED, WITNESS_REFUSED), "witness")
    yield from unrecorded_rows(
        select(SigningQuestion.id, SigningQuestion.record_id).where(answered), (QUESTION_ANSWERED,), "question"
    )
    yield from check_readings()
    yield from _check_outcomes()


def _check_outcomes() -> Iterator[Fault]:
    """Every assignment whose end is not the one that its attestation tells of."""
    confirmed = (
        select(func.count())
        .select_from(Witness)
        .where(Witness.attestation_id == Attestation.id, Witness.confirmed_at.is_not(None))
        .scalar_subquery()
    )
    rows = db.session.execute(
        select(Assignment, Attestation.outcome, Attestation.record_id, Attestation.person_id, confirmed)
        .outerjoin(Attestation, Attestation.assignment_id == Assignment.id)
        .where(or_(Assignment.outcome.in_(("completed", "declined", "satisfied")), Attestation.id.is_not(None)))
        .order_by(Assignment.id)
        .execution_options(yield_per=500)
    )
    for assignment, attested, record_id, person_id, witnesses in rows:
        ended = {None: None, "signed": "completed", "declined": "declined" if witnesses >= 2 else None}[attested]
        own = assignment.outcome if assignment.satisfied_by_id is None else None
        if attested is not None and person_id != assignment.person_id:
            yield Fault(record_id, None, f"assignment {assignment.id}: person_id", "is not who attested")
        if own in (None, "separated") and ended is None:
            continue
        if own != ended:
            what = f"is {own}, but the attestation on record says {ended or 'nothing'}"
            yield Fault(record_id, None, f"assignment {assignment.id}: outcome", what)
    other = aliased(Assignment)
    unfounded = (
        select(Assignment.id)
        .outerjoin(other, other.id == Assignment.satisfied_by_id)
        .where(
            or_(Assignment.satisfied_by_id.is_not(None), Assignment.outcome == "satisfied"),
            or_(
                other.id.is_(None),
                other.person_id != Assignment.person_id,
                other.course_id != Assignment.course_id,
                other.outcome.not_in(("completed", "declined")),
                other.outcome.is_(None),
            ),
        )
    )
    for assignment_id in db.session.scalars(unfounded):
        where = f"assignment {assignment_id}: satisfied_by_id"
        yield Fault(None, None, where, "names no completed assignment of the same person and course")


def _witness_row(row: Witness) -> dict[str, JsonValue]:
    # Names may change on the person later; the row's own facts are what must agree.
    return {
        "attestation_record": row.attestation.record_id,
        "confirmed_at": None if row.confirmed_at is None else timestamp(row.confirmed_at),
        "refused_at": None if row.refused_at is None else timestamp(row.refused_at),
    }


def _question_row(row: SigningQuestion) -> dict[str, JsonValue]:
    return {
        "attestation_record": row.attestation.record_id,
        "question": row.text,
        "asked_at": timestamp(row.asked_at),
        "answer": row.answer,
        "answered_at": None if row.answered_at is None else timestamp(row.answered_at),
    }
