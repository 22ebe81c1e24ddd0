"""All that is kept about one person; a fixed number of statements, however many years there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.assessment.models import Attempt, ScenarioChoice, ScenarioRun
from lms.assessment.queries import list_results
from lms.assessment.rules.stories import Taken, follow
from lms.attestation.models import Attestation, SigningQuestion, Witness
from lms.attestation.queries import confirmed, list_attestations, list_witnesses_of
from lms.audit.queries import list_looks_at
from lms.catalog.queries import load_content
from lms.db import db
from lms.errors import IntegrityFault, NotFound
from lms.ledger.checks import MOST_RECORDS, check_records
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import list_entries, read_many
from lms.records.rules import CheckLine, check_line
from lms.roster.models import Leave, Person
from lms.roster.queries import get_person, is_on_leave, list_leaves
from lms.roster.rules import is_separated
from lms.training.models import Assignment, Extension, Waiver
from lms.training.queries import dates_of, list_assignments_of
from lms.training.rules import State, state_of

ROLE_CHANGES = ("roster.role_granted", "roster.role_revoked")
FOR_HR_ALONE = frozenset({"leave_kind"})
"""Fields of records that their own subject is not shown either: why somebody was away is known to HR alone."""
BATCH = 200


@dataclass(frozen=True, slots=True)
class KeptAssignment:
    """An assignment with how it stands, and what moved or ended it."""

    assignment: Assignment
    state: State
    extensions: tuple[Extension, ...]
    waiver: Waiver | None
    also_met: tuple[Assignment, ...]
    """What its completion met, too."""


@dataclass(frozen=True, slots=True)
class KeptAttestation:
    """A signature or a decline, with its verification in one line."""

    attestation: Attestation
    state: State
    check: CheckLine
    witnesses: tuple[Witness, ...]
    question: SigningQuestion | None


@dataclass(frozen=True, slots=True)
class RoleChange:
    """A role granted or taken away, from the ledger."""

    role: str
    granted: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A person with everything kept about them, the newest first."""

    person: Person
    separated: bool
    assignments: tuple[KeptAssignment, ...]
    attestations: tuple[KeptAttestation, ...]
    results: Sequence[Attempt]
    leaves: Sequence[Leave]
    role_changes: tuple[RoleChange, ...]
    names: dict[int, str]
    """Names of those who granted, approved and answered."""


@dataclass(frozen=True, slots=True)
class ToldStory:
    """One recorded way through a scenario. ``fault`` says why its text cannot be shown."""

    run: ScenarioRun
    title: str
    taken: tuple[Taken, ...]
    fault: str | None


@dataclass(frozen=True, slots=True)
class LookLine:
    """Who looked, when, at what and what for."""

    reader: str
    what: str
    purpose: str
    looked_at: datetime


def kept_record(person_id: int, today: date) -> KeptRecord:
    """Everything about a person but scenario choices and looks. Raises NotFound."""
    person = get_person(person_id)
    gone = is_separated(person.separated_on, person.rehired_on, today)
    assignments, people = _assignments(person_id, today, gone)
    attestations, answerers = _attestations(person_id)
    return KeptRecord(
        person=person,
        separated=gone,
        assignments=assignments,
        attestations=attestations,
        results=list_results(person_id),
        leaves=list(reversed(list_leaves(person_id))),
        role_changes=_role_changes(person.subject),
        names=_names(people | answerers),
    )


def _assignments(person_id: int, today: date, gone: bool) -> tuple[tuple[KeptAssignment, ...], set[int]]:
    rows = list_assignments_of(person_id)
    away = is_on_leave(person_id, today)
    ids = [row.id for row in rows]
    extensions: defaultdict[int, list[Extension]] = defaultdict(list)
    for item in db.session.scalars(select(Extension).where(Extension.assignment_id.in_(ids)).order_by(Extension.id)):
        extensions[item.assignment_id].append(item)
    waivers = {
        item.assignment_id: item for item in db.session.scalars(select(Waiver).where(Waiver.assignment_id.in_(ids)))
    }
    people = {item.granted_by_id for group in extensions.values() for item in group if item.granted_by_id}
    people |= {item.approved_by_id for item in waivers.values()}
    kept = [
        KeptAssignment(
            row,
            state_of(dates_of(row), today, away, gone),
            tuple(extensions[row.id]),
            waivers.get(row.id),
            tuple(other for other in rows if other.satisfied_by_id == row.id),
        )
        for row in reversed(rows)
    ]
    return tuple(kept), people


def _attestations(person_id: int) -> tuple[tuple[KeptAttestation, ...], set[int]]:
    rows = list_attestations(person_id)
    witnesses = list_witnesses_of([row.id for row in rows])
    questions = {
        question.attestation_id: question
        for question in db.session.scalars(
            select(SigningQuestion).where(SigningQuestion.attestation_id.in_([row.id for row in rows]))
        )
    }
    checks = check_all([row.record_id for row in rows])
    kept = tuple(
        KeptAttestation(
            row,
            _state(row, witnesses[row.id]),
            checks[row.record_id],
            tuple(witnesses[row.id]),
            questions.get(row.id),
        )
        for row in rows
    )
    return kept, {question.answered_by_id for question in questions.values() if question.answered_by_id}


def check_all(record_ids: Sequence[str]) -> dict[str, CheckLine]:
    """The verification line of each record."""
    lines: dict[str, CheckLine] = {}
    for start in range(0, len(record_ids), MOST_RECORDS):
        for check in check_records(record_ids[start : start + MOST_RECORDS]):
            lines[check.record_id] = check_line(check)
    return lines


def _state(row: Attestation, witnesses: Sequence[Witness]) -> State:
    if row.outcome == "signed":
        return State.COMPLETED
    return State.DECLINED if confirmed(witnesses) else State.AWAITING_WITNESSES


def _role_changes(subject: str) -> tuple[RoleChange, ...]:
    entries = list_entries(subject=subject, kind=ROLE_CHANGES, limit=BATCH, newest_first=True)
    fields = read_many([entry.record_id for entry in entries]) if entries else {}
    return tuple(
        RoleChange(
            role=fields[entry.record_id].get("role", ""),
            granted=entry.kind == ROLE_CHANGES[0],
            by=fields[entry.record_id].get("changed_by", ""),
            at=entry.at,
        )
        for entry in entries
    )


def list_stories(person_id: int) -> list[ToldStory]:
    """A person's recorded ways through scenarios, newest first, with what was on the page at each choice."""
    runs = db.session.scalars(
        select(ScenarioRun)
        .join(ScenarioRun.assignment)
        .where(Assignment.person_id == person_id)
        .options(joinedload(ScenarioRun.assignment))
        .order_by(ScenarioRun.started_at.desc(), ScenarioRun.id.desc())
    ).all()
    made: defaultdict[int, list[str]] = defaultdict(list)
    for choice in db.session.scalars(
        select(ScenarioChoice)
        .where(ScenarioChoice.run_id.in_([run.id for run in runs]))
        .order_by(ScenarioChoice.run_id, ScenarioChoice.position)
    ):
        made[choice.run_id].append(choice.choice_ref)
    return [_tell(run, made[run.id]) for run in runs]


def _tell(run: ScenarioRun, choices: Sequence[str]) -> ToldStory:
    try:
        scenario = load_content(run.course_version_id).scenario(run.scenario_ref)
        return ToldStory(run, scenario.title, follow(scenario, choices).taken, None)
    except (IntegrityFault, NotFound, KeyError):
        fault = "The published text of this scenario is not what it was. The record on the ledger still holds it."
        return ToldStory(run, run.scenario_ref, (), fault)


def list_looks(person_id: int) -> list[LookLine]:
    """Looks at a person's records, newest first, with the readers' names."""
    looks = list_looks_at(person_id)
    names = _names({look.reader_id for look in looks})
    return [LookLine(names[look.reader_id], look.what, look.purpose, look.looked_at) for look in looks]


def iter_ledger_records(subject: str) -> Iterator[dict[str, Any]]:
    """Every ledger record about a person for that person, with its fields, in the order of time.

    Of every log: after a restored backup the older records stand in the log before. What is for HR alone is named
    under ``withheld``; its digest in the entry stands, so that the record can be checked without it.
    """
    after: LedgerEntry | None = None
    while entries := list_entries(subject=subject, limit=BATCH, after=after):
        fields = read_many([entry.record_id for entry in entries])
        for entry in entries:
            disclosed = fields[entry.record_id]
            texts = zip(disclosed, disclosed.encoded, strict=True)
            yield {
                "record_id": entry.record_id,
                "position": entry.position,
                "entry": entry.entry,
                "disclosures": [text for name, text in texts if name not in FOR_HR_ALONE],
                "proof_disclosure": disclosed.proof_encoded,
                "fields": {name: value for name, value in disclosed.items() if name not in FOR_HR_ALONE},
                "withheld": sorted(FOR_HR_ALONE & disclosed.keys()),
                "proof": disclosed.proof,
            }
        after = entries[-1]


def _names(ids: set[int]) -> dict[int, str]:
    people = db.session.scalars(select(Person).where(Person.id.in_(ids))) if ids else ()
    return {person.id: person.full_name for person in people}
