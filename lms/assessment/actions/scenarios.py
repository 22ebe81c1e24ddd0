"""The recorded way through a scenario."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select

from lms import clock
from lms.assessment import evidence, gates, queries
from lms.assessment.actions.locks import lock_assignment, subject_of
from lms.assessment.models import ScenarioChoice, ScenarioRun
from lms.assessment.rules.stories import find_choice, follow
from lms.catalog.queries import current_content, load_content
from lms.catalog.rules import Choice, CourseContent
from lms.db import db
from lms.errors import Conflict, Invalid, Stale
from lms.ledger.actions import append
from lms.training import actions as training
from lms.training.models import Assignment
from lms.training.rules import scenario_key

_RUN = select(ScenarioRun).where(ScenarioRun.id == bindparam("run_id")).execution_options(populate_existing=True)


def start_scenario(
    assignment: Assignment, module_ref: str, scenario_ref: str, *, shown_version_id: int | None = None
) -> ScenarioRun:
    """Begins the recorded way through a scenario of the current course, or gives back the one that was begun.

    Raises NotFound, Conflict while the step is locked or the training closed, and Stale where the course was
    published anew after the page with ``shown_version_id`` was made.
    """
    assignment = lock_assignment(assignment.id)
    run = queries.find_run(assignment.id, scenario_ref)
    if run is not None:
        return run
    content = current_content(assignment.course_id)
    gates.find_scenario(content, module_ref, scenario_ref)
    if shown_version_id not in (None, content.course_version_id):
        raise Stale("The course was updated while this page was open. Nothing was recorded. Here is the new text.")
    gates.require_open(assignment, content, module_ref, scenario_key(scenario_ref))
    run = ScenarioRun(
        assignment_id=assignment.id,
        course_version_id=content.course_version_id,
        module_ref=module_ref,
        scenario_ref=scenario_ref,
        started_at=clock.now(),
    )
    db.session.add(run)
    db.session.flush()
    training.open_step(assignment, module_ref, scenario_key(scenario_ref), content.course_version_id)
    return run


def choose(run: ScenarioRun, *, position: int, scene_ref: str, choice_ref: str) -> ScenarioChoice:
    """Records the choice at ``position`` (from 1), or gives back the one that is recorded there, unchanged.

    The choice that leads to an ending finishes the run and its training step. Raises Conflict where the
    page was of another scene than the next one, Invalid where the scene offers no such choice.
    """
    assignment = lock_assignment(run.assignment_id)
    run = db.session.scalars(_RUN, {"run_id": run.id}).one()
    made = queries.list_choices(run.id)
    if 0 < position <= len(made):
        return made[position - 1]
    gates.require_workable(assignment)
    content = load_content(run.course_version_id)
    taken = _find_taken(run, made, content, (position, scene_ref, choice_ref))
    choice = ScenarioChoice(
        run_id=run.id,
        position=position,
        scene_ref=scene_ref,
        choice_ref=choice_ref,
        clause=taken.clause,
        rating=taken.rating,
        chosen_at=clock.now(),
    )
    choice.record_id = append(
        kind=evidence.CHOICE_MADE,
        fields=evidence.fields_of_choice(run, choice, content),
        subject=subject_of(assignment.person_id),
    ).record_id
    db.session.add(choice)
    db.session.flush()
    if content.scenario(run.scenario_ref).scenes[taken.next].ending:
        _finish(assignment, run, choice)
    return choice


def _find_taken(
    run: ScenarioRun, made: Sequence[ScenarioChoice], content: CourseContent, asked: tuple[int, str, str]
) -> Choice:
    """The choice that a page of (position, scene, choice) means, where it is the one whose turn it is."""
    position, scene_ref, choice_ref = asked
    scenario = gates.find_scenario(content, run.module_ref, run.scenario_ref)
    story = follow(scenario, [choice.choice_ref for choice in made])
    if story.finished or position != story.position or scene_ref != story.scene.ref:
        raise Conflict("This page is not where you are in the story. Nothing was recorded. Go on from here.")
    taken = find_choice(story.scene, choice_ref)
    if taken is None:
        raise Invalid("Choose one of the ways on the page.", field="choice")
    return taken


def _finish(assignment: Assignment, run: ScenarioRun, last: ScenarioChoice) -> None:
    run.finished_at = last.chosen_at
    training.complete_step(
        assignment,
        run.module_ref,
        scenario_key(run.scenario_ref),
        run.course_version_id,
        record_id=last.record_id,
        at=last.chosen_at,
    )
    db.session.flush()
