"""Records that are complete before they are appended, so that a passkey can sign the record itself.

The challenge of a passkey is the SHA-256 of the record's canonical core. So record id, time, place in the subject's
chain and every disclosure are fixed when the record is **prepared**; only the proof is added when it is appended. A
prepared record is good for ``SIGNING_WINDOW`` and only while the subject's chain stands as it did; otherwise it is
prepared anew and signed anew.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from lms import clock
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.ledger.appending import (
    Appended,
    Head,
    disclose_fields,
    disclose_proof,
    insert_record,
    lock_head,
    next_of_subject,
    own_fields,
    read_head,
    require_input,
    require_record,
)
from lms.ledger.rules.disclosures import Disclosure, DisclosureError, JsonValue, decode, read_json, timestamp
from lms.ledger.rules.entries import (
    SIGNING_WINDOW,
    WINDOWED_METHOD,
    Entry,
    EntryError,
    canonical,
    challenge_of,
    read_timestamp,
    require_kind,
    require_record_id,
)
from lms.ledger.rules.tree import leaf_hash

_NAMES = {"log", "id", "schema", "kind", "at", "sd"}


class NotAsPrepared(Conflict):
    """The prepared record can no longer be appended; it must be prepared and signed anew."""


@dataclass(frozen=True)
class Prepared:
    """A record that lacks nothing but the signer's proof."""

    entry: Entry
    """Its ``proof_digest`` is empty until the record is appended; the challenge does not cover it."""
    disclosures: tuple[Disclosure, ...]

    @property
    def challenge(self) -> bytes:
        """What the passkey signs: SHA-256 of the canonical core, 32 bytes."""
        return challenge_of(self.entry)

    @cached_property
    def fields(self) -> Mapping[str, Any]:
        """Name and value of every disclosure, with those that the ledger added."""
        return {item.name: item.value for item in self.disclosures}

    def text(self) -> str:
        """The prepared record as text, to be kept until it is signed. Holds personal data: keep it short-lived."""
        entry = self.entry
        whole = {"log": entry.log, "id": entry.record_id, "schema": entry.schema, "kind": entry.kind}
        whole |= {"at": timestamp(entry.at), "sd": [item.encoded for item in self.disclosures]}
        return json.dumps(whole, separators=(",", ":"))


def read_prepared(text: str) -> Prepared:
    """The prepared record of ``Prepared.text``. Raises NotAsPrepared where the text is not one."""
    try:
        data = read_json(text)
        if not isinstance(data, dict) or set(data) != _NAMES or not isinstance(data["sd"], list):
            raise EntryError("It does not have the names of a prepared record.")
        require_kind(data["kind"])
        require_record_id(data["id"])
        disclosures = tuple(decode(item) for item in data["sd"])
        digests = tuple(item.digest for item in disclosures)
        at = read_timestamp(data["at"])
    except (DisclosureError, EntryError, TypeError) as error:
        raise NotAsPrepared(f"The record that was prepared for signing cannot be read: {error}") from error
    return Prepared(Entry(data["log"], data["id"], data["schema"], data["kind"], at, digests, ""), disclosures)


def prepare_in(
    origin: str,
    *,
    kind: str,
    fields: Mapping[str, JsonValue],
    subject: str | None = None,
    record_id: str | None = None,
    schema: int = 1,
    supersedes: str | None = None,
) -> Prepared:
    """Makes a record of the log ``origin`` without appending it; see ``actions.prepare``."""
    record_id = record_id or str(uuid.uuid4())
    require_input(kind, fields, subject, record_id)
    if supersedes is not None:
        require_record(supersedes)
    db.session.flush()
    head = read_head(origin)
    now = clock.now()
    at = now if head.last_at is None else max(now, head.last_at)
    added = own_fields(head, subject, supersedes, now if at != now else None)
    disclosures = tuple(disclose_fields({**fields, **added}))
    digests = tuple(item.digest for item in disclosures)
    return Prepared(Entry(origin, record_id, schema, kind, at, digests, ""), disclosures)


def append_prepared_to(origin: str, prepared: Prepared, *, proof: Mapping[str, JsonValue]) -> Appended:
    """Appends exactly the prepared record to the log ``origin``; see ``actions.append_prepared``."""
    if proof.get("method") != WINDOWED_METHOD:
        raise Invalid("Only a record that a passkey signed may be dated when it was prepared.")
    if prepared.entry.log != origin:
        raise NotAsPrepared("The record was prepared for another log. Sign again.")
    db.session.flush()
    head = lock_head(origin)
    _require_as_prepared(head, prepared)
    signer = disclose_proof(proof)
    entry = replace(prepared.entry, proof_digest=signer.digest)
    text = canonical(entry)
    columns: dict[str, Any] = {name: prepared.fields.get(name) for name in ("subject", "subject_seq", "supersedes")}
    columns |= {"kind": entry.kind, "at": entry.at, "record_id": entry.record_id}
    columns |= {"entry": text.decode("utf-8"), "leaf_hash": leaf_hash(text)}
    insert_record(head, columns, list(prepared.disclosures), signer)
    return Appended(entry.record_id, head.size, columns["leaf_hash"], entry.at)


def _require_as_prepared(head: Head, prepared: Prepared) -> None:
    """Under the head's lock: the window is open, and the subject's chain stands as it did."""
    now = clock.now()
    latest = now if head.last_at is None else max(now, head.last_at)
    if latest - prepared.entry.at > SIGNING_WINDOW:
        minutes = int(SIGNING_WINDOW.total_seconds()) // 60
        raise NotAsPrepared(f"More than {minutes} minutes went by since this was prepared for signing. Sign again.")
    subject = prepared.fields.get("subject")
    if subject is None:
        return
    link = (prepared.fields["subject_seq"], prepared.fields["prev_subject_leaf"])
    if next_of_subject(head.log_id, subject) != link:
        raise NotAsPrepared("Something else about you was recorded in the meantime. Sign again.")
