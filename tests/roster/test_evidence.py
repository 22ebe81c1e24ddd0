"""People, roles, leave and separations are held against the ledger; search knows accents."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from lms import clock
from lms.db import db
from lms.ledger.queries import list_entries, read_disclosures
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
    person, clerk = make_person(), make_person()
    actions.grant_role(clerk, SERGEANT, by=None)
    actions.grant_role(clerk, HR, by=None)
    actions.revoke_role(clerk, HR, by=None, today=clock.today("UTC"))
    leave = actions.record_leave(person, kind="family", starts_on=date(2026, 1, 5), ends_on=None, by=None)
    actions.end_leave(person, leave, date(2026, 1, 9), by=None)
    actions.separate_person(person, date(2026, 6, 30), by=None, today=clock.today("UTC"))
    db.session.commit()
    assert list(evidence.check_rows()) == []
    db.session.execute(text(statement))
    db.session.commit()
    db.session.expire_all()
    assert list(evidence.check_rows()) != []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("family_name", "Somebody"),
        ("given_name", "Else"),
        ("badge", "9999"),
        ("email", "thief@portland.test"),
        ("former_names", ""),
        ("hired_on", "2019-01-01"),
    ],
)
def test_a_changed_person_is_named(app: object, column: str, value: str) -> None:
    person = make_person(given_name="Alma", family_name="Reyes")
    actions.rename_person(person, "Alma", "Reyes-Bell", by=None)
    db.session.commit()
    assert list(evidence.check_rows()) == []
    db.session.execute(text(f"UPDATE person SET {column} = :value WHERE id = :id"), {"value": value, "id": person.id})
    db.session.commit()
    db.session.expire_all()
    assert [fault.where for fault in evidence.check_rows()] == [f"person {person.id}: {column}"]


def test_a_person_slipped_in_or_removed_is_named(app: object) -> None:
    person_id = make_person().id
    db.session.execute(
        text(
            "INSERT INTO person (badge, email, given_name, family_name, former_names, rank, unit_id, flags, hired_on, "
            "created_at) SELECT 'X1', 'x@portland.test', 'No', 'Body', '', rank, unit_id, flags, hired_on, created_at "
            "FROM person"
        )
    )
    db.session.commit()
    assert [fault.what for fault in evidence.check_rows()] == ["the ledger has no record of this row"]
    db.session.execute(text("DELETE FROM person WHERE id = :id"), {"id": person_id})
    db.session.commit()
    db.session.expunge_all()
    gone = [(fault.where, fault.what) for fault in evidence.check_rows()]
    assert (f"person:{person_id}", "the row that this record tells of is gone") in gone


def test_a_new_name_is_recorded_and_the_old_one_is_still_found(app: object) -> None:
    person = make_person(given_name="Alma", family_name="Reyes")
    actions.rename_person(person, "Alma", "Reyes", by=None)
    assert list_entries(kind=evidence.PERSON_RENAMED) == []
    actions.rename_person(person, "Alma", "Bell", by=make_person(given_name="Hana", family_name="Rowe"))
    db.session.commit()
    [entry] = list_entries(kind=evidence.PERSON_RENAMED)
    fields = read_disclosures(entry.record_id)
    assert (fields["family_name"], fields["former_names"], fields["changed_by"]) == ("Bell", "Alma Reyes", "Hana Rowe")
    assert [found.id for found in search_people("Reyes")[0]] == [person.id]


def test_a_search_finds_accented_names_in_any_case(app: object) -> None:
    person = make_person(given_name="Émile", family_name="Côté")
    assert [found.id for found in search_people("émile CÔTÉ")[0]] == [person.id]
