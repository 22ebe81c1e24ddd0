"""Signed notes, checkpoints and proof files: read by OpenSSL and by a second reader, and refused when altered."""

from __future__ import annotations

import base64
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lms.ledger.rules import notes, proofs, tree
from lms.ledger.rules.notes import Checkpoint, NoteError, Signer, VerifierKey
from lms.ledger.rules.proofs import TlogProof
from lms.ledger.rules.tree import ProofError

ORIGIN = "police.example/log"
# The example of the Go package golang.org/x/mod/sumdb/note, as published.
GO_VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SIGNER = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
BODY = notes.checkpoint_body(Checkpoint(ORIGIN, 7, b"\x02" * 32))
NOTE = notes.sign_note(BODY, [SIGNER])


def test_the_note_of_the_go_documentation_verifies() -> None:
    key = VerifierKey.parse(GO_VERIFIER)
    assert str(key) == GO_VERIFIER
    assert notes.verify_note(GO_NOTE, [key]).startswith("If you think cryptography")


def test_a_checkpoint_is_exactly_three_lines() -> None:
    assert f"{ORIGIN}\n7\n{base64.b64encode(bytes([2]) * 32).decode()}\n" == BODY
    assert notes.parse_checkpoint(BODY) == Checkpoint(ORIGIN, 7, b"\x02" * 32)


def test_openssl_verifies_the_signature(tmp_path: Path) -> None:
    _, raw = NOTE.rstrip("\n").rsplit(" ", 1)
    pem = SIGNER.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    (tmp_path / "sig").write_bytes(base64.b64decode(raw)[4:])
    command = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "key.pem",
        "-rawin",
        "-in",
        "body",
        "-sigfile",
        "sig",
    ]
    for body, code in ((BODY, 0), (BODY.replace("\n7\n", "\n8\n"), 1)):
        (tmp_path / "body").write_text(body)
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == code


def test_a_second_reader_finds_the_parts_where_the_specification_puts_them() -> None:
    body, _, signatures = NOTE.rpartition("\n\n")
    dash, name, encoded = signatures.rstrip("\n").split(" ")
    raw = base64.b64decode(encoded)
    public = SIGNER.verifier.public
    assert (dash, name, len(raw)) == ("\u2014", ORIGIN, 68)
    assert raw[:4] == sha256(ORIGIN.encode() + b"\x0a\x01" + public).digest()[:4]
    SIGNER.private.public_key().verify(raw[4:], (body + "\n").encode())


def test_several_signers_and_unknown_keys() -> None:
    other = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))
    note = notes.sign_note(BODY, [other, SIGNER])
    for trusted in ([SIGNER.verifier], [other.verifier], [SIGNER.verifier, other.verifier]):
        assert notes.verify_note(note, trusted) == BODY
    stranger = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x04" * 32)).verifier
    for trusted in ([], [stranger]):
        with pytest.raises(NoteError, match="No trusted key"):
            notes.verify_note(note, trusted)


def test_a_wrong_signature_of_a_trusted_key_condemns_the_note() -> None:
    other = Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"\x03" * 32))
    note = notes.sign_note(BODY, [other, SIGNER])
    first = note.split("\n\n")[1].split("\n")[0]
    raw = bytearray(base64.b64decode(first.split(" ")[2]))
    raw[10] ^= 1
    bad = note.replace(first, f"— {ORIGIN} {base64.b64encode(bytes(raw)).decode()}")
    with pytest.raises(NoteError, match="does not fit"):
        notes.verify_note(bad, [SIGNER.verifier, other.verifier])


@pytest.mark.parametrize(
    "bad",
    [
        NOTE.replace("\n7\n", "\n8\n"),
        NOTE.rstrip("\n"),
        NOTE.replace("\n\n", "\n"),
        NOTE.replace("— ", "- "),
        NOTE + "\n",
        NOTE + "more\n",
        NOTE.replace("\n7\n", "\r\n7\n"),
        BODY,
        "",
    ],
)
def test_a_note_with_anything_changed_is_refused(bad: str) -> None:
    with pytest.raises(NoteError):
        notes.verify_note(bad, [SIGNER.verifier])


@pytest.mark.parametrize(
    "bad",
    [
        BODY.replace("\n7\n", "\n07\n"),
        BODY.replace("\n7\n", "\n-7\n"),
        BODY.replace("\n7\n", "\n\n"),
        BODY.replace("\n7\n", "\n\u0667\n"),
        BODY + "extension\n",
        BODY.rstrip("\n"),
        BODY.replace("AgI=", "AgJ="),
        BODY.replace("AgI=", "AgI"),
        "a b" + BODY,
        f"{ORIGIN}\n7\nAgI=\n",
    ],
)
def test_a_checkpoint_in_another_form_is_refused(bad: str) -> None:
    with pytest.raises(NoteError):
        notes.parse_checkpoint(bad)


def test_names_that_cannot_be_and_keys_that_do_not_fit_are_refused() -> None:
    for name in ("", "a b", "a+b", "a\nb", "a\u00a0b"):
        with pytest.raises(NoteError):
            notes.require_name(name)
    text = str(SIGNER.verifier)
    for bad in (text.replace("police", "p0lice"), text[:-2] + "A=", "x", text.replace("+AY", "+BY")):
        with pytest.raises(NoteError):
            VerifierKey.parse(bad)


def test_a_checkpoint_of_another_log_is_refused() -> None:
    with pytest.raises(NoteError):
        notes.verify_checkpoint(NOTE, [SIGNER.verifier], "other.example/log")
    stolen = notes.sign_note(notes.checkpoint_body(Checkpoint("other.example/log", 7, b"\x02" * 32)), [SIGNER])
    with pytest.raises(NoteError, match=r"other\.example"):
        notes.verify_checkpoint(stolen, [SIGNER.verifier], ORIGIN)


def proof_of_two() -> tuple[bytes, TlogProof]:
    left, right = tree.leaf_hash(b"left"), tree.leaf_hash(b"right")
    note = notes.sign_note(notes.checkpoint_body(Checkpoint(ORIGIN, 2, tree.node_hash(left, right))), [SIGNER])
    return right, TlogProof(1, (left,), note)


def test_a_proof_file_is_written_read_and_verified() -> None:
    leaf, proof = proof_of_two()
    text = proofs.write_proof(proof)
    lines = text.split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 1"]
    assert lines[3:5] == ["", ORIGIN]
    assert text.endswith(proof.checkpoint)
    assert proofs.parse_proof(text) == proof
    proof.verify(leaf, [SIGNER.verifier], ORIGIN)
    with pytest.raises(ProofError):
        proof.verify(tree.leaf_hash(b"other"), [SIGNER.verifier], ORIGIN)
    with_extra = TlogProof(1, proof.hashes, proof.checkpoint, b"more")
    assert proofs.parse_proof(proofs.write_proof(with_extra)) == with_extra
    alone = TlogProof(0, (), proof.checkpoint)
    assert proofs.parse_proof(proofs.write_proof(alone)) == alone


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("index 1", "index 01"),
        ("index 1", "index -1"),
        ("index 1\n", ""),
        ("=\n\n", "\n\n"),
        ("\n\n", "\n"),
    ],
)
def test_a_proof_file_in_another_form_is_refused(old: str, new: str) -> None:
    text = proofs.write_proof(proof_of_two()[1])
    assert old in text
    with pytest.raises(ProofError):
        proofs.parse_proof(text.replace(old, new))


def test_a_fingerprint_shows_the_whole_hash_in_groups() -> None:
    assert proofs.fingerprint(bytes(range(32))).split(" ")[:2] == ["0001", "0203"]
    assert proofs.fingerprint(bytes(range(32))).replace(" ", "") == bytes(range(32)).hex()
