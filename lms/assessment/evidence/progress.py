"""What follows from choices and attempts: ended scenarios, steps that are done, the passed capstone.

These rows have no record of their own. Each is held against the row that it follows from, which is compared with its
record by ``checks``. Clauses that wait to be gone through again are not evidence: the failed attempt, which is, names
them. Nor is when a scenario was begun, since nothing was done yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import chain, groupby

from sqlalchemy import Nullable, Text, and_, cast, literal, or_, select

from lms.assessment.models import Attempt, ScenarioChoice, ScenarioRun
from lms.assessment.queries import CAPSTONE, MODULE
from lms.assessment.rules.stories import follow
from lms.catalog.queries import load_content
from lms.db import db
from lms.errors import RollcallError
from lms.ledger.verify import Fault
from lms.training.models import Assignment, StepProgress
from lms.training.rules import QUESTIONS, scenario_key

_SCENARIO_STEP = StepProgress.step == literal(scenario_key("")) + ScenarioRun.scenario_ref


def check_progress(altered: Collection[int], faulty: Collection[str | None]) -> Iterator[Fault]:
    """Every run, step and capstone that is not what the choices and attempts say.

    ``altered`` are course versions that cannot tell where a story ends; ``faulty`` are records whose own rows were
    named already, from which nothing follows.
    """
    yield from _check_runs(altered, faulty)
    for fault in chain(_check_scenario_steps(), _check_question_steps(), _check_capstones()):
        if fault.record_id is None or fault.record_id not in faulty:
            yield fault


def _check_runs(altered: Collection[int], faulty: Collection[str | None]) -> Iterator[Fault]:
    """A run ends with the choice that leads to an ending, at the time of that choice."""
    rows = db.session.execute(
        select(ScenarioRun, Nullable(ScenarioChoice))
        .outerjoin(ScenarioChoice, ScenarioChoice.run_id == ScenarioRun.id)
        .order_by(ScenarioRun.id, ScenarioChoice.position)
        .execution_options(yield_per=500, populate_existing=True)
    )
    for run, group in groupby(rows, key=lambda row: row[0]):
        choices = [choice for _run, choice in group if choice is not None]
        if any(choice.record_id in faulty for choice in choices):
            continue
        ended = _has_ended(run, choices, altered)
        ended_at = choices[-1].chosen_at if choices and ended is not False else None
        if run.finished_at != ended_at and not (ended is None and run.finished_at is None):
            record_id = choices[-1].record_id if choices else None
            yield Fault(record_id, None, f"scenario run {run.id}: finished_at", "is not when the story ended")


def _has_ended(run: ScenarioRun, choices: list[ScenarioChoice], altered: Collection[int]) -> bool | None:
    """Whether the choices lead to an ending; None where that cannot be told, because course or choices are damaged."""
    if run.course_version_id in altered:
        return None
    try:
        scenario = load_content(run.course_version_id).scenario(run.scenario_ref)
        return follow(scenario, [choice.choice_ref for choice in choices]).finished
    except (RollcallError, KeyError):
        return None


def _check_scenario_steps() -> Iterator[Fault]:
    """A scenario's step is done by the choice that ended the run, and by nothing else."""
    run_of_step = and_(ScenarioRun.assignment_id == StepProgress.assignment_id, _SCENARIO_STEP)
    done = db.session.execute(
        select(StepProgress, Nullable(ScenarioRun), Nullable(ScenarioChoice))
        .outerjoin(ScenarioRun, run_of_step)
        .outerjoin(
            ScenarioChoice,
            and_(ScenarioChoice.run_id == ScenarioRun.id, ScenarioChoice.record_id == StepProgress.record_id),
        )
        .where(StepProgress.step.startswith(scenario_key("")), StepProgress.done_at.is_not(None))
        .order_by(StepProgress.id)
        .execution_options(yield_per=500, populate_existing=True)
    )
    for step, run, choice in done:
        if choice is None or run is None or run.module_ref != step.module_ref:
            yield _unproved(step)
        elif not step.done_at == run.finished_at == choice.chosen_at:
            yield Fault(choice.record_id, None, f"{_name(step)}: done_at", "is not when the story ended")
    undone = (
        select(ScenarioRun)
        .outerjoin(StepProgress, run_of_step)
        .where(ScenarioRun.finished_at.is_not(None), StepProgress.done_at.is_(None))
        .order_by(ScenarioRun.id)
    )
    for run in db.session.scalars(undone):
        where = f"assignment {run.assignment_id}, scenario {run.scenario_ref}: done_at"
        yield Fault(None, None, where, "is empty, but the choices on record ended the story")


def _check_question_steps() -> Iterator[Fault]:
    """The step of a module's questions is done by an attempt that was passed, and by nothing else."""
    done = db.session.execute(
        select(StepProgress, Nullable(Attempt))
        .outerjoin(
            Attempt,
            and_(
                Attempt.record_id == StepProgress.record_id,
                Attempt.assignment_id == StepProgress.assignment_id,
                Attempt.module_ref == StepProgress.module_ref,
                Attempt.kind == MODULE,
                Attempt.passed.is_(True),
            ),
        )
        .where(StepProgress.step == QUESTIONS, StepProgress.done_at.is_not(None))
        .order_by(StepProgress.id)
        .execution_options(yield_per=500, populate_existing=True)
    )
    for step, attempt in done:
        if attempt is None:
            yield _unproved(step)
        elif step.done_at != attempt.finished_at:
            yield Fault(attempt.record_id, None, f"{_name(step)}: done_at", "is not when the attempt was finished")
    undone = (
        select(Attempt)
        .outerjoin(
            StepProgress,
            and_(
                StepProgress.assignment_id == Attempt.assignment_id,
                StepProgress.module_ref == Attempt.module_ref,
                StepProgress.step == QUESTIONS,
            ),
        )
        .where(Attempt.kind == MODULE, Attempt.passed.is_(True), StepProgress.done_at.is_(None))
        .order_by(Attempt.id)
    )
    for attempt in db.session.scalars(undone):
        where = f"assignment {attempt.assignment_id}, questions of module {attempt.module_ref}: done_at"
        yield Fault(attempt.record_id, None, where, "is empty, but an attempt on record was passed")


def _name(step: StepProgress) -> str:
    return f"assignment {step.assignment_id}, {step.step.replace(':', ' ')} of module {step.module_ref}"


def _unproved(step: StepProgress) -> Fault:
    return Fault(step.record_id, None, f"{_name(step)}: record_id", "names no record that proves this step")


def _check_capstones() -> Iterator[Fault]:
    """What an assignment says of its passed capstone is what the attempt says, with its record and its time."""
    rows = db.session.execute(
        select(Assignment, Nullable(Attempt))
        .outerjoin(
            Attempt,
            and_(
                Attempt.assignment_id == Assignment.id,
                Attempt.kind == CAPSTONE,
                Attempt.passed.is_(True),
            ),
        )
        .where(
            or_(
                Attempt.id.is_not(None),
                Assignment.capstone_passed_at.is_not(None),
                Assignment.capstone_record_id.is_not(None),
                cast(Assignment.capstone_summary, Text) != "null",
            )
        )
        .order_by(Assignment.id, Attempt.number)
        .execution_options(yield_per=500, populate_existing=True)
    )
    for _assignment_id, group in groupby(rows, key=lambda row: row[0].id):
        assignment, attempt = next(iter(group))
        yield from _check_capstone(assignment, attempt)


def _check_capstone(assignment: Assignment, attempt: Attempt | None) -> Iterator[Fault]:
    expected = {
        "capstone_record_id": None if attempt is None else attempt.record_id,
        "capstone_passed_at": None if attempt is None else attempt.finished_at,
        "capstone_summary": None if attempt is None else _summary_of(attempt),
    }
    for name, value in expected.items():
        if getattr(assignment, name) != value:
            record_id = None if attempt is None else attempt.record_id
            what = "is not what the passed attempt on record says" if attempt else "is set, but no attempt was passed"
            yield Fault(record_id, None, f"assignment {assignment.id}: {name}", what)


def _summary_of(attempt: Attempt) -> dict[str, object]:
    correct = attempt.correct or 0
    return {
        "score": attempt.correct,
        "total": attempt.total,
        "percent": correct * 100 // attempt.total if attempt.total else 0,
        "form": attempt.form_ref,
        "attempt": attempt.number,
        "course_version_id": attempt.course_version_id,
    }
