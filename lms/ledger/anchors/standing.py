"""How much of the log is anchored, by whom, since when, and what is at risk now: the figures behind the words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from lms import clock
from lms.db import db
from lms.ledger.anchors.authorities import Authorities, load_authorities
from lms.ledger.anchors.courses import count_news, find_course, kept_row, pending_row
from lms.ledger.keys import fingerprint_of
from lms.ledger.models import LedgerAnchor, LedgerCheckpoint, LedgerLog, LedgerSigningKey
from lms.ledger.queries import get_log, newest_checkpoint
from lms.ledger.rules.anchoring import EVERY, MAIL, STAMP, next_ask
from lms.ledger.rules.notes import NoteError, VerifierKey
from lms.ledger.rules.stamps import StampError, Worth

LATE_AFTER = 2 * EVERY


@dataclass(frozen=True, slots=True)
class Failure:
    """Tries that have not led to an anchor."""

    tries: int
    tried_at: datetime | None
    error: str | None
    again_at: datetime | None
    """None where this program does not decide it (letters: the outbox does)."""


@dataclass(frozen=True, slots=True)
class Witness:
    """One authority or address."""

    kind: str
    name: str
    configured: bool
    anchors: int
    first_at: datetime | None
    last_at: datetime | None
    size: int
    """How many records its newest anchor covers."""
    worth: Worth | None
    """Of its newest time stamp; None for letters and where there is none."""
    fault: str | None
    """Why its newest time stamp does not hold."""
    root_file: str | None
    failure: Failure | None


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A signing key's public half."""

    verifier: str
    fingerprint: str
    created_at: datetime
    retired_at: datetime | None
    revoked_at: datetime | None
    signs: bool
    """The newest key and the one before it both sign."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of the log and of its anchors at one moment."""

    origin: str
    opened_at: datetime
    records: int
    checkpoint_size: int
    checkpoint_at: datetime | None
    anchored_size: int
    witnesses: tuple[Witness, ...]
    at_risk: int
    """Records beyond every anchor, without those that only tell of anchors."""
    at_risk_since: datetime | None
    keys: tuple[KeyLine, ...]
    configured: bool
    authorities_folder: str
    unreadable_roots: tuple[str, ...]
    read_at: datetime

    @property
    def late(self) -> bool:
        """Whether records wait for an anchor for longer than asking once an hour explains."""
        waits_since = self.at_risk_since
        return self.configured and waits_since is not None and self.read_at - waits_since > LATE_AFTER

    @property
    def failing(self) -> tuple[Witness, ...]:
        """The configured witnesses that something has to be done about."""
        return tuple(
            witness
            for witness in self.witnesses
            if witness.configured
            and (witness.fault is not None or (witness.failure is not None and witness.failure.error is not None))
        )


def read_standing(authorities: Sequence[str], addresses: Sequence[str]) -> Standing:
    """The standing of the application's log, in a handful of statements for each witness.

    Raises NotFound before the log was opened.
    """
    log, checkpoint, files = get_log(), newest_checkpoint(), load_authorities()
    wanted = {STAMP: tuple(authorities), MAIL: tuple(addresses)}
    names = [(kind, name, True) for kind, listed in wanted.items() for name in listed]
    names += [(kind, name, False) for kind, name in _known(log.id) if name not in wanted.get(kind, ())]
    witnesses = tuple(_witness(log, kind, name, set_now, files) for kind, name, set_now in names)
    anchored = max((witness.size for witness in witnesses if witness.fault is None), default=0)
    count, since = count_news(log, anchored)
    return Standing(
        origin=log.origin,
        opened_at=log.opened_at,
        records=log.size,
        checkpoint_size=0 if checkpoint is None else checkpoint.size,
        checkpoint_at=None if checkpoint is None else checkpoint.signed_at,
        anchored_size=anchored,
        witnesses=witnesses,
        at_risk=count,
        at_risk_since=since,
        keys=_keys(log.id),
        configured=bool(authorities or addresses),
        authorities_folder=str(files.folder),
        unreadable_roots=files.unreadable,
        read_at=clock.now(),
    )


def _known(log_id: int) -> list[tuple[str, str]]:
    """Every witness that ever gave an anchor of this log, in the order of the first."""
    query = (
        select(LedgerAnchor.kind, LedgerAnchor.authority)
        .join(LedgerCheckpoint, LedgerCheckpoint.id == LedgerAnchor.checkpoint_id)
        .where(LedgerCheckpoint.log_id == log_id, LedgerAnchor.anchored_at.is_not(None))
        .group_by(LedgerAnchor.kind, LedgerAnchor.authority)
        .order_by(func.min(LedgerAnchor.id))
    )
    return [(kind, authority) for kind, authority in db.session.execute(query)]


def _witness(log: LedgerLog, kind: str, name: str, configured: bool, files: Authorities) -> Witness:
    totals = (
        select(func.count(), func.min(LedgerAnchor.anchored_at))
        .join(LedgerCheckpoint, LedgerCheckpoint.id == LedgerAnchor.checkpoint_id)
        .where(
            LedgerCheckpoint.log_id == log.id,
            LedgerAnchor.kind == kind,
            LedgerAnchor.authority == name,
            LedgerAnchor.anchored_at.is_not(None),
        )
    )
    count, first_at = db.session.execute(totals).one()
    newest = kept_row(log.id, kind, name)
    checkpoint = None if newest is None else db.session.get_one(LedgerCheckpoint, newest.checkpoint_id)
    worth, fault = _worth(newest, checkpoint, files)
    return Witness(
        kind=kind,
        name=name,
        configured=configured,
        anchors=count,
        first_at=first_at,
        last_at=None if newest is None else newest.anchored_at,
        size=0 if checkpoint is None else checkpoint.size,
        worth=worth,
        fault=fault,
        root_file=str(files.file_for(name)) if kind == STAMP else None,
        failure=_failure(log.id, kind, name, 0 if checkpoint is None else checkpoint.size) if configured else None,
    )


def _worth(
    row: LedgerAnchor | None, checkpoint: LedgerCheckpoint | None, files: Authorities
) -> tuple[Worth | None, str | None]:
    if row is None or checkpoint is None or row.kind != STAMP:
        return None, None
    try:
        return files.verify(row.token or b"", checkpoint.note, row.authority)[1], None
    except StampError as error:
        return None, str(error)


def _failure(log_id: int, kind: str, name: str, anchored_size: int) -> Failure | None:
    """The tries since the newest anchor of this witness; None where there are none."""
    pending = pending_row(log_id, kind, name)
    if pending is None:
        return None
    size = db.session.get_one(LedgerCheckpoint, pending.checkpoint_id).size
    if size <= anchored_size:
        return None
    again_at = next_ask(find_course(log_id, kind, name)) if kind == STAMP else None
    return Failure(pending.tries, pending.tried_at, pending.last_error, again_at)


def _keys(log_id: int) -> tuple[KeyLine, ...]:
    query = select(LedgerSigningKey).where(LedgerSigningKey.log_id == log_id).order_by(LedgerSigningKey.id)
    rows = list(db.session.scalars(query))
    signing = [row.id for row in rows if row.revoked_at is None][-2:]
    return tuple(
        KeyLine(
            verifier=row.verifier,
            fingerprint=key_fingerprint(row.verifier),
            created_at=row.created_at,
            retired_at=row.retired_at,
            revoked_at=row.revoked_at,
            signs=row.id in signing,
        )
        for row in rows
    )


def key_fingerprint(verifier: str) -> str:
    """The fingerprint as the backup sheet shows it; words where the key cannot be read."""
    try:
        return fingerprint_of(VerifierKey.parse(verifier))
    except NoteError:
        return "This key cannot be read."
