"""The start page of a module's questions and of the capstone, with earlier results."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms.assessment import actions, gates, queries
from lms.assessment.actions import REMEDIATION_PER_CLAUSE
from lms.assessment.queries import CAPSTONE, MODULE, REMEDIATION
from lms.assessment.rules.grading import needed_to_pass
from lms.assessment.views.attempts import go_on
from lms.assessment.views.blueprint import bp, why_not_open
from lms.catalog.queries import current_content
from lms.catalog.rules import CourseContent, ModuleContent
from lms.errors import Conflict
from lms.policy.rules import clause_sort_key
from lms.training.models import Assignment
from lms.training.queries import get_assignment_for, get_workable_assignment
from lms.training.rules import QUESTIONS, to_practice
from lms.web.access import access, current_person_id
from lms.web.commit import reads_first, writing
from lms.web.context import today


@bp.get("/<int:assignment_id>/<module_ref>/questions")
@access("training:take")
def questions(assignment_id: int, module_ref: str) -> str | Response:
    """How many there are, what passing takes, and how it went before."""
    found = get_assignment_for(current_person_id(), assignment_id)
    content = current_content(found.course_id)
    module = gates.find_module(content, module_ref)
    kind = kind_of(found, content, module)
    attempts = queries.list_attempts(found.id, module.ref, kind)
    unfinished = next((attempt for attempt in attempts if attempt.finished_at is None), None)
    why_not = None if unfinished else why_not_open(found, content, module.ref, QUESTIONS, today())
    if why_not and not attempts:
        flash(f"These questions are not open. {why_not}", "info")
        return redirect(url_for("training.module", assignment_id=found.id, module_ref=module.ref))
    missed = to_practice(found.path, content, module, found.remediation) if kind == REMEDIATION else ()
    total = how_many_on(content, missed) if missed else how_many(content, module)
    return render_template(
        "assessment/questions.html",
        assignment=found,
        module=module,
        missed=missed,
        mastery=content.mastery,
        critical=critical_clauses(content, module),
        total=total,
        needed=needed_to_pass(total, content.mastery.pass_percent),
        finished=[attempt for attempt in attempts if attempt.finished_at],
        unfinished=unfinished,
        answered=len(queries.list_answers(unfinished.id)) if unfinished else 0,
        standing=queries.capstone_standing(found, content, attempts) if module.is_capstone else None,
        why_not=why_not,
    )


@bp.post("/<int:assignment_id>/<module_ref>/questions/start")
@reads_first
@access("training:take")
def start_questions(assignment_id: int, module_ref: str) -> Response:
    """Begins a sitting, or goes on with the one that is not finished."""
    try:
        with writing():
            found = get_workable_assignment(current_person_id(), assignment_id, today())
            content = current_content(found.course_id)
            module = gates.find_module(content, module_ref)
            led = go_on(actions.start_attempt(found, module.ref, kind_of(found, content, module)))
    except Conflict as conflict:
        flash(conflict.message, "info")
        return redirect(url_for(".questions", assignment_id=assignment_id, module_ref=module_ref))
    return led


def how_many(content: CourseContent, module: ModuleContent) -> int:
    """How many questions a sitting asks."""
    return content.capstone.questions if module.is_capstone else min(module.questions, len(module.items))


def how_many_on(content: CourseContent, clauses: Sequence[str]) -> int:
    """How many questions the practice on missed clauses asks."""
    return sum(min(REMEDIATION_PER_CLAUSE, len(content.items_for([clause]))) for clause in clauses)


def kind_of(found: Assignment, content: CourseContent, module: ModuleContent) -> str:
    """Which kind of sitting a module's own questions are now: on a short path only on what was missed in it."""
    if module.is_capstone:
        return CAPSTONE
    return REMEDIATION if to_practice(found.path, content, module, found.remediation) else MODULE


def critical_clauses(content: CourseContent, module: ModuleContent) -> list[str]:
    """The clauses that must be right and that these questions ask, in the order of the policy."""
    asked = {item.clause for item in (content.items if module.is_capstone else module.items)}
    return sorted(content.mastery.critical & asked, key=clause_sort_key)
