"""A refused signature or decline leads back to its page by a redirect, with what was typed and what was wrong.

Shown as the answer to the POST, the page could not be gone back to: browsers ask to send the form again, or fail with
ERR_CACHE_MISS, because nothing may be cached. What was typed (up to thousands of characters) is too long for the
session's cookie, so it is kept as a draft in the database; only the short sentences of the refusal travel in the
cookie, and which boxes were ticked: they are ticked again once, and only while the text to be signed is the same. A
password or a code is never kept.
"""

from __future__ import annotations

from flask import flash, redirect, session, url_for
from werkzeug.wrappers import Response

from lms.attestation import actions, queries
from lms.attestation.forms import ShownForm
from lms.db import db
from lms.errors import Conflict, Invalid, Stale
from lms.training.models import Assignment
from lms.training.queries import get_assignment_for
from lms.web.access import current_person_id
from lms.web.forms import add_error

REFUSED = "refused_act"


def refuse(act: str, assignment_id: int, form: ShownForm) -> Response:
    """Keeps what was typed, and leads back to the page of ``act`` (sign or decline)."""
    ticked = [name for name in form.ticked if form[name].data]
    fields = {field.name: list(field.errors) for field in form if field.errors}
    db.session.rollback()
    assignment = get_assignment_for(current_person_id(), assignment_id)
    actions.keep_draft(assignment, act, {name: form[name].data or "" for name in form.typed})
    session[REFUSED] = {
        "at": f"{act}:{assignment_id}",
        "fields": fields,
        "form": list(form.form_errors),
        "text": form.text_shown,
        "ticked": ticked,
    }
    return redirect(url_for(f"attestation.{act}", assignment_id=assignment_id), 303)


def note(form: ShownForm, error: Conflict | Invalid) -> None:
    """A page that is out of date is a message of its own; what was typed wrong stands at its field."""
    if isinstance(error, Stale):
        flash(error.message, "warning")
    elif isinstance(error, Invalid):
        add_error(form, error)


def fill_again(act: str, assignment: Assignment, form: ShownForm) -> None:
    """Puts the draft into the form and, once, what was wrong with it."""
    draft = queries.find_draft(assignment.id, act)
    for name in form.typed if draft is not None else ():
        form[name].data = draft.typed.get(name, "") if draft is not None else ""
    refused = session.get(REFUSED)
    if refused is None or refused.get("at") != f"{act}:{assignment.id}":
        return
    del session[REFUSED]
    for name, errors in refused["fields"].items():
        if name in form:
            form[name].errors = errors
    form.form_errors.extend(refused["form"])
    if refused.get("text") == form.text_shown:
        for name in refused["ticked"]:
            form[name].data = True
