"""Proofs that leave the house: the C2SP ``tlog-proof@v1`` text, and the fingerprint to compare by eye."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from lms.ledger.rules.notes import VerifierKey, verify_checkpoint
from lms.ledger.rules.tree import HASH_BYTES, ProofError, verify_inclusion

HEADING = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_MOST_HASHES = 64


@dataclass(frozen=True, slots=True)
class TlogProof:
    """An inclusion proof with the signed checkpoint that it leads to."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def verify(self, leaf: bytes, trusted: Sequence[VerifierKey], origin: str) -> None:
        """Raises ProofError or NoteError unless the proof ties ``leaf`` to a checkpoint of ``origin``."""
        checkpoint = verify_checkpoint(self.checkpoint, trusted, origin)
        verify_inclusion(self.index, checkpoint.size, leaf, self.hashes, checkpoint.root)


def write_proof(proof: TlogProof) -> str:
    """The text of a ``.tlog-proof`` file."""
    lines = [HEADING]
    if proof.extra is not None:
        lines.append("extra " + base64.b64encode(proof.extra).decode())
    lines.append(f"index {proof.index}")
    lines.extend(base64.b64encode(value).decode() for value in proof.hashes)
    return "\n".join(lines) + "\n\n" + proof.checkpoint


def parse_proof(text: str) -> TlogProof:
    """Reads a ``.tlog-proof`` file strictly. Nothing of it is verified yet."""
    head, separator, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not separator or lines.pop(0) != HEADING:
        raise ProofError(f"The proof must begin with the line {HEADING}.")
    extra = None
    if lines and lines[0].startswith("extra "):
        extra = _unbase64(lines.pop(0).removeprefix("extra "))
    match = _INDEX.fullmatch(lines.pop(0)) if lines else None
    if match is None:
        raise ProofError("The proof does not say the record's index.")
    if len(lines) > _MOST_HASHES:
        raise ProofError("The proof has too many hashes.")
    hashes = tuple(_unbase64(line) for line in lines)
    if any(len(value) != HASH_BYTES for value in hashes):
        raise ProofError(f"A hash in the proof does not have {HASH_BYTES} bytes.")
    return TlogProof(int(match[1]), hashes, checkpoint, extra)


def _unbase64(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise ProofError("A line of the proof is not base64.") from error
    if base64.b64encode(raw).decode() != text:
        raise ProofError("A line of the proof is not in the one right form of base64.")
    return raw


def fingerprint(leaf: bytes) -> str:
    """The whole leaf hash in groups of four hex digits, so that two can be compared aloud or by eye."""
    text = leaf.hex()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))
