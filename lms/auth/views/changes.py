"""The accounts desk: changes of one account. Those that give or take power ask for the administrator's password."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from lms.auth import actions
from lms.auth.forms import ConfirmWithPasswordForm, SeparateAccountForm
from lms.auth.views.accounts import invite
from lms.auth.views.blueprint import bp
from lms.errors import Conflict, Invalid, NotAllowed, NotFound
from lms.roster import actions as roster
from lms.roster.models import Person
from lms.roster.permissions import GRANTED_ROLES, PERMISSIONS, ROLE_NAMES
from lms.roster.queries import get_person, role_names_of, roles_of
from lms.web.access import access, current_person, current_person_id
from lms.web.context import client_ip, today
from lms.web.forms import add_error


@bp.route("/accounts/<int:person_id>/roles/<role>", methods=["GET", "POST"])
@access("account:manage")
def change_role(person_id: int, role: str) -> Response | tuple[str, int]:
    """Grants the role, or takes it away where the person holds it, after a confirmation."""
    if role not in GRANTED_ROLES:
        raise NotFound("There is no such role.")
    person, form = get_person(person_id), ConfirmWithPasswordForm()
    held = role in roles_of(person_id)
    if request.form.get("wanted") == ("give" if held else "take"):
        flash(f"This was done already. See the roles of {person.full_name} below.", "info")
        return redirect(url_for("auth.account", person_id=person_id))
    if form.validate_on_submit():
        try:
            actions.reauthenticate(current_person(), form.password.data, ip=client_ip(), today=today())
            _change_role(get_person(person_id), role, held)
        except (Invalid, Conflict, NotAllowed) as error:
            add_error(form, error)
        else:
            done = "no longer holds" if held else "now holds"
            flash(f"{person.full_name} {done} the role {ROLE_NAMES[role]}.", "success")
            return redirect(url_for("auth.account", person_id=person_id))
    gives = sorted(name for name, holders in PERMISSIONS.items() if role in holders)
    page = render_template(
        "auth/change_role.html", person=person, form=form, role=ROLE_NAMES[role], held=held, gives=gives
    )
    return page, 422 if form.errors else 200


def _change_role(person: Person, role: str, held: bool) -> None:
    """Changes a role from what the page showed; where somebody was quicker, nothing is left to do."""
    if (role in roles_of(person.id)) != held:
        return
    if not held:
        roster.grant_role(person, role, by=current_person())
    elif person.id == current_person_id():
        raise NotAllowed("You cannot take away a role of your own. Ask another administrator.")
    else:
        roster.revoke_role(person, role, by=current_person(), today=today())


@bp.route("/accounts/<int:person_id>/separate", methods=["GET", "POST"])
@access("account:manage")
def separate_account(person_id: int) -> Response | tuple[str, int]:
    """Dates the last day of service. The record stays; every open session ends."""
    person, form = get_person(person_id), SeparateAccountForm()
    if form.validate_on_submit():
        try:
            actions.reauthenticate(current_person(), form.password.data, ip=client_ip(), today=today())
            _separate(get_person(person_id), form)
        except (Invalid, Conflict, NotAllowed) as error:
            add_error(form, error)
        else:
            flash(f"The last day of service of {person.full_name} is recorded. All records are kept.", "success")
            return redirect(url_for("auth.account", person_id=person_id))
    page = render_template("auth/separate_account.html", person=person, form=form, roles=role_names_of(person_id))
    return page, 422 if form.errors else 200


def _separate(person: Person, form: SeparateAccountForm) -> None:
    if person.id == current_person_id():
        raise NotAllowed("You cannot close your own account. Ask another administrator.")
    roster.separate_person(person, form.separated_on.data, by=current_person(), today=today())
    actions.revoke_sessions(person)


@bp.route("/accounts/<int:person_id>/codes/reset", methods=["GET", "POST"])
@access("account:manage")
def reset_codes(person_id: int) -> Response | tuple[str, int]:
    """Takes a person's one-time codes away, say after a phone was lost; it is recorded who did it."""
    person, form = get_person(person_id), ConfirmWithPasswordForm()
    if form.validate_on_submit():
        try:
            actions.reauthenticate(current_person(), form.password.data, ip=client_ip(), today=today())
            done = actions.remove_codes(get_person(person_id), by=current_person())
        except Invalid as error:
            add_error(form, error)
        else:
            said = "are reset. A letter says so." if done else "were not set up; nothing was changed."
            flash(f"The one-time codes of {person.full_name} {said}", "success" if done else "info")
            return redirect(url_for("auth.account", person_id=person_id))
    return render_template("auth/reset_codes.html", person=person, form=form), 422 if form.errors else 200


@bp.post("/accounts/<int:person_id>/link")
@access("account:manage")
def send_link(person_id: int) -> Response:
    """Sends a new link to set a password; earlier links stop working."""
    person = get_person(person_id)
    if invite(person):
        flash(f"A link to set a password goes to {person.email}.", "success")
    else:
        flash("A link was sent a moment ago. Wait five minutes before you send another.", "info")
    return redirect(url_for("auth.account", person_id=person_id))


@bp.post("/accounts/<int:person_id>/sessions/end")
@access("account:manage")
def end_sessions(person_id: int) -> Response:
    """Signs the person out everywhere, say after a phone was lost."""
    person = get_person(person_id)
    actions.revoke_sessions(person)
    flash(f"{person.full_name} is signed out everywhere.", "success")
    return redirect(url_for("auth.account", person_id=person_id))
