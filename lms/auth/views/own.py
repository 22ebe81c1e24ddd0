"""One's own account: the password, and where one is signed in."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from lms import clock
from lms.auth import actions, queries, rules, session
from lms.auth.forms import ChangePasswordForm
from lms.auth.views.blueprint import bp
from lms.errors import Invalid
from lms.web.access import access, current_person, current_person_id
from lms.web.context import client_ip, settings, today
from lms.web.forms import add_error


@bp.route("/password", methods=["GET", "POST"])
@access("account:use")
def change_password() -> Response | tuple[str, int]:
    """Sets a new password; every other session of the person ends."""
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            actions.change_password(
                current_person(),
                form.password.data,
                form.new_password.data,
                keep_session_id=session.current_session_id(),
                department=settings().department,
                ip=client_ip(),
                today=today(),
            )
        except Invalid as error:
            add_error(form, error)
        else:
            flash("Your password is changed. You are signed out everywhere else.", "success")
            return redirect(url_for("auth.sessions"))
    return render_template("auth/change_password.html", form=form), 422 if form.errors else 200


@bp.get("/sessions")
@access("account:use")
def sessions() -> str:
    """Where the person is signed in."""
    return render_template(
        "auth/sessions.html",
        sessions=queries.list_sessions(current_person_id(), clock.now()),
        here=session.current_session_id(),
        device_name=rules.device_name,
    )


@bp.post("/sessions/<int:session_id>/end")
@access("account:use")
def end_session(session_id: int) -> Response:
    """Signs one other browser out."""
    actions.revoke_session(queries.get_session_of(current_person_id(), session_id))
    flash("That browser is signed out.", "success")
    return redirect(url_for("auth.sessions"))


@bp.post("/sessions/end-others")
@access("account:use")
def end_other_sessions() -> Response:
    """Signs every other browser out."""
    ended = actions.revoke_sessions(current_person(), keep_session_id=session.current_session_id())
    flash("You are signed out everywhere else." if ended else "You are signed in nowhere else.", "success")
    return redirect(url_for("auth.sessions"))
