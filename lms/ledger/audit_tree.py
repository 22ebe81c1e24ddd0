"""The tree's part of the whole-log audit: nodes, head, checkpoints and the sealer's memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from lms.db import db
from lms.errors import IntegrityFault
from lms.ledger.checks import checkpoint_fault
from lms.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLog, LedgerNode
from lms.ledger.place import current_place
from lms.ledger.rules.entries import leaf_of
from lms.ledger.rules.tree import Node, append_leaf, pack_frontier, root_of
from lms.ledger.sealer import Sealed, Sealer

PAGE = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as recorded: which record and place, which field, and what is wrong with it."""

    record_id: str | None
    position: int | None
    where: str
    what: str

    def __str__(self) -> str:
        place = "the log" if self.position is None else f"position {self.position}"
        record = "" if self.record_id is None else f", record {self.record_id}"
        return f"{place}{record}, {self.where}: {self.what}"


class TreeAudit:
    """Rebuilds the tree leaf by leaf and holds what is stored and signed against it."""

    def __init__(self, log: LedgerLog) -> None:
        self.log_id, self.origin = log.id, log.origin
        self.head = (log.size, log.frontier, log.last_at, log.closed_at)
        self.frontier: tuple[bytes, ...] = ()
        self.size = 0
        self.checkpoints = 0
        self._tainted: list[bool] = []
        self._stored: dict[tuple[int, int], bytes] = {}
        self._broken_at: int | None = None
        self._wrong_roots = 0
        self._sealed: Sealed | None = None
        self._newest = 0
        self._due = self._read_checkpoints()
        self._next = next(self._due, None)

    def start(self) -> Iterator[Fault]:
        """Reads the sealer's memory, and passes over checkpoints that could not be of any log."""
        if self.head[3] is None:
            try:
                self._sealed = Sealer(current_place().folder).state()
            except IntegrityFault as error:
                yield Fault(None, None, "sealed.json", error.message)
            else:
                if self._sealed is None:
                    yield Fault(None, None, "sealed.json", "The sealer's memory is missing.")
                elif self._sealed.origin != self.origin:
                    what = f"The sealer last signed the log {self._sealed.origin}, not {self.origin}."
                    yield Fault(None, None, "sealed.json", what)
                    self._sealed = None
        yield from self._compare_roots(None)

    def load(self, start: int, end: int) -> None:
        """Reads the stored nodes that the leaves from ``start`` up to ``end`` complete, in one statement."""
        spans = [(level, start >> level, end >> level) for level in range(1, max(end, 1).bit_length())]
        wanted = [
            and_(LedgerNode.level == level, LedgerNode.position >= low, LedgerNode.position < high)
            for level, low, high in spans
            if low < high
        ]
        self._stored = {}
        if wanted:
            rows = db.session.execute(
                select(LedgerNode.level, LedgerNode.position, LedgerNode.hash).where(
                    LedgerNode.log_id == self.log_id, or_(*wanted)
                )
            )
            self._stored = {(level, position): value for level, position, value in rows}

    def break_at(self, position: int) -> None:
        """A record is missing here, so no root from here on can be rebuilt."""
        if self._broken_at is None:
            self._broken_at = position

    def add(self, stored: LedgerEntry) -> Iterator[Fault]:
        """Takes the next leaf, from the record's text, and compares the nodes that it completes."""
        if self._broken_at is not None:
            return
        self.frontier, nodes = append_leaf(self.frontier, self.size, leaf_of(stored.entry))
        self.size += 1
        tainted = leaf_of(stored.entry) != stored.leaf_hash
        for node in nodes:
            tainted |= self._tainted.pop()
            yield from self._compare_node(node, stored, tainted)
            tainted |= self._stored.get((node.level, node.position)) != node.hash
        self._tainted.append(tainted)
        yield from self._compare_roots(stored.record_id)

    def _compare_node(self, node: Node, stored: LedgerEntry, tainted: bool) -> Iterator[Fault]:
        """One fault for the lowest node that differs; the nodes above it differ because of it."""
        found = self._stored.get((node.level, node.position))
        if found == node.hash or (tainted and found is not None):
            return
        first = node.position << node.level
        where = f"node {node.level}/{node.position}"
        what = "is missing" if found is None else "does not fit"
        text = f"The tree's node over the records at {first} to {stored.position} {what}."
        yield Fault(stored.record_id, stored.position, where, text)

    def _compare_roots(self, record_id: str | None) -> Iterator[Fault]:
        """Compares every checkpoint, and the sealer's memory, of the size that is reached now."""
        root = None
        while self._next is not None and self._next.size <= self.size:
            row, self._next = self._next, next(self._due, None)
            root = root or root_of(self.frontier)
            self.checkpoints += 1
            self._newest = max(self._newest, row.size)
            wrong = row.size != self.size or row.root != root
            self._wrong_roots += wrong
            if wrong and self._wrong_roots == 1:
                what = f"The first {row.size} records are not the ones that this checkpoint covers."
                yield Fault(record_id, row.size - 1, f"checkpoint {row.size}", what)
            fault = checkpoint_fault(row, self.origin)
            if fault is not None:
                yield Fault(record_id, row.size - 1, f"checkpoint {row.size}", fault)
        if self._sealed is not None and self._sealed.size == self.size and self._sealed.root != root_of(self.frontier):
            what = f"The first {self.size} records are not the ones that the sealer signed last."
            yield Fault(record_id, self.size - 1, "sealed.json", what)

    def finish(self, end: int, last_at: datetime | None) -> Iterator[Fault]:
        """Compares the head, counts the nodes, and names signed sizes that the log does not reach."""
        size, frontier, head_at, _ = self.head
        if size != end:
            what = f"The head says {size} records, but the records end at {end}."
            yield Fault(None, min(size, end), "head size", what)
        if self._broken_at is not None:
            what = "From here on no root can be rebuilt, because a record is missing."
            yield Fault(None, self._broken_at, "tree", what)
            return
        if size == end and frontier != pack_frontier(self.frontier):
            yield Fault(None, end - 1, "head frontier", "The head's frontier does not fit the records.")
        if head_at != last_at:
            yield Fault(None, end - 1, "head last_at", "The head's time is not that of the last record.")
        yield from self._extra_nodes()
        yield from self._beyond(end)

    def root(self) -> bytes | None:
        """The root of all records that were added; None where one was missing."""
        return None if self._broken_at is not None else root_of(self.frontier)

    def _extra_nodes(self) -> Iterator[Fault]:
        stored = db.session.scalar(select(func.count()).select_from(LedgerNode).where(LedgerNode.log_id == self.log_id))
        made = self.size - self.size.bit_count()
        if (stored or 0) > made:
            what = f"The tree has {stored} nodes, but its records make {made}."
            yield Fault(None, None, "nodes", what)

    def _beyond(self, end: int) -> Iterator[Fault]:
        """Checkpoints and memory of more records than there are: records were cut off."""
        while self._next is not None:
            row, self._next = self._next, next(self._due, None)
            self.checkpoints += 1
            self._newest = max(self._newest, row.size)
            what = f"A checkpoint covers {row.size} records, but there are only {end}: records were removed."
            yield Fault(None, end, f"checkpoint {row.size}", what)
        if self._wrong_roots > 1:
            what = f"{self._wrong_roots - 1} later checkpoints do not fit the records either."
            yield Fault(None, None, "checkpoints", what)
        if self._sealed is None:
            return
        if self._sealed.size > end:
            what = f"The sealer signed {self._sealed.size} records, but there are {end}: records were removed."
            yield Fault(None, end, "sealed.json", what)
        if self._newest > self._sealed.size:
            what = f"The sealer's memory ends at {self._sealed.size}, but a checkpoint covers {self._newest}."
            yield Fault(None, None, "sealed.json", what)

    def _read_checkpoints(self) -> Iterator[LedgerCheckpoint]:
        last = None
        while True:
            query = select(LedgerCheckpoint).where(LedgerCheckpoint.log_id == self.log_id)
            if last is not None:
                query = query.where(LedgerCheckpoint.size > last)
            query = query.order_by(LedgerCheckpoint.size).limit(PAGE)
            rows = list(db.session.scalars(query.execution_options(populate_existing=True)))
            yield from rows
            if len(rows) < PAGE:
                return
            last = rows[-1].size
