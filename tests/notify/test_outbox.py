"""The outbox: one copy of each letter in, at most one copy out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config import Settings
from lms import clock
from lms.db import db
from lms.notify import actions, queries, rules
from lms.notify.failures import DeliveryFailure, PermanentFailure, TemporaryFailure, UncertainFailure, Unreachable
from lms.notify.models import OutboxMessage
from lms.notify.queries import MessageFilter
from lms.notify.rules import Parcel, State
from lms.notify.transport import FolderTransport, SmtpTransport, make_transport
from tests.factories.people import make_person
from tests.notify.conftest import MailServer

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
Letter = Callable[..., OutboxMessage]


class Recorder:
    """A transport that answers each letter as told and then takes all."""

    def __init__(self, *answers: BaseException | None) -> None:
        self.answers = list(answers)
        self.sent: list[Parcel] = []
        self.closed = 0

    def send(self, parcel: Parcel) -> None:
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.sent.append(parcel)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture(autouse=True)
def simulated_clock() -> Any:
    with clock.at(NOW):
        yield


def deliver(transport: Any, now: datetime = NOW, **given: Any) -> actions.Delivered:
    return actions.deliver(transport=transport, eligible=given.pop("eligible", {}), now=now, **given)


def state(message_id: int) -> State:
    m = queries.get_message(message_id)
    return rules.state_of(
        sent_at=m.sent_at, dropped_at=m.dropped_at, failed=m.failed, claimed_at=m.claimed_at, tries=m.tries
    )


def test_same_notice_is_put_in_once(letter: Letter, session: Any) -> None:
    letter("one")
    assert actions.enqueue(person_id=None, to_address="x@portland.test", topic="t", topic_id=None, stage="s",
                           subject="S", body_text="B", dedupe_key="one") is None  # fmt: skip
    assert queries.count_messages() == 1


def test_letter_goes_only_with_the_change_that_it_tells_of(app: Any, session: Any) -> None:
    actions.enqueue(person_id=None, to_address="x@portland.test", topic="t", topic_id=None, stage="s",
                    subject="S", body_text="B", dedupe_key="one")  # fmt: skip
    session.rollback()
    assert queries.count_messages() == 0


def test_unusable_address_stops_no_change_and_is_reported(letter: Letter) -> None:
    letter("one", to_address="dana@portland.test\nBcc: evil@example.com")
    assert [m.dedupe_key for m in queries.list_failed()] == ["one"]
    assert deliver(Recorder()).sent == 0


def test_due_letters_are_sent_once_and_oldest_first(letter: Letter) -> None:
    letter("late", not_before=NOW + timedelta(seconds=1))
    letter("b")
    letter("a", not_before=NOW - timedelta(days=1))
    transport = Recorder()
    assert deliver(transport) == actions.Delivered(sent=2)
    assert [p.to_address for p in transport.sent] == ["a@portland.test", "b@portland.test"]
    assert deliver(transport) == actions.Delivered()
    assert deliver(transport, NOW + timedelta(seconds=1)) == actions.Delivered(sent=1)
    assert transport.closed == 3


def test_topic_that_no_longer_applies_is_dropped_at_the_moment_of_sending(letter: Letter) -> None:
    message_id = letter("one").id
    other = letter("two", topic="other").id
    transport = Recorder()
    done = deliver(transport, eligible={"assignment": lambda m: f"{m.to_address} completed the training."})
    assert done == actions.Delivered(sent=1, dropped=1)
    assert (state(message_id), state(other)) == (State.DROPPED, State.SENT)
    assert queries.get_message(message_id).outcome == "one@portland.test completed the training."
    assert queries.list_failed() == []


def test_temporary_failure_is_tried_again_after_growing_pauses_and_then_given_up(letter: Letter) -> None:
    message_id = letter("one").id
    now = NOW
    for tries in range(1, rules.TRIES):
        assert deliver(Recorder(TemporaryFailure("451 later")), now) == actions.Delivered(failed=1)
        assert state(message_id) is State.RETRYING
        pause = rules.pause_after(tries)
        assert pause is not None
        assert deliver(Recorder(), now + pause - timedelta(seconds=1)) == actions.Delivered()
        now += pause
    assert deliver(Recorder(TemporaryFailure("451 later")), now) == actions.Delivered(failed=1, dropped=1)
    assert state(message_id) is State.FAILED
    assert queries.get_message(message_id).outcome == "Given up after 8 tries: 451 later"
    assert deliver(Recorder(), now + timedelta(days=9)) == actions.Delivered()


def test_success_after_a_failure_is_a_success(letter: Letter) -> None:
    message_id = letter("one").id
    deliver(Recorder(TemporaryFailure("451 later")))
    assert deliver(Recorder(), NOW + timedelta(minutes=1)).sent == 1
    assert state(message_id) is State.SENT


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [
        (PermanentFailure("550 No such user"), "550 No such user"),
        (UncertainFailure("line lost"), "May have been sent"),
        (RuntimeError("a fault of the program"), "May have been sent"),
    ],
)
def test_failure_for_good_drops_the_letter_and_goes_on(letter: Letter, failure: BaseException, outcome: str) -> None:
    first, second = letter("one").id, letter("two").id
    assert deliver(Recorder(failure)) == actions.Delivered(sent=1, dropped=1, failed=1)
    assert (state(first), state(second)) == (State.FAILED, State.SENT)
    assert outcome in queries.get_message(first).outcome
    assert deliver(Recorder(), NOW + timedelta(days=9)) == actions.Delivered()


def test_unreachable_server_ends_the_run_and_costs_the_other_letters_no_try(letter: Letter) -> None:
    first, second = letter("one").id, letter("two").id
    assert deliver(Recorder(Unreachable("connection refused"))) == actions.Delivered(failed=1)
    assert (state(first), state(second)) == (State.RETRYING, State.WAITING)


def test_crash_between_claim_and_answer_never_leads_to_a_second_copy(letter: Letter) -> None:
    message_id = letter("one").id
    transport = Recorder(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        deliver(transport)
    db.session.rollback()
    assert state(message_id) is State.SENDING
    assert deliver(Recorder(), NOW + timedelta(minutes=59)) == actions.Delivered()
    assert deliver(Recorder(), NOW + timedelta(minutes=61)) == actions.Delivered()
    assert state(message_id) is State.FAILED
    assert queries.get_message(message_id).outcome == rules.MAY_HAVE_BEEN_SENT


def test_no_transaction_is_open_while_a_letter_is_sent(letter: Letter) -> None:
    letter("one")

    class Looking(Recorder):
        def send(self, parcel: Parcel) -> None:
            assert not db.session().in_transaction()
            super().send(parcel)

    assert deliver(Looking()).sent == 1


@pytest.mark.parametrize("failure", [None, PermanentFailure("550"), UncertainFailure("lost")])
def test_secret_is_gone_once_the_letter_is_done_with(letter: Letter, failure: DeliveryFailure | None) -> None:
    message_id = letter("one", body_text="https://x/auth/link/secret", confidential=True).id
    plain = letter("two", body_text="no secret").id
    deliver(Recorder(TemporaryFailure("451")))
    assert "secret" in queries.get_message(message_id).body_text
    transport = Recorder(failure)
    deliver(transport, NOW + timedelta(minutes=1))
    assert queries.get_message(message_id).body_text == actions.REMOVED
    assert queries.get_message(plain).body_text == "no secret"


def test_states_in_sql_and_in_rules_agree(letter: Letter) -> None:
    ids = [letter(f"m{n}").id for n in range(6)]
    deliver(
        Recorder(None, TemporaryFailure("451"), PermanentFailure("550"), KeyboardInterrupt()),
        eligible={"assignment": lambda m: "Not now." if m.id == ids[5] else None},
        limit=3,
    )
    with pytest.raises(KeyboardInterrupt):
        deliver(Recorder(KeyboardInterrupt()), limit=1)
    db.session.rollback()
    actions.deliver(transport=Recorder(), eligible={"assignment": lambda m: "No."}, now=NOW, limit=1)
    for wanted in State:
        found = {m.id for m in queries.list_messages(MessageFilter(state=wanted))}
        assert found == {message_id for message_id in ids if state(message_id) is wanted}, wanted
        assert len(found) == 1
        assert queries.count_messages(MessageFilter(state=wanted)) == 1


def test_letters_are_found_by_what_they_are_about(letter: Letter) -> None:
    person = make_person()
    letter("one", person_id=person.id, topic="assignment", topic_id=7, stage="overdue")
    letter("two", topic="receipt", topic_id=8)
    for filters in (
        MessageFilter(person_id=person.id),
        MessageFilter(topic="assignment", topic_id=7),
        MessageFilter(stage="overdue"),
        MessageFilter(topic_id=7, since=NOW),
    ):
        assert [m.dedupe_key for m in queries.list_messages(filters)] == ["one"]
    assert queries.list_messages(MessageFilter(since=NOW + timedelta(seconds=1))) == []
    assert [m.dedupe_key for m in queries.list_messages(limit=1, offset=1)] == ["one"]


def test_whole_way_to_a_mail_server(letter: Letter, mail_server: MailServer) -> None:
    for key in ("a", "b", "c", "d"):
        letter(key)
    mail_server.rcpt_answers = ["450 4.2.1 Busy", "550 5.1.1 Unknown"]
    mail_server.data_answers = ["drop"]
    assert deliver(SmtpTransport(mail_server.address)) == actions.Delivered(sent=1, dropped=2, failed=3)
    assert deliver(SmtpTransport(mail_server.address), NOW + timedelta(minutes=1)) == actions.Delivered(sent=1)
    recipients = sorted(envelope.rcpt_tos[0] for envelope in mail_server.taken)
    assert recipients == ["a@portland.test", "c@portland.test", "d@portland.test"]


def test_settings_choose_the_way(tmp_path: Path) -> None:
    plain = {"instance": tmp_path, "database_url": "sqlite://", "secret_key": "x"}
    assert isinstance(make_transport(Settings(**plain)), FolderTransport)  # type: ignore[arg-type]
    smtp = Settings(**plain, smtp_url="smtp://localhost")  # type: ignore[arg-type]
    assert isinstance(make_transport(smtp), SmtpTransport)
