"""Signing in and out, and setting a password by a one-time link."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from lms import clock
from lms.auth import actions, emails, queries, rules, session
from lms.auth.forms import ForgottenPasswordForm, SetPasswordForm, SignInForm
from lms.auth.limits import FAILURES, LETTERS, failed, limiter
from lms.auth.views.blueprint import bp
from lms.errors import Invalid
from lms.notify.rules import Letter
from lms.roster.models import Person
from lms.web.access import access, public
from lms.web.context import client_agent, client_ip, settings, today
from lms.web.forms import add_error


@bp.route("/sign-in", methods=["GET", "POST"])
@public
@limiter.limit(FAILURES, methods=["POST"], deduct_when=failed)
def sign_in() -> Response | tuple[str, int]:
    """The front door. Somebody who is signed in already is led on."""
    form = SignInForm()
    if request.method == "GET":
        target = rules.safe_next(request.args.get("next"))
        if current_user.is_authenticated:
            return redirect(target or url_for("web.home"))
        form.next.data = target or ""
        return render_template("auth/sign_in.html", form=form), 200
    if form.validate():
        try:
            session.begin(_open(form))
        except Invalid as error:
            add_error(form, error)
        else:
            return redirect(rules.safe_next(form.next.data) or url_for("web.home"))
    return render_template("auth/sign_in.html", form=form), 422


def _open(form: SignInForm) -> str:
    """The token of a new session; one that this browser had before is ended."""
    before = current_user.session_id
    opened = actions.sign_in(
        form.email.data,
        form.password.data,
        ip=client_ip(),
        user_agent=client_agent(),
        hours=settings().session_hours,
        today=today(),
    )
    if before is not None:
        actions.revoke_session(queries.get_session(before))
    return opened.token


@bp.post("/sign-out")
@access("account:use")
def sign_out() -> Response:
    """Ends this session, also for every copy of its cookie."""
    actions.revoke_session(queries.get_session(session.current_session_id()))
    session.end()
    flash("You are signed out.", "success")
    return redirect(url_for("auth.sign_in"))


@bp.route("/forgotten", methods=["GET", "POST"])
@public
@limiter.limit(LETTERS, methods=["POST"])
def forgotten_password() -> Response | tuple[str, int]:
    """Sends a link, and says the same whether or not there is such an account."""
    form = ForgottenPasswordForm()
    if not form.validate_on_submit():
        return render_template("auth/forgotten_password.html", form=form), 422 if form.errors else 200
    actions.request_link(form.email.data, compose=_forgotten_letter, today=today())
    flash(
        "If this address belongs to an account, a letter with a link is on its way. It can take some minutes. "
        "No letter? Check the address and the junk folder, or ask an administrator.",
        "info",
    )
    return redirect(url_for("auth.sign_in"))


def _forgotten_letter(person: Person, token: str) -> Letter:
    return emails.forgotten_password(
        name=person.full_name,
        link=settings().public_url + url_for("auth.set_password_by_link", token=token),
        department=settings().department,
        hours=int(rules.FORGOTTEN_LINK.total_seconds()) // 3600,
    )


@bp.route("/link/<token>", methods=["GET", "POST"])
@public
@limiter.limit(FAILURES, methods=["GET", "POST"], deduct_when=failed)
def set_password_by_link(token: str) -> Response | tuple[str, int]:
    """Sets a password with the link of an invitation or of a letter that was asked for. Showing it spends nothing."""
    form = SetPasswordForm()
    link = queries.find_link(token, clock.now())
    person = None if link is None else link.person
    status = 404 if person is None else 200
    if person is not None and request.method == "POST":
        status = 422
        if form.validate():
            try:
                actions.use_link(token, form.new_password.data, department=settings().department)
            except Invalid as error:
                add_error(form, error)
            else:
                flash("Your password is set. Sign in with it now.", "success")
                return redirect(url_for("auth.sign_in"))
    response = make_response(render_template("auth/set_password_by_link.html", form=form, person=person), status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
