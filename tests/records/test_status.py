"""HR's page for changes of status."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from lms import clock
from lms.db import db
from lms.ledger.queries import list_entries, read_disclosures
from lms.roster import actions as roster
from lms.roster.evidence import check_rows
from lms.roster.models import Leave, Person
from lms.roster.queries import roles_of
from tests.factories.people import make_person
from tests.support.checked_client import CheckedClient

SignIn = Callable[..., CheckedClient]
TODAY = clock.today("America/New_York")


@pytest.fixture
def person(app: object) -> Person:
    return make_person(given_name="Alma", family_name="Reyes")


@pytest.fixture
def hr(sign_in: SignIn) -> CheckedClient:
    return sign_in(make_person(given_name="Hal", family_name="Hart"), "hr")


def send(client: CheckedClient, person: Person, change: str, **typed: object) -> str:
    """Sends one form of the page; the page that comes then."""
    path = f"/records/people/{person.id}/status"
    answer = client.submit(
        f"{path}/{change}", {f"{change}-{name}": str(value) for name, value in typed.items()}, form_at=path
    )
    if answer.status_code == 303:
        answer = client.get(answer.location)
    else:
        assert answer.status_code == 422
    return answer.get_data(as_text=True)


def text_of(client: CheckedClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_leave_and_return(hr: CheckedClient, person: Person) -> None:
    text = send(hr, person, "leave", kind="medical", starts_on=TODAY - timedelta(days=9), ends_on="", note="Knee.")
    assert "is recorded." in text
    assert "On leave since" in text
    assert "Knee" not in text
    back = send(hr, person, "return", back_on=TODAY)
    assert "Works here" in back
    db.session.expire_all()
    leave = db.session.scalars(select(Leave)).one()
    assert (leave.kind, leave.note, leave.ends_on) == ("medical", "Knee.", TODAY - timedelta(days=1))
    kinds = [entry.kind for entry in list_entries(subject=person.subject)]
    assert kinds[-2:] == ["roster.leave_recorded", "roster.leave_ended"]


def test_a_planned_leave_is_cancelled_before_it_begins(hr: CheckedClient, person: Person) -> None:
    soon = TODAY + timedelta(days=20)
    text = send(hr, person, "leave", kind="family", starts_on=soon, ends_on=soon + timedelta(days=4))
    assert 'id="planned"' in text
    assert "Cancel the leave from" in text
    leave_id = db.session.scalars(select(Leave.id)).one()
    done = send(hr, person, "cancellation", leave=leave_id)
    assert "is cancelled." in done
    assert 'id="planned"' not in done
    assert "not planned any more" in send(hr, person, "cancellation", leave=leave_id)
    assert "The page was incomplete." in send(hr, person, "cancellation", leave="")
    db.session.expire_all()
    assert db.session.scalars(select(Leave)).all() == []
    entry = list_entries(subject=person.subject, newest_first=True)[0]
    assert entry.kind == "roster.leave_cancelled"
    assert read_disclosures(entry.record_id)["changed_by"] == "Hal Hart"
    assert not list(check_rows())


def test_a_leave_that_has_begun_is_not_cancelled(hr: CheckedClient, person: Person) -> None:
    send(hr, person, "leave", kind="family", starts_on=TODAY, ends_on="")
    leave_id = db.session.scalars(select(Leave.id)).one()
    assert "This leave has begun" in send(hr, person, "cancellation", leave=leave_id)
    other = make_person()
    assert "not planned any more" in send(hr, other, "cancellation", leave=leave_id)
    assert db.session.scalars(select(Leave.id)).one() == leave_id


def test_the_page_names_the_roles_that_end_with_the_last_day(hr: CheckedClient, person: Person) -> None:
    path = f"/records/people/{person.id}/status"
    assert "Alma Reyes holds no role that would end." in text_of(hr, path)
    roster.grant_role(person, "training_sergeant", None)
    roster.grant_role(person, "supervisor", None)
    db.session.commit()
    assert "These roles end with the last day: <strong>Supervisor, Training sergeant</strong>." in text_of(hr, path)


def test_roles_end_by_the_departments_day_not_by_that_of_utc(app: object, person: Person, sign_in: SignIn) -> None:
    evening = datetime.combine(TODAY + timedelta(days=1), time(20, 30), ZoneInfo("America/New_York"))
    roster.grant_role(person, "supervisor", None)
    db.session.commit()
    with clock.at(evening):
        assert clock.today("UTC") == TODAY + timedelta(days=2)
        clerk = sign_in(make_person(given_name="Hal", family_name="Hart"), "hr")
        send(clerk, person, "separation", separated_on=TODAY + timedelta(days=2))
        assert roles_of(person.id) == {"supervisor"}
        send(clerk, person, "separation", separated_on=TODAY + timedelta(days=1))
        assert roles_of(person.id) == frozenset()


def test_the_reason_of_leave_is_for_hr_alone(hr: CheckedClient, person: Person, sign_in: SignIn) -> None:
    send(hr, person, "leave", kind="medical", starts_on=TODAY, ends_on="", note="Knee.")
    supervisor = make_person()
    db.session.get_one(Person, person.id).supervisor_id = supervisor.id
    db.session.commit()
    sergeant = sign_in(make_person(), "training_sergeant")
    pages = [
        text_of(sergeant, f"/reporting/people/{person.id}"),
        text_of(sign_in(supervisor, "supervisor"), "/reporting/team"),
    ]
    for page in pages:
        assert "medical" not in page.lower()
        assert "Knee" not in page
    for role in ("training_sergeant", "supervisor", "administrator"):
        assert sign_in(make_person(), role).get(f"/records/people/{person.id}/status").status_code == 403
    hr.submit(f"/records/people/{person.id}/look", {"purpose": "Leave file 12"})
    assert "Medical leave from" in text_of(hr, f"/records/people/{person.id}")


def test_separation_and_rehire(hr: CheckedClient, person: Person, sign_in: SignIn) -> None:
    own = sign_in(person)
    text = send(hr, person, "separation", separated_on=TODAY - timedelta(days=1))
    assert "Left on" in text
    assert 'id="leave"' not in text
    assert own.get("/training/").status_code == 302
    assert "must be after" in send(hr, person, "rehire", rehired_on=TODAY - timedelta(days=1))
    assert "Works here" in send(hr, person, "rehire", rehired_on=TODAY)
    assert not list(check_rows())


def test_a_former_name_is_found(hr: CheckedClient, person: Person) -> None:
    text = send(hr, person, "name", given_name="Alma", family_name="Marsh")
    assert "Alma Reyes is Alma Marsh now." in text
    found = text_of(hr, "/records/?text=Reyes")
    assert "Marsh, Alma" in found
    assert "formerly Alma Reyes" in found
    assert not list(check_rows())


@pytest.mark.parametrize(
    ("change", "typed", "says"),
    [
        ("leave", {"kind": "", "starts_on": "2026-03-01"}, "Choose the kind of leave."),
        ("leave", {"kind": "medical", "starts_on": "", "ends_on": ""}, "Enter the first day away."),
        ("leave", {"kind": "medical", "starts_on": "2026-03-09", "ends_on": "2026-03-01"}, "before the first"),
        ("return", {"back_on": "2026-03-09"}, "No leave that began before"),
        ("separation", {"separated_on": "1999-01-01"}, "before the first"),
        ("rehire", {"rehired_on": "soon"}, "Type a date that exists"),
        ("name", {"given_name": "Alma", "family_name": " "}, "Enter the last name."),
    ],
)
def test_what_cannot_be_is_said_in_the_form(
    hr: CheckedClient, person: Person, change: str, typed: dict[str, str], says: str
) -> None:
    if change == "rehire":
        db.session.get_one(Person, person.id).separated_on = date(2025, 1, 1)
    elif change == "return":
        send(hr, person, "leave", kind="family", starts_on=TODAY, ends_on="")
    assert says in send(hr, person, change, **typed)


def test_nobody_changes_their_own_status(sign_in: SignIn) -> None:
    me = make_person()
    client = sign_in(me, "hr")
    path = f"/records/people/{me.id}/status"
    assert "You cannot change your own status." in text_of(client, path)
    typed = {"leave-kind": "family", "leave-starts_on": str(TODAY)}
    refused = client.submit(f"{path}/leave", typed, form_at=path)
    assert refused.status_code == 422
    assert db.session.scalars(select(Leave)).all() == []
    assert client.submit(f"{path}/promotion", {}, form_at=path).status_code == 404
