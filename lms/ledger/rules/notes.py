"""Signed notes and checkpoints (C2SP signed-note and tlog-checkpoint), with Ed25519.

A checkpoint's text is three lines: origin, size, base64 root. A signature line is an em dash, the key's name
and base64 of the four-byte key id and the signature over the text, its last newline included. What is written
here is read by Go's ``sumdb/note`` and can be checked with ``openssl pkeyutl -verify -rawin``.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHM = b"\x01"
"""Signature type identifier of Ed25519."""
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_SIGNATURE_LINE = re.compile(r"— (\S+) (\S+)")
_MOST_SIGNATURES = 64


class NoteError(ValueError):
    """A note is not well formed, or no trusted key signed it; the text says which."""


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a signing key, with the name under which it signs."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """SHA-256(name, newline, algorithm, public key), the first four bytes."""
        return sha256(self.name.encode() + b"\n" + ALGORITHM + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ALGORITHM + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Reads ``name+hash+base64``."""
        name, _, rest = text.partition("+")
        claimed, _, encoded = rest.partition("+")
        raw = _unbase64(encoded, "The verifier key")
        require_name(name)
        if raw[:1] != ALGORITHM or len(raw) != 33:
            raise NoteError("The verifier key is not an Ed25519 key.")
        key = cls(name, raw[1:])
        if key.key_id.hex() != claimed:
            raise NoteError("The verifier key's hash does not belong to its name and key.")
        return key


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and the name under which it signs."""

    name: str
    private: Ed25519PrivateKey

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line, not yet believed."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Size and root of one log."""

    origin: str
    size: int
    root: bytes


def _unbase64(text: str, what: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise NoteError(f"{what} is not base64.") from error
    if base64.b64encode(raw).decode() != text:
        raise NoteError(f"{what} is not in the one right form of base64.")
    return raw


def require_name(name: str) -> None:
    """Raises NoteError unless ``name`` can name a key and a log: not empty, no spaces, no plus."""
    if not name or "+" in name or any(character.isspace() or ord(character) < 0x20 for character in name):
        raise NoteError(f"{name!r} cannot name a log: it needs text without spaces or plus signs.")


def checkpoint_body(checkpoint: Checkpoint) -> str:
    """The text that is signed."""
    require_name(checkpoint.origin)
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def parse_checkpoint(body: str) -> Checkpoint:
    """Reads the text of a checkpoint strictly: three lines, no extensions."""
    lines = body.split("\n")
    if len(lines) != 4 or lines[3] != "":
        raise NoteError("A checkpoint of this ledger has exactly three lines.")
    origin, size, root = lines[:3]
    require_name(origin)
    if not _SIZE.fullmatch(size):
        raise NoteError(f"{size!r} is not the size of a log.")
    raw = _unbase64(root, "The checkpoint's root")
    if len(raw) != 32:
        raise NoteError("The checkpoint's root does not have 32 bytes.")
    return Checkpoint(origin, int(size), raw)


def sign_note(body: str, signers: Sequence[Signer]) -> str:
    """The note with one signature line for each signer."""
    if not signers:
        raise NoteError("A note needs a signer.")
    _require_text(body)
    lines = list[str]()
    for signer in signers:
        require_name(signer.name)
        raw = signer.verifier.key_id + signer.private.sign(body.encode())
        lines.append(f"— {signer.name} {base64.b64encode(raw).decode()}\n")
    return body + "\n" + "".join(lines)


def _require_text(text: str) -> None:
    if not text.endswith("\n") or any(ord(character) < 0x20 and character != "\n" for character in text):
        raise NoteError("A note must end in a newline and hold no control characters.")


def split_note(note: str) -> tuple[str, list[Signature]]:
    """The text and the signature lines of a note. Nothing of it is verified yet."""
    _require_text(note)
    at = note.rfind("\n\n")
    if at < 0:
        raise NoteError("The note has no signatures.")
    body, block = note[: at + 1], note[at + 2 :]
    lines = block.split("\n")[:-1]
    if not lines or len(lines) > _MOST_SIGNATURES:
        raise NoteError("The note has no signatures, or far too many.")
    return body, [_signature(line) for line in lines]


def _signature(line: str) -> Signature:
    match = _SIGNATURE_LINE.fullmatch(line)
    if match is None:
        raise NoteError("A signature line is not well formed.")
    require_name(match[1])
    raw = _unbase64(match[2], "A signature")
    if len(raw) < 5:
        raise NoteError("A signature is too short.")
    return Signature(match[1], raw[:4], raw[4:])


def verify_note(note: str, trusted: Iterable[VerifierKey]) -> str:
    """The note's text, once a trusted key is known to have signed it.

    Signatures of unknown keys are passed over; a wrong signature of a trusted key condemns the whole note.
    """
    body, signatures = split_note(note)
    keys = {(key.name, key.key_id): key for key in trusted}
    verified = 0
    for signature in signatures:
        key = keys.get((signature.name, signature.key_id))
        if key is None:
            continue
        try:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature.signature, body.encode())
        except InvalidSignature as error:
            raise NoteError(f"The signature of {key.name} does not fit the note.") from error
        verified += 1
    if not verified:
        raise NoteError("No trusted key has signed this note.")
    return body


def verify_checkpoint(note: str, trusted: Iterable[VerifierKey], origin: str) -> Checkpoint:
    """The checkpoint that a key of the log ``origin`` signed."""
    body = verify_note(note, [key for key in trusted if key.name == origin])
    checkpoint = parse_checkpoint(body)
    if checkpoint.origin != origin:
        raise NoteError(f"The checkpoint is of the log {checkpoint.origin!r}, not of {origin!r}.")
    return checkpoint
