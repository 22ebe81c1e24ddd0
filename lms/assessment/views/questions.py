"""The start page of a module's questions and of the capstone, with earlier results."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms.assessment import actions, gates, queries
from lms.assessment.queries import CAPSTONE, MODULE
from lms.assessment.rules.grading import needed_to_pass
from lms.assessment.views.attempts import go_on
from lms.assessment.views.blueprint import bp, why_not_open
from lms.catalog.queries import current_content
from lms.catalog.rules import CourseContent, ModuleContent
from lms.errors import Conflict
from lms.policy.rules import clause_sort_key
from lms.training.queries import get_assignment_for, get_workable_assignment
from lms.training.rules import QUESTIONS
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
    attempts = queries.list_attempts(found.id, module.ref, kind_of(module))
    unfinished = next((attempt for attempt in attempts if attempt.finished_at is None), None)
    why_not = None if unfinished else why_not_open(found, content, module.ref, QUESTIONS, today())
    if why_not and not attempts:
        flash(f"These questions are not open. {why_not}", "info")
        return redirect(url_for("training.module", assignment_id=found.id, module_ref=module.ref))
    total = how_many(content, module)
    return render_template(
        "assessment/questions.html",
        assignment=found,
        module=module,
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
            module = gates.find_module(current_content(found.course_id), module_ref)
            led = go_on(actions.start_attempt(found, module.ref, kind_of(module)))
    except Conflict as conflict:
        flash(conflict.message, "info")
        return redirect(url_for(".questions", assignment_id=assignment_id, module_ref=module_ref))
    return led


def how_many(content: CourseContent, module: ModuleContent) -> int:
    """How many questions a sitting asks."""
    return content.capstone.questions if module.is_capstone else min(module.questions, len(module.items))


def kind_of(module: ModuleContent) -> str:
    """Which kind of sitting a module's own questions are."""
    return CAPSTONE if module.is_capstone else MODULE


def critical_clauses(content: CourseContent, module: ModuleContent) -> list[str]:
    """The clauses that must be right and that these questions ask, in the order of the policy."""
    asked = {item.clause for item in (content.items if module.is_capstone else module.items)}
    return sorted(content.mastery.critical & asked, key=clause_sort_key)
