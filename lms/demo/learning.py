"""One member works through one assignment: every act is the application's own, each at a moment of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from lms import clock
from lms.assessment import actions as assessment
from lms.assessment.models import Attempt, ScenarioRun
from lms.assessment.queries import CAPSTONE, MODULE, REMEDIATION, list_attempts, needs_conversation
from lms.assessment.rules.drawing import questions_of
from lms.catalog.queries import current_content
from lms.catalog.rules import CourseContent, ModuleContent
from lms.db import db
from lms.demo.behaviour import Temper, moment_of, pick_choice, pick_option, pick_wrong
from lms.demo.cast import Fate
from lms.demo.signing import decline, read_changes, sign
from lms.roster.queries import is_on_leave
from lms.training import actions as training
from lms.training.local import local_date
from lms.training.models import Assignment
from lms.training.queries import get_assignment_for, open_assignments_of, progress_of, why_not_workable
from lms.training.rules import NextStep, covers, next_step, to_practice

Moments = Iterator[datetime]
NEXT_DAYS = (1, 1, 2, 2, 3, 5)


@dataclass(slots=True)
class Plan:
    """How one member goes through one assignment. ``fails`` counts the capstone attempts that do not pass."""

    person_id: int
    assignment_id: int
    password: str
    temper: Temper
    random: Random
    zone: str
    fails: int = 0
    fate: Fate | None = None
    reservation: str = ""
    witnesses: Sequence[int] = ()
    sitting: int = field(default=35)
    """Minutes until he or she goes back to work and comes again another day."""

    @property
    def key(self) -> str:
        """The key of the signing form; a page would draw it by chance."""
        return UUID(int=self.random.getrandbits(128)).hex


class Stop(Exception):
    """The member goes no further in this assignment."""


def go_through(plan: Plan) -> Moments:
    """Works until the training is signed, or until the plan says stop."""
    while is_on_leave(plan.person_id, local_date(clock.now())):
        yield clock.now() + timedelta(days=plan.random.randrange(4, 9))
    if not _may_begin(plan):
        return
    sat_down = clock.now()
    try:
        while True:
            assignment = _afresh(plan)
            if why_not_workable(assignment, local_date(clock.now())) is not None:
                return
            content = current_content(assignment.course_id)
            step = next_step(assignment.path, content, progress_of(assignment))
            if step is None:
                return
            _stop_where_planned(plan, step, content, missed=bool(assignment.remediation))
            if clock.now() - sat_down > timedelta(minutes=plan.sitting) and plan.fate is None:
                yield _another_day(plan)
                sat_down = clock.now()
            yield from _STEPS[step.kind](plan, _afresh(plan), content, step)
            yield _in(plan, 20, 90)
    except Stop:
        return


def _may_begin(plan: Plan) -> bool:
    """Not where a fuller training of the same course is open or about to open: that one counts for this one, too."""
    soon = local_date(clock.now()) + timedelta(days=45)
    rows = open_assignments_of(plan.person_id)
    own = next((row for row in rows if row.id == plan.assignment_id), None)
    if own is None:
        return False
    return not any(
        row.path != own.path and covers(row.path, own.path) and not covers(own.path, row.path) and row.opens_on <= soon
        for row in rows
    )


def _stop_where_planned(plan: Plan, step: NextStep, content: CourseContent, *, missed: bool) -> None:
    """Raises Stop where the member's fate ends before this step."""
    on_capstone = step.module_ref == content.capstone.module
    ends = {
        Fate.CAPSTONE: on_capstone and step.kind == "questions",
        Fate.FAILED_ONCE: missed,
        Fate.TO_SIGN: step.kind == "sign",
    }
    if plan.fate is not None and ends.get(plan.fate, False):
        raise Stop


def _another_day(plan: Plan) -> datetime:
    day = local_date(clock.now()) + timedelta(days=plan.random.choice(NEXT_DAYS))
    return moment_of(day, plan.temper, plan.random, plan.zone)


def _in(plan: Plan, low: int, high: int) -> datetime:
    """A moment some seconds from now."""
    return clock.now() + timedelta(seconds=plan.random.randrange(low, high), milliseconds=plan.random.randrange(1000))


def _lesson(plan: Plan, assignment: Assignment, content: CourseContent, step: NextStep) -> Moments:
    training.open_step(assignment, step.module_ref, step.key, content.course_version_id)
    minutes = content.module(step.module_ref).minutes
    yield _in(plan, minutes * 15, minutes * 32)
    training.complete_step(_afresh(plan), step.module_ref, step.key, content.course_version_id)


def _afresh(plan: Plan) -> Assignment:
    """The assignment as it is now; what was held while time went by may be out of date."""
    return get_assignment_for(plan.person_id, plan.assignment_id)


def _scenario(plan: Plan, assignment: Assignment, content: CourseContent, step: NextStep) -> Moments:
    run = assessment.start_scenario(assignment, step.module_ref, step.ref)
    run_id, scenario = run.id, content.scenario(step.ref)
    scene = scenario.scenes[scenario.start]
    position = 0
    while not scene.ending:
        yield _in(plan, 15, 75)
        position += 1
        choice = pick_choice(scene, plan.temper, plan.random)
        run = db.session.get_one(ScenarioRun, run_id)
        assessment.choose(run, position=position, scene_ref=scene.ref, choice_ref=choice)
        scene = scenario.scenes[scene.choice(choice).next]
        if plan.fate is Fate.MIDDLE and _is_middle(content, step.module_ref) and not scene.ending:
            raise Stop


def _is_middle(content: CourseContent, module_ref: str) -> bool:
    """The module after the first, which is not the capstone; on a test-out only the capstone is left."""
    return module_ref == (content.modules[1].ref if len(content.modules) > 2 else content.modules[0].ref)


def _questions(plan: Plan, assignment: Assignment, content: CourseContent, step: NextStep) -> Moments:
    module = content.module(step.module_ref)
    on_missed = to_practice(assignment.path, content, module, assignment.remediation)
    kind = CAPSTONE if module.is_capstone else REMEDIATION if on_missed else MODULE
    if kind == CAPSTONE and len(_finished_capstones(assignment, module)) >= content.capstone.attempts:
        if plan.fate is Fate.CONVERSATION:
            raise Stop
        while needs_conversation(_afresh(plan)):
            yield _another_day(plan)
    attempt = assessment.start_attempt(db.session.get_one(Assignment, plan.assignment_id), step.module_ref, kind)
    passes = plan.random.random() < 0.85 if kind == MODULE else kind == REMEDIATION or attempt.number > plan.fails
    yield from _answer_all(plan, attempt, content, passes=passes, stops=plan.fate is Fate.MIDDLE and kind == CAPSTONE)


def _finished_capstones(assignment: Assignment, module: ModuleContent) -> list[Attempt]:
    attempts = list_attempts(assignment.id, module.ref, CAPSTONE)
    return [attempt for attempt in attempts if attempt.finished_at is not None]


def _remediation(plan: Plan, assignment: Assignment, content: CourseContent, step: NextStep) -> Moments:  # noqa: ARG001
    yield _another_day(plan) if plan.fate is None else _in(plan, 200, 600)
    attempt = assessment.start_attempt(_afresh(plan), step.module_ref, REMEDIATION)
    yield from _answer_all(plan, attempt, content, passes=True, stops=False)


def _answer_all(plan: Plan, attempt: Attempt, content: CourseContent, *, passes: bool, stops: bool) -> Moments:
    """Answers every question of a sitting; ``stops`` leaves it after a third of them."""
    attempt_id, questions = attempt.id, questions_of(attempt.presented, content)
    wrong = pick_wrong(questions, content.mastery, passes=passes, temper=plan.temper, random=plan.random)
    for question in questions:
        if stops and question.position > len(questions) // 3:
            raise Stop
        yield _in(plan, 12, 70)
        option = pick_option(question, question.position in wrong, plan.random)
        attempt = db.session.get_one(Attempt, attempt_id)
        assessment.answer(attempt, question.position, option)


def _changes(plan: Plan, assignment: Assignment, content: CourseContent, step: NextStep) -> Moments:  # noqa: ARG001
    read_changes(plan.person_id, assignment.id)
    yield _in(plan, 30, 150)
    read_changes(plan.person_id, assignment.id, confirm=True)


def _sign(plan: Plan, assignment: Assignment, content: CourseContent, step: NextStep) -> Moments:  # noqa: ARG001
    yield _in(plan, 40, 240)
    if plan.fate in (Fate.DECLINES, Fate.DECLINED):
        decline(plan, _afresh(plan))
        raise Stop
    sign(plan, _afresh(plan))


_STEPS = {
    "changes": _changes,
    "lesson": _lesson,
    "scenario": _scenario,
    "questions": _questions,
    "remediation": _remediation,
    "sign": _sign,
}
