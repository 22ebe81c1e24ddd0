"""What a page shows of a published question: drawn once in a process, because what is published never changes."""

from __future__ import annotations

from typing import cast

from flask import current_app
from markupsafe import Markup

from lms.assessment.rules.drawing import GivenAnswer, Question
from lms.assessment.views.blueprint import policy_of
from lms.catalog.rules import CourseContent
from lms.web.kit import Kept

_kept = Kept(2048)
"""Three options stand in six orders; a course of a hundred questions fits."""
PIECES = "assessment/_pieces.html"


def choices(question: Question, content: CourseContent, error: str | None = None) -> Markup:
    """The question with its options, to choose from."""

    def draw() -> Markup:
        return _draw("choices", question, error)

    return draw() if error else cast(Markup, _kept.get(_key(question, content), draw))


def explained(question: Question, content: CourseContent, answer: GivenAnswer) -> Markup:
    """The answered options, why one is right, the clause word for word, and a safer way."""
    policy = policy_of(content)
    shown = (answer.option_ref, answer.correct, policy.slug, policy.number)

    def draw() -> Markup:
        return _draw("explained", question, answer, policy)

    return cast(Markup, _kept.get((*shown, *_key(question, content)), draw))


def _key(question: Question, content: CourseContent) -> tuple[object, ...]:
    """By the hash of the course and not by its number, which another database may have given to another course."""
    return (content.sha256, question.item.ref, *(option.ref for option in question.options))


def _draw(macro: str, *given: object) -> Markup:
    return Markup(getattr(current_app.jinja_env.get_template(PIECES).module, macro)(*given))  # noqa: S704 - a macro's
