"""The canonical entry of a record: the RFC 8785 text that its leaf hash covers.

``core = {v, log, id, schema, kind, at, sd}`` and ``entry = JCS({core, proof_d})``. ``sd`` holds the sorted
digests of the disclosures, so that the number of withheld fields shows and their order tells nothing.
``proof_d`` is the digest of the disclosure that says how the signer proved himself. Times are UTC with
microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import rfc8785

from lms.ledger.rules.disclosures import Disclosure, DisclosureError, read_json, timestamp
from lms.ledger.rules.tree import leaf_hash

VERSION = 1
SIGNING_WINDOW = timedelta(minutes=5)
"""How long a prepared record waits for a passkey. Its time is fixed when it is prepared, so it may be dated this long
before the latest record in front of it; no other record may."""
WINDOWED_METHOD = "passkey"
_KIND = re.compile(r"[a-z][a-z0-9_.:-]{0,59}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_DIGEST = re.compile(r"[A-Za-z0-9_-]{43}")
_CORE_NAMES = {"v", "log", "id", "schema", "kind", "at", "sd"}


class EntryError(ValueError):
    """An entry is not in the one form that the ledger writes, or does not match what stands beside it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the canonical text says."""

    log: str
    record_id: str
    schema: int
    kind: str
    at: datetime
    digests: tuple[str, ...]
    proof_digest: str


def read_timestamp(text: str) -> datetime:
    """The time that ``timestamp`` wrote."""
    if not _TIME.fullmatch(text):
        raise EntryError(f"{text!r} is not a time with microseconds in UTC.")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise EntryError(f"{text!r} is not a time.") from error


def require_kind(kind: str) -> None:
    """Raises EntryError unless ``kind`` is a name such as ``attestation.signed``."""
    if not _KIND.fullmatch(kind):
        raise EntryError(f"{kind!r} cannot name a kind of record: use small letters, digits, dots and underscores.")


def require_record_id(record_id: str) -> None:
    """Raises EntryError unless ``record_id`` is a UUID in its one text."""
    if not _UUID.fullmatch(record_id):
        raise EntryError(f"{record_id!r} is not a UUID in small letters with hyphens.")


def core_of(entry: Entry) -> dict[str, Any]:
    """The core as JSON data."""
    return {
        "v": VERSION,
        "log": entry.log,
        "id": entry.record_id,
        "schema": entry.schema,
        "kind": entry.kind,
        "at": timestamp(entry.at),
        "sd": sorted(entry.digests),
    }


def challenge_of(entry: Entry) -> bytes:
    """SHA-256 of the canonical core: what a passkey signs."""
    return sha256(rfc8785.dumps(core_of(entry))).digest()


def canonical(entry: Entry) -> bytes:
    """The bytes that the leaf hash covers."""
    return rfc8785.dumps({"core": core_of(entry), "proof_d": entry.proof_digest})


def leaf_of(text: str) -> bytes:
    """The leaf hash of an entry's text."""
    return leaf_hash(text.encode("utf-8"))


def parse(text: str) -> Entry:
    """Reads an entry strictly: every name, every type, and the canonical text itself."""
    try:
        data = read_json(text)
    except DisclosureError as error:
        raise EntryError(f"The entry cannot be read: {error}") from error
    if not isinstance(data, dict) or set(data) != {"core", "proof_d"}:
        raise EntryError("An entry must have core and proof_d, and nothing else.")
    entry = _from_core(data["core"], data["proof_d"])
    if canonical(entry).decode("utf-8") != text:
        raise EntryError("The entry is not in canonical form (RFC 8785).")
    return entry


def _from_core(core: Any, proof_digest: Any) -> Entry:
    if not isinstance(core, dict) or set(core) != _CORE_NAMES:
        raise EntryError("The entry's core does not have exactly the names that the ledger writes.")
    if core["v"] is True or core["v"] != VERSION:
        raise EntryError(f"The entry has version {core['v']!r}; this program reads version {VERSION}.")
    texts = {name: core[name] for name in ("log", "id", "kind", "at")}
    for name, value in texts.items():
        if not isinstance(value, str) or not value:
            raise EntryError(f"The entry's {name} must be text.")
    if not isinstance(core["schema"], int) or isinstance(core["schema"], bool):
        raise EntryError("The entry's schema must be a whole number.")
    require_kind(core["kind"])
    require_record_id(core["id"])
    digests = core["sd"]
    if not isinstance(digests, list) or len({str(item) for item in digests}) != len(digests):
        raise EntryError("The entry's digests must be a list without repetition.")
    for value in (*digests, proof_digest):
        if not isinstance(value, str) or not _DIGEST.fullmatch(value):
            raise EntryError("The entry holds a digest that is not base64url SHA-256.")
    at = read_timestamp(core["at"])
    return Entry(core["log"], core["id"], core["schema"], core["kind"], at, tuple(digests), proof_digest)


def require_disclosed(entry: Entry, fields: Iterable[Disclosure], proof: Disclosure | None) -> int:
    """The number of digests without a disclosure; EntryError where a disclosure is not one of the entry's."""
    unseen, names = set(entry.digests), set[str]()
    for field in fields:
        if field.digest not in unseen:
            raise EntryError(f"The disclosure of {field.name!r} is not the one that the entry committed to.")
        if field.name in names:
            raise EntryError(f"The field {field.name!r} is disclosed twice.")
        unseen.remove(field.digest)
        names.add(field.name)
    if proof is not None and proof.digest != entry.proof_digest:
        raise EntryError("The signer's proof is not the one that the entry committed to.")
    return len(unseen)
