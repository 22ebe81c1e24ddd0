"""Sittings of questions: begun, answered one by one, graded with the last answer."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, fields

from sqlalchemy import insert

from lms import clock
from lms.assessment import evidence, gates, queries
from lms.assessment.actions.locks import lock_assignment, lock_attempt, lock_own_attempt, subject_of
from lms.assessment.models import Answer, Attempt
from lms.assessment.queries import CAPSTONE, MODULE, REMEDIATION, SPACED
from lms.assessment.rules import drawing
from lms.assessment.rules.drawing import GivenAnswer
from lms.assessment.rules.grading import Graded, Result, grade
from lms.catalog.queries import current_content, load_content
from lms.catalog.rules import CourseContent, Item
from lms.db import Base, db
from lms.errors import Conflict, IntegrityFault, Invalid, NotFound
from lms.ledger.actions import append
from lms.training import actions as training
from lms.training.models import Assignment
from lms.training.queries import find_spaced_set
from lms.training.rules import QUESTIONS, to_practice

# Of the table, not of the class: nothing of an answer is kept as an object, and this is asked ten times a sitting.
_SAVE = insert(Base.metadata.tables[Answer.__tablename__])
_GIVEN = tuple(item.name for item in fields(GivenAnswer))
REMEDIATION_PER_CLAUSE = 2
"""Practice items on each missed clause."""


def start_attempt(assignment: Assignment, module_ref: str, kind: str) -> Attempt:
    """Begins a sitting of the current course's questions, or gives back the one that is not finished.

    Raises NotFound for a module or kind that does not fit, Conflict while the step is locked, the training
    closed, or no capstone attempt is open; the sentence says what opens it.
    """
    assignment = lock_assignment(assignment.id)
    attempts = queries.list_attempts(assignment.id, module_ref, kind)
    unfinished = next((attempt for attempt in attempts if attempt.finished_at is None), None)
    if unfinished is not None:
        return unfinished
    content = current_content(assignment.course_id)
    gates.require_startable(assignment, content, module_ref, kind, attempts)
    form_ref, items = _draw(assignment, content, module_ref, kind)
    attempt = Attempt(
        assignment_id=assignment.id,
        person_id=assignment.person_id,
        course_version_id=content.course_version_id,
        module_ref=module_ref,
        kind=kind,
        number=len(attempts) + 1,
        form_ref=form_ref,
        presented=drawing.present(items, secrets.token_hex(16)),
        started_at=clock.now(),
        total=len(items),
    )
    attempt.assignment = assignment
    db.session.add(attempt)
    db.session.flush()
    if kind != REMEDIATION:
        training.open_step(assignment, module_ref, QUESTIONS, content.course_version_id)
    if not items:
        _finish(attempt, [], content)
    return attempt


def answer(attempt: Attempt, position: int, option_ref: str) -> GivenAnswer:
    """Saves the answer to one question, or gives back the one that is recorded, unchanged; the last one grades.

    Questions are answered in their order. Raises Conflict for one whose turn has not come, Invalid for an
    option that was not shown.
    """
    return _answer(lock_attempt(attempt.id), position, option_ref).answer


@dataclass(frozen=True, slots=True)
class Saved:
    """What a page shows after an answer: the attempt, the answer on record, and how many there are now."""

    attempt: Attempt
    answer: GivenAnswer
    answered: int


def answer_own(person_id: int, attempt_id: int, position: int, option_ref: str) -> Saved:
    """``answer`` for a person who is at a page. Raises NotFound for somebody else's attempt or no such question."""
    attempt = lock_own_attempt(person_id, attempt_id)
    if not 0 < position <= attempt.total:
        raise NotFound("There is no such question here. Open the questions from your training.")
    return _answer(attempt, position, option_ref)


def _answer(attempt: Attempt, position: int, option_ref: str) -> Saved:
    """The attempt is locked."""
    answers = queries.list_answers(attempt.id)
    recorded = next((given for given in answers if given.position == position), None)
    if recorded is not None:
        return Saved(attempt, recorded, len(answers))
    if attempt.kind != SPACED:
        gates.require_workable(attempt.assignment)
    if position != len(answers) + 1 or position > attempt.total:
        raise Conflict("This question is not the next one. Nothing was recorded. Go on from here.")
    content = load_content(attempt.course_version_id)
    question = drawing.question_at(attempt.presented, content, position)
    option = question.find(option_ref)
    if option is None:
        raise Invalid("Choose one of the answers.", field="option")
    given = GivenAnswer(position, question.item.ref, option.ref, option.correct, clock.now())
    row = {"attempt_id": attempt.id, **{name: getattr(given, name) for name in _GIVEN}}
    db.session.connection().execute(_SAVE, row)
    if position == attempt.total:
        _finish(attempt, [*answers, given], content)
    return Saved(attempt, given, position)


def _draw(assignment: Assignment, content: CourseContent, module_ref: str, kind: str) -> tuple[str, Sequence[Item]]:
    """The form (for a capstone) and the items of a new sitting."""
    seed = secrets.token_hex(16)
    person_id, course_id = assignment.person_id, assignment.course_id
    module = content.module(module_ref)
    if kind == CAPSTONE:
        form = drawing.choose_form(content.forms, queries.used_forms(person_id, course_id), seed)
        return form.ref, [content.item(ref) for ref in form.items]
    if kind == REMEDIATION:
        clauses = to_practice(assignment.path, content, module, assignment.remediation)
        avoid = queries.recent_items(person_id, course_id, content.capstone.module, CAPSTONE)
        return "", drawing.draw_remediation_items(
            content.items_for(clauses), clauses, avoid=avoid, per_clause=REMEDIATION_PER_CLAUSE, seed=seed
        )
    return "", drawing.draw_module_items(
        module.items,
        module.questions,
        module.clauses,
        critical=content.mastery.critical,
        recently_used=queries.recent_items(person_id, course_id, module_ref, MODULE),
        seed=seed,
    )


def _finish(attempt: Attempt, answers: Sequence[GivenAnswer], content: CourseContent) -> None:
    """Grades, records and tells training. The caller holds the locks of the attempt and the assignment."""
    questions = drawing.questions_of(attempt.presented, content)
    for question, given in zip(questions, answers, strict=True):
        # The key decides, not what the row says of itself: nobody may have turned it over in between.
        if given.correct != (given.option_ref == question.item.key):
            raise IntegrityFault("A saved answer was altered, so nothing was graded. Tell the administrator.")
    result = grade(
        [Graded(q.item.clause, given.correct) for q, given in zip(questions, answers, strict=True)],
        content.mastery,
    )
    attempt.correct = result.correct
    attempt.missed = list(result.missed)
    attempt.passed = None if attempt.kind in (REMEDIATION, SPACED) else result.passed
    attempt.finished_at = answers[-1].answered_at if answers else clock.now()
    attempt.record_id = append(
        kind=evidence.ATTEMPT_FINISHED,
        fields=evidence.fields_of_attempt(attempt, answers, content),
        subject=subject_of(attempt.person_id),
    ).record_id
    db.session.flush()
    _tell_training(attempt, result, content)


def _tell_training(attempt: Attempt, result: Result, content: CourseContent) -> None:
    assignment = attempt.assignment
    if attempt.kind == SPACED:
        training.finish_spaced_set(
            find_spaced_set(assignment.id, attempt.number), attempt.finished_at or clock.now(), str(attempt.record_id)
        )
    elif attempt.kind == REMEDIATION:
        module = content.module(attempt.module_ref)
        training.clear_remediation(assignment, to_practice(assignment.path, content, module, assignment.remediation))
    elif attempt.kind == CAPSTONE:
        training.record_capstone_result(
            assignment,
            passed=result.passed,
            missed=list(result.missed),
            record_id=str(attempt.record_id),
            at=attempt.finished_at,
            summary={
                "score": result.correct,
                "total": result.total,
                "percent": result.percent,
                "form": attempt.form_ref,
                "attempt": attempt.number,
                "course_version_id": attempt.course_version_id,
            },
        )
    elif result.passed:
        training.complete_step(
            assignment,
            attempt.module_ref,
            QUESTIONS,
            attempt.course_version_id,
            record_id=attempt.record_id,
            at=attempt.finished_at,
        )
