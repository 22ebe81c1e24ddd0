"""The least valid people and units."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from flask import Flask

from lms.db import db
from lms.roster import actions
from lms.roster.models import Person, Unit
from lms.roster.queries import roles_of
from tests.support.checked_client import CheckedClient

PASSWORD = "granite ferry lantern 42"
_number = count(1)


def make_unit(name: str = "Patrol") -> Unit:
    """A unit of that name."""
    return actions.add_unit(name)


def make_person(**given: Any) -> Person:
    """A person with a badge and address of their own; committed."""
    n = next(_number)
    values: dict[str, Any] = {
        "badge": f"T{n:04d}",
        "email": f"person{n}@portland.test",
        "given_name": "Dana",
        "family_name": f"Officer{n}",
        "rank": "Officer",
        "unit": given.pop("unit", None) or make_unit(),
        "hired_on": date(2020, 3, 1),
    }
    person = actions.add_person(**{**values, **given})
    db.session.commit()
    return person


def give_password(person: Person, password: str = PASSWORD) -> None:
    """Sets a password, as an administrator's link would."""
    from lms.auth.actions import set_password

    set_password(person, password, by=None)
    db.session.commit()


def signed_in_client(app: Flask, person: Person, *roles: str) -> CheckedClient:
    """A client signed in through the real page."""
    for role in roles:
        if role not in roles_of(person.id):
            actions.grant_role(person, role, by=None)
    give_password(person)
    address = person.email
    client: CheckedClient = app.test_client()  # type: ignore[assignment]
    response = client.submit("/auth/sign-in", {"email": address, "password": PASSWORD})
    assert response.status_code == 302, response.get_data(as_text=True)
    return client
