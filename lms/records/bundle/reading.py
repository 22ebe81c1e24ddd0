"""Reads for a bundle: by index, in batches, in flat memory, all from one state of the log."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from lms.db import db
from lms.errors import NotFound
from lms.ledger.models import LedgerAnchor, LedgerCheckpoint, LedgerEntry, LedgerLog, LedgerSigningKey
from lms.ledger.opened import StoredRow, stored_records
from lms.ledger.queries import find_checkpoint, find_checkpoint_covering, get_log
from lms.records.bundle.selection import Selection
from lms.records.evidence import EXPORTED

BATCH = 200
RecordQuery = Select[LedgerEntry, bytes | None, bytes | None, bytes | None, datetime | None]
KEY_EVENTS = ("ledger.opened", "ledger.key_rotated", "ledger.key_revoked", "ledger.continued")
OUT_OF_ORDER = timedelta(minutes=10)
"""More than a record's time may lie before that of the record in front of it (a prepared signature: 5 minutes)."""


@dataclass(frozen=True, slots=True)
class LogState:
    """One log up to one signed checkpoint. Plain values: it outlives the session's objects."""

    log_id: int
    origin: str
    size: int
    root: bytes
    note: str
    newest: bool

    @property
    def folder(self) -> str:
        """What stands before the paths of its checkpoints and stamps."""
        return "" if self.newest else f"log-{self.log_id}/"


def find_state() -> LedgerCheckpoint | None:
    """The first signed checkpoint over every record that is not itself the note of an export.

    Such notes come after the state that they tell of; left out, the same request gives the same bytes again. None
    where a checkpoint has to be signed first.
    """
    log = get_log()
    last = db.session.scalar(
        select(LedgerEntry.position)
        .where(LedgerEntry.log_id == log.id, LedgerEntry.kind != EXPORTED)
        .order_by(LedgerEntry.position.desc())
        .limit(1)
    )
    return None if last is None else find_checkpoint_covering(last)


def load_states(size: int) -> list[LogState]:
    """The application's log up to its checkpoint of ``size``, after the logs that it continues. Raises NotFound."""
    newest = find_checkpoint(size)
    if newest is None:
        raise NotFound(f"There is no signed checkpoint of size {size}.")
    states = []
    logs = db.session.execute(select(LedgerLog.id, LedgerLog.origin).order_by(LedgerLog.id))
    for log_id, origin in [(row.id, row.origin) for row in logs if row.id <= newest.log_id]:
        own = log_id == newest.log_id
        covered = select(LedgerCheckpoint).where(LedgerCheckpoint.log_id == log_id)
        row = newest if own else db.session.scalar(covered.order_by(LedgerCheckpoint.size.desc()).limit(1))
        if row is not None and row.size:
            states.append(LogState(log_id, origin, row.size, row.root, row.note, own))
    return states


def iter_selected(state: LogState, selection: Selection) -> Iterator[list[StoredRow]]:
    """The selected records of one log, in its order, batch by batch.

    Of a period, everything from its first record to its last one, so that a gap would show: a record between them
    may be dated a few minutes outside it.
    """
    query = stored_records().where(LedgerEntry.log_id == state.log_id)
    if selection.subject is not None:
        query = query.where(LedgerEntry.subject == selection.subject, LedgerEntry.position < state.size)
        yield from _pages(query, LedgerEntry.subject_seq, 0)
        return
    first, end = _places(state, selection)
    began, waiting = False, list[StoredRow]()
    for rows in _pages(query.where(LedgerEntry.position < end), LedgerEntry.position, first - 1):
        inside = [place for place, row in enumerate(rows) if selection.takes(row[0])]
        if inside:
            chosen = [*waiting, *rows[0 if began else inside[0] : inside[-1] + 1]]
            waiting, began = rows[inside[-1] + 1 :], True
            yield chosen
        elif began:
            waiting += rows


def _pages(query: RecordQuery, column: Any, last: int) -> Iterator[list[StoredRow]]:
    query = query.order_by(column).limit(BATCH)
    while rows := list(db.session.execute(query.where(column > last))):
        last = getattr(rows[-1][0], column.key)
        yield rows
        if len(rows) < BATCH:
            return


def count_selected(states: Sequence[LogState], selection: Selection) -> int:
    """How many records there are at most; for the progress that is shown."""
    total = 0
    for state in states:
        if selection.subject is None:
            first, end = _places(state, selection)
            total += max(0, end - first)
        else:
            query = select(func.count()).where(*_of_subject(state, selection.subject))
            total += db.session.scalar(query) or 0
    return total


def _of_subject(state: LogState, subject: str) -> tuple[ColumnElement[bool], ...]:
    """The conditions for all records of a subject. That numbers begin at 1 leads the database to the subject's index;
    without it SQLite reads the whole log."""
    return (
        LedgerEntry.log_id == state.log_id,
        LedgerEntry.subject == subject,
        LedgerEntry.subject_seq > 0,
        LedgerEntry.position < state.size,
    )


def _places(state: LogState, selection: Selection) -> tuple[int, int]:
    """The first position and the end between which every record of the period lies; found without reading the log."""
    since, until = selection.moments
    return _first_at(state, since - OUT_OF_ORDER), _first_at(state, until + OUT_OF_ORDER)


def _first_at(state: LogState, moment: datetime) -> int:
    low, high = 0, state.size
    while low < high:
        middle = (low + high) // 2
        query = select(LedgerEntry.at).where(LedgerEntry.log_id == state.log_id, LedgerEntry.position >= middle)
        at = db.session.scalar(query.order_by(LedgerEntry.position).limit(1))
        if at is None or at >= moment:
            high = middle
        else:
            low = middle + 1
    return low


def list_key_events() -> Sequence[str]:
    """The records of the logs' keys (opened, rotated, revoked), found by their kind."""
    query = select(LedgerEntry.record_id).where(LedgerEntry.kind.in_(KEY_EVENTS))
    return db.session.scalars(query.order_by(LedgerEntry.id)).all()


def read_by_ids(states: Sequence[LogState], record_ids: Collection[str]) -> list[tuple[LogState, StoredRow]]:
    """Named records, as far as the states cover them, in the order of the logs."""
    by_log = {state.log_id: state for state in states}
    rows = db.session.execute(stored_records().where(LedgerEntry.record_id.in_(list(record_ids))))
    covered = [
        (by_log[row[0].log_id], row)
        for row in rows
        if row[0].log_id in by_log and row[0].position < by_log[row[0].log_id].size
    ]
    return sorted(covered, key=lambda pair: (pair[0].log_id, pair[1][0].position))


def read_chain(state: LogState, subject: str) -> Sequence[Row[int | None, int, str, bytes, str]]:
    """Every link of one subject's chain: number, position, record id, leaf hash, kind."""
    return db.session.execute(
        select(
            LedgerEntry.subject_seq,
            LedgerEntry.position,
            LedgerEntry.record_id,
            LedgerEntry.leaf_hash,
            LedgerEntry.kind,
        )
        .where(*_of_subject(state, subject))
        .order_by(LedgerEntry.subject_seq)
    ).all()


def list_keys(states: Sequence[LogState]) -> list[LedgerSigningKey]:
    """The public keys of these logs, oldest first."""
    logs = [state.log_id for state in states]
    query = select(LedgerSigningKey).where(LedgerSigningKey.log_id.in_(logs))
    return list(db.session.scalars(query.order_by(LedgerSigningKey.id)))


def last_moment(state: LogState) -> datetime | None:
    """When the last record of the state was written."""
    query = select(LedgerEntry.at).where(LedgerEntry.log_id == state.log_id, LedgerEntry.position == state.size - 1)
    return db.session.scalar(query)


class Stamped:
    """The sizes of the checkpoints of one log that an outside authority has stamped."""

    def __init__(self, state: LogState) -> None:
        query = (
            select(LedgerCheckpoint.size)
            .join(LedgerAnchor, LedgerAnchor.checkpoint_id == LedgerCheckpoint.id)
            .where(LedgerCheckpoint.log_id == state.log_id, LedgerCheckpoint.size <= state.size)
            .where(LedgerAnchor.token.is_not(None))
        )
        self._sizes = list(db.session.scalars(query.distinct().order_by(LedgerCheckpoint.size)))

    def around(self, position: int) -> list[int]:
        """The stamped sizes just before and just after a record."""
        place = bisect_right(self._sizes, position)
        return self._sizes[max(0, place - 1) : place + 1]


def first_size_over(state: LogState, position: int) -> int:
    """The size of the first signed checkpoint over a record: the one that its receipt carries."""
    query = select(LedgerCheckpoint.size).where(LedgerCheckpoint.log_id == state.log_id)
    query = query.where(LedgerCheckpoint.size > position, LedgerCheckpoint.size <= state.size)
    return db.session.scalar(query.order_by(LedgerCheckpoint.size).limit(1)) or state.size


def iter_checkpoints(state: LogState, sizes: Sequence[int]) -> Iterator[LedgerCheckpoint]:
    """The signed checkpoints of these sizes, smallest first."""
    query = select(LedgerCheckpoint).where(LedgerCheckpoint.log_id == state.log_id)
    for start in range(0, len(sizes), BATCH):
        part = sizes[start : start + BATCH]
        yield from db.session.scalars(query.where(LedgerCheckpoint.size.in_(part)).order_by(LedgerCheckpoint.size))


def list_anchors(checkpoint_id: int) -> Sequence[LedgerAnchor]:
    """The outside witnesses of one checkpoint that answered."""
    query = select(LedgerAnchor).where(LedgerAnchor.checkpoint_id == checkpoint_id)
    return db.session.scalars(query.where(LedgerAnchor.anchored_at.is_not(None)).order_by(LedgerAnchor.id)).all()
