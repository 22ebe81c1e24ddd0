"""One's own ways to sign: passkeys and one-time codes. Every change asks for the password again."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask import session as cookie
from werkzeug.wrappers import Response

from lms import clock
from lms.auth import actions, codes, passkeys, queries, rules
from lms.auth.forms import AddPasskeyForm, ConfirmCodesForm, ConfirmWithPasswordForm, NewPasskeyForm
from lms.auth.passkeys import RelyingParty, relying_party
from lms.auth.views.blueprint import bp
from lms.errors import Conflict, Invalid, NotFound
from lms.web.access import access, current_person, current_person_id
from lms.web.context import client_ip, settings, today
from lms.web.forms import Form, add_error

ENROLMENT = "new_passkey"
AGAIN = "That took too long, so no passkey was added. Begin again."


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A passkey that the browser is asked to make; kept in the signed cookie until it is made."""

    challenge: bytes
    label: str


def _site() -> RelyingParty | None:
    return relying_party(settings().public_url, settings().department)


def _require_site() -> RelyingParty:
    site = _site()
    if site is None:
        raise NotFound("Browsers allow no passkeys at this site’s address. Ask an administrator.")
    return site


@bp.get("/ways")
@access("account:use")
def ways_to_sign() -> str:
    """What the person can sign with, what each proves, and how to add or remove one."""
    found = queries.find_codes(current_person_id())
    return render_template(
        "auth/ways_to_sign.html",
        passkeys=queries.list_passkeys(current_person_id()),
        codes=found if found is not None and found.enrolled_at is not None else None,
        site=_site(),
        public_url=settings().public_url,
        says=rules.METHOD_SAYS,
    )


@bp.route("/ways/passkeys/add", methods=["GET", "POST"])
@access("account:use")
def add_passkey() -> Response | tuple[str, int]:
    """First step: a name for the passkey, and the password."""
    site, form = _require_site(), AddPasskeyForm()
    if form.validate_on_submit() and _proved(form):
        cookie[ENROLMENT] = {
            "challenge": base64.b64encode(secrets.token_bytes(32)).decode(),
            "label": form.label.data,
            "person": current_person_id(),
            "at": clock.now().timestamp(),
        }
        return redirect(url_for("auth.new_passkey"))
    return render_template("auth/add_passkey.html", form=form, site=site), 422 if form.errors else 200


@bp.route("/ways/passkeys/new", methods=["GET", "POST"])
@access("account:use")
def new_passkey() -> Response | tuple[str, int]:
    """Second step: the browser makes the passkey, and the person's device asks for finger, face or PIN."""
    site, form, waiting = _require_site(), NewPasskeyForm(), _enrolment()
    if waiting is None:
        flash(AGAIN, "warning")
        return redirect(url_for("auth.add_passkey"))
    if form.validate_on_submit():
        try:
            actions.enrol_passkey(current_person(), form.credential.data or "", waiting.challenge, waiting.label, site)
        except (Invalid, Conflict) as error:
            add_error(form, error)
        else:
            del cookie[ENROLMENT]
            flash(f"The passkey “{waiting.label}” is added. You can sign with it now.", "success")
            return redirect(url_for("auth.ways_to_sign"))
    person = current_person()
    options = passkeys.registration_options(
        site,
        waiting.challenge,
        passkeys.user_handle(settings().ledger_origin, person.id),
        person.email,
        person.full_name,
        [row.credential_id for row in queries.list_passkeys(person.id)],
    )
    page = render_template("auth/new_passkey.html", form=form, site=site, label=waiting.label, options=options)
    return page, 422 if form.errors else 200


def _enrolment() -> Enrolment | None:
    """The passkey that waits to be made, while it does."""
    kept = cookie.get(ENROLMENT)
    if kept is None or kept["person"] != current_person_id():
        return None
    age = timedelta(seconds=clock.now().timestamp() - kept["at"])
    return Enrolment(base64.b64decode(kept["challenge"]), kept["label"]) if age <= rules.ENROLMENT_LASTS else None


@bp.route("/ways/passkeys/<int:passkey_id>/remove", methods=["GET", "POST"])
@access("account:use")
def remove_passkey(passkey_id: int) -> Response | tuple[str, int]:
    """Removes one passkey, after the password was typed."""
    label, form = queries.get_passkey_of(current_person_id(), passkey_id).label, ConfirmWithPasswordForm()
    if form.validate_on_submit() and _proved(form):
        actions.remove_passkey(current_person(), passkey_id)
        flash(f"The passkey “{label}” is removed. You can delete it from your device, too.", "success")
        return redirect(url_for("auth.ways_to_sign"))
    return render_template("auth/remove_passkey.html", form=form, label=label), 422 if form.errors else 200


@bp.route("/ways/codes/add", methods=["GET", "POST"])
@access("account:use")
def add_codes() -> Response | tuple[str, int]:
    """First step of one-time codes: the password."""
    form = ConfirmWithPasswordForm()
    if form.validate_on_submit() and _proved(form):
        try:
            actions.begin_codes(current_person())
        except Conflict as error:
            add_error(form, error)
        else:
            return redirect(url_for("auth.new_codes"))
    return render_template("auth/add_codes.html", form=form), 422 if form.errors else 200


@bp.route("/ways/codes/new", methods=["GET", "POST"])
@access("account:use")
def new_codes() -> Response | tuple[str, int]:
    """Second step: the code to scan, and the first one-time code typed from the app."""
    form, person = ConfirmCodesForm(), current_person()
    waiting = queries.find_codes(person.id)
    secret = None if waiting is None or waiting.enrolled_at else codes.box().open(person.id, waiting.sealed)
    if waiting is None or secret is None or clock.now() - waiting.made_at > rules.ENROLMENT_LASTS:
        return redirect(url_for("auth.ways_to_sign"))
    if form.validate_on_submit():
        try:
            actions.confirm_codes(person, form.code.data)
        except (Invalid, Conflict) as error:
            add_error(form, error)
        else:
            flash("One-time codes are set up. You can sign with your password and a code.", "success")
            return redirect(url_for("auth.ways_to_sign"))
    picture = codes.picture_of(codes.address_of(secret, person.email, settings().department))
    page = render_template("auth/new_codes.html", form=form, picture=picture, secret=codes.grouped(secret))
    return page, 422 if form.errors else 200


@bp.route("/ways/codes/remove", methods=["GET", "POST"])
@access("account:use")
def remove_codes() -> Response | tuple[str, int]:
    """Takes one's own one-time codes away, after the password was typed."""
    form = ConfirmWithPasswordForm()
    if form.validate_on_submit() and _proved(form):
        person = current_person()
        if actions.remove_codes(person, by=person):
            flash("One-time codes are removed.", "success")
        return redirect(url_for("auth.ways_to_sign"))
    return render_template("auth/remove_codes.html", form=form), 422 if form.errors else 200


def _proved(form: Form) -> bool:
    """Whether the password that was typed is right; what is wrong stands at its field."""
    try:
        actions.reauthenticate(current_person(), form.password.data, ip=client_ip(), today=today())
    except Invalid as error:
        add_error(form, error)
        return False
    return True
