"""The comparison of assessment's rows with what the ledger was told of them.

Two ways, so that nothing slips between: every record of this feature must find its row and disclose the
same fields; every row must name a record of its own kind. Rows are read in batches, so memory stays flat. A course
that was altered is named once, by the catalog; what rests on it is counted, and compared in what its own rows say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import groupby, islice
from typing import Any

from sqlalchemy import Select, or_, select

from lms.assessment.evidence import fields as evidence
from lms.assessment.evidence.progress import check_progress
from lms.assessment.evidence.spaced import check_sets
from lms.assessment.models import Answer, Attempt, AttemptUnlock, ScenarioChoice, ScenarioRun
from lms.catalog.evidence import altered_versions
from lms.catalog.queries import load_content
from lms.db import db
from lms.errors import RollcallError
from lms.ledger.compare import Resting, repeated_rows
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import Disclosed, iter_disclosed
from lms.ledger.rules.disclosures import normal_value
from lms.ledger.verify import Fault

BATCH = 500
Record = tuple[LedgerEntry, Disclosed]
Compare = Callable[[list[Record]], Iterator[Fault]]
DIFFERS = "The row differs from the ledger record."

_CHOICE_COLUMNS = {
    "assignment_id": "scenario run: assignment_id",
    "module": "scenario run: module_ref",
    "module_title": "scenario run: module_ref",
    "run_id": "run_id",
    "position": "position",
    "clause": "clause",
    "rating": "rating",
    "chosen_at": "chosen_at",
    "scenario": "scenario run: scenario_ref",
    "scenario_title": "scenario run: scenario_ref",
    "scenario_sha256": "scenario run: scenario_ref",
    "scene": "scene_ref",
    "scene_text": "scene_ref",
    "scene_text_sha256": "scene_ref",
    "choices_shown": "scene_ref",
}
"""The column that a field of a choice comes from; ``choice_ref`` for the others, and the version for the course's."""

_ATTEMPT_COLUMNS = {
    "attempt_id": "id",
    "module": "module_ref",
    "module_title": "module_ref",
    "form": "form_ref",
    "form_sha256": "form_ref",
    "critical_missed": "missed",
    "pass_percent": "course_version_id",
    "critical": "course_version_id",
}
_ANSWER_COLUMNS = {
    "answered_item": "item_ref",
    "chosen": "option_ref",
    "correct": "correct",
    "answered_at": "answered_at",
}
_VERSION_FIELDS = frozenset({"course", "course_title", "course_version", "course_sha256", "policy_sha256"})


def check_rows() -> Iterator[Fault]:
    """Every choice, attempt with its answers, and unlocked attempt that is not as it was recorded."""
    versions = altered_versions()
    altered, faulty = Resting(versions), set[str | None]()
    for kind, compare in (
        (evidence.CHOICE_MADE, partial(_compare_choices, altered)),
        (evidence.ATTEMPT_FINISHED, partial(_compare_attempts, altered)),
        (evidence.ATTEMPT_UNLOCKED, _compare_unlocks),
    ):
        for fault in _compare_in_batches(kind, compare):
            faulty.add(fault.record_id)
            yield fault
    yield from altered.faults()
    yield from _rows_without_record()
    for table in (Attempt, ScenarioChoice, AttemptUnlock):
        yield from repeated_rows(table)
    yield from check_progress(versions, faulty)
    yield from check_sets()


def _compare_in_batches(kind: str, compare: Compare) -> Iterator[Fault]:
    records = (record for record in iter_disclosed([kind], strict=False) if not record[1].destroyed)
    while batch := list(islice(records, BATCH)):
        yield from compare(batch)


def _compare_choices(altered: Resting, batch: list[Record]) -> Iterator[Fault]:
    rows = {
        choice.record_id: (choice, run)
        for choice, run in db.session.execute(
            select(ScenarioChoice, ScenarioRun)
            .join(ScenarioRun, ScenarioRun.id == ScenarioChoice.run_id)
            .where(ScenarioChoice.record_id.in_([entry.record_id for entry, _fields in batch]))
            .execution_options(populate_existing=True)
        )
    }
    for entry, disclosed in batch:
        found = rows.get(entry.record_id)
        if found is None:
            yield _missing(entry, "scenario choice")
            continue
        choice, run = found
        name = f"scenario choice {choice.id}"
        try:
            if altered.on(run.course_version_id, "scenario choice"):
                fields = evidence.own_fields_of_choice(run, choice)
            else:
                fields = evidence.fields_of_choice(run, choice, load_content(run.course_version_id))
        except RollcallError as error:
            column = "choice_ref" if disclosed.get("scene") == choice.scene_ref else "scene_ref"
            yield Fault(entry.record_id, entry.position, f"{name}: {column}", error.message)
            continue
        where = [_choice_column(field) for field in _differing(fields, disclosed)]
        yield from _faults(entry, name, where)


def _choice_column(field: str) -> str:
    if field in _VERSION_FIELDS:
        return "scenario run: course_version_id"
    return _CHOICE_COLUMNS.get(field, "choice_ref")


def _compare_attempts(altered: Resting, batch: list[Record]) -> Iterator[Fault]:
    attempts = {
        attempt.record_id: attempt
        for attempt in db.session.scalars(
            select(Attempt)
            .where(Attempt.record_id.in_([entry.record_id for entry, _fields in batch]))
            .execution_options(populate_existing=True)
        )
    }
    answers = {
        attempt_id: list(given)
        for attempt_id, given in groupby(
            db.session.scalars(
                select(Answer)
                .where(Answer.attempt_id.in_([attempt.id for attempt in attempts.values()]))
                .order_by(Answer.attempt_id, Answer.position)
                .execution_options(populate_existing=True)
            ),
            key=lambda answer: answer.attempt_id,
        )
    }
    for entry, disclosed in batch:
        attempt = attempts.get(entry.record_id)
        if attempt is None:
            yield _missing(entry, "attempt")
        else:
            resting = altered.on(attempt.course_version_id, "attempt")
            yield from _compare_attempt(entry, disclosed, attempt, answers.get(attempt.id, []), resting=resting)


def _compare_attempt(
    entry: LedgerEntry, disclosed: Disclosed, attempt: Attempt, answers: list[Answer], *, resting: bool
) -> Iterator[Fault]:
    """One attempt; ``resting`` on a course that was altered, only what its own rows say."""
    name = f"attempt {attempt.id}"
    if disclosed.get("subject") != f"person:{attempt.person_id}":
        yield Fault(entry.record_id, entry.position, f"{name}: person_id", DIFFERS)
    items = disclosed.get("items")
    try:
        if resting:
            fields = evidence.own_fields_of_attempt(attempt)
            fields["items"] = evidence.own_fields_of_items(attempt, answers)
            items = _without_text(items)
        else:
            fields = evidence.fields_of_attempt(attempt, answers, load_content(attempt.course_version_id))
    except RollcallError as error:
        yield Fault(entry.record_id, entry.position, f"{name}: presented", error.message)
        return
    where: list[str] = []
    for field in _differing(fields, {**disclosed, "items": items}):
        if field == "items":
            where += _item_columns(fields["items"], items)
        elif field in _VERSION_FIELDS:
            where.append("course_version_id")
        else:
            where.append(_ATTEMPT_COLUMNS.get(field, field))
    yield from _faults(entry, name, where)
    for answer in answers:
        if not 0 < answer.position <= len(attempt.presented):
            yield Fault(entry.record_id, entry.position, f"{name}, answer {answer.position}", "No such question.")


def _without_text(items: Any) -> list[dict[str, Any]]:
    """The recorded questions as ``own_fields_of_items`` gives them."""
    names = ("item", "sha256", *_ANSWER_COLUMNS)
    return [
        {"options": [option["ref"] for option in item["options"]], **{name: item[name] for name in names}}
        for item in items
    ]


def _item_columns(now: Any, recorded: Any) -> Iterator[str]:
    """Columns of the questions and answers that differ. What an item says follows from ``presented``."""
    if not isinstance(recorded, list) or len(now) != len(recorded):
        yield "presented"
        return
    for position, (ours, theirs) in enumerate(zip(now, recorded, strict=True), start=1):
        for field in _differing(ours, theirs):
            column = _ANSWER_COLUMNS.get(field)
            yield "presented" if column is None else f"answer {position}: {column}"


def _compare_unlocks(batch: list[Record]) -> Iterator[Fault]:
    rows = {
        unlock.record_id: unlock
        for unlock in db.session.scalars(
            select(AttemptUnlock)
            .where(AttemptUnlock.record_id.in_([entry.record_id for entry, _fields in batch]))
            .execution_options(populate_existing=True)
        )
    }
    for entry, disclosed in batch:
        unlock = rows.get(entry.record_id)
        if unlock is None:
            yield _missing(entry, "unlocked attempt")
        else:
            fields = evidence.fields_of_unlock(unlock)
            yield from _faults(entry, f"unlocked attempt {unlock.id}", _differing(fields, disclosed))


def _differing(fields: Mapping[str, Any], recorded: Mapping[str, Any]) -> list[str]:
    return [
        name for name, value in fields.items() if name not in recorded or normal_value(value, name) != recorded[name]
    ]


def _faults(entry: LedgerEntry, name: str, columns: list[str]) -> Iterator[Fault]:
    for column in dict.fromkeys(columns):
        separator = ", " if column.startswith("answer ") else ": "
        yield Fault(entry.record_id, entry.position, f"{name}{separator}{column}", DIFFERS)


def _missing(entry: LedgerEntry, what: str) -> Fault:
    return Fault(entry.record_id, entry.position, what, "The row that this record is about is missing.")


def _rows_without_record() -> Iterator[Fault]:
    """Rows whose record is missing or of another kind, which the way from the ledger cannot find."""
    owners: tuple[tuple[str, str, Select[int, str | None]], ...] = (
        ("attempt", evidence.ATTEMPT_FINISHED, _owner(Attempt).where(Attempt.finished_at.is_not(None))),
        ("scenario choice", evidence.CHOICE_MADE, _owner(ScenarioChoice)),
        ("unlocked attempt", evidence.ATTEMPT_UNLOCKED, _owner(AttemptUnlock)),
    )
    for name, kind, query in owners:
        stray = query.where(or_(LedgerEntry.record_id.is_(None), LedgerEntry.kind != kind))
        for row_id, record_id in db.session.execute(stray.execution_options(yield_per=BATCH)):
            yield Fault(record_id, None, f"{name} {row_id}: record_id", "The row names no ledger record of its own.")


def _owner(
    table: type[Attempt] | type[ScenarioChoice] | type[AttemptUnlock],
) -> Select[int, str | None]:
    return select(table.id, table.record_id).outerjoin(LedgerEntry, LedgerEntry.record_id == table.record_id)
