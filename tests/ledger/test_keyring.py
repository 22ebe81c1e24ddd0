"""Signing keys on the disk: encrypted where a passphrase is set, one a year or more, and gone for good when revoked."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from lms.errors import Conflict, IntegrityFault, Invalid, NotFound
from lms.ledger.rules import notes
from lms.ledger.sealer import Sealer
from tests.ledger.test_sealer import ORIGIN, seal

PASSPHRASE = b"marble otter lantern 42"


@pytest.fixture
def locked_sealer(tmp_path: Path) -> Sealer:
    made = Sealer(tmp_path / "ledger", PASSPHRASE)
    made.begin(ORIGIN, 2026)
    return made


def test_a_key_is_encrypted_where_a_passphrase_is_set(locked_sealer: Sealer) -> None:
    path = locked_sealer.folder / "key-2026.pem"
    assert path.read_text().startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert notes.verify_checkpoint(seal(locked_sealer, 3), locked_sealer.verifiers(), ORIGIN).size == 3


def test_openssl_reads_the_key_with_the_passphrase(locked_sealer: Sealer, tmp_path: Path) -> None:
    (tmp_path / "word").write_bytes(PASSPHRASE)
    command = ["openssl", "pkey", "-in", str(locked_sealer.folder / "key-2026.pem"), "-pubout", "-outform", "DER"]
    out = subprocess.run([*command, "-passin", f"file:{tmp_path / 'word'}"], check=True, capture_output=True)
    assert out.stdout[-32:] == locked_sealer.verifiers()[0].public


@pytest.mark.parametrize(
    ("passphrase", "said"), [(None, "no passphrase is set"), (b"x" * 20, "not the one of this key")]
)
def test_without_the_passphrase_nothing_is_signed(locked_sealer: Sealer, passphrase: bytes | None, said: str) -> None:
    thief = Sealer(locked_sealer.folder, passphrase)
    with pytest.raises(IntegrityFault, match=said):
        seal(thief, 5)
    state = thief.state()
    assert state is not None
    assert state.size == 0


def test_open_keys_can_be_encrypted_later(tmp_path: Path) -> None:
    Sealer(tmp_path).begin(ORIGIN, 2026)
    before = Sealer(tmp_path).verifiers()
    with pytest.raises(Invalid, match="LMS_KEY_FILE"):
        Sealer(tmp_path).protect()
    sealer = Sealer(tmp_path, PASSPHRASE)
    assert sealer.protect() == ["key-2026.pem"]
    assert sealer.protect() == []
    assert b"ENCRYPTED" in (tmp_path / "key-2026.pem").read_bytes()
    assert [signer.verifier for signer in sealer.keys.signers(ORIGIN)] == list(before)


def test_a_damaged_key_is_named(tmp_path: Path) -> None:
    sealer = Sealer(tmp_path)
    sealer.begin(ORIGIN, 2026)
    (tmp_path / "key-2026.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    with pytest.raises(IntegrityFault, match=r"key-2026\.pem cannot be opened"):
        seal(sealer, 5)


def test_a_year_may_have_a_second_key_and_both_sign(tmp_path: Path) -> None:
    sealer = Sealer(tmp_path)
    sealer.begin(ORIGIN, 2026)
    assert sealer.rotate(ORIGIN, 2026) == sealer.verifiers()[0]
    second = sealer.rotate(ORIGIN, 2026, again=True)
    assert [file.path.name for file in sealer.keys.files()] == ["key-2026.pem", "key-2026-2.pem"]
    body, signatures = notes.split_note(seal(sealer, 4))
    assert {item.key_id for item in signatures} == {key.key_id for key in sealer.verifiers()}
    assert signatures[0].key_id == second.key_id
    assert body.startswith(ORIGIN)


def test_a_tenth_key_of_a_year_comes_after_the_ninth(tmp_path: Path) -> None:
    sealer = Sealer(tmp_path)
    sealer.begin(ORIGIN, 2026)
    made = [sealer.rotate(ORIGIN, 2026, again=True) for _ in range(10)]
    assert sealer.keys.files()[-1].path.name == "key-2026-11.pem"
    assert [signer.verifier for signer in sealer.keys.signers(ORIGIN)] == [made[9], made[8]]


def test_a_revoked_key_never_signs_again_and_its_name_is_not_used_again(tmp_path: Path) -> None:
    sealer = Sealer(tmp_path)
    sealer.begin(ORIGIN, 2026)
    first = sealer.verifiers()[0]
    with pytest.raises(Conflict, match="only signing key"):
        sealer.revoke(ORIGIN, first)
    old_note = seal(sealer, 2)
    sealer.rotate(ORIGIN, 2026, again=True)
    sealer.revoke(ORIGIN, first)
    sealer.revoke(ORIGIN, first)
    assert first.key_id not in {item.key_id for item in notes.split_note(seal(sealer, 9))[1]}
    assert notes.verify_checkpoint(old_note, sealer.verifiers(), ORIGIN).size == 2
    sealer.rotate(ORIGIN, 2026, again=True)
    assert [file.path.name for file in sealer.keys.files()] == ["key-2026-2.pem", "key-2026-3.pem"]
    stranger = notes.VerifierKey(ORIGIN, bytes(32))
    with pytest.raises(NotFound):
        sealer.revoke(ORIGIN, stranger)
