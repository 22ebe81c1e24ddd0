"""Reading tree nodes: every node that a set of proofs needs, in two statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select, union_all

from lms.db import db
from lms.ledger.models import LedgerEntry, LedgerNode
from lms.ledger.rules.tree import NodeReader, ProofError, consistency_nodes, consistency_proof


def load_nodes(log_id: int, wanted: Iterable[tuple[int, int]]) -> NodeReader:
    """A reader over the ``wanted`` (level, position) nodes; ProofError for one that is not stored."""
    by_level = defaultdict[int, set[int]](set)
    for level, position in wanted:
        by_level[level].add(position)
    found = dict[tuple[int, int], bytes]()
    leaves = by_level.pop(0, set())
    if leaves:
        rows = db.session.execute(
            select(LedgerEntry.position, LedgerEntry.leaf_hash).where(
                LedgerEntry.log_id == log_id, LedgerEntry.position.in_(leaves)
            )
        )
        found.update(((0, position), value) for position, value in rows)
    if by_level:
        # A union, not an OR over the levels: for that SQLite would read every node of the log.
        parts = [
            select(LedgerNode.level, LedgerNode.position, LedgerNode.hash).where(
                LedgerNode.log_id == log_id, LedgerNode.level == level, LedgerNode.position.in_(at)
            )
            for level, at in by_level.items()
        ]
        nodes = db.session.execute(union_all(*parts) if len(parts) > 1 else parts[0])
        found.update(((level, position), value) for level, position, value in nodes)

    def read(level: int, position: int) -> bytes:
        try:
            return found[level, position]
        except KeyError:
            raise ProofError(f"The ledger's tree has no node {level}/{position}.") from None

    return read


def consistency_hashes(log_id: int, old: int, new: int) -> list[bytes]:
    """The consistency proof from size ``old`` to size ``new``; ProofError where it cannot be made."""
    return consistency_proof(old, new, load_nodes(log_id, consistency_nodes(old, new)))
