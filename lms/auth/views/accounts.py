"""The accounts desk: who has an account, and adding somebody."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import SelectChoice

from lms import clock
from lms.auth import actions, emails, queries, rules
from lms.auth.forms import AddAccountForm
from lms.auth.views.blueprint import bp
from lms.errors import Invalid
from lms.notify.rules import Letter
from lms.roster import actions as roster
from lms.roster.models import Person, Unit
from lms.roster.permissions import GRANTED_ROLES, ROLE_NAMES
from lms.roster.queries import get_person, list_units, roles_of, search_people
from lms.roster.rules import is_separated
from lms.web.access import access, current_person
from lms.web.context import settings, today
from lms.web.forms import add_error
from lms.web.paging import Address, Page, page_number

PAGE_SIZE = 50


@bp.get("/accounts")
@access("account:manage")
def accounts() -> str:
    """Everybody on the roster, found by name, badge or email."""
    text = request.args.get("text", "")[:100]
    number = page_number()
    people, total = search_people(text, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    return render_template(
        "auth/accounts.html",
        people=people,
        text=text,
        summaries=queries.summarize_accounts(person.id for person in people),
        page_of=Page(number, PAGE_SIZE, total, Address("auth.accounts", {"text": text})),
        role_names=ROLE_NAMES,
        left=_left,
    )


def _left(person: Person) -> bool:
    return is_separated(person.separated_on, person.rehired_on, today())


@bp.route("/accounts/new", methods=["GET", "POST"])
@access("account:manage")
def new_account() -> Response | tuple[str, int]:
    """Adds a person and sends the invitation."""
    form = AddAccountForm()
    units = list_units()
    form.unit_id.choices = [SelectChoice(unit.id, unit.name) for unit in units] or [SelectChoice(0, "None yet")]
    if form.validate_on_submit():
        try:
            person = _add(form, {unit.id: unit for unit in units})
        except Invalid as error:
            add_error(form, error)
        else:
            flash(f"{person.full_name} is on the roster. The invitation goes to {person.email}.", "success")
            return redirect(url_for("auth.account", person_id=person.id))
    return render_template("auth/new_account.html", form=form), 422 if form.errors else 200


def _add(form: AddAccountForm, units: dict[int, Unit]) -> Person:
    unit = roster.add_unit(form.new_unit.data) if form.new_unit.data else units.get(form.unit_id.data)
    if unit is None:
        raise Invalid("Enter the name of the first unit.", field="new_unit")
    person = roster.add_person(
        badge=form.badge.data,
        email=form.email.data,
        given_name=form.given_name.data,
        family_name=form.family_name.data,
        rank=form.rank.data,
        unit=unit,
        hired_on=form.hired_on.data,
        by=current_person(),
    )
    invite(person)
    return person


def invite(person: Person) -> bool:
    """Sends a link to set a password; False where one went out a moment ago."""

    def compose(token: str) -> Letter:
        return emails.invitation(
            name=person.full_name,
            link=settings().public_url + url_for("auth.set_password_by_link", token=token),
            department=settings().department,
            days=rules.INVITATION_LINK.days,
        )

    return actions.send_link(person, lifetime=rules.INVITATION_LINK, compose=compose, today=today()) is not None


@bp.get("/accounts/<int:person_id>")
@access("account:manage")
def account(person_id: int) -> str:
    """One account: how the person signs in, roles, and what can be done."""
    person = get_person(person_id)
    return render_template(
        "auth/account.html",
        person=person,
        roles=roles_of(person_id),
        granted_roles=GRANTED_ROLES,
        role_names=ROLE_NAMES,
        credential=queries.find_credential(person_id),
        sessions=queries.list_sessions(person_id, clock.now()),
        passkeys=queries.list_passkeys(person_id),
        codes=queries.find_codes(person_id),
        left=_left(person),
    )
