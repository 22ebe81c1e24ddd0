"""Pages: what officers asked at signing, answered by the training sergeant."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.attestation import actions, emails, queries
from lms.attestation.forms import (
    AnswerQuestionForm,
)
from lms.attestation.rules import ANSWER_STAGE
from lms.attestation.views.shared import bp, public_address, write_to
from lms.web.access import access, current_person
from lms.web.context import today


@bp.get("/attestation/questions")
@access("question:answer")
def questions() -> ResponseReturnValue:
    """Questions that officers asked at signing: those that wait, and those answered."""
    return _questions_page(AnswerQuestionForm(), None)


def _questions_page(form: AnswerQuestionForm, failed_id: int | None) -> str:
    return render_template(
        "attestation/questions.html",
        waiting=queries.list_questions(answered=False),
        answered=queries.list_questions(answered=True, limit=50),
        form=form,
        failed_id=failed_id,
        today=today(),
    )


@bp.post("/attestation/questions/<int:question_id>")
@access("question:answer")
def answer_question(question_id: int) -> ResponseReturnValue:
    """Answers one question; the officer is told by mail."""
    form = AnswerQuestionForm()
    question = queries.get_question(question_id)
    if not form.validate():
        return _questions_page(form, question_id), 422
    actions.answer_question(question, form.answer.data or "", current_person())
    attestation = question.attestation
    letter = emails.answer_letter(question, public_address("attestation.receipt", attestation_id=attestation.id))
    write_to(attestation.person, attestation.id, ANSWER_STAGE, letter)
    flash(f"Answered. {attestation.person.full_name} is told by mail.", "success")
    return redirect(url_for("attestation.questions"), 303)
