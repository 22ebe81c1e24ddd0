"""Encryption of one record's disclosures, each record under a key of its own (AES-256-GCM).

The record id is bound in as associated data, so that the disclosures of one record cannot be passed off as
those of another. Destroying the key destroys the content; nothing else of the record changes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lms.ledger.rules.disclosures import Disclosure, DisclosureError, decode, read_json

KEY_BYTES = 32
NONCE_BYTES = 12


class EnvelopeError(ValueError):
    """The encrypted disclosures are not what was stored for this record."""


@dataclass(frozen=True, slots=True)
class Content:
    """The disclosures of one record, in the order in which they were given, and the signer's proof."""

    fields: tuple[Disclosure, ...]
    proof: Disclosure | None


def close(record_id: str, key: bytes, nonce: bytes, fields: Sequence[str], proof: str | None) -> bytes:
    """The encrypted disclosures."""
    text = json.dumps({"sd": list(fields), "proof": proof}, separators=(",", ":"))
    return AESGCM(key).encrypt(nonce, text.encode("ascii"), record_id.encode("ascii"))


def open_envelope(record_id: str, key: bytes, nonce: bytes, sealed: bytes) -> Content:
    """The disclosures; EnvelopeError where the bytes were altered or belong to another record."""
    try:
        data = read_json(AESGCM(key).decrypt(nonce, sealed, record_id.encode("ascii")).decode("ascii"))
        if not isinstance(data, dict) or set(data) != {"sd", "proof"} or not isinstance(data["sd"], list):
            raise EnvelopeError("The stored disclosures do not have the form that the ledger writes.")
        fields = tuple(decode(text) for text in data["sd"])
        proof = None if data["proof"] is None else decode(data["proof"])
    except InvalidTag as error:
        raise EnvelopeError("The stored disclosures were altered, or belong to another record.") from error
    except (DisclosureError, TypeError, UnicodeError) as error:
        raise EnvelopeError(f"The stored disclosures cannot be read: {error}") from error
    except ValueError as error:
        raise EnvelopeError(f"The stored disclosures cannot be opened: {error}") from error
    return Content(fields, proof)
