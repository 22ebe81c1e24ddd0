"""Signing, and declining to sign.

Each is one transaction with its ledger record. The assignment's row is locked first, so that two tabs, a double
click or a retry after a lost answer find the attestation that is there and make no second one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from lms import clock
from lms.attestation import evidence, queries, rules
from lms.attestation.models import Attestation, SigningQuestion, Witness
from lms.attestation.rules import Client, Shown
from lms.auth.rules import Reauthentication
from lms.catalog.models import CourseVersion
from lms.catalog.queries import current_content, get_course_version, load_content
from lms.catalog.rules import CourseContent
from lms.db import db
from lms.errors import Conflict, Invalid, NotFound, Stale
from lms.ledger.actions import append
from lms.ledger.rules.disclosures import JsonValue
from lms.policy.models import PolicyVersion
from lms.policy.queries import get_version
from lms.roster.models import Person
from lms.training import actions as training
from lms.training.models import Assignment
from lms.training.queries import why_not_signable

STALE = (
    "The policy or the training changed while this page was open. Nothing was signed. "
    "Read the text below, which is the one in force now, and decide again."
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is on the page to be signed."""

    assignment: Assignment
    content: CourseContent
    """The course as it is now: its statement is signed, its policy text is acknowledged."""
    course_version: CourseVersion
    """The version whose capstone the person passed: this is the training that was completed."""
    policy_version: PolicyVersion
    training_named: str

    @property
    def shown(self) -> Shown:
        """What a signature made from this sheet names."""
        return Shown(
            self.content.policy_version_id,
            self.content.course_version_id,
            self.content.attestation.statement_sha256,
        )


def prepare_sheet(assignment: Assignment) -> Sheet:
    """The sheet as it reads now. Raises Conflict where the assignment is not ready to be signed."""
    content = current_content(assignment.course_id)
    if assignment.outcome is not None or assignment.awaiting_witnesses:
        raise Conflict("There is nothing to sign here: this training is already finished.")
    reason = why_not_signable(assignment, content)
    if reason is not None:
        raise Conflict(reason)
    passed = (assignment.capstone_summary or {})["course_version_id"]
    version = get_course_version(passed)
    policy = get_version(content.policy_version_id)
    return Sheet(assignment, content, version, policy, _name_training(assignment, version))


def _name_training(assignment: Assignment, version: CourseVersion) -> str:
    """The line under the statement: what was completed, under which policy text."""
    policy = version.policy_version
    return (
        f"{assignment.title}. Course “{version.title}”, version {version.number}, on the policy as revised "
        f"{policy.revised_on:%m/%d/%Y}."
    )


def sign_attestation(
    person: Person,
    assignment_id: int,
    shown: Shown,
    *,
    on_duty: bool,
    reservation: str,
    reauthentication: Reauthentication,
    idempotency_key: str,
    client: Client,
    answer_by: date,
) -> Attestation:
    """Records a signature, and completes the assignment.

    A retry with the same key, or a second tab, gives back the attestation that is there. Raises Stale where what
    was shown is no longer current, Conflict where the assignment is not ready, Invalid for a text that is too long.
    """
    assignment = lock_own(person, assignment_id)
    existing = queries.find_attestation_of(assignment.id)
    if existing is not None:
        return existing
    sheet, key = require_current(assignment, shown), require_key(idempotency_key)
    row = make_row(sheet, person, "signed", reauthentication.method, on_duty, checked_text(reservation), clock.now())
    record = append(
        kind=evidence.SIGNED,
        subject=person.subject,
        fields=fields_of(sheet, row, client),
        proof=evidence.proof_of(reauthentication),
    )
    add_signed(assignment, row, record.record_id, key, answer_by)
    return row


def decline_attestation(
    person: Person,
    assignment_id: int,
    shown: Shown,
    *,
    on_duty: bool,
    reason: str,
    witnesses: Sequence[Person],
    idempotency_key: str,
    client: Client,
) -> Attestation:
    """Records that the person completed the training and declines to sign; it waits for its two witnesses.

    The record names the witnesses, and holds the reason that the page gave for asking.
    Raises Invalid where the witnesses cannot be that, and otherwise as ``sign_attestation``.
    """
    assignment = lock_own(person, assignment_id)
    existing = queries.find_attestation_of(assignment.id)
    if existing is not None:
        return existing
    sheet, key = require_current(assignment, shown), require_key(idempotency_key)
    fault = rules.witness_fault(person.id, [witness.id for witness in witnesses])
    if fault is not None:
        raise Invalid(fault, field="second_witness")
    row = make_row(sheet, person, "declined", "session", on_duty, checked_text(reason), clock.now())
    named = evidence.fields_of_decline(sheet.content, witnesses)
    record = append(kind=evidence.DECLINED, subject=person.subject, fields={**fields_of(sheet, row, client), **named})
    _add(row, record.record_id, key)
    db.session.add_all(
        Witness(attestation_id=row.id, person_id=witness.id, named_at=row.attested_at) for witness in witnesses
    )
    training.mark_awaiting_witnesses(assignment)
    db.session.flush()
    return row


def lock_assignments(person_id: int) -> None:
    """Locks a person's open assignments, in one order: signing one may close the others, and the log comes last."""
    db.session.execute(
        select(Assignment.id)
        .where(Assignment.person_id == person_id, Assignment.closed_at.is_(None))
        .order_by(Assignment.id)
        .with_for_update()
    )


def lock_own(person: Person, assignment_id: int) -> Assignment:
    """One's own assignment, locked and read afresh. Raises NotFound."""
    lock_assignments(person.id)
    assignment = db.session.scalar(
        select(Assignment)
        .where(Assignment.id == assignment_id, Assignment.person_id == person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if assignment is None:
        raise NotFound("There is no such training for you. Go to My training to see what is.")
    return assignment


def require_current(assignment: Assignment, shown: Shown) -> Sheet:
    """The sheet as it reads now. Raises Stale where something else was shown, Conflict where it is not ready."""
    sheet = prepare_sheet(assignment)
    if shown != sheet.shown:
        raise Stale(STALE)
    return sheet


def checked_text(text: str) -> str:
    """A reservation or reason without blanks around it. Raises Invalid where it is too long."""
    text = text.strip()
    if len(text) > rules.LONGEST_RESERVATION:
        raise Invalid(f"Write at most {rules.LONGEST_RESERVATION:,} characters.", field="reservation")
    return text


def make_row(  # noqa: PLR0917 - the facts of one signature, each with a name of its own
    sheet: Sheet, person: Person, outcome: str, method: str, on_duty: bool, reservation: str, at: datetime
) -> Attestation:
    """The row of a signature or decline, not yet added; it lacks its record and its idempotency key."""
    summary = sheet.assignment.capstone_summary or {}
    return Attestation(
        assignment_id=sheet.assignment.id,
        person_id=person.id,
        policy_version=sheet.policy_version,
        course_version=sheet.course_version,
        outcome=outcome,
        statement=sheet.content.attestation.statement,
        training_named=sheet.training_named,
        printed_name=person.full_name,
        badge=person.badge,
        method=method,
        on_duty=on_duty,
        reservation=reservation,
        score=summary["score"],
        score_total=summary["total"],
        capstone_record_id=sheet.assignment.capstone_record_id or "",
        attested_at=at,
    )


def fields_of(sheet: Sheet, row: Attestation, client: Client) -> dict[str, JsonValue]:
    """What the ledger is told of the row and of the page that it was signed on."""
    form = str((sheet.assignment.capstone_summary or {}).get("form", ""))
    content = load_content(sheet.course_version.id)
    page = evidence.fields_of_page(sheet.content, content, sheet.assignment.path, client, form)
    return {**evidence.fields_of_attestation(row), **page}


def add_signed(assignment: Assignment, row: Attestation, record_id: str, idempotency_key: str, answer_by: date) -> None:
    """Stores a signature whose record is appended, puts its question on the way, and completes the assignment."""
    _add(row, record_id, idempotency_key)
    if row.reservation:
        db.session.add(
            SigningQuestion(attestation_id=row.id, text=row.reservation, asked_at=row.attested_at, answer_by=answer_by)
        )
    training.complete_assignment(assignment, "completed", row.attested_at, record_id)
    db.session.flush()


def _add(row: Attestation, record_id: str, idempotency_key: str) -> None:
    row.record_id, row.idempotency_key = record_id, idempotency_key
    db.session.add(row)
    db.session.flush()


def require_key(idempotency_key: str) -> str:
    """The key of the form. Raises Invalid where the page was not one of ours."""
    key = rules.normal_key(idempotency_key)
    if key is None:
        raise Invalid("This page is incomplete. Reload it and try again; nothing was signed.")
    return key
