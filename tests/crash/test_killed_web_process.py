"""Web processes are killed fifty times between a choice and a receipt: what was acknowledged is there, once.

Fifty times on SQLite and fifty times on PostgreSQL. Twenty-four of twenty-five kills take one web process, the
twenty-fifth takes all of gunicorn. ``LMS_CRASH_SEED`` repeats a run's choices; a failure prints the seed.
"""

from __future__ import annotations

import importlib
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from bench.client import Browser
from lms import create_app
from lms.assessment.models import Answer, Attempt, ScenarioChoice, ScenarioRun
from lms.attestation.models import Attestation, SigningQuestion
from lms.db import db
from lms.ledger.actions import open_log, seal_checkpoint
from lms.ledger.models import LedgerEntry, LedgerLog
from lms.ledger.verify import snapshot, verify_log
from lms.notify.models import OutboxMessage
from lms.training.models import Assignment
from tests.crash.officers import Officer, make_officers
from tests.crash.victim import Victim
from tests.crash.walkers import Journal, Walker
from tests.support import databases

pytestmark = pytest.mark.crash

KILLS = 50
EVERY = 25
PAUSE = (0.02, 0.25)
"""Shortest and longest time between two kills, in seconds: several requests fit in, and never a whole way."""
WALKERS, OFFICERS = 4, 900
SEED = int(os.environ.get("LMS_CRASH_SEED") or random.SystemRandom().randrange(10**6))
EVIDENCE = ("policy", "catalog", "training", "assessment", "attestation")


@pytest.fixture
def crash_app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The app of the checks, in this process; it has no connection open while the others are killed."""
    app = create_app(databases.test_settings(tmp_path / "instance", database_url))
    with app.app_context():
        open_log()
        db.session.commit()
        yield app
        db.session.remove()
        db.engine.dispose()


def test_what_was_acknowledged_is_there_once(crash_app: Flask, database_url: str, tmp_path: Path) -> None:
    print(f"LMS_CRASH_SEED={SEED}")
    officers, right = make_officers(crash_app, OFFICERS)
    db.engine.dispose()
    victim = Victim(tmp_path, database_url)
    try:
        victim.start()
        journals = walk_and_kill(victim, officers, right)
        signatures = [one for journal in journals for one in journal.signatures]
        send_again(victim.port, signatures)
    finally:
        victim.end()
    print(f"killed {victim.killed_workers} web processes and {victim.killed_groups} times everything")
    print(f"{sum(journal.lost for journal in journals)} answers lost, {len(signatures)} signatures acknowledged")
    assert victim.killed_workers + victim.killed_groups == KILLS
    assert sum(journal.lost for journal in journals), "no kill hit a request: this proved nothing"
    assert signatures
    check_choices(list(chain.from_iterable(journal.choices for journal in journals)))
    check_answers(list(chain.from_iterable(journal.answers for journal in journals)))
    check_signatures([(officer, receipt, form["idempotency_key"]) for officer, receipt, form in signatures])
    check_ledger()


def walk_and_kill(victim: Victim, officers: list[Officer], right: dict[str, str]) -> list[Journal]:
    """Lets officers walk while web processes are killed at random moments; gives back what they noted."""
    chance = random.Random(SEED)
    stop, line = threading.Event(), _Line(officers)
    walkers = [Walker(victim.port, line, right, stop, SEED + number) for number in range(WALKERS)]
    for walker in walkers:
        walker.start()
    for number in range(1, KILLS + 1):
        time.sleep(chance.uniform(*PAUSE))
        if number % EVERY:
            victim.kill_worker(chance)
        else:
            victim.kill_group()
    stop.set()
    for walker in walkers:
        walker.join(timeout=90)
    faults = [fault for walker in walkers for fault in walker.journal.faults]
    assert not faults, "\n".join([*faults, victim.log()])
    assert not any(walker.is_alive() or walker.out_of_officers for walker in walkers)
    return [walker.journal for walker in walkers]


class _Line:
    """Officers one after the other, for several threads."""

    def __init__(self, officers: list[Officer]) -> None:
        self._officers, self._lock = iter(officers), threading.Lock()

    def __iter__(self) -> Iterator[Officer]:
        return self

    def __next__(self) -> Officer:
        with self._lock:
            return next(self._officers)


def send_again(port: int, signatures: list[tuple[Officer, int, dict[str, str]]]) -> None:
    """The same form with the same key, once more: the same receipt."""
    browser = Browser(port)
    try:
        for officer, receipt, form in signatures:
            browser.cookies = {"rollcall": officer.cookie}
            _, target = browser.send("POST", f"/attestation/{officer.assignment_id}/sign", {**form, **token(browser)})
            assert target == f"/attestation/receipts/{receipt}"
    finally:
        browser.close()


def token(browser: Browser) -> dict[str, str]:
    """A form token of the browser's own session."""
    return {"csrf_token": browser.get("/auth/sessions").expect().hidden()["csrf_token"]}


def check_choices(acknowledged: list[tuple[int, int, str]]) -> None:
    rows = db.session.execute(
        select(ScenarioRun.assignment_id, ScenarioChoice.position, ScenarioChoice.choice_ref).join(
            ScenarioRun, ScenarioRun.id == ScenarioChoice.run_id
        )
    )
    stored = Counter(tuple(row) for row in rows)
    assert [one for one in acknowledged if stored[one] != 1] == []
    places = Counter((assignment_id, position) for assignment_id, position, _ in stored)
    assert set(places.values()) == {1}
    assert count_records("assessment.scenario_choice_made") == sum(stored.values())


def check_answers(acknowledged: list[tuple[int, int, str]]) -> None:
    stored = Counter(
        tuple(row) for row in db.session.execute(select(Answer.attempt_id, Answer.position, Answer.option_ref))
    )
    assert [one for one in acknowledged if stored[one] != 1] == []
    places = Counter((attempt_id, position) for attempt_id, position, _ in stored)
    assert set(places.values()) == {1}
    attempts = db.session.scalars(select(Attempt)).all()
    assert len({attempt.assignment_id for attempt in attempts}) == len(attempts), "somebody began twice"
    finished = [attempt for attempt in attempts if attempt.finished_at is not None]
    assert all(attempt.passed for attempt in finished)
    assert count_records("assessment.attempt_finished") == len(finished)


def check_signatures(acknowledged: list[tuple[Officer, int, str]]) -> None:
    rows = db.session.scalars(select(Attestation)).all()
    stored = {row.assignment_id: row for row in rows}
    assert len(stored) == len(rows)
    for officer, receipt, key in acknowledged:
        row = stored[officer.assignment_id]
        assert (row.id, row.idempotency_key, row.person_id) == (receipt, key, officer.person_id)
    assert count_records("attestation.signed") == len(rows)
    assert len(db.session.scalars(select(SigningQuestion.attestation_id)).all()) == len(rows)
    assert len(db.session.scalars(select(OutboxMessage.id).where(OutboxMessage.stage == "receipt")).all()) == len(rows)
    closed = db.session.scalars(select(Assignment.id).where(Assignment.outcome == "completed")).all()
    assert sorted(closed) == sorted(stored)


def count_records(kind: str) -> int:
    records = db.session.scalars(select(LedgerEntry.record_id).where(LedgerEntry.kind == kind)).all()
    assert len(set(records)) == len(records)
    return len(records)


def check_ledger() -> None:
    """The log is whole, every row agrees with it, and it can go on."""
    positions = db.session.scalars(select(LedgerEntry.position).order_by(LedgerEntry.position)).all()
    assert list(positions) == list(range(len(positions)))
    assert db.session.scalars(select(LedgerLog.size)).one() == len(positions)
    with snapshot():
        faults = [str(fault) for fault in verify_log()]
        for name in EVIDENCE:
            faults += [str(fault) for fault in importlib.import_module(f"lms.{name}.evidence").check_rows()]
    assert faults == []
    seal_checkpoint()
    db.session.commit()
