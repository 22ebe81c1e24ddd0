"""HR's page for changes of one person's status: leave, return, separation, rehire, another name.

It shows no kind of leave and nothing else of the record, so it asks for no purpose. What is typed here as the reason of
a leave is shown to HR after a look with a stated purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms.auth.actions import revoke_sessions
from lms.errors import NotAllowed, NotFound, RollcallError
from lms.records.forms import (
    CancelLeaveForm,
    RecordLeaveForm,
    RecordReturnForm,
    RehirePersonForm,
    RenamePersonForm,
    SeparatePersonForm,
)
from lms.records.views.blueprint import bp
from lms.roster import actions as roster
from lms.roster.models import Person
from lms.roster.queries import get_person, list_leaves, role_names_of
from lms.roster.rules import is_away, is_separated
from lms.web.access import access, current_person, current_person_id
from lms.web.context import today
from lms.web.filters import day
from lms.web.forms import Form, add_error

FORMS: dict[str, type[Form]] = {
    "leave": RecordLeaveForm,
    "cancellation": CancelLeaveForm,
    "return": RecordReturnForm,
    "separation": SeparatePersonForm,
    "rehire": RehirePersonForm,
    "name": RenamePersonForm,
}
OWN = "You cannot change your own status. Ask a colleague in HR."


@bp.get("/people/<int:person_id>/status")
@access("roster:change_status")
def status(person_id: int) -> str:
    """What can change now, each with a form of its own."""
    return _page(get_person(person_id), {})


@bp.post("/people/<int:person_id>/status/<change>")
@access("roster:change_status")
def change_status(person_id: int, change: str) -> Response | tuple[str, int]:
    """Records one change, with its ledger record."""
    person = get_person(person_id)
    if change not in FORMS:
        raise NotFound("There is no such change of status.")
    form = _form(change)
    if form.validate():
        try:
            if person.id == current_person_id():
                raise NotAllowed(OWN)
            said = CHANGES[change](person, form)
        except RollcallError as error:
            add_error(form, error)
        else:
            flash(said, "success")
            return redirect(url_for("records.status", person_id=person_id), 303)
    return _page(person, {change: form}), 422


def _form(change: str, **given: Any) -> Form:
    """Each form's fields carry its name, so that all of them may stand on one page."""
    return FORMS[change](prefix=f"{change}-", **given)


def _page(person: Person, tried: dict[str, Form]) -> str:
    now = today()
    leaves = list_leaves(person.id)
    # With no form data: the forms that were not sent must not read the one that was.
    forms = {change: tried.get(change) or _form(change, formdata=None) for change in FORMS}
    if "name" not in tried:
        forms["name"].process(data={"given_name": person.given_name, "family_name": person.family_name})
    return render_template(
        "records/status.html",
        person=person,
        forms=forms,
        left=is_separated(person.separated_on, person.rehired_on, now),
        away=next((leave for leave in leaves if is_away(leave.starts_on, leave.ends_on, now)), None),
        coming=[leave for leave in leaves if leave.starts_on > now],
        roles=role_names_of(person.id),
        own=person.id == current_person_id(),
        own_words=OWN,
    )


def _leave(person: Person, form: Any) -> str:
    roster.record_leave(
        person,
        kind=form.kind.data,
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        note=form.note.data or "",
        by=current_person(),
    )
    return f"The leave of {person.full_name} from {day(form.starts_on.data)} is recorded."


def _cancellation(person: Person, form: Any) -> str:
    leave = roster.cancel_leave(person, form.leave.data, today(), by=current_person())
    return f"The leave of {person.full_name} from {day(leave.starts_on)} is cancelled."


def _return(person: Person, form: Any) -> str:
    roster.return_from_leave(person, form.back_on.data, by=current_person())
    return f"{person.full_name} is back on {day(form.back_on.data)}. The days away are given back to open training."


def _separation(person: Person, form: Any) -> str:
    roster.separate_person(person, form.separated_on.data, by=current_person(), today=today())
    if form.separated_on.data <= today():
        revoke_sessions(person)
    return f"The last day of service of {person.full_name} is recorded. All records are kept."


def _rehire(person: Person, form: Any) -> str:
    roster.rehire_person(person, form.rehired_on.data, by=current_person())
    return f"{person.full_name} is in service again from {day(form.rehired_on.data)}. First training begins anew."


def _name(person: Person, form: Any) -> str:
    before = person.full_name
    roster.rename_person(person, form.given_name.data, form.family_name.data, by=current_person())
    return f"{before} is {person.full_name} now. The former name is kept, and a search finds it."


CHANGES: dict[str, Callable[[Person, Any], str]] = {
    "leave": _leave,
    "cancellation": _cancellation,
    "return": _return,
    "separation": _separation,
    "rehire": _rehire,
    "name": _name,
}
