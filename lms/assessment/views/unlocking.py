"""The training sergeant's page after the conversation that opens one more capstone attempt."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.assessment import actions, queries
from lms.assessment.forms import UnlockAttemptForm
from lms.assessment.queries import CAPSTONE
from lms.assessment.views.blueprint import bp
from lms.auth.rules import safe_next
from lms.errors import RollcallError
from lms.training.models import Assignment
from lms.training.queries import get_assignment
from lms.web.access import access, current_person
from lms.web.forms import add_error


@bp.route("/<int:assignment_id>/unlock", methods=["GET", "POST"])
@access("assignment:manage")
def unlock(assignment_id: int) -> str | Response | tuple[str, int]:
    """What the officer missed, and the note that opens the next attempt."""
    found = get_assignment(assignment_id)
    form = UnlockAttemptForm(data=None if request.method == "POST" else {"next": request.args.get("next", "")})
    if form.validate_on_submit():
        try:
            actions.unlock_attempt(found, form.note.data, current_person())
        except RollcallError as error:
            add_error(form, error)
        else:
            flash("One more attempt is open. The officer can start it now.", "success")
            return redirect(_return_url(found, form))
    return _page(found, form)


def _page(found: Assignment, form: UnlockAttemptForm) -> str | tuple[str, int]:
    found = get_assignment(found.id)
    capstones = [attempt for attempt in queries.attempts_of(found.id) if attempt.kind == CAPSTONE]
    page = render_template(
        "assessment/unlock.html",
        assignment=found,
        form=form,
        attempts=capstones,
        waiting=queries.needs_conversation(found),
        back_url=_return_url(found, form),
    )
    return (page, 422) if form.errors else page


def _return_url(found: Assignment, form: UnlockAttemptForm) -> str:
    return safe_next(form.next.data) or url_for("reporting.person", person_id=found.person_id)
