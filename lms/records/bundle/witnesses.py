"""The checkpoints of a bundle, the proofs between them, and what outside authorities say of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from lms.errors import IntegrityFault
from lms.ledger.models import LedgerAnchor, LedgerCheckpoint
from lms.ledger.rules.disclosures import timestamp
from lms.ledger.rules.notes import VerifierKey, split_note
from lms.records.bundle.archive import BundleArchive, Spool, spool
from lms.records.bundle.plain import json_lines
from lms.records.bundle.proving import Known, consistency_texts
from lms.records.bundle.reading import LogState, iter_checkpoints, last_moment, list_anchors, list_keys


def write_checkpoints(
    archive: BundleArchive, wanted: Sequence[tuple[LogState, set[int]]], authorities: Iterable[Path]
) -> None:
    """Writes the newest checkpoint of each log and those of the sizes wanted, their proofs and their stamps."""
    with spool() as proofs, spool() as anchors:
        for state, sizes in wanted:
            known: list[Known] = []
            for checkpoint in iter_checkpoints(state, sorted(sizes | {state.size})):
                known.append((checkpoint.size, checkpoint.root))
                archive.add(f"checkpoints/{state.folder}{checkpoint.size}.txt", checkpoint.note)
                _write_anchors(archive, anchors, state, checkpoint)
            if not known or known[-1] != (state.size, state.root):
                raise IntegrityFault(f"The checkpoint of {state.origin} changed while it was read.")
            for text in consistency_texts(state, known):
                _list(proofs, text)
        _finish(archive, "checkpoints/consistency.json", proofs)
        _finish(archive, "anchors/index.json", anchors)
    for path in sorted(authorities):
        archive.add(f"anchors/authorities/{_safe(path.name)}", path.read_bytes())


def _write_anchors(archive: BundleArchive, index: Spool, state: LogState, checkpoint: LedgerCheckpoint) -> None:
    for number, anchor in enumerate(list_anchors(checkpoint.id), start=1):
        path = None
        if anchor.token is not None:
            path = f"anchors/{state.folder}{checkpoint.size}-{number}.tsr"
            archive.add(path, anchor.token)
        line = {"log": state.origin, "size": checkpoint.size, "kind": anchor.kind, "authority": _named(anchor)}
        at = None if anchor.anchored_at is None else timestamp(anchor.anchored_at)
        _list(index, json.dumps({**line, "anchored_at": at, "file": path}))


def _named(anchor: LedgerAnchor) -> str:
    """The authority's address; that of a person who gets letters is personal data, and stays in the house."""
    return "a fixed address" if anchor.kind == "mail" else anchor.authority


def _list(file: Spool, text: str) -> None:
    file.write((",\n  " if file.tell() else "\n  ").encode() + text.encode())


def _finish(archive: BundleArchive, path: str, lines: Spool) -> None:
    with spool() as whole:
        whole.write(b"[")
        filled = lines.tell() > 0
        lines.seek(0)
        while block := lines.read(64 * 1024):
            whole.write(block)
        whole.write(b"\n]\n" if filled else b"]\n")
        archive.add_spooled(path, whole)


def _safe(name: str) -> str:
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "-" for letter in name)


def key_history(states: Sequence[LogState]) -> str:
    """The public keys as they stood when the last record of the state was written, and those that signed it."""
    origins = {state.log_id: state.origin for state in states}
    until = last_moment(states[-1])
    if until is None:
        raise IntegrityFault("The last record under the checkpoint is missing.")
    signing = {signature.key_id for state in states for signature in split_note(state.note)[1]}
    return json_lines(
        [
            {
                "log": origins[key.log_id],
                "verifier": key.verifier,
                "created_at": timestamp(key.created_at),
                "retired_at": _by(until, key.retired_at),
                "revoked_at": _by(until, key.revoked_at),
            }
            for key in list_keys(states)
            if key.created_at <= until or VerifierKey.parse(key.verifier).key_id in signing
        ]
    )


def _by(until: datetime, moment: datetime | None) -> str | None:
    return None if moment is None or moment > until else timestamp(moment)
