"""A signature by passkey, made by the real actions, in a bundle: the verifier checks it by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from lms.db import db
from lms.ledger.actions import seal_checkpoint
from lms.ledger.queries import newest_checkpoint
from lms.roster.models import Person
from tests.attestation.test_passkey_signing import prepare, sign
from tests.auth.test_passkeys import enrol
from tests.factories.people import make_person
from tests.factories.training import make_ready_to_sign, published_course
from tests.records.bundle.conftest import make_bundle, run_verifier
from tests.support.authenticator import EDDSA, ES256, RS256, SoftPasskey


@pytest.mark.parametrize("alg", [ES256, EDDSA, RS256])
def test_a_real_signature_by_passkey_is_verified(app: Flask, tmp_path: Path, alg: int) -> None:
    published_course()
    officer = make_person(given_name="Alma", family_name="Reyes", badge="4417")
    assignment, passkey = make_ready_to_sign(officer), enrol(officer, SoftPasskey(alg))
    prepared = prepare(officer, assignment)
    make_person()  # A record that comes between, so that the signature is dated before the one in front of it.
    sign(officer, assignment, prepared, passkey.get(prepared.challenge))
    seal_checkpoint()
    db.session.commit()
    newest = newest_checkpoint()
    assert newest is not None
    make_bundle(tmp_path, person=db.session.get_one(Person, officer.id))
    (tmp_path / "held.txt").write_text(newest.note, encoding="utf-8")
    done = run_verifier(tmp_path / "bundle.zip", "--checkpoint", tmp_path / "held.txt")
    assert done.returncode == 0, done.stdout
    assert "passkey 1" in done.stdout
