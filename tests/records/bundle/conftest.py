"""A small bundle of a person with a real record, and the verifier as an expert runs it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask

from lms.attestation.models import Attestation
from lms.db import db
from lms.ledger.queries import newest_checkpoint
from lms.records.actions import request_bundle, write_bundle
from lms.records.bundle.place import Folders
from lms.records.bundle.selection import Selection
from lms.records.models import RecordBundle
from lms.roster.models import Person

ROOT = Path(__file__).resolve().parents[3]
VERIFY = ROOT / "verifier" / "verify.py"


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


def load() -> ModuleType:
    """The verifier as a module, so that hundreds of tries take no process each."""
    spec = importlib.util.spec_from_file_location("bundle_verifier", VERIFY)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["bundle_verifier"] = module
    spec.loader.exec_module(module)
    return module


verify = load()
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the verifier; gives its exit code and what it said."""

    def inner(bundle: Path, *arguments: object) -> tuple[int, str]:
        code = verify.main([str(bundle), *map(str, arguments)])
        return code, capsys.readouterr().out

    return inner
