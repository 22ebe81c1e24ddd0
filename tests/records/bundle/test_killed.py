"""The worker is killed while it makes a bundle; what comes out in the end is what an undisturbed run makes."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from lms.attestation.models import Attestation
from lms.db import db
from lms.ledger.models import LedgerEntry
from lms.records import evidence
from lms.records.actions import make_next_bundle, request_bundle
from lms.records.bundle.place import folders
from lms.records.models import RecordBundle
from lms.roster.models import Person

KILLS = 12


def ask(signed_by: int, purpose: str) -> int:
    person = db.session.get_one(Person, signed_by)
    row = request_bundle(person, person=person, period=None, zone="UTC", purpose=purpose)
    db.session.commit()
    return row.id


@pytest.mark.crash
@pytest.mark.skipif(sys.platform == "win32", reason="kills a forked process")
def test_killed_again_and_again(app: Flask, signed: Attestation) -> None:
    person_id = signed.person_id
    undisturbed = ask(person_id, "Undisturbed")
    began = time.monotonic()
    make_next_bundle(folders())
    needed = time.monotonic() - began
    expected = db.session.get_one(RecordBundle, undisturbed).sha256
    killed = ask(person_id, "Killed")
    db.session.remove()
    db.engine.dispose()
    for number in range(KILLS):
        child = os.fork()
        if child == 0:
            try:
                make_next_bundle(folders())
            finally:
                os._exit(0)
        time.sleep(needed * (number + 1) / KILLS)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        db.session.execute(update(RecordBundle).where(RecordBundle.id == killed).values(tries=0))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    make_next_bundle(folders())
    row = db.session.get_one(RecordBundle, killed)
    assert (row.state, row.sha256) == ("ready", expected)
    exports = select(func.count()).select_from(LedgerEntry).where(LedgerEntry.kind == evidence.EXPORTED)
    assert db.session.scalar(exports) == 2
    assert list(evidence.check_rows()) == []
    assert sorted(path.name for path in folders().bundles.iterdir()) == ["bundle-1.zip", "bundle-2.zip"]
