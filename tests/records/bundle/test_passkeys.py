"""Signatures by passkey in a bundle: right ones hold, and every other one is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from tests.records.bundle.conftest import Run
from tests.records.bundle.forge import Fact, Log, Signer, b64url, facts, write

RP, PAGE = "portland.test", "https://portland.test"
Change = Callable[[dict[str, Any]], None]


def cbor(value: Any) -> bytes:
    """The little CBOR that a COSE key takes."""
    if isinstance(value, int):
        major, number = (0, value) if value >= 0 else (1, -1 - value)
        return head(major, number)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    return head(5, len(value)) + b"".join(cbor(name) + cbor(item) for name, item in value.items())


def head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    if number < 256:
        return bytes([major << 5 | 24, number])
    return bytes([major << 5 | 25]) + number.to_bytes(2, "big")


class Key:
    """A passkey of one kind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        if kind == "ES256":
            self.ec = ec.generate_private_key(ec.SECP256R1())
            numbers = self.ec.public_key().public_numbers()
            self.alg = -7
            self.cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        elif kind == "EdDSA":
            self.ed = ed25519.Ed25519PrivateKey.generate()
            self.alg = -8
            self.cose = {1: 1, 3: -8, -1: 6, -2: self.ed.public_key().public_bytes_raw()}
        else:
            self.rsa = rsa.generate_private_key(65537, 2048)
            public = self.rsa.public_key().public_numbers()
            self.alg = -257
            self.cose = {1: 3, 3: -257, -1: public.n.to_bytes(256, "big"), -2: b"\x01\x00\x01"}

    def sign(self, data: bytes) -> bytes:
        if self.kind == "ES256":
            return self.ec.sign(data, ec.ECDSA(hashes.SHA256()))
        if self.kind == "EdDSA":
            return self.ed.sign(data)
        return self.rsa.sign(data, padding.PKCS1v15(), hashes.SHA256())


def signer(
    key: Key, *, flags: int = 0x05, page: str = PAGE, rp: str = RP, change: Change = lambda proof: None, other: str = ""
) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Signs a core as a browser and an authenticator do; ``other`` puts another kind into the core that is signed."""

    def sign(core: dict[str, Any]) -> dict[str, Any]:
        signed = {**core, "kind": other or core["kind"]}
        challenge = b64url(sha256(rfc8785.dumps(signed)).digest())
        client = json.dumps({"type": "webauthn.get", "challenge": challenge, "origin": page}).encode()
        data = sha256(rp.encode()).digest() + bytes([flags]) + bytes(4)
        proof = {
            "method": "passkey", "at": core["at"], "says": "A passkey signed this record.", "credential_id": "Y3JlZA",
            "public_key": b64url(cbor(key.cose)), "rp_id": RP, "origin": PAGE, "client_data": b64url(client),
            "authenticator_data": b64url(data), "signature": b64url(key.sign(data + sha256(client).digest())),
            "alg": key.alg,
        }  # fmt: skip
        change(proof)
        return proof

    return sign


def enrolled(key: Key) -> dict[str, Any]:
    return {"public_key": b64url(cbor(key.cose))}


def bundle_of(
    tmp_path: Path, sign: Signer, at: float = 40, enrol: dict[str, Any] | None = None
) -> tuple[Path, Log, Path]:
    listed = facts()
    listed[5].sign, listed[5].at = sign, at
    if enrol is not None:
        listed[4] = Fact("credential.passkey_enrolled", 30, {"credential_id": "Y3JlZA", **enrol}, "person:1")
    log = Log(listed)
    (tmp_path / "held.txt").write_text(log.note(), encoding="utf-8")
    return write(tmp_path / "bundle", log), log, tmp_path / "held.txt"


@pytest.mark.parametrize("kind", ["ES256", "EdDSA", "RS256"])
def test_the_three_kinds_of_passkeys(run: Run, tmp_path: Path, kind: str) -> None:
    key = Key(kind)
    bundle, _, held = bundle_of(tmp_path, signer(key), enrol=enrolled(key))
    code, said = run(bundle, "--checkpoint", held)
    assert code == 0, said
    assert "passkey 1" in said


def flip(proof: dict[str, Any]) -> None:
    proof["signature"] = proof["signature"][:-6] + ("AAAAAA" if proof["signature"][-6:] != "AAAAAA" else "BBBBBB")


@pytest.mark.parametrize("kind", ["ES256", "EdDSA", "RS256"])
@pytest.mark.parametrize(
    ("how", "says"),
    [
        ({"change": flip}, "signature"),
        ({"other": "attestation.declined"}, "the passkey signed another record than this one"),
        ({"flags": 0x01}, "did not verify the user"),
        ({"flags": 0x04}, "did not verify the user"),
        ({"page": "https://evil.test"}, "used on another site"),
        ({"rp": "evil.test"}, "belongs to another site"),
        ({"change": lambda proof: proof.update(alg=-8 if proof["alg"] == -7 else -7)}, "another algorithm"),
        ({"change": lambda proof: proof.update(public_key="oWE")}, "public key"),
        ({"change": lambda proof: proof.pop("client_data")}, "client_data"),
        ({"change": lambda proof: proof.update(public_key=b64url(cbor(Key("ES256").cose)), alg=-7)}, "is not right"),
        ({"change": lambda proof: proof.update(credential_id="b3RoZXI")}, "no record says that this person had"),
    ],
    ids=["signature", "other", "no-uv", "no-up", "origin", "rp", "alg", "cose", "missing", "other-key", "not-enrolled"],
)
def test_assertions_that_do_not_hold_are_named(
    run: Run,
    tmp_path: Path,
    kind: str,
    how: dict[str, Any],
    says: str,
) -> None:
    key = Key(kind)
    bundle, log, held = bundle_of(tmp_path, signer(key, **how), enrol=enrolled(key))
    code, said = run(bundle, "--checkpoint", held)
    assert code == 1
    assert f"record {log.records[5].id}, field proof: " in said
    assert says in said


@pytest.mark.parametrize(("earlier", "code"), [(4.9, 0), (5.1, 1)])
def test_a_prepared_signature_may_be_dated_before_the_record_in_front(
    run: Run,
    tmp_path: Path,
    earlier: float,
    code: int,
) -> None:
    key = Key("EdDSA")
    bundle, log, held = bundle_of(tmp_path, signer(key), at=30 - earlier, enrol=enrolled(key))
    found, said = run(bundle, "--checkpoint", held)
    assert found == code, said
    assert (f"record {log.records[5].id}, field at: is dated before" in said) == bool(code)


def test_a_passkey_of_another_key_than_was_enrolled_and_one_that_was_never(run: Run, tmp_path: Path) -> None:
    for enrol, says in ((enrolled(Key("ES256")), "another public key than"), (None, "no record says that this person")):
        bundle, log, held = bundle_of(tmp_path, signer(Key("ES256")), enrol=enrol)
        code, said = run(bundle, "--checkpoint", held)
        assert code == 1
        assert f"record {log.records[5].id}, field proof: " in said
        assert says in said
