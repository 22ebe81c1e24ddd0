"""Answering what was asked at signing."""

from __future__ import annotations

from datetime import datetime

from lms import clock
from lms.attestation import evidence, queries
from lms.attestation.models import SigningQuestion
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.ledger.actions import append
from lms.roster.models import Person


def answer_question(question: SigningQuestion, text: str, by: Person) -> None:
    """Answers a question, once. Raises Invalid where the text is empty, Conflict where it was answered."""
    columns = [attribute.key for attribute in SigningQuestion.__mapper__.column_attrs]
    db.session.refresh(question, columns, with_for_update=True)
    if question.answered_at is not None:
        raise Conflict("This question was answered in the meantime. The answer is kept as it is.")
    if len(text.strip()) < 2:
        raise Invalid("Write the answer.", field="answer")
    question.answer = text.strip()
    question.answered_at = _now_after(question.asked_at)
    question.answered_by_id = by.id
    attestation = queries.get_attestation(question.attestation_id)
    db.session.flush()
    question.record_id = append(
        kind="attestation.question_answered",
        subject=attestation.person.subject,
        fields=evidence.fields_of_answer(question, attestation, by),
    ).record_id
    db.session.flush()


def _now_after(moment: datetime) -> datetime:
    return max(clock.now(), moment)
