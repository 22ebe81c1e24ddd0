"""Signing and declining by the actions, on both databases."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select, text

from lms import clock
from lms.attestation import actions, evidence, pdf, queries
from lms.attestation.models import Attestation, SigningQuestion, Witness
from lms.attestation.rules import Client, Shown
from lms.auth.rules import Reauthentication
from lms.db import db
from lms.errors import Conflict, Invalid, NotFound, Stale
from lms.ledger.queries import list_entries, read_disclosures
from lms.ledger.verify import verify_log
from lms.roster.models import Person
from lms.training.models import Assignment
from tests.factories.people import make_person
from tests.factories.training import make_assignment, make_ready_to_sign, published_course

CLIENT = Client("127.0.0.1", "a browser", "test")
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def officer(app: Any) -> Person:
    published_course()
    return make_person(given_name="Alma", family_name="Reyes", badge="4417")


def sign(
    person: Person, assignment: Assignment, *, key: str = KEY, shown: Shown | None = None, reservation: str = ""
) -> Attestation:
    row = actions.sign_attestation(
        person,
        assignment.id,
        shown or actions.prepare_sheet(assignment).shown,
        on_duty=True,
        reservation=reservation,
        reauthentication=Reauthentication("password", clock.now(), "typed again"),
        idempotency_key=key,
        client=CLIENT,
        answer_by=date(2026, 12, 1),
    )
    db.session.commit()
    return queries.get_attestation(row.id)


def decline(person: Person, assignment: Assignment, witnesses: list[Person]) -> Attestation:
    row = actions.decline_attestation(
        person,
        assignment.id,
        actions.prepare_sheet(assignment).shown,
        on_duty=False,
        reason="I want to talk to my union first.",
        witnesses=witnesses,
        idempotency_key=KEY,
        client=CLIENT,
    )
    db.session.commit()
    return queries.get_attestation(row.id)


def test_a_signature_completes_the_assignment_and_is_on_the_ledger_as_it_was_shown(officer: Person) -> None:
    assignment = make_ready_to_sign(officer)
    row = sign(officer, assignment)
    recorded = read_disclosures(row.record_id)
    assert assignment.outcome == "completed"
    assert recorded["printed_name"] == "Alma Reyes"
    assert recorded["badge"] == "4417"
    assert recorded["statement"] == row.statement
    assert recorded["course"]["sha256"] == row.course_version.sha256
    assert recorded["policy"]["sha256"] == row.policy_version.sha256
    assert recorded["ip"] == "127.0.0.1"
    assert recorded.proof is not None
    assert recorded.proof["method"] == "password"
    assert {module["module"] for module in recorded["modules"]} == {"2", "3", "8"}


def test_signing_again_gives_back_the_one_signature(officer: Person) -> None:
    assignment = make_ready_to_sign(officer)
    shown = actions.prepare_sheet(assignment).shown
    first = sign(officer, assignment, shown=shown)
    again = sign(officer, assignment, shown=shown)
    other_tab = sign(officer, assignment, shown=shown, key="f" * 32)
    assert first.id == again.id == other_tab.id
    assert db.session.scalar(select(func.count()).select_from(Attestation)) == 1


def test_what_is_no_longer_current_cannot_be_signed(officer: Person) -> None:
    assignment = make_ready_to_sign(officer)
    shown = actions.prepare_sheet(assignment).shown
    for stale in (
        Shown(shown.policy_version_id + 1, shown.course_version_id, shown.statement_sha256),
        Shown(shown.policy_version_id, shown.course_version_id + 1, shown.statement_sha256),
        Shown(shown.policy_version_id, shown.course_version_id, "0" * 64),
    ):
        with pytest.raises(Stale, match="Nothing was signed"):
            sign(officer, assignment, shown=stale)
        db.session.rollback()
    assert assignment.outcome is None


def test_signing_before_the_capstone_is_passed_is_refused(officer: Person) -> None:
    assignment = make_assignment(officer)
    with pytest.raises(Conflict, match="two modules are still open"):
        actions.prepare_sheet(assignment)


def test_nobody_signs_for_somebody_else(officer: Person) -> None:
    assignment = make_ready_to_sign(officer)
    shown = actions.prepare_sheet(assignment).shown
    with pytest.raises(NotFound):
        sign(make_person(), assignment, shown=shown)


def test_a_reservation_becomes_a_question_with_a_date(officer: Person) -> None:
    assignment = make_ready_to_sign(officer)
    row = sign(officer, assignment, reservation="Does 2.a cover my union page?")
    question = queries.find_question_of(row.id)
    assert question is not None
    assert question.answer_by == date(2026, 12, 1)
    sergeant = make_person()
    actions.answer_question(question, "Union activity is unaffected.", sergeant)
    db.session.commit()
    assert question.answered_at is not None
    with pytest.raises(Conflict, match="answered in the meantime"):
        actions.answer_question(question, "Another answer.", sergeant)


def test_declining_waits_for_two_witnesses_and_then_reads_completed_unsigned(officer: Person) -> None:
    assignment = make_ready_to_sign(officer)
    one, two = make_person(), make_person()
    row = decline(officer, assignment, [one, two])
    assert assignment.awaiting_witnesses
    assert queries.get_receipt(row).state == "awaiting_witnesses"
    proof = Reauthentication("password", clock.now(), "typed again")
    waiting = {w.person_id: w for w in queries.list_witnesses(row.id)}
    first = queries.find_witness(waiting[one.id].id, one.id)
    assert actions.confirm_witness(first, proof) is False
    assert actions.confirm_witness(first, proof) is False
    db.session.commit()
    assert assignment.outcome is None
    assert actions.confirm_witness(queries.find_witness(waiting[two.id].id, two.id), proof) is True
    db.session.commit()
    assert assignment.outcome == "declined"
    assert queries.get_receipt(row).state == "declined"


@pytest.mark.parametrize("who", ["self", "twice"])
def test_witnesses_are_two_other_people(officer: Person, who: str) -> None:
    assignment = make_ready_to_sign(officer)
    other = make_person()
    with pytest.raises(Invalid) as caught:
        decline(officer, assignment, [officer, other] if who == "self" else [other, other])
    assert caught.value.field == "second_witness"


def test_a_witness_who_saw_nothing_is_replaced(officer: Person) -> None:
    assignment = make_ready_to_sign(officer)
    one, two, three = make_person(), make_person(), make_person()
    row = decline(officer, assignment, [one, two])
    with pytest.raises(Conflict, match="No witness is missing"):
        actions.name_witness(row, three)
    refused = db.session.scalar(select(Witness).where(Witness.person_id == one.id))
    assert refused is not None
    actions.refuse_witness(queries.find_witness(refused.id, one.id))
    with pytest.raises(Invalid):
        actions.name_witness(row, one)
    actions.name_witness(row, three)
    db.session.commit()
    proof = Reauthentication("password", clock.now(), "typed again")
    for person in (two, three):
        actions.confirm_witness(queries.pending_witnessings(person.id)[0], proof)
    db.session.commit()
    assert assignment.outcome == "declined"


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE attestation SET statement = statement || ' '", "statement"),
        ("UPDATE attestation SET printed_name = 'Somebody Else'", "printed_name"),
        ("UPDATE attestation SET score = score - 1", "score"),
        ("UPDATE signing_question SET answer = 'Another answer.'", "answer"),
        ("UPDATE witness SET confirmed_at = refused_at", "confirmed_at"),
    ],
)
def test_a_changed_byte_in_a_row_is_named(officer: Person, statement: str, named: str) -> None:
    signed = sign(officer, make_ready_to_sign(officer), reservation="A question?")
    question = queries.find_question_of(signed.id)
    assert question is not None
    actions.answer_question(question, "The answer.", make_person())
    second = make_person()
    one, two = make_person(), make_person()
    db.session.scalars(select(SigningQuestion)).all()
    row = decline_with_key(second, [one, two])
    proof = Reauthentication("password", clock.now(), "typed again")
    for person in (one, two):
        actions.confirm_witness(queries.pending_witnessings(person.id)[0], proof)
    db.session.commit()
    assert list(evidence.check_rows()) == []
    assert list(verify_log()) == []
    db.session.execute(text(statement))
    db.session.commit()
    db.session.expire_all()
    faults = [fault.where for fault in evidence.check_rows()]
    assert any(named in where for where in faults), faults
    assert row.id


def decline_with_key(person: Person, witnesses: list[Person]) -> Attestation:
    assignment = make_ready_to_sign(person)
    row = actions.decline_attestation(
        person,
        assignment.id,
        actions.prepare_sheet(assignment).shown,
        on_duty=False,
        reason="",
        witnesses=witnesses,
        idempotency_key="d" * 32,
        client=CLIENT,
    )
    db.session.commit()
    return queries.get_attestation(row.id)


def test_a_deleted_attestation_is_missed(officer: Person) -> None:
    sign(officer, make_ready_to_sign(officer))
    db.session.execute(text("DELETE FROM attestation"))
    db.session.commit()
    faults = [fault.what for fault in evidence.check_rows()]
    assert "the row that this record tells of is gone" in faults
    assert any("the attestation on record says nothing" in what for what in faults)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE assignment SET outcome = 'declined' WHERE outcome = 'completed'",
        "UPDATE assignment SET outcome = NULL, closed_at = NULL WHERE outcome = 'completed'",
        "UPDATE attestation SET person_id = (SELECT max(id) FROM person)",
        "UPDATE signing_question SET record_id = NULL",
        "DELETE FROM signing_question",
        "UPDATE assignment SET closed_at = made_at",
        "UPDATE assignment SET awaiting_witnesses = (1 = 1)",
    ],
)
def test_an_outcome_or_owner_that_was_changed_is_named(officer: Person, statement: str) -> None:
    row = sign(officer, make_ready_to_sign(officer), reservation="A question?")
    question = queries.find_question_of(row.id)
    assert question is not None
    actions.answer_question(question, "The answer.", make_person())
    db.session.commit()
    assert list(evidence.check_rows()) == []
    db.session.execute(text(statement))
    db.session.commit()
    db.session.expire_all()
    assert list(evidence.check_rows()) != []


def test_an_assignment_closed_without_a_signature_is_named(officer: Person) -> None:
    assignment = make_assignment(officer)
    assert list(evidence.check_rows()) == []
    db.session.execute(
        text("UPDATE assignment SET outcome = 'completed', closed_at = made_at WHERE id = :id"), {"id": assignment.id}
    )
    db.session.commit()
    db.session.expire_all()
    assert [fault.where for fault in evidence.check_rows()] == [f"assignment {assignment.id}: outcome"]


def test_a_remark_in_another_unicode_form_is_not_taken_for_tampering(officer: Person) -> None:
    sign(officer, make_ready_to_sign(officer), reservation="Cafe\u0301?")
    assert list(evidence.check_rows()) == []


def witnesses_of(record_id: str) -> list[str]:
    return [witness["name"] for witness in read_disclosures(record_id)["witnesses"]]


def test_a_declines_record_names_its_witnesses_and_the_reason_that_was_given(officer: Person) -> None:
    assignment = make_ready_to_sign(officer)
    purpose = actions.prepare_sheet(assignment).content.attestation.purpose
    one, two, three = make_person(), make_person(), make_person()
    row = decline(officer, assignment, [one, two])
    assert read_disclosures(row.record_id)["purpose"] == purpose
    assert witnesses_of(row.record_id) == [one.full_name, two.full_name]
    assert queries.get_receipt(row).purpose == purpose
    assert purpose in str(pdf.receipt_facts(queries.get_receipt(row), "America/New_York"))
    actions.refuse_witness(queries.pending_witnessings(one.id)[0])
    actions.name_witness(row, three)
    db.session.commit()
    [entry] = list_entries(kind=evidence.WITNESS_NAMED)
    assert read_disclosures(entry.record_id)["witness_name"] == three.full_name
    assert list(evidence.check_rows()) == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE witness SET person_id = :other WHERE person_id = :two", "person_id"),
        ("DELETE FROM witness WHERE person_id = :two", "witness person:{two}"),
        ("DELETE FROM witness WHERE person_id = :three", "witness person:{three}"),
        ("UPDATE witness SET named_at = '2020-01-01 00:00:00.000000' WHERE person_id = :two", "named_at"),
        (
            "INSERT INTO witness (attestation_id, person_id, named_at) "
            "SELECT attestation_id, :other, named_at FROM witness WHERE person_id = :two",
            "person_id",
        ),
        ("UPDATE assignment SET awaiting_witnesses = (1 = 0)", "awaiting_witnesses"),
    ],
)
def test_a_witness_put_in_or_taken_out_is_named(officer: Person, change: str, named: str) -> None:
    people = {name: make_person() for name in ("one", "two", "three", "other")}
    ids = {name: person.id for name, person in people.items()}
    row = decline(officer, make_ready_to_sign(officer), [people["one"], people["two"]])
    actions.refuse_witness(queries.pending_witnessings(people["one"].id)[0])
    actions.name_witness(row, people["three"])
    db.session.commit()
    assert list(evidence.check_rows()) == []
    db.session.execute(text(change), {name: value for name, value in ids.items() if f":{name}" in change})
    db.session.commit()
    db.session.expire_all()
    found = [fault.where for fault in evidence.check_rows()]
    assert any(named.format(**ids) in where for where in found), found


def test_the_time_of_a_decline_is_that_of_its_second_witness(officer: Person) -> None:
    people = [make_person(), make_person()]
    decline(officer, make_ready_to_sign(officer), people)
    for person in people:
        proof = Reauthentication("password", clock.now(), "typed again")
        actions.confirm_witness(queries.pending_witnessings(person.id)[0], proof)
    db.session.commit()
    assert list(evidence.check_rows()) == []
    db.session.execute(text("UPDATE assignment SET closed_at = made_at"))
    db.session.commit()
    db.session.expire_all()
    assert ["closed_at" in fault.where for fault in evidence.check_rows()] == [True]


def test_a_question_that_nobody_answered_cannot_vanish(officer: Person) -> None:
    sign(officer, make_ready_to_sign(officer), reservation="A question?")
    assert list(evidence.check_rows()) == []
    db.session.execute(text("UPDATE signing_question SET text = 'Another?'"))
    db.session.commit()
    db.session.expire_all()
    assert [fault.what for fault in evidence.check_rows()] == ["is not what was asked at signing"]
    db.session.execute(text("DELETE FROM signing_question"))
    db.session.commit()
    db.session.expire_all()
    assert [fault.what for fault in evidence.check_rows()] == ["was asked at signing, but the row is gone"]


def test_attestations_on_an_altered_text_are_counted_and_still_compared(officer: Person) -> None:
    row = sign(officer, make_ready_to_sign(officer))
    db.session.execute(text("UPDATE course_version SET title = 'Another title'"))
    db.session.execute(text("UPDATE policy_version SET effective_on = '2001-01-01'"))
    db.session.execute(text("UPDATE attestation SET badge = '1'"))
    db.session.commit()
    db.session.expire_all()
    found = {fault.where: fault.what for fault in evidence.check_rows()}
    assert set(found) == {f"attestation {row.id}: badge", "course sop-110, version 1", "policy sop-110, version 1"}
    assert found["course sop-110, version 1"].endswith(": 1 attestation")
