"""Holds the rows of a feature against what the ledger was told of them.

A feature derives the fields of a row by the same function with which it recorded them; here they are compared with
the record's disclosures, in batches and flat memory, and a difference names row, field and record.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from lms.db import db
from lms.errors import IntegrityFault
from lms.ledger.models import LedgerEntry
from lms.ledger.opened import open_stored, stored_records
from lms.ledger.rules.disclosures import JsonValue, normal_value
from lms.ledger.rules.entries import EntryError
from lms.ledger.rules.envelope import EnvelopeError
from lms.ledger.verify import Fault

Row = TypeVar("Row")
Described = tuple[str, str | None, Mapping[str, JsonValue]]
BATCH = 500


def compare_rows(
    rows: Select[Any],
    key: InstrumentedAttribute[int],
    describe: Callable[[Any], Described],
    *,
    record_id: InstrumentedAttribute[str | None] | None = None,
) -> Iterator[Fault]:
    """Every row that is not what its record says.

    ``describe`` gives, for a row, what to call it, its record id (None: not recorded) and the fields derived from
    it. A record whose content was disposed of, or that is itself damaged, is left to ``verify_log``. ``record_id`` is
    the column that names the record where that is not called so.
    """
    yield from repeated_rows(cast(type[Any], key.class_), record_id)
    last = 0
    while True:
        ids = db.session.scalars(select(key).where(key > last).order_by(key).limit(BATCH)).all()
        if not ids:
            return
        last = ids[-1]
        described: list[Described] = []
        for row in _read(rows, key, ids):
            if isinstance(row, Fault):
                yield row
                continue
            try:
                described.append(describe(row))
            except (IntegrityFault, AttributeError, LookupError, TypeError, ValueError) as error:
                name = f"{key.class_.__tablename__} {getattr(row, key.key)}"
                named: str | None = getattr(row, "record_id" if record_id is None else record_id.key, None)
                yield Fault(named, None, name, f"The row cannot be compared: {error}")
        yield from _compare(described)
        db.session.expunge_all()


def _read(rows: Select[Any], key: InstrumentedAttribute[int], ids: Sequence[int]) -> Iterator[Any]:
    """The rows of these ids; one by one where a column holds what its type cannot be, so that the row is named."""
    try:
        yield from db.session.scalars(rows.where(key.in_(ids)).order_by(key)).unique().all()
    except (ValueError, TypeError) as error:
        if len(ids) == 1:
            what = f"A column holds what it cannot: {error}"
            yield Fault(None, None, f"{key.class_.__tablename__} {ids[0]}", what)
            return
        for row_id in ids:
            yield from _read(rows, key, [row_id])


def _compare(described: list[Described]) -> Iterator[Fault]:
    wanted = [record_id for _, record_id, _ in described if record_id is not None]
    stored = {
        row[0].record_id: row for row in db.session.execute(stored_records().where(LedgerEntry.record_id.in_(wanted)))
    }
    for what, record_id, fields in described:
        if record_id is None:
            continue
        if record_id not in stored:
            yield Fault(record_id, None, what, "names a record that is not in the ledger")
            continue
        try:
            disclosed = open_stored(stored[record_id])
        except (EntryError, EnvelopeError):
            continue
        if disclosed.destroyed:
            continue
        for name, value in fields.items():
            if disclosed.get(name) != normal_value(value, name):
                yield Fault(
                    record_id,
                    stored[record_id][0].position,
                    f"{what}: {name}",
                    "differs from the ledger record",
                )


def repeated_rows(table: type[Any], record_id: InstrumentedAttribute[str | None] | None = None) -> Iterator[Fault]:
    """Every record that more than one row names: the constraint that forbids it was removed, and a row copied."""
    column = table.record_id if record_id is None else record_id
    query = select(column, func.count()).where(column.is_not(None)).group_by(column).having(func.count() > 1)
    for named, count in db.session.execute(query.order_by(column)):
        yield Fault(named, None, table.__tablename__, f"{count} rows name this record, which is of one")


class Resting:
    """Counts the rows that rest on a published text that was altered: the text is named once, they are counted.

    ``altered`` gives the ids of the versions of which something is not as recorded, with their names.
    """

    def __init__(self, altered: Mapping[int, str]) -> None:
        self._altered = altered
        self._counts: dict[int, Counter[str]] = {}

    def on(self, version_id: int, what: str) -> bool:
        """Whether a row (``what``, as it is counted) rests on an altered version; it is counted then."""
        if version_id not in self._altered:
            return False
        self._counts.setdefault(version_id, Counter())[what] += 1
        return True

    def faults(self) -> Iterator[Fault]:
        """One fault for each altered version on which something rests."""
        for version_id, counts in sorted(self._counts.items()):
            rows = ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for what, count in sorted(counts.items()))
            what = f"was altered (named above); what rests on it could not be compared with its text: {rows}"
            yield Fault(None, None, self._altered[version_id], what)


def unrecorded_rows(rows: Select[int, Any], kinds: Collection[str], what: str) -> Iterator[Fault]:
    """Every row (id, record id) that names no record of one of these kinds, though it should."""
    known = select(LedgerEntry.record_id).where(LedgerEntry.kind.in_(kinds))
    recorded = {record_id for (record_id,) in db.session.execute(known)}
    for row_id, record_id in db.session.execute(rows):
        if record_id not in recorded:
            yield Fault(record_id, None, f"{what} {row_id}", "the ledger has no such record of this row")


def missing_rows(kind: str, record_ids: Select[Any]) -> Iterator[Fault]:
    """Every record of ``kind`` for which no row is left: the row was deleted."""
    query = (
        select(LedgerEntry.record_id, LedgerEntry.position)
        .where(LedgerEntry.kind == kind, LedgerEntry.record_id.not_in(record_ids))
        .order_by(LedgerEntry.position)
    )
    for record_id, position in db.session.execute(query):
        yield Fault(record_id, position, kind, "the row that this record tells of is gone")
