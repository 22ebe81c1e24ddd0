"""Appending one record: the fast path that every feature takes through ``actions.append``."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from lms import clock
from lms.db import Base, db
from lms.errors import Conflict, IntegrityFault, Invalid, NotFound
from lms.ledger.models import LedgerDisclosure, LedgerEntry, LedgerLog, LedgerNode, LedgerRecordKey
from lms.ledger.rules.disclosures import (
    SALT_BYTES,
    Disclosure,
    DisclosureError,
    JsonValue,
    disclose,
    timestamp,
)
from lms.ledger.rules.entries import Entry, EntryError, canonical, require_kind, require_record_id
from lms.ledger.rules.envelope import KEY_BYTES, NONCE_BYTES, close
from lms.ledger.rules.tree import Node, append_leaf, leaf_hash, pack_frontier, unpack_frontier

OWN_NAMES = frozenset({"subject", "subject_seq", "prev_subject_leaf", "supersedes", "clock_went_back_to", "proof"})
"""Names of disclosures that the ledger adds itself."""
NO_PROOF: Mapping[str, JsonValue] = {"method": "none"}
_APPENDED = "rollcall.ledger.appended_in"
_LOGS, _ENTRIES, _DISCLOSURES, _KEYS, _NODES = (
    Base.metadata.tables[model.__tablename__]
    for model in (LedgerLog, LedgerEntry, LedgerDisclosure, LedgerRecordKey, LedgerNode)
)
"""Plain tables: the fast path reads and writes rows without making objects of them."""
_INSERT_ENTRY, _INSERT_DISCLOSURES, _INSERT_KEY, _INSERT_NODES = (
    insert(table) for table in (_ENTRIES, _DISCLOSURES, _KEYS, _NODES)
)
_SELECT_HEAD = select(_LOGS.c.id, _LOGS.c.size, _LOGS.c.last_at, _LOGS.c.frontier, _LOGS.c.closed_at).where(
    _LOGS.c.origin == bindparam("the_origin")
)
_SELECT_HEAD_LOCKED = _SELECT_HEAD.with_for_update()
_MOVE_HEAD = (
    update(_LOGS)
    .where(_LOGS.c.id == bindparam("the_log"), _LOGS.c.size == bindparam("size_read"))
    .values(size=bindparam("new_size"), frontier=bindparam("new_frontier"), last_at=bindparam("new_at"))
)
_SELECT_LAST_OF_SUBJECT = (
    select(_ENTRIES.c.subject_seq, _ENTRIES.c.leaf_hash)
    .where(_ENTRIES.c.log_id == bindparam("the_log"), _ENTRIES.c.subject == bindparam("the_subject"))
    .order_by(_ENTRIES.c.subject_seq.desc())
    .limit(1)
)
"""Statements are built once, because building one costs more than running it."""


@dataclass(frozen=True, slots=True)
class Appended:
    """Where a record stands."""

    record_id: str
    position: int
    leaf_hash: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Head:
    """The head as read under its lock."""

    log_id: int
    origin: str
    size: int
    last_at: datetime | None
    frontier: tuple[bytes, ...]


def append_to(
    origin: str,
    *,
    kind: str,
    fields: Mapping[str, JsonValue],
    subject: str | None = None,
    proof: Mapping[str, JsonValue] | None = None,
    record_id: str | None = None,
    schema: int = 1,
    supersedes: str | None = None,
) -> Appended:
    """Appends one record to the log ``origin``; see ``actions.append``."""
    record_id = record_id or str(uuid.uuid4())
    require_input(kind, fields, subject, record_id)
    if supersedes is not None:
        require_record(supersedes)
    db.session.flush()
    head = lock_head(origin)
    now = clock.now()
    at = now if head.last_at is None else max(now, head.last_at)
    added = own_fields(head, subject, supersedes, now if at != now else None)
    disclosures, signer = disclose_fields({**fields, **added}), disclose_proof(proof or NO_PROOF)
    digests = tuple(item.digest for item in disclosures)
    text = canonical(Entry(origin, record_id, schema, kind, at, digests, signer.digest))
    columns: dict[str, Any] = {
        "kind": kind,
        "at": at,
        "subject": subject,
        "supersedes": supersedes,
        "record_id": record_id,
    }
    columns |= {"entry": text.decode("utf-8"), "leaf_hash": leaf_hash(text)}
    columns["subject_seq"] = added.get("subject_seq")
    insert_record(head, columns, disclosures, signer)
    return Appended(record_id, head.size, columns["leaf_hash"], at)


def own_fields(
    head: Head, subject: str | None, supersedes: str | None, went_back_to: datetime | None
) -> dict[str, JsonValue]:
    """The fields that the ledger adds to a record itself."""
    added = dict[str, JsonValue]()
    if subject is not None:
        number, previous = next_of_subject(head.log_id, subject)
        added = {"subject": subject, "subject_seq": number, "prev_subject_leaf": previous}
    if supersedes is not None:
        added["supersedes"] = supersedes
    if went_back_to is not None:
        added["clock_went_back_to"] = timestamp(went_back_to)
    return added


def disclose_fields(fields: Mapping[str, JsonValue]) -> list[Disclosure]:
    """The salted disclosures of a record's fields. Raises Invalid where one cannot be recorded."""
    try:
        disclosures = [disclose(name, value, _salt()) for name, value in fields.items()]
    except DisclosureError as error:
        raise Invalid(f"This cannot be recorded: {error}") from error
    if len({item.name for item in disclosures}) != len(disclosures):
        raise Invalid("This cannot be recorded: two fields have the same name.")
    return disclosures


def disclose_proof(proof: Mapping[str, JsonValue]) -> Disclosure:
    """The salted disclosure of how the signer proved himself. Raises Invalid."""
    try:
        return disclose("proof", proof, _salt())
    except DisclosureError as error:
        raise Invalid(f"This cannot be recorded: {error}") from error


def _salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


def require_input(kind: str, fields: Mapping[str, JsonValue], subject: str | None, record_id: str) -> None:
    """Raises Invalid where a record of this kind, these fields, this subject and this id cannot be written."""
    try:
        require_kind(kind)
        require_record_id(record_id)
    except EntryError as error:
        raise Invalid(str(error)) from error
    taken = OWN_NAMES.intersection(fields)
    if taken:
        raise Invalid(f"The ledger itself records {', '.join(sorted(taken))}; give the field another name.")
    if subject is not None and not (0 < len(subject) <= 60 and subject.isascii()):
        raise Invalid("A record's subject must be a short name such as person:42.")


def require_record(record_id: str) -> None:
    """Raises NotFound where the record that is to be corrected is not there."""
    if db.session.scalar(select(LedgerEntry.id).where(LedgerEntry.record_id == record_id)) is None:
        raise NotFound("The record that this one corrects is not in the ledger.")


def lock_head(origin: str) -> Head:
    """Reads the head under its lock. On SQLite the transaction itself is the lock (BEGIN IMMEDIATE)."""
    return _head(origin, _SELECT_HEAD_LOCKED)


def read_head(origin: str) -> Head:
    """Reads the head without its lock, for a record that is only prepared."""
    return _head(origin, _SELECT_HEAD)


def _head(origin: str, statement: Select[Any]) -> Head:
    row = db.session.connection().execute(statement, {"the_origin": origin}).one_or_none()
    if row is None:
        raise NotFound(f"The log {origin} has not been opened yet. Run: lms init")
    if row.closed_at is not None:
        raise Conflict(f"The log {origin} is closed; another log continues it.")
    try:
        frontier = unpack_frontier(row.frontier, row.size)
    except ValueError as error:
        raise IntegrityFault(f"The head of the log {origin} is damaged: {error}") from error
    return Head(row.id, origin, row.size, row.last_at, frontier)


def next_of_subject(log_id: int, subject: str) -> tuple[int, str | None]:
    """The subject's next number, from 1, and the leaf hash (hex) of its last record."""
    names = {"the_log": log_id, "the_subject": subject}
    row = db.session.connection().execute(_SELECT_LAST_OF_SUBJECT, names).one_or_none()
    return (1, None) if row is None else ((row[0] or 0) + 1, row[1].hex())


def insert_record(head: Head, columns: dict[str, Any], disclosures: list[Disclosure], signer: Disclosure) -> None:
    """Inserts entry, disclosures, key and nodes with plain statements, and moves the head on.

    ``columns`` are those of the entry; ``head`` was read under its lock. The head's time never goes back, also where
    the record was prepared before the one in front of it. Raises Conflict where the record id is taken.
    """
    frontier, nodes = append_leaf(head.frontier, head.size, columns["leaf_hash"])
    record_id = columns["record_id"]
    key, nonce = secrets.token_bytes(KEY_BYTES), secrets.token_bytes(NONCE_BYTES)
    sealed = close(record_id, key, nonce, [item.encoded for item in disclosures], signer.encoded)
    connection = db.session.connection()
    row = {"log_id": head.log_id, "position": head.size, **columns}
    try:
        connection.execute(_INSERT_ENTRY, row)
    except IntegrityError as error:
        raise Conflict("There is already a record of this id, or another was appended first.") from error
    connection.execute(_INSERT_DISCLOSURES, {"record_id": record_id, "nonce": nonce, "sealed": sealed})
    connection.execute(_INSERT_KEY, {"record_id": record_id, "key": key})
    if nodes:
        connection.execute(_INSERT_NODES, [_node_row(head.log_id, node) for node in nodes])
    latest = columns["at"] if head.last_at is None else max(columns["at"], head.last_at)
    moved_on = {"new_size": head.size + 1, "new_frontier": pack_frontier(frontier), "new_at": latest}
    moved = connection.execute(_MOVE_HEAD, {"the_log": head.log_id, "size_read": head.size, **moved_on})
    if moved.rowcount != 1:
        raise Conflict("Another record was appended first; try again.")
    db.session.info[_APPENDED] = db.session().get_transaction()


def _node_row(log_id: int, node: Node) -> dict[str, Any]:
    return {"log_id": log_id, "level": node.level, "position": node.position, "hash": node.hash}


def require_committed() -> None:
    """Raises Conflict where this transaction has appended records."""
    transaction = db.session().get_transaction()
    if transaction is not None and db.session.info.get(_APPENDED) is transaction:
        raise Conflict("Commit the new records before a checkpoint is signed over them.")
