"""The one blueprint of assessment, and what its pages share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask import Blueprint

from lms.catalog.rules import CourseContent
from lms.policy.queries import clauses_by_ref, policy_text
from lms.policy.rules import ClauseText
from lms.training.models import Assignment
from lms.training.queries import why_locked, why_not_workable
from lms.web import kit

bp = Blueprint("assessment", __name__, url_prefix="/assessment")
bp.record(lambda made: kit.add(made.app, "shared", "assessment/_shared.html"))


@dataclass(frozen=True, slots=True)
class PolicyShown:
    """The policy that a version of the course teaches, for showing clauses word for word."""

    slug: str
    number: str
    clauses: Mapping[str, ClauseText]


def policy_of(content: CourseContent) -> PolicyShown:
    """The exact text that this version of the course teaches."""
    text = policy_text(content.policy_version_id)
    return PolicyShown(text.slug, text.number, clauses_by_ref(content.policy_version_id))


def why_not_open(assignment: Assignment, content: CourseContent, module_ref: str, key: str, today: date) -> str | None:
    """Why a step cannot be begun today, in a sentence for the person; None where it can. Raises NotFound."""
    return why_not_workable(assignment, today) or why_locked(assignment, content, module_ref, key)
