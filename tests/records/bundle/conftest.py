"""A small bundle of a person with a real record, and the verifier as an expert runs it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from lms.attestation.models import Attestation
from lms.db import db
from lms.ledger.queries import newest_checkpoint
from lms.records.actions import Folders, request_bundle, write_bundle
from lms.records.bundle.selection import Selection
from lms.records.models import RecordBundle
from lms.roster.models import Person

ROOT = Path(__file__).resolve().parents[3]
VERIFY = ROOT / "verifier" / "verify.py"
Verify = Callable[..., subprocess.CompletedProcess[str]]


def run_verifier(bundle: Path, *arguments: str | Path, script: Path = VERIFY) -> subprocess.CompletedProcess[str]:
    """The verifier in a process of its own, with the standard library alone."""
    command = [sys.executable, "-I", "-S", str(script), str(bundle), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def make_bundle(
    folder: Path,
    name: str = "bundle.zip",
    *,
    person: Person | None = None,
    period: Selection | None = None,
    redaction: str = "",
    size: int | None = None,
) -> RecordBundle:
    """A bundle as the command makes it, in ``folder``."""
    wanted = request_bundle(
        None, person=person, period=period, zone="UTC", purpose="Request 26-114", redaction=redaction, at_once=True
    )
    return write_bundle(wanted, folder / name, Folders(folder / "waiting", folder / "authorities"), size)


def unpack(bundle: Path, folder: Path) -> Path:
    """The files of a bundle in a folder."""
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def person(signed: Attestation) -> Person:
    """The officer who signed."""
    return db.session.get_one(Person, signed.person_id)


@pytest.fixture
def bundle(app: Flask, person: Person, tmp_path: Path) -> Path:
    """A bundle of all records about the officer."""
    make_bundle(tmp_path, person=person)
    return tmp_path / "bundle.zip"


@pytest.fixture
def held(bundle: Path, tmp_path: Path) -> Path:
    """The newest checkpoint at the time of the bundle, as HR holds it."""
    newest = newest_checkpoint()
    assert newest is not None
    path = tmp_path / "held.txt"
    path.write_text(newest.note, encoding="utf-8")
    return path
