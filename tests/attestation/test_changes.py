"""What changed since the last signature: shown, read once, on the ledger with both texts, and asked before signing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from lms import clock
from lms.attestation import actions, evidence
from lms.attestation.changes import what_changed
from lms.attestation.models import PolicyReading
from lms.attestation.rules import Client, ShownChanges
from lms.auth.rules import Reauthentication
from lms.catalog.queries import current_content
from lms.db import db
from lms.errors import Conflict, NotFound, Stale
from lms.ledger.queries import list_entries, read_disclosures
from lms.roster.models import Person
from lms.training.models import Assignment
from lms.training.queries import list_steps, why_locked
from tests.catalog.courses import copy_tiny, edit
from tests.factories.people import make_person
from tests.factories.training import make_assignment, make_ready_to_sign, published_course
from tests.support.checked_client import CheckedClient


@pytest.fixture
def officer(app: Any) -> Person:
    published_course()
    return make_person(given_name="Alma", family_name="Reyes")


@pytest.fixture
def signed(officer: Person) -> Person:
    """An officer who signed the first text."""
    assignment = make_ready_to_sign(officer, slug="hire")
    actions.sign_attestation(
        officer,
        assignment.id,
        actions.prepare_sheet(assignment).shown,
        on_duty=True,
        reservation="",
        reauthentication=Reauthentication("password", clock.now(), "typed again"),
        idempotency_key="0123456789abcdef",
        client=Client("127.0.0.1", "a browser", "test"),
        answer_by=date(2026, 12, 1),
    )
    db.session.commit()
    return officer


def revise(folder: Path, old: str = "should not post any form", new: str = "may not post or share any form") -> None:
    """Publishes the tiny course with other words in its policy."""
    course = copy_tiny(folder)
    edit(course, "policy.md", old, new)
    edit(course, "policy.md", "revised_on: 2021-01-10", "revised_on: 2026-02-01")
    published_course(course)


def refresher(person: Person) -> Assignment:
    return make_assignment(person, path="refresher", slug="two-years")


def read(person: Person, row: Assignment) -> PolicyReading:
    """Opens what changed and confirms it."""
    actions.open_changes(person, row.id)
    reading = actions.confirm_changes(person, row.id, shown_to(person, row))
    db.session.commit()
    return reading


def shown_to(person: Person, row: Assignment) -> ShownChanges:
    return what_changed(person.id, current_content(row.course_id).policy_version_id).shown


def test_reading_is_a_step_and_a_record_with_both_texts_and_the_clauses_shown(signed: Person, tmp_path: Path) -> None:
    revise(tmp_path)
    row = refresher(signed)
    reading = read(signed, row)
    recorded = read_disclosures(reading.record_id)
    assert (recorded["policy"]["version"], recorded["signed_policy"]["version"]) == (2, 1)
    assert recorded["policy"]["sha256"] != recorded["signed_policy"]["sha256"]
    assert recorded["outcome"] == "changed"
    [[kind, before, was, now, is_]] = recorded["clauses"]
    assert (kind, before, now) == ("changed", "IV.B.2.f", "IV.B.2.f")
    assert was != is_
    assert recorded["subject"] == signed.subject
    content = current_content(row.course_id)
    assert why_locked(row, content, "8", "scenario:one-long-week") is None
    assert list_steps(row.id)[("8", "changes:2")].record_id == reading.record_id
    assert list(evidence.check_rows()) == []


def test_confirming_twice_records_once(signed: Person) -> None:
    row = refresher(signed)
    assert read(signed, row).id == read(signed, row).id
    assert len(list_entries(kind="attestation.changes_read")) == 1
    assert read_disclosures(list_entries(kind="attestation.changes_read")[0].record_id)["outcome"] == "nothing"


def test_somebody_who_never_signed_reads_the_whole_section(officer: Person) -> None:
    reading = read(officer, refresher(officer))
    recorded = read_disclosures(reading.record_id)
    assert recorded["signed_policy"] is None
    assert [clause[3] for clause in recorded["clauses"]] == ["I", "II", "IV.B.1.c", "IV.B.2.e", "IV.B.2.f"]


def test_a_page_that_is_out_of_date_is_refused_and_the_newer_text_is_read_again(signed: Person, tmp_path: Path) -> None:
    row = refresher(signed)
    actions.open_changes(signed, row.id)
    old = shown_to(signed, row)
    revise(tmp_path)
    with pytest.raises(Stale):
        actions.confirm_changes(signed, row.id, old)
    with pytest.raises(Conflict, match="Open what changed first"):
        actions.confirm_changes(signed, row.id, shown_to(signed, row))
    read(signed, row)
    assert db.session.scalar(select(func.count(PolicyReading.id))) == 1


def test_a_text_published_after_the_capstone_is_read_before_signing(signed: Person, tmp_path: Path) -> None:
    row = refresher(signed)
    read(signed, row)
    row.capstone_passed_at = clock.now()
    db.session.commit()
    revise(tmp_path)
    with pytest.raises(Conflict, match="What changed"):
        actions.prepare_sheet(row)


def test_other_trainings_have_no_such_step(officer: Person) -> None:
    with pytest.raises(NotFound):
        actions.open_changes(officer, make_assignment(officer, path="test_out").id)
    with pytest.raises(NotFound):
        actions.open_changes(make_person(), refresher(officer).id)


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE policy_reading SET since_id = NULL", "signed_policy"),
        ("UPDATE policy_reading SET policy_version_id = 1", "policy"),
        ("UPDATE policy_reading SET opened_at = '2020-01-01 00:00:00.000000'", "opened_at"),
        ("UPDATE policy_reading SET confirmed_at = '2030-01-01 00:00:00.000000'", "confirmed_at"),
        ("DELETE FROM policy_reading", "attestation.changes_read"),
        ("UPDATE step_progress SET record_id = NULL WHERE step = 'changes:2'", "names no record"),
        ("UPDATE step_progress SET step = 'changes:1' WHERE step = 'changes:2'", "names no record"),
    ],
)
def test_a_changed_reading_is_named(signed: Person, tmp_path: Path, statement: str, where: str) -> None:
    revise(tmp_path)
    read(signed, refresher(signed))
    db.session.execute(text(statement))
    db.session.commit()
    faults = list(evidence.check_rows())
    assert [fault for fault in faults if where in f"{fault.where} {fault.what}"], faults


def body(client: CheckedClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, (response.status_code, response.location)
    return " ".join(response.get_data(as_text=True).split())


def test_the_page_shows_the_words_that_went_and_came_and_leads_to_the_capstone(
    signed: Person, tmp_path: Path, sign_in: Callable[..., CheckedClient]
) -> None:
    revise(tmp_path)
    row = refresher(signed)
    client = sign_in(signed)
    page, training = f"/attestation/{row.id}/changes", f"/training/{row.id}"
    assert "Start: what changed" in body(client, "/training/")
    assert client.get(page).location == training, "opening it is a change, so it is a POST"
    assert client.submit(f"{page}/open", form_at=training).location == page
    shown = body(client, page)
    for words in (
        "1 clause is not as you signed",
        "Clause IV.B.2.f: changed",
        '<del><span class="visually-hidden">removed: </span>should</del>',
        '<ins><span class="visually-hidden">added: </span>may</ins>',
        "As it reads now",
        "version 2, revised February 1, 2026",
    ):
        assert words in shown
    assert "express written permission" not in shown
    form = {"policy_version_id": "2", "since_id": "1"}
    assert client.submit(page, {**form, "policy_version_id": "1"}).location == page
    assert "Nothing was recorded" in body(client, page)
    assert client.submit(page, form).location == training
    assert "Next: capstone, scenario" in body(client, training)
    assert "You confirmed on" in body(client, page)


def test_the_page_says_plainly_that_nothing_changed(signed: Person, sign_in: Callable[..., CheckedClient]) -> None:
    row = refresher(signed)
    client = sign_in(signed)
    client.submit(f"/attestation/{row.id}/changes/open", form_at=f"/training/{row.id}")
    shown = body(client, f"/attestation/{row.id}/changes")
    assert "Nothing changed since you signed on" in shown
    assert "the very one that you signed" in shown


def test_the_page_gives_the_whole_section_to_somebody_who_never_signed(
    officer: Person, sign_in: Callable[..., CheckedClient]
) -> None:
    row = refresher(officer)
    client = sign_in(officer)
    client.submit(f"/attestation/{row.id}/changes/open", form_at=f"/training/{row.id}")
    shown = body(client, f"/attestation/{row.id}/changes")
    assert "You have not signed this policy before" in shown
    assert "express written permission" in shown
    assert "undercover operations" in shown
