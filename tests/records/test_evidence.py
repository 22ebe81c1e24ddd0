"""A look or an export whose row was changed, removed or slipped in is named."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import text

from lms.db import db
from lms.ledger.queries import read_disclosures
from lms.records import actions, evidence
from tests.factories.people import make_person


@pytest.fixture
def looks(app: Flask) -> list[int]:
    """One look and one export; their row ids."""
    reader, subject = make_person(given_name="Hana", family_name="Rowe"), make_person()
    look = actions.look_at(reader, subject, "Grievance 12")
    assert read_disclosures(look.record_id)["reader"] == "Hana Rowe"
    assert read_disclosures(look.record_id)["subject"] == subject.subject
    actions.record_export(
        reader, since_on=date(2026, 1, 1), until_on=date(2026, 2, 1), purpose="Audit 2026", count=3, sha256="0" * 64
    )
    db.session.commit()
    return list(db.session.scalars(text("SELECT id FROM record_look ORDER BY id")))


def faults() -> list[str]:
    db.session.commit()
    db.session.expire_all()
    return [str(fault) for fault in evidence.check_rows()]


def test_untouched_looks_have_no_fault(looks: list[int]) -> None:
    assert faults() == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE record_look SET purpose = 'Curiosity' WHERE id = :look", "look {look}: purpose"),
        ("UPDATE record_look SET reader_id = subject_id WHERE id = :look", "look {look}: reader_id"),
        ("UPDATE record_look SET subject_id = reader_id WHERE id = :export", "look {export}: person_id"),
        ("UPDATE record_look SET what = 'Nothing' WHERE id = :export", "look {export}: seen"),
        ("UPDATE record_look SET looked_at = '2020-01-01 00:00:00.000000' WHERE id = :look", "look {look}: looked_at"),
        ("DELETE FROM record_look WHERE id = :look", "records.looked_at: the row that this record tells of is gone"),
        ("DELETE FROM record_look WHERE id = :export", "records.exported: the row that this record tells of is gone"),
        (
            "INSERT INTO record_look (reader_id, subject_id, what, purpose, looked_at, record_id) "
            "SELECT reader_id, reader_id, what, 'Forged', looked_at, (SELECT record_id FROM ledger_entry "
            "WHERE kind = 'roster.person_added' ORDER BY id LIMIT 1) FROM record_look WHERE id = :look",
            "the ledger has no such record of this row",
        ),
    ],
)
def test_a_changed_look_is_named(looks: list[int], change: str, named: str) -> None:
    ids = {"look": looks[0], "export": looks[1]}
    db.session.execute(text(change), {name: value for name, value in ids.items() if f":{name}" in change})
    found = faults()
    assert any(named.format(**ids) in fault for fault in found), found
