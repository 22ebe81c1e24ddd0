"""After a failed capstone: the missed clauses, another form, and the conversation that opens one more attempt."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from lms.assessment import actions, queries
from lms.assessment.models import AttemptUnlock
from lms.db import db
from lms.errors import Conflict, Invalid, NotAllowed
from lms.ledger.queries import list_entries, read_disclosures
from tests.assessment.conftest import CAPSTONE_MODULE, Desk
from tests.factories.people import make_person


def test_failing_leads_to_practice_on_just_the_missed_clauses(capstone_desk: Desk) -> None:
    failed = capstone_desk.sit(CAPSTONE_MODULE, "capstone", missing=("IV.B.2.f", "IV.B.1.c"))
    assert capstone_desk.assignment.remediation == failed.missed
    with pytest.raises(Conflict, match="missed"):
        capstone_desk.start(CAPSTONE_MODULE, "capstone")
    with pytest.raises(Conflict):
        capstone_desk.start(CAPSTONE_MODULE, "remediation")
    with pytest.raises(Conflict, match="Lesson"):
        capstone_desk.start("3", "remediation")
    first, second = capstone_desk.go_through_missed()
    assert (first.module_ref, second.module_ref) == ("2", "3")
    assert capstone_desk.assignment.remediation == []
    shown = [*first.presented, *second.presented]
    items = [capstone_desk.content.item(question["item"]) for question in shown]
    assert {item.clause for item in items} == set(failed.missed or ())
    on_form = {shown["item"] for shown in failed.presented}
    for clause in failed.missed or ():
        unseen = {item.ref for item in capstone_desk.content.items_for([clause])} - on_form
        taken = {item.ref for item in items if item.clause == clause}
        assert taken <= unseen or unseen <= taken


def test_practice_has_no_pass_mark_and_opens_the_next_attempt(capstone_desk: Desk) -> None:
    first = capstone_desk.sit(CAPSTONE_MODULE, "capstone", missing=("IV.B.2.f",))
    [practice] = capstone_desk.go_through_missed("IV.B.2.f")
    assert practice.passed is None
    assert practice.missed == ["IV.B.2.f"]
    assert capstone_desk.assignment.remediation == []
    assert read_disclosures(str(practice.record_id))["passed"] is None
    second = capstone_desk.start(CAPSTONE_MODULE, "capstone")
    assert second.form_ref != first.form_ref


def test_practice_without_missed_clauses_is_refused(capstone_desk: Desk) -> None:
    with pytest.raises(Conflict):
        capstone_desk.start(CAPSTONE_MODULE, "remediation")


def test_clauses_without_items_are_done_once_read(capstone_desk: Desk) -> None:
    capstone_desk.sit(CAPSTONE_MODULE, "capstone", missing=("IV.B.2.f",))
    capstone_desk.assignment.remediation = ["IV.B.2.z"]
    db.session.commit()
    practice = capstone_desk.start(CAPSTONE_MODULE, "remediation")
    assert practice.total == 0
    assert practice.finished_at is not None
    assert capstone_desk.assignment.remediation == []


def test_two_failed_attempts_wait_for_a_conversation_that_opens_one_more(capstone_desk: Desk) -> None:
    forms = [capstone_desk.fail_capstone().form_ref for _ in range(2)]
    sergeant = make_person()
    assignment = capstone_desk.assignment
    assert queries.needs_conversation(assignment)
    with pytest.raises(Conflict, match="training sergeant"):
        capstone_desk.start(CAPSTONE_MODULE, "capstone")
    [waiting] = queries.list_waiting_conversations()
    assert (waiting.assignment.id, waiting.person.id, waiting.attempts) == (assignment.id, assignment.person_id, 2)
    assert waiting.person.unit.name
    unlock = actions.unlock_attempt(assignment, "  We read 2.f together.  ", sergeant)
    db.session.commit()
    disclosed = read_disclosures(unlock.record_id)
    assert disclosed["note"] == "We read 2.f together."
    assert disclosed["unlocked_by"] == sergeant.full_name
    assert disclosed["subject"] == f"person:{assignment.person_id}"
    assert queries.list_waiting_conversations() == []
    third = capstone_desk.start(CAPSTONE_MODULE, "capstone")
    assert len({*forms, third.form_ref}) == 3


def test_a_third_failure_needs_another_conversation(capstone_desk: Desk) -> None:
    sergeant = make_person()
    for _ in range(2):
        capstone_desk.fail_capstone()
    for expected in (3, 4):
        actions.unlock_attempt(capstone_desk.assignment, "Talked.", sergeant)
        assert capstone_desk.fail_capstone().number == expected
        assert queries.needs_conversation(capstone_desk.assignment)


def test_one_conversation_opens_one_attempt_however_often_it_is_sent(capstone_desk: Desk) -> None:
    for _ in range(2):
        capstone_desk.fail_capstone()
    actions.unlock_attempt(capstone_desk.assignment, "Talked.", make_person())
    with pytest.raises(Conflict):
        actions.unlock_attempt(capstone_desk.assignment, "Talked.", make_person())
    assert db.session.scalar(select(func.count(AttemptUnlock.id))) == 1
    assert len(list_entries(kind="assessment.attempt_unlocked")) == 1


def test_a_conversation_needs_a_note_and_another_person(capstone_desk: Desk) -> None:
    for _ in range(2):
        capstone_desk.fail_capstone()
    with pytest.raises(Invalid) as refused:
        actions.unlock_attempt(capstone_desk.assignment, "   ", make_person())
    assert refused.value.field == "note"
    with pytest.raises(NotAllowed):
        actions.unlock_attempt(capstone_desk.assignment, "I talked to myself.", capstone_desk.person)


def test_nothing_is_opened_while_attempts_are_left(capstone_desk: Desk) -> None:
    capstone_desk.fail_capstone()
    with pytest.raises(Conflict):
        actions.unlock_attempt(capstone_desk.assignment, "Early talk.", make_person())


def test_forms_are_remembered_over_cycles(capstone_desk: Desk) -> None:
    from tests.factories.training import make_assignment

    first = capstone_desk.sit(CAPSTONE_MODULE, "capstone")
    again = Desk(
        capstone_desk.person,
        make_assignment(capstone_desk.person, path="test_out", cycle="next"),
        capstone_desk.content,
    )
    again.open_capstone()
    assert again.start(CAPSTONE_MODULE, "capstone").form_ref != first.form_ref
