"""The desk's pages: what they show, to whom, and at what cost."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select

from lms.db import db
from lms.notify.actions import enqueue
from lms.notify.models import OutboxMessage
from lms.roster.models import Person
from lms.training.models import Assignment, RequirementVersion
from tests.factories.people import make_person
from tests.reporting import samples
from tests.support.checked_client import CheckedClient
from tests.support.queries import counted_queries

Department = dict[str, Assignment]
SignIn = Callable[..., CheckedClient]
MOST_QUERIES = 10


@pytest.fixture
def sergeant(sign_in: SignIn, requirement: RequirementVersion) -> CheckedClient:
    return sign_in(make_person(given_name="Sam", family_name="Sergeant"), "training_sergeant")


def text_of(client: CheckedClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.get_data(as_text=True)
    return response.get_data(as_text=True)


def test_today_shows_every_figure_with_the_list_behind_it(sergeant: CheckedClient, department: Department) -> None:
    html = text_of(sergeant, "/reporting/")
    links = set(re.findall(r'href="(/reporting/assignments\?[^"]+)"', html))
    assert len(links) >= 10
    words = ("Delinquent", "Overdue", "Due soon", "Open", "Awaiting witnesses", "Completed", "Completed, unsigned")
    for label in words:
        found = re.findall(rf'figure-number[^>]*>\s*(\d+)(?:(?!figure-number).)*?figure-label">{label}<', html, re.S)
        assert found == ["1"], label
    for link in links:
        page = text_of(sergeant, link.replace("&amp;", "&"))
        assert "No assignment fits" not in page, link


def test_figures_and_legend_of_today_use_the_same_words_and_add_up(
    sergeant: CheckedClient, department: Department
) -> None:
    html = text_of(sergeant, "/reporting/")
    legend = dict(re.findall(r'href="/reporting/assignments\?state=\w+">([^<]+)</a></th><td class="num">(\d+)<', html))
    figures = {
        label: number
        for number, label in re.findall(
            r'figure-number[^>]*>\s*(\d+)(?:(?!figure-number).)*?figure-label">([^<]+)<', html, re.S
        )
    }
    assert figures.items() <= legend.items()
    assert sum(map(int, legend.values())) == len(department)
    assert f"All {len(department)} current assignments" in html
    for word in ("In progress", "Done,", ">Done<", "To do"):
        assert word not in html


def test_today_names_a_policy_that_is_past_its_review(sergeant: CheckedClient) -> None:
    html = text_of(sergeant, "/reporting/")
    assert "is past its review" in html
    assert "January 10, 2023" in html


def test_today_shows_letters_that_did_not_go(sergeant: CheckedClient) -> None:
    enqueue(
        person_id=None, to_address="nowhere", topic="assignment", topic_id=1, stage="opens",
        subject="It opens", body_text="Hello.", dedupe_key="k",
    )  # fmt: skip
    db.session.commit()
    html = text_of(sergeant, "/reporting/")
    assert "This is not an email address" in html
    assert "It opens" in text_of(sergeant, "/reporting/notices?state=failed")


def test_an_empty_department_is_worth_looking_at(sergeant: CheckedClient) -> None:
    html = text_of(sergeant, "/reporting/")
    assert "Nobody has an assignment yet" in html
    assert "Nobody is overdue" in html


@pytest.mark.parametrize("path", ["/reporting/", "/reporting/assignments", "/reporting/notices"])
def test_pages_take_as_many_statements_for_a_hundred_people_as_for_ten(
    sergeant: CheckedClient, requirement: RequirementVersion, department: Department, path: str
) -> None:
    text_of(sergeant, path)
    with counted_queries() as few:
        text_of(sergeant, path)
    samples.many(db.session.get_one(RequirementVersion, requirement.id), 100)
    with counted_queries() as many:
        text_of(sergeant, path)
    assert len(many) <= MOST_QUERIES
    assert len(many) == len(few)


def test_the_list_keeps_filter_and_order_through_sorting_and_pages(
    sergeant: CheckedClient, requirement: RequirementVersion
) -> None:
    samples.many(requirement, 120)
    html = text_of(sergeant, "/reporting/assignments?state=to_do&text=bulk&sort=-name")
    assert 'aria-sort="descending"' in html
    assert "sort=name" in html
    assert html.index("Bulk00116") < html.index("Bulk00004")
    html = text_of(sergeant, "/reporting/assignments?text=bulk&page=3")
    assert "101 to 120 of 120 assignments" in html
    assert "text=bulk&amp;page=2" in html
    assert "101 to 120" in text_of(sergeant, "/reporting/assignments?text=bulk&page=999")


@pytest.mark.parametrize(
    "query",
    [
        "page=-1",
        "page=99999999999999999999",
        "unit=x",
        "unit=99999999999999",
        "sort=drop",
        "state=%00",
        "text=%00",
        "_external=1",
        "endpoint=x",
    ],
)
def test_an_address_that_makes_no_sense_narrows_nothing(
    sergeant: CheckedClient, department: Department, query: str
) -> None:
    assert "1 to 10 of 10 assignments" in text_of(sergeant, f"/reporting/assignments?{query}")


def read_csv(client: CheckedClient, path: str) -> list[list[str]]:
    response = client.get(path)
    assert response.status_code == 200
    assert response.mimetype == "text/csv"
    assert response.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(response.data.decode("utf-8-sig"))))


def test_the_file_is_the_list_that_is_on_the_page(sergeant: CheckedClient, department: Department) -> None:
    header, *rows = read_csv(sergeant, "/reporting/assignments.csv?state=late")
    assert [row[header.index("State")] for row in rows] == ["Delinquent", "Overdue"]
    assert [row[header.index("Days late")] for row in rows] == ["82", "10"]
    assert len(read_csv(sergeant, "/reporting/assignments.csv")) == 1 + len(department)


def test_no_cell_can_be_a_formula(sergeant: CheckedClient, requirement: RequirementVersion) -> None:
    for sign in ("=", "+", "-", "@"):
        person = make_person(family_name=f"{sign}HYPERLINK(1)", given_name="x", rank=f"{sign}1+1")
        samples.assign(person, requirement, "2026", date(2026, 10, 2), date(2026, 12, 31))
    db.session.commit()
    _header, *rows = read_csv(sergeant, "/reporting/assignments.csv")
    assert len(rows) == 4
    for row in rows:
        assert row[0][:2] in {"'=", "'+", "'-", "'@"}
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_the_file_of_two_thousand_people_is_quick(sergeant: CheckedClient, requirement: RequirementVersion) -> None:
    samples.many(requirement, 2000)
    read_csv(sergeant, "/reporting/assignments.csv")
    began = time.perf_counter()
    rows = read_csv(sergeant, "/reporting/assignments.csv")
    assert time.perf_counter() - began < 1
    assert len(rows) == 2001


def test_a_person_can_be_reminded_extended_and_waived_from_their_page(
    sergeant: CheckedClient, department: Department
) -> None:
    late, done, away = (department[name] for name in ("overdue", "completed", "on_leave"))
    html = text_of(sergeant, f"/reporting/people/{late.person_id}")
    assert f"/schedule/{late.id}/remind" in html
    assert f"/training/{late.id}/extend?next=" in html
    assert f"/training/{late.id}/waive?next=" in html
    assert "Due once a year." in html
    assert "/remind" not in text_of(sergeant, f"/reporting/people/{done.person_id}")
    html = text_of(sergeant, f"/reporting/people/{away.person_id}")
    assert "On leave" in html
    assert "/remind" not in html
    assert "edical" not in html
    assert "surgery" not in html
    assert sergeant.get("/reporting/people/4711").status_code == 404


def test_a_reminder_from_the_page_is_in_the_notices(sergeant: CheckedClient, department: Department) -> None:
    late = department["overdue"]
    response = sergeant.submit(f"/schedule/{late.id}/remind", form_at=f"/reporting/people/{late.person_id}")
    assert response.status_code == 303
    message = db.session.scalars(select(OutboxMessage)).one()
    assert message.subject in text_of(sergeant, f"/reporting/notices?person={late.person_id}")
    assert message.body_text.split("\n")[0] in text_of(sergeant, f"/reporting/notices/{message.id}")


def test_the_text_of_a_confidential_letter_is_shown_to_nobody(sergeant: CheckedClient) -> None:
    person = make_person()
    message = enqueue(
        person_id=person.id, to_address=person.email, topic="password", topic_id=1, stage="link",
        subject="Set your password", body_text="http://localhost/secret-link", dedupe_key="p", confidential=True,
    )  # fmt: skip
    db.session.commit()
    assert message is not None
    html = text_of(sergeant, f"/reporting/notices/{message.id}")
    assert "secret-link" not in html
    assert "confidential" in html


def test_a_supervisor_sees_the_status_of_their_own_people_and_nothing_else(
    sign_in: SignIn, department: Department
) -> None:
    supervisor = make_person(family_name="Boss")
    for name in ("overdue", "on_leave", "declined"):
        db.session.get_one(Person, department[name].person_id).supervisor_id = supervisor.id
    db.session.commit()
    client = sign_in(supervisor, "supervisor")
    html = text_of(client, "/reporting/team")
    assert "Person2" in html
    assert "10 days late" in html
    assert "On leave" in html
    for hidden in ("Person0", "medical", "surgery", "score", "/reporting/people/"):
        assert hidden not in html.lower().replace("scores and answers are not shown", "")
    late = department["overdue"]
    for path in (
        "/reporting/",
        "/reporting/assignments",
        "/reporting/assignments.csv",
        "/reporting/notices",
        f"/reporting/people/{late.person_id}",
    ):
        assert client.get(path).status_code == 403, path


@pytest.mark.parametrize("roles", [(), ("hr",), ("administrator",)])
def test_the_desk_is_the_sergeants_alone(
    sign_in: SignIn, requirement: RequirementVersion, roles: tuple[str, ...]
) -> None:
    client = sign_in(make_person(), *roles)
    for path in (
        "/reporting/",
        "/reporting/assignments",
        "/reporting/assignments.csv",
        "/reporting/notices",
        "/reporting/team",
    ):
        assert client.get(path).status_code == 403, path
