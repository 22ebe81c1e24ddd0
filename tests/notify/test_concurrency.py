"""Several deliverers at once, in threads and after a kill."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import pytest
from flask import Flask

from lms import clock
from lms.db import db
from lms.notify import actions, queries
from lms.notify.models import OutboxMessage
from lms.notify.queries import MessageFilter
from lms.notify.rules import Parcel, State

Letter = Callable[..., OutboxMessage]


class Shared:
    """A slow transport that several threads use."""

    def __init__(self) -> None:
        self.sent: Counter[str] = Counter()
        self._lock = Lock()

    def send(self, parcel: Parcel) -> None:
        time.sleep(0.002)
        with self._lock:
            self.sent[parcel.message_id] += 1

    def close(self) -> None:
        pass


def test_deliverers_at_once_never_send_a_letter_twice(app: Flask, letter: Letter) -> None:
    for n in range(40):
        letter(f"m{n}")
    db.session.remove()
    transport = Shared()

    def run(_n: int) -> int:
        with app.app_context():
            done = actions.deliver(transport=transport, eligible={}, now=clock.now())
            db.session.remove()
            return done.sent

    with ThreadPoolExecutor(4) as pool:
        sent = sum(pool.map(run, range(4)))
    assert sent == len(transport.sent) == 40
    assert set(transport.sent.values()) == {1}
    assert queries.count_messages(MessageFilter(state=State.SENT)) == 40


def test_same_notice_from_several_threads_is_put_in_once(app: Flask) -> None:
    def run(_n: int) -> bool:
        with app.app_context():
            message = actions.enqueue(
                person_id=None, to_address="x@portland.test", topic="t", topic_id=None, stage="s",
                subject="S", body_text="B", dedupe_key="one",
            )  # fmt: skip
            made = message is not None
            db.session.commit()
            db.session.remove()
            return made

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(run, range(8))) == 1
    assert queries.count_messages() == 1


class Writing:
    """Notes each letter in a file before it says that it was sent."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def send(self, parcel: Parcel) -> None:
        with self._file.open("a") as file:
            file.write(f"{parcel.message_id}\n")
        time.sleep(0.003)

    def close(self) -> None:
        pass


def _deliver_for_ever(app: Flask, file: Path) -> None:
    with app.app_context():
        db.engine.dispose(close=False)
        while True:
            actions.deliver(transport=Writing(file), eligible={}, now=clock.now())


@pytest.mark.crash
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_killed_deliverer_sends_no_letter_twice_and_loses_none_silently(
    app: Flask, letter: Letter, tmp_path: Path
) -> None:
    for n in range(30):
        letter(f"m{n}")
    db.session.remove()
    db.engine.dispose()
    file = tmp_path / "sent"
    file.touch()
    for _ in range(6):
        process = multiprocessing.get_context("fork").Process(target=_deliver_for_ever, args=(app, file))
        process.start()
        time.sleep(0.06)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    actions.deliver(transport=Writing(file), eligible={}, now=clock.now())
    sent = Counter(file.read_text().split())
    assert set(sent.values()) == {1}
    settled = queries.count_messages(MessageFilter(state=State.SENT))
    unsettled = queries.count_messages(MessageFilter(state=State.SENDING))
    assert settled + unsettled == 30
    assert settled <= len(sent) <= 30
    assert unsettled <= 6
