"""What one person had notice of about one clause on one day: the text, the lesson, questions, signatures, standing.

What was taught, asked, answered and signed comes from the records of the ledger, not from the rows beside them. A
record that is not what was recorded is named and not shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.assessment.evidence.fields import ATTEMPT_FINISHED, CHOICE_MADE
from lms.attestation.changes import CHANGES_READ
from lms.attestation.evidence import DECLINED, SIGNED
from lms.attestation.models import Attestation
from lms.catalog.queries import load_content
from lms.catalog.rules import CourseContent
from lms.db import db
from lms.errors import IntegrityFault, NotFound
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import Disclosed, list_entries, read_disclosures, read_many
from lms.policy.models import PolicyDocument, PolicyVersion
from lms.policy.queries import clauses_by_ref
from lms.policy.rules import ClauseText
from lms.records.queries.kept import check_all
from lms.records.queries.standing import Stood, standing_on
from lms.records.rules import CheckLine, period_moments
from lms.records.rules.notices import Currency
from lms.roster.models import Person
from lms.roster.queries import get_person
from lms.training.evidence import LESSON_COMPLETED
from lms.training.models import Assignment, StepProgress

KINDS = (LESSON_COMPLETED, CHOICE_MADE, ATTEMPT_FINISHED, CHANGES_READ, SIGNED, DECLINED)
MOST = 100_000
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class TextInForce:
    """The policy version in force on the day, and the clause word for word."""

    version: PolicyVersion
    clause: ClauseText
    since: date
    """From when this text has applied: its revision, where that came after the policy took effect."""
    known_here: bool
    """False where the version was put into this system only after the day."""


@dataclass(frozen=True, slots=True)
class Line:
    """One event with its record. ``fields`` are the record's own."""

    at: datetime
    title: str
    fields: Disclosed
    record_id: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question about the clause as it was shown, and the answer."""

    at: datetime | None
    where: str
    item: dict[str, Any]
    record_id: str


@dataclass(frozen=True, slots=True)
class OpenLesson:
    """A lesson that was opened by then and not finished; it has no record."""

    title: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """The whole answer for one person, clause and day. Every ``record_id`` has its line in ``checks``."""

    person: Person
    clause: str
    on: date
    text: TextInForce | None
    lessons: tuple[Line, ...]
    opened: tuple[OpenLesson, ...]
    changes: tuple[Line, ...]
    questions: tuple[Question, ...]
    choices: tuple[Line, ...]
    signed: tuple[Line, ...]
    stood: tuple[Stood, ...]
    currency: Currency
    checks: dict[str, CheckLine]
    faults: dict[str, str]
    """Record id → why it is not shown."""
    receipts: dict[str, int]
    """Record id of a signature → its attestation, for the link to the receipt."""


def find_notice(person_id: int, clause: str, on: date, zone: str) -> Notice:
    """What the person had notice of about ``clause`` by the end of the local day ``on``.

    Raises NotFound where there is no such person, or no version of the policy ever had such a clause.
    """
    person = get_person(person_id)
    _, until = period_moments(on, on, zone)
    text = _text_in_force(clause, on, until)
    opened, faults = _records(person.subject, until)
    by_kind: dict[str, list[tuple[LedgerEntry, Disclosed]]] = {kind: [] for kind in KINDS}
    for entry, fields in opened:
        by_kind[entry.kind].append((entry, fields))
    lessons, gone = _lessons(person_id, clause, by_kind[LESSON_COMPLETED], until)
    questions = tuple(_questions(clause, by_kind[ATTEMPT_FINISHED]))
    choices = tuple(
        Line(entry.at, fields["scenario_title"], fields, entry.record_id)
        for entry, fields in by_kind[CHOICE_MADE]
        if fields["clause"] == clause
    )
    changes = tuple(Line(entry.at, "What changed", fields, entry.record_id) for entry, fields in by_kind[CHANGES_READ])
    signed = tuple(
        Line(entry.at, fields["training_named"], fields, entry.record_id)
        for entry, fields in (*by_kind[SIGNED], *by_kind[DECLINED])
    )
    stood_then, now_current = standing_on(person, on, until, zone)
    shown = {line.record_id for line in (*lessons, *choices, *changes, *signed)}
    shown |= {question.record_id for question in questions} | set(faults)
    shown |= {extension.record_id for item in stood_then for extension in item.extensions}
    shown |= {item.assignment.requirement_version.record_id for item in stood_then}
    if text is not None:
        shown.add(text.version.record_id)
    return Notice(
        person, clause, on, text, lessons, gone, changes, questions, choices, signed, stood_then, now_current,
        check_all(sorted(shown)), faults, _receipts(signed),
    )  # fmt: skip


def list_clauses_ever() -> list[str]:
    """Every clause id that a version of a policy ever had, in the order of the newest that has it."""
    versions = db.session.scalars(
        select(PolicyVersion.id).order_by(PolicyVersion.number.desc(), PolicyVersion.id)
    ).all()
    return list(dict.fromkeys(ref for version in versions for ref in clauses_by_ref(version)))


def _text_in_force(clause: str, on: date, until: datetime) -> TextInForce | None:
    """The newest version in effect on the day among the policies that have the clause; None where none was."""
    versions = db.session.scalars(
        select(PolicyVersion)
        .join(PolicyDocument, PolicyDocument.id == PolicyVersion.document_id)
        .options(joinedload(PolicyVersion.document))
        .order_by(PolicyVersion.number.desc())
    ).all()
    having = [version for version in versions if clause in clauses_by_ref(version.id)]
    if not having:
        raise NotFound(f"No version of the policy has a clause {clause}. Choose one from the list.")
    documents = {version.document_id for version in having}
    for version in sorted((v for v in versions if v.document_id in documents), key=_since, reverse=True):
        if _since(version) <= on:
            found = clauses_by_ref(version.id).get(clause)
            known = version.published_at < until
            return None if found is None else TextInForce(version, found, _since(version), known)
    return None


def _since(version: PolicyVersion) -> date:
    return max(version.effective_on, version.revised_on)


def _records(subject: str, until: datetime) -> tuple[list[tuple[LedgerEntry, Disclosed]], dict[str, str]]:
    """The person's records of the kinds that a notice shows, oldest first, and those that cannot be shown."""
    entries = list_entries(subject=subject, kind=KINDS, until=until, limit=MOST)
    found: list[tuple[LedgerEntry, Disclosed]] = []
    faults: dict[str, str] = {}
    for start in range(0, len(entries), AT_ONCE):
        batch = entries[start : start + AT_ONCE]
        fields = _open([entry.record_id for entry in batch], faults)
        for entry in batch:
            disclosed = fields.get(entry.record_id)
            if disclosed is None:
                continue
            if disclosed.destroyed_at is not None:
                faults[entry.record_id] = "The content of this record was disposed of; its place and proof remain."
            else:
                found.append((entry, disclosed))
    return found, faults


def _open(record_ids: Sequence[str], faults: dict[str, str]) -> dict[str, Disclosed]:
    try:
        return read_many(record_ids)
    except IntegrityFault:
        fields: dict[str, Disclosed] = {}
    for record_id in record_ids:
        try:
            fields[record_id] = read_disclosures(record_id)
        except IntegrityFault as fault:
            faults[record_id] = fault.message
    return fields


def _contents(ids: Iterable[int]) -> dict[int, CourseContent]:
    """The published content of these versions; one that was altered is left out."""
    contents: dict[int, CourseContent] = {}
    for version_id in set(ids):
        try:
            contents[version_id] = load_content(version_id)
        except (IntegrityFault, NotFound):
            continue
    return contents


def _lessons(
    person_id: int, clause: str, records: Sequence[tuple[LedgerEntry, Disclosed]], until: datetime
) -> tuple[tuple[Line, ...], tuple[OpenLesson, ...]]:
    """Lessons that explain the clause: those gone through, and those opened by then and not finished."""
    steps = db.session.scalars(
        select(StepProgress)
        .join(StepProgress.assignment)
        .where(Assignment.person_id == person_id, StepProgress.step == "lesson", StepProgress.opened_at < until)
        .order_by(StepProgress.opened_at)
    ).all()
    contents = _contents([fields["course_version_id"] for _, fields in records] + [s.course_version_id for s in steps])

    def title(version_id: int, module_ref: str) -> str | None:
        content = contents.get(version_id)
        module = None if content is None else content.find_module(module_ref)
        if module is None or not any(clause in section.clauses for section in module.sections):
            return None
        return f"Module {module_ref}, {module.title}"

    lines = [
        Line(entry.at, named, fields, entry.record_id)
        for entry, fields in records
        if (named := title(fields["course_version_id"], fields["module"])) is not None
    ]
    unfinished = [
        OpenLesson(named, step.opened_at)
        for step in steps
        if (step.done_at is None or step.done_at >= until)
        and (named := title(step.course_version_id, step.module_ref)) is not None
    ]
    return tuple(lines), tuple(unfinished)


def _questions(clause: str, records: Sequence[tuple[LedgerEntry, Disclosed]]) -> Iterable[Question]:
    names = {"capstone": "Capstone", "module": "Module quiz", "remediation": "Practice", "spaced": "Five questions"}
    for entry, fields in records:
        where = f"{names.get(fields['kind'], fields['kind'])}, {fields.get('module_title') or fields['module']}"
        for item in fields["items"]:
            if item["clause"] == clause:
                at = None if item["answered_at"] is None else datetime.fromisoformat(item["answered_at"])
                yield Question(at, where, item, entry.record_id)


def _receipts(signed: Sequence[Line]) -> dict[str, int]:
    rows = db.session.execute(
        select(Attestation.record_id, Attestation.id).where(
            Attestation.record_id.in_([line.record_id for line in signed])
        )
    )
    return dict(rows.all())
