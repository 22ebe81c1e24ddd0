"""Sessions, locks, passwords and links on a real database."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from lms import clock
from lms.auth import actions, passwords, queries, rules
from lms.auth.jobs import clean_sessions_job, why_not_send
from lms.auth.locks import TooManyTries
from lms.auth.models import PasswordCredential, PasswordLink, SignInLock, SignInSession
from lms.db import db
from lms.errors import Conflict, Invalid, NotFound
from lms.ledger.queries import list_entries, read_disclosures
from lms.notify.models import OutboxMessage
from lms.notify.queries import list_messages
from lms.notify.rules import Letter
from lms.roster import actions as roster
from lms.roster.models import Person
from tests.factories.people import PASSWORD, give_password, make_person
from tests.support.queries import counted_queries

NOW = datetime(2026, 3, 5, 17, tzinfo=UTC)
TODAY = date(2026, 3, 5)
OTHER = "copper saddle november 17"


@pytest.fixture(autouse=True)
def simulated_clock() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def officer(app: Flask) -> Person:
    person = make_person(email="dana@portland.test")
    give_password(person)
    return person


def sign_in(email: str = "dana@portland.test", password: str = PASSWORD) -> actions.Opened:
    opened = actions.sign_in(email, password, ip="10.0.0.1", user_agent="Firefox", hours=12, today=TODAY)
    db.session.commit()
    return opened


def failures(name: str) -> int:
    row = queries.find_lock(name)
    return 0 if row is None else row.failures


def test_session_is_stored_as_a_digest_and_found_with_roles(officer: Person) -> None:
    roster.grant_role(officer, "hr", by=None)
    roster.grant_role(officer, "supervisor", by=None)
    db.session.commit()
    opened = sign_in(" Dana@Portland.TEST ")
    row = db.session.scalars(select(SignInSession)).one()
    assert row.token_hash == rules.digest(opened.token)
    visitor = queries.find_visitor(opened.token, now=NOW, today=TODAY)
    assert visitor is not None
    assert (visitor.person_id, visitor.roles) == (officer.id, {"hr", "supervisor"})
    assert visitor.full_name == officer.full_name
    assert queries.find_visitor("other", now=NOW, today=TODAY) is None


def test_session_ends_by_time_revocation_and_separation(officer: Person) -> None:
    opened = sign_in()
    assert queries.find_visitor(opened.token, now=NOW + timedelta(hours=12), today=TODAY) is None
    roster.separate_person(officer, TODAY, by=None, today=clock.today("UTC"))
    assert queries.find_visitor(opened.token, now=NOW, today=TODAY) is not None
    assert queries.find_visitor(opened.token, now=NOW, today=TODAY + timedelta(days=1)) is None
    actions.revoke_session(db.session.scalars(select(SignInSession)).one())
    assert queries.find_visitor(opened.token, now=NOW, today=TODAY) is None


@pytest.mark.parametrize("case", ["wrong", "unknown", "invited", "left"])
def test_every_refusal_sounds_and_counts_the_same(officer: Person, case: str) -> None:
    email, password = "dana@portland.test", PASSWORD
    if case == "wrong":
        password = "wrong password"
    elif case == "unknown":
        email = "nobody@portland.test"
    elif case == "invited":
        email = make_person(email="new@portland.test").email
    else:
        officer.separated_on = TODAY - timedelta(days=1)
    db.session.commit()
    with pytest.raises(Invalid) as refusal:
        sign_in(email, password)
    assert refusal.value.message == actions.REFUSED
    db.session.rollback()
    assert failures(rules.sign_in_name(email)) == 1


def test_unknown_address_costs_the_same_work(officer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[bool] = []
    real = passwords.Hashing.verify

    def verify(self: passwords.Hashing, stored: str | None, password: str) -> bool:
        verified.append(stored is None)
        return real(self, stored, password)

    monkeypatch.setattr(passwords.Hashing, "verify", verify)
    for email in ("dana@portland.test", "nobody@portland.test"):
        with pytest.raises(Invalid):
            sign_in(email, "wrong password")
    assert verified == [False, True]


@pytest.mark.parametrize("email", ["dana@portland.test", "nobody@portland.test"])
def test_fifth_failure_locks_and_success_forgives(officer: Person, email: str) -> None:
    for _ in range(5):
        with pytest.raises(Invalid, match="do not belong together"):
            sign_in(email, "wrong password")
    with pytest.raises(TooManyTries, match="Wait 15 minutes"):
        sign_in(email)
    with clock.at(NOW + timedelta(minutes=15)):
        with pytest.raises(Invalid, match="do not belong together"):
            sign_in(email, "wrong password")
        with pytest.raises(TooManyTries, match="Wait 30 minutes"):
            sign_in(email)
    if email.startswith("dana"):
        with clock.at(NOW + timedelta(minutes=45)):
            sign_in(email)
        assert failures(rules.sign_in_name(email)) == 0


def test_guesses_at_once_cannot_slip_past_the_lock(app: Flask, officer: Person) -> None:
    db.session.remove()

    def guess(_n: int) -> type[Exception]:
        with app.app_context():
            try:
                sign_in(password="wrong password")
            except Invalid as error:
                return type(error)
            finally:
                db.session.remove()
        raise AssertionError("A wrong password was taken.")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(24)))
    assert answers.count(Invalid) == 5
    assert answers.count(TooManyTries) == 19


def test_hash_of_other_costs_is_renewed_at_sign_in(app: Flask, officer: Person) -> None:
    officer_id = officer.id
    app.extensions[passwords.EXTENSION] = passwords.Hashing(time_cost=2, memory_kib=16)
    sign_in()
    stored = db.session.get(PasswordCredential, officer_id)
    assert stored is not None
    assert "m=16,t=2,p=1" in stored.hash
    sign_in()


def test_reauthentication_says_how_and_when(officer: Person) -> None:
    proof = actions.reauthenticate(officer, PASSWORD, ip="10.0.0.1", today=TODAY)
    assert (proof.method, proof.at) == ("password", NOW)
    assert "weaker" in proof.says


def test_failed_reauthentication_is_counted_and_the_rest_rolled_back(officer: Person) -> None:
    officer_id = officer.id
    sign_in()
    officer = db.session.get_one(Person, officer_id)
    officer.rank = "Chief"
    db.session.flush()
    with pytest.raises(Invalid) as refusal:
        actions.reauthenticate(officer, "wrong password", ip="10.0.0.1", today=TODAY)
    assert refusal.value.field == "password"
    db.session.rollback()
    assert failures(rules.reauthentication_name(officer_id)) == 1
    assert db.session.get_one(Person, officer_id).rank == "Officer"
    assert officer.badge


def test_reauthentication_locks_apart_from_sign_in(officer: Person) -> None:
    for _ in range(5):
        with pytest.raises(Invalid, match="not your password"):
            actions.reauthenticate(officer, "wrong password", ip="10.0.0.1", today=TODAY)
    with pytest.raises(TooManyTries) as refusal:
        actions.reauthenticate(officer, PASSWORD, ip="10.0.0.1", today=TODAY)
    assert refusal.value.field == "password"
    sign_in()
    with clock.at(NOW + timedelta(minutes=15)):
        actions.reauthenticate(officer, PASSWORD, ip="10.0.0.1", today=TODAY)
        db.session.commit()
    assert failures(rules.reauthentication_name(officer.id)) == 0


def test_password_is_recorded_without_any_secret(officer: Person) -> None:
    actions.set_password(officer, OTHER, by=officer)
    db.session.commit()
    entries = list_entries(kind="auth.password_set")
    assert len(entries) == 2
    disclosed = [dict(read_disclosures(entry.record_id)) for entry in entries]
    text = repr(disclosed)
    assert OTHER not in text
    assert "argon2" not in text


def test_new_password_ends_other_sessions_links_and_locks(officer: Person) -> None:
    keep, other = sign_in(), sign_in()
    with pytest.raises(Invalid):
        sign_in(password="wrong password")
    kept = queries.find_visitor(keep.token, now=NOW, today=TODAY)
    assert kept is not None
    person = db.session.get_one(Person, kept.person_id)
    actions.send_link(person, lifetime=timedelta(days=1), compose=lambda t: Letter("S", t), today=TODAY)
    actions.set_password(person, OTHER, by=person, keep_session_id=kept.session_id)
    db.session.commit()
    assert queries.find_visitor(keep.token, now=NOW, today=TODAY) is not None
    assert queries.find_visitor(other.token, now=NOW, today=TODAY) is None
    assert db.session.scalars(select(PasswordLink).where(PasswordLink.used_at.is_(None))).all() == []
    assert db.session.scalars(select(SignInLock)).all() == []
    sign_in(password=OTHER)


def test_weak_password_changes_nothing(officer: Person) -> None:
    with pytest.raises(Invalid) as refusal:
        actions.set_password(officer, "password1234", by=officer)
    assert refusal.value.field == "new_password"
    db.session.rollback()
    sign_in()


def send(person: Person) -> str | None:
    tokens: list[str] = []

    def compose(token: str) -> Letter:
        tokens.append(token)
        return Letter("Set a password", f"https://x/auth/link/{token}")

    link = actions.send_link(person, lifetime=timedelta(hours=24), compose=compose, today=TODAY)
    db.session.commit()
    assert (link is None) == (not tokens)
    return tokens[0] if tokens else None


def test_link_is_stored_as_a_digest_and_its_letter_is_confidential(officer: Person) -> None:
    token = send(officer)
    assert token is not None
    link = db.session.scalars(select(PasswordLink)).one()
    message = list_messages()[0]
    assert link.token_hash == rules.digest(token)
    assert (message.topic, message.topic_id, message.confidential) == (rules.LINK_TOPIC, link.id, True)
    assert token in message.body_text


def test_link_works_once_and_in_time(officer: Person) -> None:
    token = send(officer)
    assert token is not None
    with clock.at(NOW + timedelta(hours=24)), pytest.raises(NotFound):
        actions.use_link(token, OTHER)
    with pytest.raises(Invalid, match="easy to guess"):
        actions.use_link(token, "password1234")
    db.session.rollback()
    assert actions.use_link(token, OTHER).id == officer.id
    db.session.commit()
    with pytest.raises(NotFound):
        actions.use_link(token, PASSWORD)
    sign_in(password=OTHER)


def test_link_used_from_two_browsers_at_once_works_in_one(app: Flask, officer: Person) -> None:
    token = send(officer)
    assert token is not None
    db.session.remove()

    def use(password: str) -> bool:
        with app.app_context(), clock.at(NOW):
            try:
                actions.use_link(token, password)
                db.session.commit()
            except NotFound:
                return False
            finally:
                db.session.remove()
            return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(use, [PASSWORD, OTHER] * 4)) == 1


def test_newer_link_takes_the_place_of_an_older_one_after_a_pause(officer: Person) -> None:
    first = send(officer)
    assert first is not None
    assert send(officer) is None
    with clock.at(NOW + rules.PAUSE_BETWEEN_LINKS):
        second = send(officer)
        assert second is not None
        assert queries.find_link(first, clock.now()) is None
        assert queries.find_link(second, clock.now()) is not None


def test_nobody_who_left_gets_a_link(officer: Person) -> None:
    officer.separated_on = TODAY - timedelta(days=1)
    db.session.commit()
    with pytest.raises(Conflict):
        send(officer)


def test_asking_for_a_link_is_silent_and_bounded(officer: Person) -> None:
    for hour in range(8):
        for email in ("DANA@portland.test", "nobody@portland.test"):
            with clock.at(NOW + hour * timedelta(minutes=6)):
                actions.request_link(email, compose=lambda p, t: Letter("S", t), today=TODAY)
                db.session.commit()
    assert {m.to_address for m in list_messages()} == {"dana@portland.test"}
    assert len(list_messages()) == 6


def test_letter_of_a_link_goes_only_while_the_link_is_good(officer: Person) -> None:
    send(officer)
    message = db.session.scalars(select(OutboxMessage)).one()
    link = db.session.scalars(select(PasswordLink)).one()
    assert why_not_send(NOW)(message) is None
    with clock.at(NOW + timedelta(hours=24)):
        assert "ran out" in (queries.why_not_send(message, today=TODAY) or "")
    officer.separated_on = TODAY - timedelta(days=1)
    db.session.commit()
    assert "no longer works here" in (queries.why_not_send(message, today=TODAY) or "")
    actions.void_links(officer.id, NOW)
    db.session.refresh(link)
    assert "used" in (queries.why_not_send(message, today=TODAY) or "")


def test_cleaning_removes_only_what_is_long_over(officer: Person) -> None:
    sign_in()
    send(officer)
    with pytest.raises(Invalid):
        sign_in(password="wrong password")
    assert clean_sessions_job(NOW) == "0 rows removed"
    assert clean_sessions_job(NOW + timedelta(hours=25)) == "1 row removed"
    assert clean_sessions_job(NOW + timedelta(days=92)) == "2 rows removed"
    assert clean_sessions_job(NOW + timedelta(days=92)) == "0 rows removed"


def test_page_of_accounts_is_summarized_in_three_queries(officer: Person) -> None:
    new = make_person()
    roster.grant_role(officer, "hr", by=None)
    db.session.commit()
    sign_in()
    ids: list[Any] = [officer.id, new.id]
    with counted_queries() as seen:
        summaries = queries.summarize_accounts(ids)
    assert len(seen) == 3
    assert summaries[officer.id] == queries.AccountSummary(("hr",), True, NOW)
    assert summaries[new.id] == queries.AccountSummary((), False, None)
