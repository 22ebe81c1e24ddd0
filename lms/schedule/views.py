"""The training sergeant's reminder to one person."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.auth.rules import safe_next
from lms.schedule import actions
from lms.schedule.actions import Sender
from lms.training.queries import get_assignment
from lms.web.access import access
from lms.web.context import settings

bp = Blueprint("schedule", __name__, url_prefix="/schedule")


@bp.post("/<int:assignment_id>/remind")
@access("notice:send")
def send_reminder(assignment_id: int) -> Response:
    """Puts a reminder into the outbox; the worker sends it within a minute."""
    assignment = get_assignment(assignment_id)
    sender = Sender(settings().department, settings().public_url, settings().timezone)
    actions.send_reminder(assignment, clock.now(), sender)
    flash(f"A reminder to {assignment.person.full_name} is on its way.", "success")
    target = safe_next(request.form.get("next"))
    return redirect(target or url_for("reporting.person", person_id=assignment.person_id))
