"""Time-stamp tokens of RFC 3161: the request over a signed note, and what an answer is worth.

What is stamped is the note as a file: SHA-256 over its UTF-8 text. What is kept is the authority's whole answer
(DER ``TimeStampResp``), so that ``openssl ts -verify -data note.txt -in answer.tsr -CAfile root.pem`` reads it.
The certificates must be valid at the stamp's own time, not today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

SHA256_OID = "2.16.840.1.101.3.4.2.1"
LARGEST_TOKEN = 256 * 1024
_UNKNOWN_ROOT = ("unable to get local issuer", "unable to get issuer", "self-signed certificate", "self signed")
"""What OpenSSL says where a chain ends at a root that nobody named as trusted."""


class StampError(ValueError):
    """An answer is no usable time stamp of the note; the text says why in plain words."""


class Worth(StrEnum):
    """What a stored token proves here."""

    VERIFIED = "verified"
    NO_ROOT = "no_root"


@dataclass(frozen=True, slots=True)
class Request:
    """A request, and the number that its answer must repeat."""

    body: bytes
    nonce: int


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says of itself. ``serial`` is decimal text: it may have 160 bits."""

    stamped_at: datetime
    serial: str
    imprint: bytes
    nonce: int | None


def make_request(note: str) -> Request:
    """A request for a stamp over the note, with a fresh nonce, asking for the signer's certificate."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    builder = TimestampRequestBuilder().data(note.encode()).hash_algorithm(HashAlgorithm.SHA256)
    made = builder.nonce(nonce=True).cert_request(cert_request=True).build()
    if made.nonce is None:
        raise StampError("The request for a stamp could not be made: it has no nonce.")
    return Request(made.as_bytes(), made.nonce)


def read_token(answer: bytes) -> Token:
    """What the answer says. Nothing of it is verified yet. Raises StampError."""
    return _token_of(_decoded(answer))


def check_answer(answer: bytes, request: Request, note: str) -> Token:
    """What the answer to ``request`` says, once it is one: granted, our nonce, our note. Raises StampError.

    Whether the signature leads to a root is ``verify_token``'s matter.
    """
    token = read_token(answer)
    if token.nonce != request.nonce:
        raise StampError("The answer repeats another number than the one that was sent: it answers something else.")
    _require_imprint(token, note)
    return token


def verify_token(answer: bytes, note: str, roots: Sequence[Certificate]) -> tuple[Token, Worth]:
    """The token of a kept answer, and whether its signature leads to one of ``roots``.

    Raises StampError where it is no stamp of this note, or the signature is wrong. Where only the root is
    unknown, the worth is NO_ROOT: nothing was found wrong, and nothing was shown either.
    """
    from rfc3161_client import VerificationError, VerifierBuilder

    decoded = _decoded(answer)
    token = _token_of(decoded)
    _require_imprint(token, note)
    if not roots:
        return token, Worth.NO_ROOT
    try:
        VerifierBuilder(roots=list(roots)).build().verify(decoded, token.imprint)
    except VerificationError as error:
        if any(words in str(error) for words in _UNKNOWN_ROOT):
            return token, Worth.NO_ROOT
        raise StampError(f"The time stamp's signature does not hold: {_reason(str(error))}") from error
    except Exception as error:  # an altered certificate may raise whatever reading it raises
        raise StampError(f"The time stamp cannot be verified: {_reason(str(error))}") from error
    return token, Worth.VERIFIED


def _decoded(answer: bytes) -> TimeStampResponse:
    from rfc3161_client import PKIStatus, decode_timestamp_response

    if len(answer) > LARGEST_TOKEN:
        raise StampError("The answer is far too long to be a time stamp.")
    try:
        decoded = decode_timestamp_response(answer)
        status = decoded.status
    except ValueError as error:
        raise StampError(
            "The answer is not a time stamp (RFC 3161). Does the address lead to the authority?"
        ) from error
    if status != PKIStatus.GRANTED:
        said = "; ".join(decoded.status_string) or f"status {status}"
        raise StampError(f"The authority refused to stamp: {said}")
    return decoded


def _token_of(decoded: TimeStampResponse) -> Token:
    try:
        info = decoded.tst_info
        imprint, algorithm = info.message_imprint.message, info.message_imprint.hash_algorithm
        stamped_at, serial, nonce = info.gen_time, str(info.serial_number), info.nonce
    except ValueError as error:
        raise StampError("The answer's time stamp cannot be read.") from error
    if algorithm.dotted_string != SHA256_OID:
        raise StampError("The time stamp is not over SHA-256.")
    aware = stamped_at if stamped_at.tzinfo is not None else stamped_at.replace(tzinfo=UTC)
    return Token(aware.astimezone(UTC), serial, imprint, nonce)


def _require_imprint(token: Token, note: str) -> None:
    if token.imprint != sha256(note.encode()).digest():
        raise StampError("The time stamp is over another text than the checkpoint that it names.")


def _reason(text: str) -> str:
    """The one phrase of OpenSSL's error stack that says something."""
    for mark in ('data: "Verify error: ', 'reason: "'):
        _before, found, rest = text.partition(mark)
        if found:
            return rest.partition('"')[0] + "."
    return text
