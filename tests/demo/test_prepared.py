"""The prepared department: its evidence is whole, its people stand where the table of sign-ins says."""

from __future__ import annotations

import json
import stat
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

import lms.assessment.evidence
import lms.attestation.evidence
import lms.auth.evidence
import lms.catalog.evidence
import lms.policy.evidence
import lms.records.evidence
import lms.roster.evidence
import lms.training.evidence
from lms.assessment.queries import list_attempts
from lms.attestation.queries import list_attestations
from lms.auth.passwords import hashing
from lms.auth.queries import find_credential
from lms.catalog.queries import current_content
from lms.db import db
from lms.demo.cast import CAST
from lms.demo.prepare import Prepared
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import iter_disclosed
from lms.ledger.verify import snapshot, verify_log
from lms.roster.models import Person
from lms.roster.queries import find_person_by_email, roles_of
from lms.training.models import Assignment
from lms.training.queries import list_assignments_of, progress_of, state_today
from lms.training.rules import next_step

TODAY = date(2026, 3, 18)
FEATURES = (
    lms.policy.evidence, lms.catalog.evidence, lms.training.evidence, lms.assessment.evidence, lms.attestation.evidence,
    lms.roster.evidence, lms.auth.evidence, lms.records.evidence,
)  # fmt: skip


def person(small: Prepared, role: str) -> Person:
    found = find_person_by_email(next(a.email for a in small.accounts if a.role == role))
    assert found is not None
    return found


def newest(small: Prepared, role: str) -> Assignment:
    rows = list_assignments_of(person(small, role).id)
    return max(rows, key=lambda row: (row.opens_on, row.id))


def following(row: Assignment) -> tuple[str, str] | None:
    step = next_step(row.path, current_content(row.course_id), progress_of(row))
    return None if step is None else (step.kind, step.module_ref)


def test_evidence_is_whole(demo_app: Flask) -> None:
    with snapshot():
        faults = [*verify_log(), *(fault for feature in FEATURES for fault in feature.check_rows())]
    assert faults == []


def test_clock_never_went_back(demo_app: Flask) -> None:
    assert not [entry for entry, fields in iter_disclosed() if "clock_went_back_to" in fields]
    times = list(db.session.scalars(select(LedgerEntry.at).order_by(LedgerEntry.position)))
    assert times == sorted(times)
    assert times[0].year == 2025


@pytest.mark.parametrize(
    ("role", "state", "step"),
    [
        ("officer_due", "due_soon", "scenario"),
        ("officer_midway", "due_soon", "scenario"),
        ("officer_ready", "due_soon", "questions"),
        ("officer_failed_once", "due_soon", "lesson"),
        ("officer_decline", "due_soon", "sign"),
        ("officer_done", "completed", None),
        ("training_sergeant", "completed", None),
    ],
)
def test_cast_stands_where_it_should(small: Prepared, demo_app: Flask, role: str, state: str, step: str | None) -> None:
    row = newest(small, role)
    db.session.refresh(row, ["person"])
    next_place = following(row)
    assert (state_today(row, TODAY).value, None if next_place is None else next_place[0]) == (state, step)


def test_midway_officer_is_inside_a_story_of_the_second_module(small: Prepared, demo_app: Flask) -> None:
    row = newest(small, "officer_midway")
    place = following(row)
    assert place == ("scenario", current_content(row.course_id).modules[1].ref)


def test_failed_capstone_is_on_record(small: Prepared, demo_app: Flask) -> None:
    row = newest(small, "officer_failed_once")
    attempts = list_attempts(row.id, current_content(row.course_id).capstone.module, "capstone")
    assert [attempt.passed for attempt in attempts] == [False]
    assert row.remediation == attempts[0].missed


def test_done_officer_has_signed_each_cycle(small: Prepared, demo_app: Flask) -> None:
    assert {row.outcome for row in list_attestations(person(small, "officer_done").id)} == {"signed"}


def test_cast_signs_in_with_the_printed_passwords_at_full_cost(small: Prepared, demo_app: Flask) -> None:
    for account in small.accounts[:2]:
        found = find_person_by_email(account.email)
        assert found is not None
        credential = find_credential(found.id)
        assert credential is not None
        assert hashing().verify(credential.hash, account.password)
        assert not hashing().outdated(credential.hash)


def test_roles_are_granted(small: Prepared, demo_app: Flask) -> None:
    for part in CAST:
        assert roles_of(person(small, part.role).id) == set(part.grants)


def test_accounts_file_is_complete_and_private(small: Prepared) -> None:
    path = small.settings.instance / "demo-accounts.json"
    rows = json.loads(path.read_text())
    assert [row["role"] for row in rows] == [part.role for part in CAST]
    assert all({"role", "email", "password", "name"} <= set(row) for row in rows)
    assert all(row["email"].endswith("@portlandpd.example") for row in rows)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
