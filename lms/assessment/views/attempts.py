"""One sitting: a question a page, its feedback on the same address, and the result."""

from __future__ import annotations

from html import unescape

from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from lms.assessment import actions, queries
from lms.assessment.forms import read_option
from lms.assessment.models import Attempt
from lms.assessment.rules.drawing import GivenAnswer, Question, question_at, questions_of
from lms.assessment.rules.grading import needed_to_pass
from lms.assessment.views import pieces
from lms.assessment.views.blueprint import bp, policy_of
from lms.catalog.queries import current_content, load_content
from lms.catalog.rules import CourseContent
from lms.errors import Conflict, NotFound
from lms.training.models import Assignment
from lms.training.queries import progress_of, why_not_workable
from lms.training.rules import next_step
from lms.web.access import access, current_person_id
from lms.web.commit import reads_first, writing
from lms.web.context import today

KEPT = "You had already answered this question. Your first answer stays on the record."
NO_QUESTION = "There is no such question here. Open the questions from your training."
PART = "X-Rollcall-Part"
"""A script that asks for the answered question and the next one, not for a page, sends this header."""


@bp.get("/attempts/<int:attempt_id>")
@access("training:take")
def attempt(attempt_id: int) -> Response:
    """The exact place to go on: the first question without an answer, or the result."""
    found = queries.get_attempt_of(current_person_id(), attempt_id)
    return go_on(found)


@bp.get("/attempts/<int:attempt_id>/<int:position>")
@access("training:take")
def question(attempt_id: int, position: int) -> str | Response:
    """One question; once it is answered, the same address says why."""
    found = queries.get_attempt_of(current_person_id(), attempt_id)
    if not 0 < position <= found.total:
        raise NotFound(NO_QUESTION)
    answers = queries.list_answers(found.id)
    if position > len(answers) + 1:
        return go_on(found)
    content = load_content(found.course_version_id)
    shown = question_at(found.presented, content, position)
    if position > len(answers):
        return _ask(found, shown, content, None)
    return render_template(
        "assessment/answered.html", **_answered(found, shown, content, answers[position - 1], len(answers))
    )


@bp.post("/attempts/<int:attempt_id>/<int:position>")
@reads_first
@access("training:take")
def answer_question(attempt_id: int, position: int) -> ResponseReturnValue:
    """Saves one answer at once. An answer that was given before stays as it is."""
    option = read_option(request.form)
    if option.error:
        return _ask_again(attempt_id, position, option.error)
    try:
        with writing():
            saved = actions.answer_own(current_person_id(), attempt_id, position, option.ref)
    except Conflict as conflict:
        flash(conflict.message, "info")
        return _lead(url_for(".attempt", attempt_id=attempt_id))
    if saved.answer.option_ref != option.ref:
        flash(KEPT, "info")
    elif PART in request.headers:
        return _parts(saved)
    return _lead(url_for(".question", attempt_id=attempt_id, position=position))


def _ask_again(attempt_id: int, position: int, error: str) -> ResponseReturnValue:
    """The question once more, with what was wrong; to where they are for one whose turn it is not."""
    found = queries.get_attempt_of(current_person_id(), attempt_id)
    if not 0 < position <= found.total:
        raise NotFound(NO_QUESTION)
    if position != len(queries.list_answers(found.id)) + 1:
        return _lead(url_for(".attempt", attempt_id=attempt_id))
    content = load_content(found.course_version_id)
    shown = question_at(found.presented, content, position)
    if PART in request.headers:
        part = render_template("assessment/part_question.html", **_asked(found, shown, content, error))
        return jsonify(again=_part(part)), 422
    return _ask(found, shown, content, error), 422


@bp.get("/attempts/<int:attempt_id>/result")
@access("training:take")
def result(attempt_id: int) -> str | Response:
    """What it came to, which clauses were missed, and what comes next."""
    found = queries.get_attempt_of(current_person_id(), attempt_id)
    if found.finished_at is None or found.correct is None:
        return go_on(found)
    content = load_content(found.course_version_id)
    sittings = queries.list_attempts(found.assignment_id, found.module_ref, found.kind)
    is_capstone = found.kind == queries.CAPSTONE
    return render_template(
        "assessment/result.html",
        attempt=found,
        assignment=found.assignment,
        module=content.find_module(found.module_ref),
        percent=found.correct * 100 // found.total if found.total else 0,
        needed=needed_to_pass(found.total, content.mastery.pass_percent),
        mastery=content.mastery,
        missed=[(clause, _lesson_module(content, clause)) for clause in found.missed or ()],
        rows=list(zip(questions_of(found.presented, content), queries.list_answers(found.id), strict=False)),
        policy=policy_of(content),
        standing=queries.capstone_standing(found.assignment, content, sittings) if is_capstone else None,
        is_last=sittings[-1].id == found.id,
        closed=why_not_workable(found.assignment, today()),
        capstone_ref=content.capstone.module,
        signs_next=bool(is_capstone and found.passed and _signs_next(found.assignment)),
    )


def _answered(
    found: Attempt, shown: Question, content: CourseContent, answer: GivenAnswer, answered: int
) -> dict[str, object]:
    """What the page of an answered question shows."""
    return {
        "attempt": found,
        "module": content.find_module(found.module_ref),
        "question": shown,
        "explained": pieces.explained(shown, content, answer),
        "answered": answered,
    }


def _asked(found: Attempt, shown: Question, content: CourseContent, error: str | None) -> dict[str, object]:
    """What the page of a question shows."""
    return {
        "attempt": found,
        "module": content.find_module(found.module_ref),
        "question": shown,
        "choices": pieces.choices(shown, content, error),
        "why_not": None if found.kind == queries.SPACED else why_not_workable(found.assignment, today()),
    }


def _parts(saved: actions.Saved) -> Response:
    """The answered question and, where it is the next one's turn, the next: ``{answered, next}``.

    Each is ``{title, html}``; ``next`` holds its address, too, or is null after the last question.
    """
    found, position = saved.attempt, saved.answer.position
    content = load_content(found.course_version_id)
    goes_on = position == saved.answered < found.total
    following = question_at(found.presented, content, position + 1) if goes_on else None
    shown = _answered(found, question_at(found.presented, content, position), content, saved.answer, saved.answered)
    if following:
        shown |= {**_asked(found, following, content, None), "question": shown["question"]}
    # A part needs nothing of what a whole page stands in, so nothing of that is put together.
    template = current_app.jinja_env.get_template("assessment/parts.html")
    answered, _, asked = template.render(shown, following=following).partition("\f")
    address = url_for(".question", attempt_id=found.id, position=position + 1)
    return jsonify(answered=_part(answered), next={"address": address, **_part(asked)} if goes_on else None)


def _lead(address: str) -> Response:
    """On to an address: a script goes there itself, so that it does not swallow the message that waits there."""
    return jsonify(go=address) if PART in request.headers else redirect(address)


def _part(text: str) -> dict[str, str]:
    """The title is the first line of the part; everything after it is for the page."""
    title, _, html = text.strip().partition("\n")
    return {"title": unescape(title), "html": html}


def go_on(found: Attempt) -> Response:
    """To the first question without an answer, or to the result."""
    if found.finished_at is not None:
        return redirect(url_for(".result", attempt_id=found.id))
    return redirect(url_for(".question", attempt_id=found.id, position=len(queries.list_answers(found.id)) + 1))


def _ask(found: Attempt, shown: Question, content: CourseContent, error: str | None) -> str:
    return render_template("assessment/question.html", **_asked(found, shown, content, error))


def _signs_next(assignment: Assignment) -> bool:
    """Whether nothing is left to do but to sign."""
    following = next_step(assignment.path, current_content(assignment.course_id), progress_of(assignment))
    return following is not None and following.kind == "sign"


def _lesson_module(content: CourseContent, clause: str) -> str | None:
    """The module whose lesson explains a clause."""
    return next(
        (module.ref for module in content.modules if any(clause in section.clauses for section in module.sections)),
        None,
    )
