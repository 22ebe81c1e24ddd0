"""The training sergeant's reminders."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.auth.rules import safe_next
from lms.schedule import actions
from lms.schedule.actions import Sender, Skipped
from lms.schedule.rules.stages import NO_REMINDER, NoReminder
from lms.training.queries import get_assignment, list_assignments
from lms.web.access import access
from lms.web.addresses import LARGEST
from lms.web.context import settings
from lms.web.filters import plural, time_of_day

bp = Blueprint("schedule", __name__, url_prefix="/schedule")

MOST = 200
"""More than one page of the list holds."""


def _sender() -> Sender:
    return Sender(settings().department, settings().public_url, settings().timezone)


@bp.post("/<int:assignment_id>/remind")
@access("notice:send")
def send_reminder(assignment_id: int) -> Response:
    """Puts a reminder into the outbox; the worker sends it within a minute."""
    assignment = get_assignment(assignment_id)
    reminded = actions.send_reminders([assignment], clock.now(), _sender())
    if reminded.sent:
        flash(f"A reminder to {assignment.person.full_name} is on its way.", "success")
    for skipped in reminded.skipped:
        flash(_why(skipped), "warning")
    return _back(url_for("reporting.person", person_id=assignment.person_id))


@bp.post("/remind")
@access("notice:send")
def send_reminders() -> Response:
    """Reminds everybody who was checked on the list, and says who was left out and why."""
    asked = {int(text) for text in request.form.getlist("assignment") if text.isascii() and text.isdigit()}
    chosen = list_assignments(sorted(number for number in asked if number <= LARGEST)[:MOST])
    reminded = actions.send_reminders(chosen, clock.now(), _sender())
    if not chosen:
        flash("Nobody was reminded. Check the box of each person to remind first.", "warning")
    if reminded.sent:
        flash(f"{plural(len(reminded.sent), 'reminder')} on the way.", "success")
    for why in NoReminder:
        left_out = [skipped for skipped in reminded.skipped if skipped.why is why]
        if left_out:
            flash(_why_all(why, left_out), "warning")
    return _back(url_for("reporting.assignments"))


def _why(skipped: Skipped) -> str:
    if skipped.why is NoReminder.TODAY and skipped.at is not None:
        return f"Already reminded today at {time_of_day(skipped.at)}; the next reminder may go out tomorrow."
    return f"No reminder was sent: {NO_REMINDER[skipped.why]}."


def _why_all(why: NoReminder, left_out: Sequence[Skipped]) -> str:
    names = (
        item.assignment.person.full_name + ("" if item.at is None else f" (at {time_of_day(item.at)})")
        for item in left_out
    )
    return f"{len(left_out)} not reminded, because {NO_REMINDER[why]}: {', '.join(names)}."


def _back(otherwise: str) -> Response:
    return redirect(safe_next(request.form.get("next")) or otherwise, 303)
