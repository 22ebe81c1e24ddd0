"""``lms keys`` and ``lms ledger continue`` through the whole command."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pypdf import PdfReader

from lms.ledger.sealer import Sealer
from tests.cli.conftest import Run

PASSPHRASE = "marble otter lantern 42"


def ids(run: Run) -> list[str]:
    return re.findall(r"^([0-9a-f]{8})  made", run("keys", "list").output, re.MULTILINE)


def test_rotate_and_revoke(run: Run) -> None:
    assert "in use already" in run("keys", "rotate").output
    assert "New key: rollcall.local/log+" in run("keys", "rotate", "--again").output
    first, second = ids(run)
    result = run("keys", "revoke", first, "--reason", "laptop stolen")
    assert result.exit_code == 0, result.output
    assert "No outside time stamp vouches" in result.output
    assert run("ledger", "verify").exit_code == 0
    listed = run("keys", "list").output
    assert "trusted no more" in listed
    assert run("keys", "revoke", second, "--reason", "too").exit_code == 1
    assert run("keys", "revoke", "ffffffff", "--reason", "too").exit_code == 1
    assert run("keys", "revoke", second).exit_code == 2


def test_keys_are_protected_with_a_key_file(run: Run, instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("keys", "protect").exit_code == 1
    secret = instance.parent / "key.txt"
    secret.write_text(PASSPHRASE + "\n")
    monkeypatch.setenv("LMS_KEY_FILE", str(secret))
    assert "Encrypted: key-" in run("keys", "protect").output
    assert "encrypted already" in run("keys", "protect").output
    assert "keys encrypted" in run("doctor").output
    assert "New key" in run("keys", "rotate", "--again").output
    monkeypatch.delenv("LMS_KEY_FILE")
    refused = run("keys", "rotate", "--again")
    assert refused.exit_code == 1
    assert "no passphrase is set" in refused.output
    assert "FAULT  ledger key" in run("doctor").output


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("LMS_KEY_PASSPHRASE", "short", "at least 16"),
        ("LMS_KEY_FILE", "/nowhere/at/all", "cannot be read"),
        ("LMS_KEY_PASSPHRASE", "x" * 1024, "at most 1023"),
    ],
)
def test_a_passphrase_that_cannot_be_used_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    result = run("keys", "list")
    assert result.exit_code == 1
    assert said in result.output
    assert value[:5] not in result.output or name == "LMS_KEY_FILE"


def test_the_sheet_brings_a_lost_key_back(
    run: Run, instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "sheet.pdf"
    plain = run("keys", "sheet", "--out", str(out))
    assert "Left out, because they are not encrypted" in plain.output
    assert "PRIVATE KEY" not in "".join(page.extract_text() for page in PdfReader(out).pages)
    monkeypatch.setenv("LMS_KEY_PASSPHRASE", PASSPHRASE)
    run("keys", "protect")
    assert run("keys", "sheet", "--out", str(out)).exit_code == 2
    assert "1 private keys, encrypted" in run("keys", "sheet", "--out", str(out), "--force").output
    assert out.stat().st_mode & 0o077 == 0
    text = "\n".join(page.extract_text() for page in PdfReader(out).pages)
    pem = re.search(r"-----BEGIN ENCRYPTED.*?-----END ENCRYPTED PRIVATE KEY-----", text, re.DOTALL)
    assert pem is not None
    key = next((instance / "ledger").glob("key-*.pem"))
    before = Sealer(instance / "ledger", PASSPHRASE.encode()).keys.signers("rollcall.local/log")[0].verifier
    key.write_text("".join(line.strip() + "\n" for line in pem[0].splitlines()))
    assert Sealer(instance / "ledger", PASSPHRASE.encode()).keys.signers("rollcall.local/log")[0].verifier == before


def test_continue_after_an_older_database_was_restored(run: Run, instance: Path, tmp_path: Path) -> None:
    database = instance / "rollcall.sqlite"
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(tmp_path / "backup.sqlite")) as target:
        source.backup(target)
    assert run("ledger", "continue", "--reason", "nothing happened").exit_code == 1
    run("keys", "rotate", "--again")
    for tail in ("-wal", "-shm"):
        database.with_name(database.name + tail).unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup.sqlite", database)
    refused = run("ledger", "verify")
    assert refused.exit_code == 1
    assert "records were removed" in refused.output
    assert run("jobs", "run", "seal-ledger").exit_code == 1
    result = run("ledger", "continue", "--reason", "restored the backup of last night")
    assert result.exit_code == 0, result.output
    assert "LMS_LEDGER_ORIGIN=rollcall.local/log-2" in (instance / "settings.env").read_text()
    assert run("ledger", "checkpoint").output.startswith("rollcall.local/log-2\n")
    after = run("ledger", "verify")
    assert after.exit_code == 0, after.output
    assert "NOTE: The log rollcall.local/log-2 continues rollcall.local/log" in after.output
