"""The Merkle tree of RFC 6962 (section 2.1), over SHA-256, with the verifications of RFC 9162 (section 2.1).

A tree of size n is kept as its *frontier*: the roots of its perfect subtrees, largest first, one for each bit
set in n. A *node* (level, position) is the root of the perfect subtree over the leaves ``position << level``
up to ``(position + 1) << level``; level 0 is the leaf hash. Proofs are made from a reader of nodes, so that a
log of any size needs only the few nodes that ``inclusion_nodes`` and ``consistency_nodes`` name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

NodeReader = Callable[[int, int], bytes]
Range = tuple[int, int]


class ProofError(ValueError):
    """A proof does not prove what it claims, or cannot be made; the text says why."""


@dataclass(frozen=True, slots=True)
class Node:
    """Root of one perfect subtree."""

    level: int
    position: int
    hash: bytes


def leaf_hash(entry: bytes) -> bytes:
    """Hash of a leaf; the prefix keeps a leaf from ever being taken for a node."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def append_leaf(frontier: Sequence[bytes], size: int, leaf: bytes) -> tuple[tuple[bytes, ...], list[Node]]:
    """The frontier after one more leaf, and the nodes (level 1 and up) that it completes, lowest first."""
    if len(frontier) != size.bit_count():
        raise ProofError(f"A tree of size {size} has {size.bit_count()} frontier hashes, not {len(frontier)}.")
    stack, nodes, level = list(frontier), list[Node](), 0
    while (size >> level) & 1:
        leaf = node_hash(stack.pop(), leaf)
        level += 1
        nodes.append(Node(level, size >> level, leaf))
    stack.append(leaf)
    return tuple(stack), nodes


def root_of(frontier: Sequence[bytes]) -> bytes:
    """The root of the tree with this frontier."""
    if not frontier:
        return EMPTY_ROOT
    root = frontier[-1]
    for left in reversed(frontier[:-1]):
        root = node_hash(left, root)
    return root


def pack_frontier(frontier: Iterable[bytes]) -> bytes:
    """The frontier as it is stored."""
    return b"".join(frontier)


def unpack_frontier(stored: bytes, size: int) -> tuple[bytes, ...]:
    """The frontier from its stored form; ProofError where it cannot belong to a tree of this size."""
    if len(stored) != HASH_BYTES * size.bit_count():
        raise ProofError(f"The stored frontier has {len(stored)} bytes, which cannot be a tree of size {size}.")
    return tuple(stored[start : start + HASH_BYTES] for start in range(0, len(stored), HASH_BYTES))


def _split(width: int) -> int:
    """The largest power of two smaller than ``width``."""
    return 1 << ((width - 1).bit_length() - 1)


def _inclusion_ranges(index: int, size: int) -> list[Range]:
    """PATH(index, D[size]) of RFC 6962 as ranges of leaves, the leaf's sibling first."""
    if not 0 <= index < size:
        raise ProofError(f"Position {index} is not in a tree of size {size}.")
    start, end = 0, size
    ranges = list[Range]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def _consistency_ranges(old: int, new: int) -> list[Range]:
    """PROOF(old, D[new]) of RFC 6962 as ranges of leaves."""
    if not 0 < old <= new:
        raise ProofError(f"There is no consistency proof from size {old} to size {new}.")
    start, end = 0, new
    ranges = list[Range]()
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    return ranges[::-1]


def _perfect(span: Range) -> list[Range]:
    """The (level, position) of the perfect subtrees that make up a range, left to right."""
    start, end = span
    parts = list[Range]()
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        parts.append((level, start >> level))
        start += 1 << level
    return parts


def inclusion_nodes(index: int, size: int) -> list[Range]:
    """The (level, position) of every node that the inclusion proof needs."""
    return [part for span in _inclusion_ranges(index, size) for part in _perfect(span)]


def consistency_nodes(old: int, new: int) -> list[Range]:
    """The (level, position) of every node that the consistency proof needs."""
    return [part for span in _consistency_ranges(old, new) for part in _perfect(span)]


def inclusion_proof(index: int, size: int, read: NodeReader) -> list[bytes]:
    """The proof that leaf ``index`` is in the tree of ``size``."""
    return [root_of([read(*part) for part in _perfect(span)]) for span in _inclusion_ranges(index, size)]


def consistency_proof(old: int, new: int, read: NodeReader) -> list[bytes]:
    """The proof that the tree of size ``new`` begins with the tree of size ``old``."""
    return [root_of([read(*part) for part in _perfect(span)]) for span in _consistency_ranges(old, new)]


def _require_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofError(f"A hash in the proof does not have {HASH_BYTES} bytes.")


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Raises ProofError unless ``leaf`` is at ``index`` in the tree of this root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError(f"Position {index} is not in a tree of size {size}.")
    _require_hashes([leaf, root, *proof])
    here, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofError("The inclusion proof is too long.")
        if here & 1 or here == last:
            value = node_hash(sibling, value)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            value = node_hash(value, sibling)
        here, last = here >> 1, last >> 1
    if last != 0:
        raise ProofError("The inclusion proof is too short.")
    if value != root:
        raise ProofError("The inclusion proof leads to another root.")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raises ProofError unless the tree of ``new`` begins with the tree of ``old`` (RFC 9162, 2.1.4.2).

    From an empty tree there is nothing to prove, so ``old`` must be at least 1.
    """
    if not 0 < old <= new:
        raise ProofError(f"There is no consistency proof from size {old} to size {new}.")
    if old == new:
        if proof:
            raise ProofError("Two trees of one size need no hashes to prove that they are the same.")
        if old_root != new_root:
            raise ProofError("Two trees of one size have different roots.")
        return
    if not proof:
        raise ProofError("The consistency proof is empty.")
    _require_hashes([old_root, new_root, *proof])
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    if _climb(path, here, last) != (old_root, new_root):
        raise ProofError("The consistency proof leads to other roots.")


def _climb(path: Sequence[bytes], here: int, last: int) -> tuple[bytes, bytes]:
    """The old and the new root that a consistency path leads to."""
    old_value = new_value = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("The consistency proof is too long.")
        if here & 1 or here == last:
            old_value, new_value = node_hash(sibling, old_value), node_hash(sibling, new_value)
            while here and not here & 1:
                here, last = here >> 1, last >> 1
        else:
            new_value = node_hash(new_value, sibling)
        here, last = here >> 1, last >> 1
    if last != 0:
        raise ProofError("The consistency proof is too short.")
    return old_value, new_value
