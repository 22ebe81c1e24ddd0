"""Roles, leave and separations are held against the ledger; search knows accents."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from lms.db import db
from lms.roster import actions, evidence
from lms.roster.permissions import HR, SERGEANT
from lms.roster.queries import search_people
from tests.factories.people import make_person


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO role_grant (person_id, role, granted_at) SELECT id, 'administrator', created_at FROM person",
        "DELETE FROM role_grant",
        "UPDATE leave SET kind = 'medical'",
        "DELETE FROM leave",
        "UPDATE person SET separated_on = '2026-12-31'",
        "UPDATE person SET separated_on = NULL",
    ],
)
def test_a_changed_row_is_named(app: object, statement: str) -> None:
    person = make_person()
    actions.grant_role(person, SERGEANT, by=None)
    actions.grant_role(person, HR, by=None)
    actions.revoke_role(person, HR, by=None)
    leave = actions.record_leave(person, kind="family", starts_on=date(2026, 1, 5), ends_on=None, by=None)
    actions.end_leave(person, leave, date(2026, 1, 9), by=None)
    actions.separate_person(person, date(2026, 6, 30), by=None)
    db.session.commit()
    assert list(evidence.check_rows()) == []
    db.session.execute(text(statement))
    db.session.commit()
    db.session.expire_all()
    assert list(evidence.check_rows()) != []


def test_a_search_finds_accented_names_in_any_case(app: object) -> None:
    person = make_person(given_name="Émile", family_name="Côté")
    assert [found.id for found in search_people("émile CÔTÉ")[0]] == [person.id]
