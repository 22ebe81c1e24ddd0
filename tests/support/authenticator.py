"""A passkey in software: makes registrations and assertions as a browser and a device would, right or wrong on purpose.

Source: Web Authentication Level 3, sections 5.8.1 (client data), 6.1 (authenticator data), 6.5.1 (attested credential
data); COSE keys as in RFC 9053. Independent of the library that the product checks with.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

UP, UV, AT = 0x01, 0x04, 0x40
ORIGIN, RP_ID = "http://localhost", "localhost"
ES256, EDDSA, RS256 = -7, -8, -257


def b64(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of base64url text."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SoftPasskey:
    """One passkey of one device."""

    alg: int = ES256
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    count: int = 0
    key: Any = None

    def __post_init__(self) -> None:
        """Makes the private key."""
        if self.alg == ES256:
            self.key = ec.generate_private_key(ec.SECP256R1())
        elif self.alg == EDDSA:
            self.key = ed25519.Ed25519PrivateKey.generate()
        else:
            self.key = rsa.generate_private_key(65537, 2048)

    @property
    def cose(self) -> bytes:
        """The public key as COSE."""
        public = self.key.public_key()
        if self.alg == ES256:
            numbers = public.public_numbers()
            return cbor2.dumps(
                {1: 2, 3: ES256, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
            )
        if self.alg == EDDSA:
            return cbor2.dumps({1: 1, 3: EDDSA, -1: 6, -2: public.public_bytes(Encoding.Raw, PublicFormat.Raw)})
        numbers = public.public_numbers()
        return cbor2.dumps({1: 3, 3: RS256, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")})

    def sign(self, data: bytes) -> bytes:
        """The raw signature."""
        if self.alg == ES256:
            return self.key.sign(data, ec.ECDSA(SHA256()))
        if self.alg == EDDSA:
            return self.key.sign(data)
        return self.key.sign(data, padding.PKCS1v15(), SHA256())

    def register(
        self, challenge: bytes, *, origin: str = ORIGIN, rp_id: str = RP_ID, flags: int = UP | UV, kind: str = "create"
    ) -> str:
        """What the browser sends after ``navigator.credentials.create``."""
        attested = bytes(16) + len(self.credential_id).to_bytes(2, "big") + self.credential_id + self.cose
        auth_data = _auth_data(rp_id, flags | AT, self.count) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": auth_data})
        client_data = _client_data(f"webauthn.{kind}", challenge, origin)
        return self._answer({"clientDataJSON": client_data, "attestationObject": attestation})

    def get(
        self,
        challenge: bytes,
        *,
        origin: str = ORIGIN,
        rp_id: str = RP_ID,
        flags: int = UP | UV,
        kind: str = "get",
        counts: bool = False,
        cross_origin: bool = False,
    ) -> str:
        """What the browser sends after ``navigator.credentials.get``; synced passkeys do not count."""
        self.count += counts
        client_data = _client_data(f"webauthn.{kind}", challenge, origin, cross_origin=cross_origin)
        auth_data = _auth_data(rp_id, flags, self.count)
        signature = self.sign(auth_data + hashlib.sha256(client_data).digest())
        return self._answer({"clientDataJSON": client_data, "authenticatorData": auth_data, "signature": signature})

    def _answer(self, parts: dict[str, bytes]) -> str:
        own = b64(self.credential_id)
        response = {name: b64(value) for name, value in parts.items()}
        return json.dumps({"id": own, "rawId": own, "type": "public-key", "response": response})


def _client_data(kind: str, challenge: bytes, origin: str, *, cross_origin: bool = False) -> bytes:
    data = {"type": kind, "challenge": b64(challenge), "origin": origin, "crossOrigin": cross_origin}
    return json.dumps(data, separators=(",", ":")).encode()


def _auth_data(rp_id: str, flags: int, count: int) -> bytes:
    return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")
