"""A password that was set behind the ledger's back is named."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from lms.auth import evidence
from lms.db import db
from tests.factories.people import give_password, make_person


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE password_credential SET set_at = '2020-01-01 00:00:00.000000'", "person {id}: password, set_at"),
        ("DELETE FROM password_credential", "person:{id}: password"),
        (
            "INSERT INTO password_credential (person_id, hash, set_at) "
            "SELECT person_id + 1, hash, set_at FROM password_credential",
            "person {other}: password",
        ),
    ],
)
def test_a_changed_password_row_is_named(app: Flask, change: str, named: str) -> None:
    person = make_person()
    other = make_person()
    ids = {"id": person.id, "other": other.id}
    give_password(person)
    give_password(person, "copper saddle november 17")
    assert list(evidence.check_rows()) == []
    db.session.execute(text(change))
    db.session.commit()
    db.session.expire_all()
    assert [fault.where for fault in evidence.check_rows()] == [named.format(**ids)]
