"""The hourly anchoring, end to end: real authorities on this machine, letters through the outbox, both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from lms import clock
from lms.db import db
from lms.jobs import anchoring, registry
from lms.jobs.actions import run_job
from lms.jobs.anchoring import AS_FILE, anchor_ledger_job
from lms.ledger.actions import append
from lms.ledger.anchors import actions as anchor_actions
from lms.ledger.anchors import asking
from lms.ledger.anchors.standing import read_standing
from lms.ledger.models import LedgerAnchor, LedgerCheckpoint
from lms.ledger.queries import get_log, list_entries, read_disclosures
from lms.ledger.verify import Tally, snapshot, verify_log
from lms.notify.models import OutboxMessage
from lms.web.context import EXTENSION
from tests.support.authority import Authority, openssl_verifies, serve, trust

Configure = Callable[..., None]
HOUR = timedelta(hours=1)


@pytest.fixture
def configure(app: Flask) -> Configure:
    """Sets authorities and addresses, as the settings would."""

    def change(*urls: str, mail: tuple[str, ...] = (), smtp: str | None = None) -> None:
        settings = app.extensions[EXTENSION]
        app.extensions[EXTENSION] = replace(settings, tsa_urls=urls, anchor_mail=mail, smtp_url=smtp)

    return change


@pytest.fixture
def instance(app: Flask) -> Path:
    return app.extensions[EXTENSION].instance


def add_record(number: int = 1) -> None:
    append(kind="a.b", fields={"number": number})
    db.session.commit()


def anchors() -> list[LedgerAnchor]:
    db.session.rollback()
    return list(db.session.scalars(select(LedgerAnchor).order_by(LedgerAnchor.id)))


def run(after: timedelta = timedelta(0)) -> str:
    """Runs the job as the worker does; ``after`` moves only the moment by which it decides what is due."""
    return anchor_ledger_job(clock.now() + after)


def faults() -> tuple[list[str], Tally]:
    tally = Tally()
    with snapshot():
        return [str(fault) for fault in verify_log(tally=tally)], tally


def test_nobody_configured_is_said_and_nothing_happens(app: Flask, configure: Configure) -> None:
    assert "nobody outside is asked" in run()
    assert anchors() == []
    assert db.session.scalar(select(LedgerCheckpoint.id)) is None


def test_a_stamp_is_kept_recorded_and_verified_by_openssl_alone(
    configure: Configure, authority: Authority, instance: Path, tmp_path: Path
) -> None:
    trust(instance, authority)
    configure(authority.url)
    add_record()
    assert run().startswith("1 stamped, 0 failed")
    (anchor,) = anchors()
    checkpoint = db.session.get_one(LedgerCheckpoint, anchor.checkpoint_id)
    assert checkpoint.size == 2
    assert anchor.token is not None
    assert openssl_verifies(anchor.token, checkpoint.note, authority.root, tmp_path)
    (entry,) = list_entries(kind="ledger.anchored")
    fields = read_disclosures(entry.record_id)
    assert set(fields) == {
        "kind", "authority", "checkpoint_size", "checkpoint_root", "checkpoint_sha256", "stamped_at", "serial",
        "token_sha256",
    }  # fmt: skip
    assert (fields["kind"], fields["authority"], fields["checkpoint_size"]) == ("rfc3161", authority.url, 2)
    found, tally = faults()
    assert found == []
    assert (tally.stamps, tally.unverified) == (1, {})


def test_anchoring_never_anchors_itself(configure: Configure, authority: Authority) -> None:
    configure(authority.url)
    run()
    for hours in range(1, 6):
        assert run(hours * HOUR) == "nothing new to anchor"
    assert authority.asked == 1
    assert get_log().size == 2
    add_record()
    assert run(7 * HOUR).startswith("1 stamped")
    assert authority.asked == 2


def test_hourly_and_no_more_often(configure: Configure, authority: Authority) -> None:
    configure(authority.url)
    run()
    add_record()
    assert run(timedelta(minutes=59)) == "nothing new to anchor"
    assert run(timedelta(minutes=61)).startswith("1 stamped")


def test_a_dead_authority_does_not_stop_the_other_and_is_asked_again_later(
    configure: Configure, authority: Authority, authority_folders: tuple[Path, Path]
) -> None:
    with serve(authority_folders[1]) as gone:
        dead_url, port = gone.url, int(gone.url.rpartition(":")[2].partition("/")[0])
    configure(authority.url, dead_url)
    said = run()
    assert said.startswith("1 stamped, 1 failed")
    assert "could not be reached" in said
    by_name = {anchor.authority: anchor for anchor in anchors()}
    assert by_name[authority.url].token is not None
    assert (by_name[dead_url].tries, by_name[dead_url].anchored_at) == (1, None)
    assert "could not be reached" in (by_name[dead_url].last_error or "")

    assert run(timedelta(minutes=9)) == "nothing new to anchor"
    assert run(timedelta(minutes=11)).startswith("0 stamped, 1 failed")
    assert run(timedelta(minutes=25)) == "nothing new to anchor", "the second pause is twenty minutes"
    assert authority.asked == 1
    with serve(authority_folders[1], port):
        assert run(timedelta(minutes=32)).startswith("1 stamped, 0 failed")
    rows = [anchor for anchor in anchors() if anchor.authority == dead_url]
    assert [(row.tries, row.last_error, row.token is not None) for row in rows] == [(3, None, True)]
    assert faults()[0] == []


@pytest.mark.parametrize(
    ("mood", "says"),
    [("rejection", "refused to stamp"), ("wrong nonce", "another number"), ("wrong imprint", "another text"),
     ("garbage", "not a time stamp"), ("error 500", "status 500"), ("slow", "did not answer"), ("cut", "not a time")],
)  # fmt: skip
def test_what_is_refused_is_not_kept_and_the_reason_is(
    configure: Configure, authority: Authority, mood: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(authority.url)
    authority.mood = mood
    patience = asking.TIMEOUT_SECONDS
    if mood == "slow":
        monkeypatch.setattr(asking, "TIMEOUT_SECONDS", 0.5)
    assert run().startswith("0 stamped, 1 failed")
    (anchor,) = anchors()
    assert (anchor.token, anchor.anchored_at, anchor.tries) == (None, None, 1)
    assert says in (anchor.last_error or "")
    assert get_log().size == 1
    authority.mood = "honest"
    monkeypatch.setattr(asking, "TIMEOUT_SECONDS", patience)
    assert run(timedelta(minutes=11)).startswith("1 stamped")
    assert [(row.tries, row.last_error) for row in anchors()] == [(2, None)]


def test_a_stamp_with_a_wrong_signature_is_not_kept_where_the_root_is_on_file(
    configure: Configure, authority: Authority, instance: Path
) -> None:
    trust(instance, authority)
    configure(authority.url)
    authority.mood = "altered"
    assert "signature does not hold" in run()
    assert anchors()[0].token is None


def test_a_stamp_of_another_root_is_not_kept_where_this_host_has_one(
    configure: Configure, authority: Authority, second_authority: Authority, instance: Path
) -> None:
    trust(instance, second_authority)  # 127.0.0.1.pem, but of the other root
    configure(authority.url)
    assert "does not lead to the root certificate" in run()
    assert anchors()[0].token is None


def test_without_a_root_the_stamp_is_kept_and_said_to_be_unverified(
    configure: Configure, authority: Authority, second_authority: Authority, instance: Path
) -> None:
    trust(instance, second_authority, "another.example")
    configure(authority.url)
    assert run().startswith("1 stamped")
    found, tally = faults()
    assert found == []
    assert (tally.stamps, tally.unverified) == (0, {authority.url: 1})
    trust(instance, authority)
    assert faults()[1].stamps == 1, "a root that comes later verifies the stamps of before"


@pytest.mark.parametrize(("apart", "says"), [(HOUR, "behind"), (-HOUR, "ahead of")])
def test_a_clock_that_is_wrong_keeps_no_stamp(
    configure: Configure, authority: Authority, apart: timedelta, says: str
) -> None:
    configure(authority.url)
    real = clock.now()
    with clock.at(real + apart):
        said = anchor_ledger_job(clock.now())
    assert says in said
    assert authority.asked == 2, "sealed and asked once more at once, in case this process was held up"
    (anchor,) = anchors()
    assert (anchor.token, anchor.tries) == (None, 2)


def test_a_stamp_that_came_late_is_asked_for_again_at_once(
    configure: Configure, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process was held up between sealing and asking: the second round keeps a stamp of a newer sealing."""
    configure(authority.url)
    real_seal, calls = anchor_actions.seal_fresh, []

    def held_up() -> anchor_actions.Fresh:
        fresh = real_seal()
        calls.append(fresh)
        return replace(fresh, sealed_at=fresh.sealed_at - HOUR) if len(calls) == 1 else fresh

    monkeypatch.setattr(anchor_actions, "seal_fresh", held_up)
    assert run().startswith("1 stamped, 0 failed")
    assert [(row.tries, row.last_error) for row in anchors()] == [(2, None)]


def test_killed_between_the_stamp_and_the_commit_it_is_asked_again(
    configure: Configure, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(authority.url)

    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(anchoring, "_keep", kill)
        with pytest.raises(Killed):
            run()
    db.session.remove()
    (anchor,) = anchors()
    assert (anchor.tries, anchor.token, anchor.last_error) == (1, None, None)
    assert run(timedelta(minutes=11)).startswith("1 stamped")
    assert len(anchors()) == 1
    assert len(list_entries(kind="ledger.anchored")) == 1
    assert faults()[0] == []


def test_a_second_run_at_the_same_time_keeps_one_stamp(
    configure: Configure, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one run waits for its answer, another is through with the same checkpoint."""
    configure(authority.url)
    real = anchoring.ask_all

    def overtaken(names: list[str], note: str) -> list[anchoring.Answer]:
        monkeypatch.setattr(anchoring, "ask_all", real)
        answers = real(names, note)
        run(timedelta(minutes=11))
        return answers

    monkeypatch.setattr(anchoring, "ask_all", overtaken)
    run()
    assert authority.asked == 2
    assert len([anchor for anchor in anchors() if anchor.token]) == 1
    assert len(list_entries(kind="ledger.anchored")) == 1
    assert faults()[0] == []


def test_no_transaction_is_open_while_the_network_is_asked(
    app: Flask, configure: Configure, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(authority.url)
    real, seen = anchoring.ask_all, []

    def watched(names: list[str], note: str) -> list[anchoring.Answer]:
        seen.append(db.session().in_transaction())
        return real(names, note)

    monkeypatch.setattr(anchoring, "ask_all", watched)
    run()
    assert seen == [False]


def test_one_letter_for_each_checkpoint_and_address(configure: Configure, instance: Path) -> None:
    addresses = ("union@example.org", "clerk@example.org")
    configure(mail=addresses, smtp="smtp://127.0.0.1:1")
    assert "2 letters written" in run()
    assert run() == "nothing new to anchor"
    letters = list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))
    assert [letter.to_address for letter in letters] == list(addresses)
    checkpoint = db.session.scalars(select(LedgerCheckpoint)).one()
    assert checkpoint.note in letters[0].body_text
    assert list_entries(kind="ledger.anchored") == [], "not an anchor before the mail server took it"

    letters[0].sent_at = clock.now()
    letters[1].outcome, letters[1].tries = "Try 1 of 8: The mail server is busy.", 1
    db.session.commit()
    assert "1 letters sent" in run()
    assert run() == "nothing new to anchor"
    (entry,) = list_entries(kind="ledger.anchored")
    fields = read_disclosures(entry.record_id)
    assert (fields["kind"], fields["authority"], fields["token_sha256"]) == ("mail", addresses[0], None)
    assert [anchor.last_error for anchor in anchors()] == [None, "Try 1 of 8: The mail server is busy."]
    assert run(2 * HOUR) == "nothing new to anchor", "a letter that went does not call for another"
    found, tally = faults()
    assert (found, tally.letters) == ([], 1)
    add_record()
    assert "2 letters written" in run(2 * HOUR)


def test_a_letter_that_became_a_file_is_no_anchor(configure: Configure, instance: Path) -> None:
    configure(mail=("union@example.org",))
    add_record()
    run()
    outcome = run_job("deliver-outbox").outcome
    assert outcome.startswith("1 sent")
    assert len(list((instance / "mail").glob("*.eml"))) == 1
    assert run() == "nothing new to anchor"
    assert [(anchor.anchored_at, anchor.last_error) for anchor in anchors()] == [(None, AS_FILE)]
    standing = read_standing((), ("union@example.org",))
    assert (standing.anchored_size, standing.at_risk) == (0, 2)


def test_the_worker_runs_it_and_the_run_says_how_it_went(configure: Configure, authority: Authority) -> None:
    configure(authority.url)
    done = run_job("anchor-ledger")
    assert not done.failed
    assert done.outcome.startswith("1 stamped")
    assert "anchor-ledger" in [job.name for job in registry.JOBS]


def test_the_standing_counts_what_is_at_risk(
    configure: Configure, authority: Authority, second_authority: Authority, instance: Path
) -> None:
    trust(instance, authority)
    urls = (authority.url, second_authority.url)
    second_authority.mood = "error 500"
    configure(*urls)
    add_record()
    run()
    before = clock.now()
    add_record()
    add_record()
    standing = read_standing(urls, ())
    assert (standing.records, standing.anchored_size, standing.at_risk) == (5, 2, 2)
    assert standing.at_risk_since is not None
    assert standing.at_risk_since >= before
    first, second = standing.witnesses
    assert (first.anchors, first.size, first.worth) == (1, 2, "verified")
    assert second.failure is not None
    assert (second.anchors, second.failure.tries) == (0, 1)
    assert standing.failing == (second,)
    assert [key.signs for key in standing.keys] == [True]


def test_a_witness_that_is_no_longer_set_still_counts(configure: Configure, authority: Authority) -> None:
    configure(authority.url)
    run()
    (witness,) = read_standing((), ()).witnesses
    assert (witness.name, witness.configured, witness.anchors) == (authority.url, False, 1)


def test_the_moment_of_a_stamp_is_the_authority_s(configure: Configure, authority: Authority) -> None:
    configure(authority.url)
    began = datetime.now(clock.now().tzinfo)
    run()
    (anchor,) = anchors()
    assert anchor.anchored_at is not None
    assert abs(anchor.anchored_at - began) < timedelta(minutes=1)
    assert anchor.anchored_at.microsecond == 0, "openssl stamps whole seconds"
