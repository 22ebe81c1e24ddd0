"""One sitting: a question a page, its feedback on the same address, and the result."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms.assessment import actions, queries
from lms.assessment.forms import GiveAnswerForm
from lms.assessment.models import Attempt
from lms.assessment.rules.drawing import Question, questions_of
from lms.assessment.rules.grading import needed_to_pass
from lms.assessment.views.blueprint import bp, policy_of
from lms.catalog.queries import load_content
from lms.catalog.rules import CourseContent
from lms.errors import Conflict, NotFound
from lms.training.queries import why_not_workable
from lms.web.access import access, current_person
from lms.web.context import today

KEPT = "You had already answered this question. Your first answer stays on the record."


@bp.get("/attempts/<int:attempt_id>")
@access("training:take")
def attempt(attempt_id: int) -> Response:
    """The exact place to go on: the first question without an answer, or the result."""
    found = queries.get_attempt_of(current_person().id, attempt_id)
    return _go_on(found)


@bp.get("/attempts/<int:attempt_id>/<int:position>")
@access("training:take")
def question(attempt_id: int, position: int) -> str | Response:
    """One question; once it is answered, the same address says why."""
    found = queries.get_attempt_of(current_person().id, attempt_id)
    if not 0 < position <= found.total:
        raise NotFound("There is no such question here. Open the questions from your training.")
    answers = queries.list_answers(found.id)
    if position > len(answers) + 1:
        return _go_on(found)
    content = load_content(found.course_version_id)
    shown = questions_of(found.presented, content)[position - 1]
    if position > len(answers):
        return _ask(found, shown, content, GiveAnswerForm(formdata=None))
    return render_template(
        "assessment/answered.html",
        attempt=found,
        module=content.module(found.module_ref),
        question=shown,
        answer=answers[position - 1],
        policy=policy_of(content),
        answered=len(answers),
    )


@bp.post("/attempts/<int:attempt_id>/<int:position>")
@access("training:take")
def answer_question(attempt_id: int, position: int) -> Response | tuple[str, int]:
    """Saves one answer at once. An answer that was given before stays as it is."""
    found = queries.get_attempt_of(current_person().id, attempt_id)
    if not 0 < position <= found.total:
        raise NotFound("There is no such question here. Open the questions from your training.")
    form = GiveAnswerForm()
    if not form.validate_on_submit():
        content = load_content(found.course_version_id)
        shown = questions_of(found.presented, content)[position - 1]
        return _ask(found, shown, content, form), 422
    try:
        recorded = actions.answer(found, position, form.option.data)
    except Conflict as conflict:
        flash(conflict.message, "info")
        return redirect(url_for(".attempt", attempt_id=attempt_id))
    if recorded.option_ref != form.option.data:
        flash(KEPT, "info")
    return redirect(url_for(".question", attempt_id=attempt_id, position=position))


@bp.get("/attempts/<int:attempt_id>/result")
@access("training:take")
def result(attempt_id: int) -> str | Response:
    """What it came to, which clauses were missed, and what comes next."""
    found = queries.get_attempt_of(current_person().id, attempt_id)
    if found.finished_at is None or found.correct is None:
        return _go_on(found)
    content = load_content(found.course_version_id)
    sittings = queries.list_attempts(found.assignment_id, found.module_ref, found.kind)
    is_capstone = found.kind == queries.CAPSTONE
    return render_template(
        "assessment/result.html",
        attempt=found,
        assignment=found.assignment,
        module=content.module(found.module_ref),
        percent=found.correct * 100 // found.total if found.total else 0,
        needed=needed_to_pass(found.total, content.mastery.pass_percent),
        mastery=content.mastery,
        missed=[(clause, _lesson_module(content, clause)) for clause in found.missed or ()],
        rows=list(zip(questions_of(found.presented, content), queries.list_answers(found.id), strict=False)),
        policy=policy_of(content),
        standing=queries.capstone_standing(found.assignment, content, sittings) if is_capstone else None,
        is_last=sittings[-1].id == found.id,
        closed=why_not_workable(found.assignment, today()),
    )


def _go_on(found: Attempt) -> Response:
    if found.finished_at is not None:
        return redirect(url_for(".result", attempt_id=found.id))
    return redirect(url_for(".question", attempt_id=found.id, position=len(queries.list_answers(found.id)) + 1))


def _ask(found: Attempt, shown: Question, content: CourseContent, form: GiveAnswerForm) -> str:
    return render_template(
        "assessment/question.html",
        attempt=found,
        module=content.module(found.module_ref),
        question=shown,
        form=form,
        why_not=why_not_workable(found.assignment, today()),
    )


def _lesson_module(content: CourseContent, clause: str) -> str | None:
    """The module whose lesson explains a clause."""
    return next(
        (module.ref for module in content.modules if any(clause in section.clauses for section in module.sections)),
        None,
    )
