"""The anchors' part of the whole-log audit: every stored token, every bracket, and the records of both."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from lms.db import db
from lms.ledger.anchors.authorities import load_authorities
from lms.ledger.audit_tree import Fault
from lms.ledger.models import LedgerAnchor, LedgerCheckpoint, LedgerEntry, LedgerLog
from lms.ledger.opened import Disclosed
from lms.ledger.rules.anchoring import RECORD_KIND, STAMP
from lms.ledger.rules.brackets import NO_GRANT, Brackets, Stamp, out_of_order
from lms.ledger.rules.disclosures import timestamp
from lms.ledger.rules.entries import SIGNING_WINDOW, WINDOWED_METHOD
from lms.ledger.rules.stamps import StampError, Token, Worth

PAGE = 200

Key = tuple[int, str, str]
"""Size of the checkpoint, kind and name of the witness."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a stored anchor says that its record must say too."""

    anchored_at: datetime | None
    serial: str | None
    token_sha256: str | None


def granted(disclosed: Disclosed | None) -> timedelta:
    """How much earlier than its place a record may be dated: a signature by passkey, or one we can no longer read."""
    if disclosed is None or disclosed.proof is None or disclosed.proof.get("method") == WINDOWED_METHOD:
        return SIGNING_WINDOW
    return NO_GRANT


class AnchorAudit:
    """Verifies the anchors of one log, then holds each record to its bracket.

    ``verified`` counts tokens that a root on file confirms; ``unverified`` counts those of authorities without one.
    """

    def __init__(self, log: LedgerLog) -> None:
        self.log_id, self.origin = log.id, log.origin
        self.verified = 0
        self.letters = 0
        self.unverified: dict[str, int] = {}
        self._rows: dict[Key, _Kept] = {}
        self._disposed = 0
        self._brackets = Brackets([])
        self._bracket, self._from, self._until = self._brackets.span(0)

    def start(self) -> Iterator[Fault]:
        """Verifies every stored anchor; the verified stamps make the brackets."""
        authorities, stamps, last = load_authorities(), list[Stamp](), 0
        for name in authorities.unreadable:
            yield Fault(None, None, f"authorities/{name}", "This root certificate cannot be read.")
        while True:
            rows = db.session.execute(self._page(last)).all()
            for anchor, checkpoint in rows:
                last = anchor.id
                if anchor.anchored_at is None and anchor.token is None:
                    continue
                where = f"anchor {anchor.id} of checkpoint {checkpoint.size}, {anchor.authority}"
                token: Token | None = None
                if anchor.kind == STAMP:
                    try:
                        token, worth = authorities.verify(anchor.token or b"", checkpoint.note, anchor.authority)
                    except StampError as error:
                        yield Fault(None, checkpoint.size - 1, where, str(error))
                    else:
                        stamps += self._count(anchor.authority, checkpoint.size, token, worth)
                        if anchor.anchored_at != token.stamped_at:
                            what = f"The table says {anchor.anchored_at}, the time stamp {token.stamped_at}."
                            yield Fault(None, checkpoint.size - 1, where, what)
                else:
                    self.letters += 1
                self._remember(anchor, checkpoint, token)
            if len(rows) < PAGE:
                break
        yield from self._order(stamps)
        self._brackets = Brackets(stamps)
        self._bracket, self._from, self._until = self._brackets.span(0)

    def _page(self, last: int) -> Any:
        query = (
            select(LedgerAnchor, LedgerCheckpoint)
            .join(LedgerCheckpoint, LedgerCheckpoint.id == LedgerAnchor.checkpoint_id)
            .where(LedgerCheckpoint.log_id == self.log_id, LedgerAnchor.id > last)
            .order_by(LedgerAnchor.id)
            .limit(PAGE)
        )
        return query.execution_options(populate_existing=True)

    def _count(self, authority: str, size: int, token: Token, worth: Worth) -> list[Stamp]:
        if worth is Worth.VERIFIED:
            self.verified += 1
            return [Stamp(size, token.stamped_at)]
        self.unverified[authority] = self.unverified.get(authority, 0) + 1
        return []

    def _remember(self, anchor: LedgerAnchor, checkpoint: LedgerCheckpoint, token: Token | None) -> None:
        digest = None if anchor.token is None else sha256(anchor.token).hexdigest()
        serial = None if token is None else token.serial
        self._rows[checkpoint.size, anchor.kind, anchor.authority] = _Kept(anchor.anchored_at, serial, digest)

    @staticmethod
    def _order(stamps: list[Stamp]) -> Iterator[Fault]:
        for smaller, larger in out_of_order(stamps):
            what = (
                f"The first {larger.size} records were stamped at {larger.stamped_at}, but the first {smaller.size} "
                f"only at {smaller.stamped_at}: one of the two checkpoints is not of this log's history."
            )
            yield Fault(None, larger.size - 1, f"anchors of checkpoint {larger.size}", what)

    def add(self, stored: LedgerEntry, disclosed: Disclosed | None) -> Iterator[Fault]:
        """Holds one record, in the order of the log, to its bracket; a record of an anchor also to what is stored."""
        if not self._from <= stored.position < self._until:
            self._bracket, self._from, self._until = self._brackets.span(stored.position)
        if self._bracket.fault(stored.at) is not None:
            what = self._bracket.fault(stored.at, granted(disclosed))
            yield from () if what is None else (Fault(stored.record_id, stored.position, "at", what),)
        if stored.kind == RECORD_KIND:
            self._disposed += disclosed is None
            yield from () if disclosed is None else self._compare(stored, disclosed)

    def _compare(self, stored: LedgerEntry, disclosed: Disclosed) -> Iterator[Fault]:
        size, kind, authority = (disclosed.get(name) for name in ("checkpoint_size", "kind", "authority"))
        row = self._rows.pop((size, kind, authority), None)  # type: ignore[arg-type]
        if row is None:
            what = f"The anchor of checkpoint {size} by {authority} that this record tells of is gone."
            yield Fault(stored.record_id, stored.position, "ledger_anchor", what)
            return
        beside = {"stamped_at": None if row.anchored_at is None else timestamp(row.anchored_at)}
        beside["token_sha256"] = row.token_sha256
        if row.serial is not None:
            beside["serial"] = row.serial
        beside |= self._checkpoint_of(disclosed.get("checkpoint_size"))
        for name, value in beside.items():
            if disclosed.get(name) != value:
                what = f"The record says {disclosed.get(name)!r}, the stored anchor {value!r}."
                yield Fault(stored.record_id, stored.position, f"ledger_anchor: {name}", what)

    def _checkpoint_of(self, size: Any) -> dict[str, str | None]:
        found = db.session.execute(
            select(LedgerCheckpoint.root, LedgerCheckpoint.note).where(
                LedgerCheckpoint.log_id == self.log_id, LedgerCheckpoint.size == size
            )
        ).one_or_none()
        if found is None:
            return {"checkpoint_sha256": None}
        root, note = found
        return {
            "checkpoint_root": base64.b64encode(root).decode(),
            "checkpoint_sha256": sha256(note.encode()).hexdigest(),
        }

    def finish(self) -> Iterator[Fault]:
        """Anchors of which no record tells. Stored beside the log after the fact, they would witness nothing."""
        if len(self._rows) <= self._disposed:
            return
        for size, _kind, authority in sorted(self._rows):
            where = f"anchor of checkpoint {size}, {authority}"
            yield Fault(None, size - 1, where, "The ledger has no record of this anchor.")


def stray_anchors() -> Iterator[Fault]:
    """Anchors that name no checkpoint of any log."""
    strays = select(LedgerAnchor.id, LedgerAnchor.checkpoint_id, LedgerAnchor.authority).where(
        LedgerAnchor.checkpoint_id.not_in(select(LedgerCheckpoint.id))
    )
    for anchor_id, checkpoint_id, authority in db.session.execute(strays.order_by(LedgerAnchor.id)):
        what = f"The anchor names checkpoint row {checkpoint_id}, which is not in the database."
        yield Fault(None, None, f"anchor {anchor_id}, {authority}", what)
