"""Page: what changed in the policy since one's last signature, and the confirmation that it was read."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from lms.attestation import actions
from lms.attestation.changes import compare, find_reading, what_changed
from lms.attestation.forms import ConfirmChangesForm
from lms.attestation.views.shared import bp
from lms.catalog.queries import current_content
from lms.errors import NotFound, Stale
from lms.policy.queries import policy_text
from lms.training.queries import get_assignment_for, get_workable_assignment, list_steps
from lms.training.rules import changes_key
from lms.web.access import access, current_person
from lms.web.context import today


@bp.post("/attestation/<int:assignment_id>/changes/open")
@access("training:take")
def open_changes(assignment_id: int) -> ResponseReturnValue:
    """Notes that it was opened, then shows it."""
    get_workable_assignment(current_person().id, assignment_id, today())
    actions.open_changes(current_person(), assignment_id)
    return redirect(url_for("attestation.changes", assignment_id=assignment_id))


@bp.get("/attestation/<int:assignment_id>/changes")
@access("training:take")
def changes(assignment_id: int) -> ResponseReturnValue:
    """Clause by clause what is not as it was signed; once it is confirmed, as it was confirmed."""
    found = get_assignment_for(current_person().id, assignment_id)
    content = current_content(found.course_id)
    closed = found.outcome is not None
    reading = find_reading(found.id, None if closed else content.policy_version_id)
    if found.path != "refresher" or (closed and reading is None):
        raise NotFound("There is nothing of this kind in this training. Go back to My training.")
    opened = (content.capstone.module, changes_key(content.policy_version_id)) in list_steps(found.id)
    if reading is None and not opened:
        return redirect(url_for("training.assignment", assignment_id=found.id))
    if reading is not None:
        shown = compare(reading.policy_version, reading.since)
    else:
        shown = what_changed(current_person().id, content.policy_version_id)
    form = ConfirmChangesForm(formdata=None)
    form.show(shown.shown)
    return render_template(
        "attestation/changes.html",
        assignment=found,
        shown=shown,
        policy=policy_text(shown.now.id),
        reading=reading,
        form=form,
    )


@bp.post("/attestation/<int:assignment_id>/changes")
@access("training:take")
def confirm_changes(assignment_id: int) -> ResponseReturnValue:
    """Records that it was read, and leads on to the capstone."""
    get_workable_assignment(current_person().id, assignment_id, today())
    try:
        actions.confirm_changes(current_person(), assignment_id, ConfirmChangesForm().shown)
    except Stale as error:
        flash(error.message, "warning")
        return redirect(url_for("attestation.changes", assignment_id=assignment_id), 303)
    flash("Recorded: you have read what changed.", "success")
    return redirect(url_for("training.assignment", assignment_id=assignment_id), 303)
