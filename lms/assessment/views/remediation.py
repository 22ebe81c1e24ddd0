"""After a failed capstone: the missed clauses again, word for word, then practice on just those."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms.assessment import actions, queries
from lms.assessment.actions import REMEDIATION_PER_CLAUSE
from lms.assessment.queries import REMEDIATION
from lms.assessment.views.blueprint import bp, policy_of
from lms.catalog.queries import current_content
from lms.errors import Conflict
from lms.training.queries import get_assignment_for, get_workable_assignment, why_not_workable
from lms.training.rules import missed_modules
from lms.web.access import access, current_person_id
from lms.web.context import today


@bp.get("/<int:assignment_id>/remediation")
@access("training:take")
def remediation(assignment_id: int) -> str | Response:
    """Just the clauses that were missed, each with its part of the lesson."""
    found = get_assignment_for(current_person_id(), assignment_id)
    content = current_content(found.course_id)
    if found.path != "full" and missed_modules(content, found.remediation):
        return redirect(url_for("training.assignment", assignment_id=found.id))
    if not found.remediation:
        return redirect(url_for(".questions", assignment_id=found.id, module_ref=content.capstone.module))
    sittings = queries.list_attempts(found.id, content.capstone.module, REMEDIATION)
    parts = [(clause, content.sections_for(clause)) for clause in found.remediation]
    practice = [content.items_for([clause])[:REMEDIATION_PER_CLAUSE] for clause in found.remediation]
    return render_template(
        "assessment/remediation.html",
        assignment=found,
        parts=parts,
        total=sum(len(items) for items in practice),
        policy=policy_of(content),
        unfinished=next((attempt for attempt in sittings if attempt.finished_at is None), None),
        why_not=why_not_workable(found, today()),
    )


@bp.post("/<int:assignment_id>/remediation/start")
@access("training:take")
def start_remediation(assignment_id: int) -> Response:
    """Begins the practice on the missed clauses, or goes on with it."""
    try:
        found = get_workable_assignment(current_person_id(), assignment_id, today())
        content = current_content(found.course_id)
        attempt = actions.start_attempt(found, content.capstone.module, REMEDIATION)
    except Conflict as conflict:
        flash(conflict.message, "info")
        return redirect(url_for("training.assignment", assignment_id=assignment_id))
    return redirect(url_for(".attempt", attempt_id=attempt.id))
