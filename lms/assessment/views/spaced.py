"""The offer of five questions on *My training* is taken up."""

from __future__ import annotations

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from lms.assessment import actions
from lms.assessment.views.attempts import go_on
from lms.assessment.views.blueprint import bp
from lms.errors import Conflict
from lms.web.access import access, current_person_id
from lms.web.commit import reads_first, writing
from lms.web.context import today


@bp.post("/spaced/<int:set_id>/start")
@reads_first
@access("training:take")
def start_spaced(set_id: int) -> Response:
    """Begins the set, or goes on with it at the exact question."""
    try:
        with writing():
            led = go_on(actions.start_spaced(current_person_id(), set_id, today()))
    except Conflict as conflict:
        flash(conflict.message, "info")
        return redirect(url_for("training.my_training"))
    return led
