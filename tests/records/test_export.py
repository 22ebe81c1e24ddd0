"""The export of attestations: complete, free of formulas, and itself on the ledger."""

from __future__ import annotations

import csv
import hashlib
import io

import pytest
from sqlalchemy import func, select

from lms import clock
from lms.attestation.models import Attestation
from lms.attestation.queries import get_attestation
from lms.audit.models import RecordLook
from lms.db import db
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import check_record, read_disclosures
from lms.roster.models import Person
from tests.factories.people import make_person
from tests.factories.training import make_ready_to_sign
from tests.records.conftest import decline, sign
from tests.support.checked_client import CheckedClient

TODAY = clock.today("America/New_York").isoformat()
FORM = {"since_on": TODAY, "until_on": TODAY, "purpose": "Yearly audit 2026"}


def exported() -> list[LedgerEntry]:
    return list(db.session.scalars(select(LedgerEntry).where(LedgerEntry.kind == "records.exported")))


def test_each_attestation_is_one_line_with_its_record_and_fingerprint(hr: CheckedClient, signed: Attestation) -> None:
    response = hr.submit("/records/export", FORM)
    assert response.status_code == 200
    assert "attachment" in response.headers["Content-Disposition"]
    header, row = list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"))))
    line = dict(zip(header, row, strict=True))
    assert line["Record"] == signed.record_id
    assert line["Fingerprint"] == check_record(signed.record_id).fingerprint
    assert line["Printed name"] == "Alma Reyes"
    assert line["Outcome"] == "Signed"
    assert line["Policy SHA-256"] == get_attestation(signed.id).policy_version.sha256


def test_that_it_left_is_a_look_and_a_record_with_the_hash_of_the_file(hr: CheckedClient, signed: Attestation) -> None:
    response = hr.submit("/records/export", FORM)
    [entry] = exported()
    fields = read_disclosures(entry.record_id)
    assert fields["sha256"] == hashlib.sha256(response.data).hexdigest()
    assert (fields["count"], fields["purpose"], fields["exported_by"]) == (1, "Yearly audit 2026", "Hana Rowe")
    look = db.session.scalars(select(RecordLook)).one()
    assert look.subject_id is None
    assert look.record_id == entry.record_id


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": ""},
        {"purpose": "x"},
        {"since_on": ""},
        {"until_on": "2020-01-01"},
        {"since_on": "1990-01-01"},
        {"until_on": "never"},
    ],
)
def test_without_a_purpose_or_a_period_nothing_leaves_and_nothing_is_kept(
    hr: CheckedClient, signed: Attestation, change: dict[str, str]
) -> None:
    response = hr.submit("/records/export", {**FORM, **change})
    assert response.status_code == 422
    assert response.mimetype == "text/html"
    assert exported() == []
    assert db.session.scalar(select(func.count()).select_from(RecordLook)) == 0


def test_no_cell_of_the_export_can_be_a_formula(hr: CheckedClient, officer: Person) -> None:
    person = make_person(given_name="=cmd|' /C calc'!A0", family_name="X", badge="@SUM(1)")
    sign(person, make_ready_to_sign(person), "+1 to that")
    data = hr.submit("/records/export", FORM).data.decode("utf-8-sig")
    _header, row = list(csv.reader(io.StringIO(data)))
    assert "'=cmd|' /C calc'!A0 X" in row
    assert "'@SUM(1)" in row
    assert "'+1 to that" in row
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_a_decline_is_exported_with_its_witnesses(hr: CheckedClient, officer: Person) -> None:
    decline(officer, make_ready_to_sign(officer), [make_person(family_name="One"), make_person(family_name="Two")])
    data = hr.submit("/records/export", FORM).data.decode("utf-8-sig")
    assert "Declined to sign" in data
    assert data.count("not yet") == 2


def test_an_empty_period_is_an_empty_file_and_still_a_record(hr: CheckedClient, officer: Person) -> None:
    response = hr.submit("/records/export", {**FORM, "since_on": "2020-01-01", "until_on": "2020-12-31"})
    assert len(response.data.decode("utf-8-sig").splitlines()) == 1
    [entry] = exported()
    assert read_disclosures(entry.record_id)["count"] == 0
