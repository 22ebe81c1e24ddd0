"""A spaced set is begun. Its answers are saved like any others; nothing is graded and nothing is ever due."""

from __future__ import annotations

import secrets
from datetime import date

from sqlalchemy import select

from lms import clock
from lms.assessment import queries
from lms.assessment.actions.locks import lock_assignment
from lms.assessment.models import Attempt
from lms.assessment.queries import SPACED
from lms.assessment.rules import drawing
from lms.assessment.rules.spacing import pick_set
from lms.catalog.queries import current_content
from lms.db import db
from lms.errors import Conflict
from lms.training.queries import get_spaced_set

GONE = "These questions are no longer offered. Nothing is missing from your record."


def start_spaced(person_id: int, set_id: int, today: date) -> Attempt:
    """Begins one's own set with five items of the current course, or gives back the one that was begun.

    Raises NotFound for anybody else's, Conflict before it opens and once it is no longer offered.
    """
    row = get_spaced_set(person_id, set_id)
    assignment = lock_assignment(row.assignment_id)
    begun = db.session.scalar(
        select(Attempt).where(
            Attempt.assignment_id == assignment.id, Attempt.kind == SPACED, Attempt.number == row.number
        )
    )
    if begun is not None:
        return begun
    if not row.opens_on <= today <= row.closes_on:
        raise Conflict(GONE)
    content = current_content(assignment.course_id)
    items = pick_set(content.items, queries.list_given(person_id, assignment.course_id), today)
    if not items:
        raise Conflict("The course has no questions to ask at present. Nothing was recorded.")
    attempt = Attempt(
        assignment_id=assignment.id,
        person_id=person_id,
        course_version_id=content.course_version_id,
        module_ref=SPACED,
        kind=SPACED,
        number=row.number,
        presented=drawing.present(items, secrets.token_hex(16)),
        started_at=clock.now(),
        total=len(items),
    )
    attempt.assignment = assignment
    db.session.add(attempt)
    db.session.flush()
    return attempt
