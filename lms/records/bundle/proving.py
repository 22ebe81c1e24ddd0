"""The proofs of a bundle, many at a time, each held against its checkpoint before it is written."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from itertools import pairwise

from lms.errors import IntegrityFault
from lms.ledger.models import LedgerEntry
from lms.ledger.nodes import load_nodes
from lms.ledger.rules.proofs import TlogProof, write_proof
from lms.ledger.rules.tree import (
    ProofError,
    consistency_nodes,
    consistency_proof,
    inclusion_nodes,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from lms.records.bundle.reading import LogState

PAIRS = 50
Known = tuple[int, bytes]
"""Size and root of a signed checkpoint."""


def inclusion_texts(state: LogState, entries: Sequence[LedgerEntry]) -> Iterator[str]:
    """The ``tlog-proof@v1`` text of each record. Raises IntegrityFault where one cannot be proved."""
    wanted = {node for entry in entries for node in inclusion_nodes(entry.position, state.size)}
    read = load_nodes(state.log_id, wanted)
    for entry in entries:
        try:
            hashes = tuple(inclusion_proof(entry.position, state.size, read))
            verify_inclusion(entry.position, state.size, entry.leaf_hash, hashes, state.root)
        except ProofError as error:
            raise IntegrityFault(f"Record {entry.record_id} cannot be proved: {error}") from error
        yield write_proof(TlogProof(entry.position, hashes, state.note))


def consistency_texts(state: LogState, checkpoints: Sequence[Known]) -> Iterator[str]:
    """One JSON object for each pair of neighbors, from the smallest checkpoint to the largest."""
    pairs = [(old, new) for old, new in pairwise(checkpoints) if old[0] > 0]
    for start in range(0, len(pairs), PAIRS):
        part = pairs[start : start + PAIRS]
        wanted = {node for old, new in part for node in consistency_nodes(old[0], new[0])}
        read = load_nodes(state.log_id, wanted)
        for (old, old_root), (new, new_root) in part:
            try:
                hashes = consistency_proof(old, new, read)
                verify_consistency(old, new, old_root, new_root, hashes)
            except ProofError as error:
                raise IntegrityFault(f"The log does not continue its checkpoint of size {old}: {error}") from error
            yield consistency_text(state.origin, old, new, hashes)


def consistency_text(origin: str, old: int, new: int, hashes: Sequence[bytes]) -> str:
    """The JSON text of one consistency proof, as bundles and ``lms ledger consistency`` write it."""
    texts = [base64.b64encode(value).decode() for value in hashes]
    return json.dumps({"log": origin, "from": old, "to": new, "hashes": texts})
