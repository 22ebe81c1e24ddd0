"""As of a date: what was taught, asked, answered and signed about one clause, from the records of that time."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta

import pypdf
import pytest
from sqlalchemy import text

from lms import clock
from lms.attestation.models import Attestation
from lms.catalog.queries import current_content
from lms.db import db
from lms.errors import NotFound
from lms.ledger.triggers import drop_append_only_ddl
from lms.papers import ZERO_WIDTH_SPACE
from lms.records import queries
from lms.roster.models import Person
from lms.training import actions as training
from lms.training.rules import State
from tests.factories.people import make_person
from tests.factories.training import make_assignment, make_ready_to_sign
from tests.records.conftest import decline, sign
from tests.support.checked_client import CheckedClient
from tests.support.queries import counted_queries

ZONE = "America/New_York"
CLAUSE = "IV.B.2.f"
YEAR = datetime.now(UTC).year + 1
"""The ledger never goes back in time, and the course is published now: so what happens here happens later."""
LEARNED = datetime(YEAR, 3, 2, 15, tzinfo=UTC)
SIGNED = datetime(YEAR, 3, 5, 15, tzinfo=UTC)


@pytest.fixture
def taught(officer: Person) -> Attestation:
    """Everything learned on March 2, signed on March 5."""
    with clock.at(LEARNED):
        assignment = make_ready_to_sign(officer)
    with clock.at(SIGNED):
        return sign(officer, assignment, "Does 2.e cover my motorcycle club?")


def notice(person_id: int, on: date, clause: str = CLAUSE) -> queries.Notice:
    return queries.find_notice(person_id, clause, on, ZONE)


def test_before_anything_happened_nothing_is_shown(taught: Attestation) -> None:
    found = notice(taught.person_id, date(YEAR, 3, 1))
    assert (found.lessons, found.questions, found.choices, found.signed, found.stood) == ((), (), (), (), ())
    assert found.currency.result == "waiting"


def test_between_learning_and_signing_only_the_learning_is_shown(taught: Attestation) -> None:
    found = notice(taught.person_id, date(YEAR, 3, 2))
    assert found.lessons
    assert found.questions
    assert {question.item["clause"] for question in found.questions} == {CLAUSE}
    assert found.signed == ()
    assert [item.standing.state for item in found.stood] == [State.OPEN]
    assert found.currency.title == "No training in force"


def test_after_signing_all_of_it_is_shown_and_every_line_has_its_check(taught: Attestation) -> None:
    found = notice(taught.person_id, date(YEAR, 3, 5))
    assert [line.record_id for line in found.signed] == [taught.record_id]
    assert found.receipts == {taught.record_id: taught.id}
    assert found.currency.title == "Current"
    shown = [*found.lessons, *found.questions, *found.choices, *found.signed]
    assert {line.record_id for line in shown} <= set(found.checks)
    assert {line.result for line in found.checks.values()} == {"ok"}
    assert found.faults == {}


def test_the_day_ends_at_midnight_of_the_department(officer: Person) -> None:
    with clock.at(LEARNED):
        assignment = make_ready_to_sign(officer)
    with clock.at(datetime(YEAR, 3, 6, 4, 59, tzinfo=UTC)):
        row = sign(officer, assignment)
    assert [line.record_id for line in notice(officer.id, date(YEAR, 3, 5)).signed] == [row.record_id]
    assert notice(officer.id, date(YEAR, 3, 4)).signed == ()


def test_a_text_put_in_after_the_day_is_said_to_be(taught: Attestation) -> None:
    version = notice(taught.person_id, date(YEAR, 3, 5)).text
    assert version is not None
    early = notice(taught.person_id, date(2024, 1, 1))
    assert early.text is not None
    assert early.text.version.sha256 == version.version.sha256
    assert not early.text.known_here
    assert early.text.since == version.version.revised_on
    assert notice(taught.person_id, version.version.revised_on - timedelta(days=1)).text is None


def test_an_extension_counts_only_from_the_day_it_was_granted(officer: Person) -> None:
    sergeant = make_person(given_name="Sal", family_name="Ortiz")
    with clock.at(LEARNED):
        assignment = make_assignment(officer, due_on=date(YEAR, 4, 1), opens_on=date(YEAR, 2, 1))
    with clock.at(datetime(YEAR, 4, 10, 15, tzinfo=UTC)):
        training.extend_assignment(assignment, date(YEAR, 5, 1), "Deployed to the flood", sergeant)
        db.session.commit()
    late = notice(officer.id, date(YEAR, 4, 9))
    assert late.stood[0].standing.due_on == date(YEAR, 4, 1)
    assert late.currency.title == "Not current"
    moved = notice(officer.id, date(YEAR, 4, 10))
    assert moved.stood[0].standing.due_on == date(YEAR, 5, 1)
    assert [item.until_on for item in moved.stood[0].extensions] == [date(YEAR, 5, 1)]
    assert moved.currency.title == "No training in force"
    assert set(moved.checks) >= {moved.stood[0].extensions[0].record_id}


def test_a_decline_waits_for_its_witnesses(officer: Person) -> None:
    witnesses = [make_person(given_name="Wes", family_name="One"), make_person(given_name="Wen", family_name="Two")]
    with clock.at(LEARNED):
        assignment = make_ready_to_sign(officer)
        decline(officer, assignment, witnesses)
    found = notice(officer.id, date(YEAR, 3, 2))
    assert found.signed[0].fields["outcome"] == "declined"
    assert found.stood[0].standing.state is State.AWAITING_WITNESSES


def test_a_record_that_was_altered_is_named_and_not_shown(taught: Attestation) -> None:
    if db.engine.dialect.name == "sqlite":
        for statement in drop_append_only_ddl("sqlite"):
            db.session.execute(text(statement))
    else:  # The database is shared by tests, so its triggers stay; this transaction alone passes them over.
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
    db.session.execute(
        text("UPDATE ledger_entry SET entry = replace(entry, '-03-05', '-03-04') WHERE record_id = :id"),
        {"id": taught.record_id},
    )
    db.session.commit()
    found = notice(taught.person_id, date(YEAR, 3, 5))
    assert found.signed == ()
    assert list(found.faults) == [taught.record_id]
    assert found.checks[taught.record_id].result == "bad"
    assert found.lessons


def test_a_lesson_that_was_opened_and_not_finished_is_said_to_be(officer: Person) -> None:
    with clock.at(LEARNED):
        assignment = make_assignment(officer)
        content = current_content(assignment.course_id)
        module = next(m for m in content.modules if any(CLAUSE in s.clauses for s in m.sections))
        training.open_step(assignment, module.ref, "lesson", content.course_version_id)
        db.session.commit()
    found = notice(officer.id, date(YEAR, 3, 2))
    assert found.lessons == ()
    assert [lesson.opened_at for lesson in found.opened] == [LEARNED]


def test_an_unknown_clause_or_person_is_refused(officer: Person) -> None:
    with pytest.raises(NotFound, match="has a clause IX"):
        notice(officer.id, date(YEAR, 3, 2), "IX")
    with pytest.raises(NotFound):
        notice(999, date(YEAR, 3, 2))


def test_the_page_says_it_all_and_links_each_record(opened: CheckedClient, signed: Attestation) -> None:
    path = f"/records/people/{signed.person_id}/as-of"
    assert opened.get(path).status_code == 200
    today = clock.today(ZONE).isoformat()
    page = opened.get(f"{path}?clause={CLAUSE}&on={today}").get_data(as_text=True)
    assert "Current" in page
    assert f"/records/ledger/{signed.record_id}" in page
    assert "Asked and answered" in page
    record = opened.get(f"/records/ledger/{signed.record_id}")
    assert record.status_code == 200
    assert "attestation.signed" in record.get_data(as_text=True)
    kept = opened.get(f"/records/ledger/{signed.record_id}.json").get_json()
    assert kept["record_id"] == signed.record_id
    assert kept["inclusion_proof"].startswith("c2sp.org/tlog-proof@v1")


@pytest.mark.parametrize(
    "query",
    [
        "clause=&on=2026-01-01",
        "clause=IX&on=2026-01-01",
        "clause=IV.B.2.f&on=yesterday",
        "clause=IV.B.2.f&on=2199-01-01",
        "on=",
    ],
)
def test_bad_input_is_said_at_the_field(opened: CheckedClient, signed: Attestation, query: str) -> None:
    assert opened.get(f"/records/people/{signed.person_id}/as-of?{query}").status_code == 422
    assert opened.get(f"/records/people/{signed.person_id}/as-of.pdf?{query}").status_code == 422


def test_nothing_opens_without_a_look(hr: CheckedClient, signed: Attestation) -> None:
    today = clock.today(ZONE).isoformat()
    for path in (
        f"/records/people/{signed.person_id}/as-of",
        f"/records/people/{signed.person_id}/as-of.pdf?clause={CLAUSE}&on={today}",
        f"/records/ledger/{signed.record_id}",
        f"/records/ledger/{signed.record_id}.json",
    ):
        assert hr.get(path).location.endswith(f"/records/people/{signed.person_id}/look")
    published = queries.find_notice(signed.person_id, CLAUSE, clock.today(ZONE), ZONE).text
    assert published is not None
    assert hr.get(f"/records/ledger/{published.version.record_id}").status_code == 200
    assert hr.get("/records/ledger/00000000-0000-4000-8000-000000000000").status_code == 404


def test_the_paper_holds_the_same_facts_and_is_the_same_each_time(opened: CheckedClient, signed: Attestation) -> None:
    today = clock.today(ZONE).isoformat()
    path = f"/records/people/{signed.person_id}/as-of.pdf?clause={CLAUSE}&on={today}"
    with clock.at(clock.now().replace(microsecond=0)):
        made = opened.get(path).data
        assert opened.get(path).data == made
    words = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages)
    words = "".join(words.replace(ZERO_WIDTH_SPACE, "").split())
    found = queries.find_notice(signed.person_id, CLAUSE, clock.today(ZONE), ZONE)
    for question in found.questions:
        assert "".join(question.item["stem"].split()) in words
    for line in (*found.lessons, *found.signed):
        assert line.record_id in words
    assert "".join(found.currency.says.split()) in words


def test_the_page_asks_a_fixed_number_of_statements(
    opened: CheckedClient, signed: Attestation, officer: Person
) -> None:
    path = f"/records/people/{signed.person_id}/as-of?clause={CLAUSE}&on={clock.today(ZONE).isoformat()}"
    opened.get(path)
    with counted_queries() as first:
        opened.get(path)
    assignment = make_ready_to_sign(officer, slug="sop-110-again", cycle="again")
    sign(officer, assignment)
    with counted_queries() as second:
        assert opened.get(path).status_code == 200
    assert len(second) <= len(first) + 5
