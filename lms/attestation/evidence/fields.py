"""What the ledger is told of attestations, witnesses and answers."""

from __future__ import annotations

from collections.abc import Iterable

from lms.attestation.models import Attestation, SigningQuestion, Witness
from lms.attestation.rules import Client, statement_sha256
from lms.auth.rules import Reauthentication
from lms.catalog.models import CourseVersion
from lms.catalog.rules import CourseContent
from lms.ledger.rules.disclosures import JsonValue, timestamp
from lms.policy.models import PolicyVersion
from lms.roster.models import Person

SIGNED = "attestation.signed"
DECLINED = "attestation.declined"
WITNESS_NAMED = "attestation.witness_named"
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


def fields_of_decline(content: CourseContent, witnesses: Iterable[Person]) -> dict[str, JsonValue]:
    """What a decline's record holds beside the rest: why the department asks, as shown, and who was named."""
    return {
        "purpose": content.attestation.purpose,
        "witnesses": [
            {"person_id": person.id, "name": person.full_name, "badge": person.badge} for person in witnesses
        ],
    }


def fields_of_naming(row: Witness, person: Person, attestation: Attestation) -> dict[str, JsonValue]:
    """A further witness, named in the place of one who did not see it."""
    return {
        "attestation_record": attestation.record_id,
        "declined_by": attestation.printed_name,
        "witness_id": row.person_id,
        "witness_name": person.full_name,
        "witness_badge": person.badge,
        "named_at": timestamp(row.named_at),
    }


def proof_of(reauthentication: Reauthentication) -> dict[str, JsonValue]:
    """The signer's proof, with what it can and cannot show."""
    return {
        "method": reauthentication.method,
        "at": timestamp(reauthentication.at),
        "says": reauthentication.says,
        **reauthentication.shows,
    }


def fields_of_witness(row: Witness, person: Person, attestation: Attestation) -> dict[str, JsonValue]:
    """A witness's confirmation or refusal."""
    return {
        "attestation_record": attestation.record_id,
        "declined_by": attestation.printed_name,
        "witness_id": row.person_id,
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
