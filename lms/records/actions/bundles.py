"""Asking for a bundle, making it in the background, and removing it after some days.

That a bundle left is a record on the ledger and, where a person asked, a look; both are written in the transaction
that makes the file available. A try that was cut off is made again over the same checkpoint, with the same bytes.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from lms import clock
from lms.audit.actions import begin_look, keep_look
from lms.db import PRIVATE, db, read_only
from lms.errors import Conflict, Invalid, RollcallError
from lms.ledger.actions import append, seal_checkpoint
from lms.ledger.queries import get_log
from lms.ledger.verify import snapshot
from lms.records import evidence
from lms.records.bundle.build import Built, Progress, build_bundle, say_nothing
from lms.records.bundle.place import Folders
from lms.records.bundle.plain import digest_of_file
from lms.records.bundle.reading import find_state, load_states
from lms.records.bundle.redaction import Redaction, parse_redaction
from lms.records.bundle.selection import Selection
from lms.records.models import RecordBundle
from lms.roster.models import Person

MOST_TRIES = 3
PROGRESS_EVERY = 1.0
"""Seconds between two notes of how far a bundle is."""
UNDER_WAY = ("waiting", "making")


def request_bundle(
    by: Person | None,
    *,
    person: Person | None,
    period: Selection | None,
    zone: str,
    purpose: str,
    redaction: str = "",
    at_once: bool = False,
) -> RecordBundle:
    """Asks for all records about ``person`` or of ``period``; the same request is not queued twice.

    ``at_once`` keeps the worker off it, for ``write_bundle``.

    Raises Invalid where no real purpose is stated or the redaction file cannot be used.
    """
    if (person is None) == (period is None):
        raise Invalid("Choose a person or a period.", field="scope")
    look = begin_look(reader_id=0, subject_id=None, what="", purpose=purpose)
    if redaction.strip():
        parse_redaction(redaction)
    bundle = RecordBundle(
        requested_by_id=None if by is None else by.id,
        person_id=None if person is None else person.id,
        since_on=None if period is None else period.since_on,
        until_on=None if period is None else period.until_on,
        zone=zone,
        redaction=redaction if redaction.strip() else None,
        purpose=look.purpose,
        requested_at=clock.now(),
        state="taking" if at_once else "waiting",
    )
    asked = ("requested_by_id", "person_id", "since_on", "until_on", "redaction", "purpose")
    same = select(RecordBundle).where(RecordBundle.state.in_(UNDER_WAY))
    for name in asked:
        same = same.where(getattr(RecordBundle, name).is_not_distinct_from(getattr(bundle, name)))
    found = None if at_once else db.session.scalar(same.limit(1))
    if found is not None:
        return found
    db.session.add(bundle)
    db.session.flush()
    return bundle


def selection_of(bundle: RecordBundle) -> Selection:
    """What a request is about."""
    if bundle.person_id is not None:
        return Selection(subject=f"person:{bundle.person_id}")
    return Selection(since_on=bundle.since_on, until_on=bundle.until_on, zone=bundle.zone)


def redaction_of(bundle: RecordBundle) -> Redaction:
    """The rules of a request."""
    return Redaction() if bundle.redaction is None else parse_redaction(bundle.redaction)


def state_size() -> int:
    """The size of the checkpoint over which a bundle is made now; signs one where new records wait for it. Commits."""
    found = find_state()
    if found is None:
        db.session.commit()
        seal_checkpoint()
        db.session.commit()
        found = find_state()
    if found is None:
        raise Conflict("The log has no signed checkpoint yet. The worker signs one each minute; try again then.")
    return found.size


def make_next_bundle(folders: Folders) -> RecordBundle | None:
    """Makes the oldest bundle that waits, or that a crash cut off; None where there is none. Commits."""
    bundle = db.session.scalar(
        select(RecordBundle).where(RecordBundle.state.in_(UNDER_WAY)).order_by(RecordBundle.id).limit(1)
    )
    if bundle is None:
        return None
    bundle_id, selection, redaction = bundle.id, selection_of(bundle), redaction_of(bundle)
    bundle.tries, bundle.state, bundle.done = bundle.tries + 1, "making", 0
    if bundle.tries > MOST_TRIES:
        bundle.state, bundle.finished_at = "refused", clock.now()
        bundle.fault = f"Making it was cut off {MOST_TRIES} times. Ask the administrator to look at the server's log."
        db.session.commit()
        _discard(folders.file_of(bundle_id))
        return bundle
    db.session.commit()
    try:
        size = bundle.size or state_size()
        bundle.size = size
        db.session.commit()
        folders.bundles.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folders.file_of(bundle_id)
        progress = _Noting(bundle_id)
        built = _write(path, size, selection, redaction, certificates=folders.certificates(), progress=progress)
        path.with_suffix(".part").replace(path)
        _finish(bundle_id, built, digest_of_file(path), "ready")
    except RollcallError as error:
        db.session.rollback()
        bundle = db.session.get_one(RecordBundle, bundle_id)
        bundle.state, bundle.fault, bundle.finished_at = "refused", error.message, clock.now()
        _discard(folders.file_of(bundle_id))
    db.session.commit()
    return db.session.get_one(RecordBundle, bundle_id)


def _discard(path: Path) -> None:
    """What was made for a bundle that was refused: it holds personal data, and nobody is to fetch it."""
    path.unlink(missing_ok=True)
    path.with_suffix(".part").unlink(missing_ok=True)


def write_bundle(bundle: RecordBundle, out: Path, folders: Folders, size: int | None = None) -> RecordBundle:
    """Makes a requested bundle at once, to ``out``. Commits before the file gets its name.

    ``size`` is that of an earlier checkpoint, to make the same bundle once more.
    """
    selection, redaction = selection_of(bundle), redaction_of(bundle)
    bundle.size = size or state_size()
    wanted, bundle_id = bundle.size, bundle.id
    db.session.commit()
    part = out.with_suffix(".part")
    try:
        certificates = folders.certificates()
        built = _write(out, wanted, selection, redaction, certificates=certificates, progress=say_nothing)
        _finish(bundle_id, built, digest_of_file(part), "taken")
        db.session.commit()
    except BaseException:
        db.session.rollback()
        with suppress(FileNotFoundError):
            part.unlink()
        db.session.delete(db.session.get_one(RecordBundle, bundle_id))
        db.session.commit()
        raise
    part.replace(out)
    return db.session.get_one(RecordBundle, bundle_id)


def _write(
    path: Path, size: int, selection: Selection, redaction: Redaction, *, certificates: list[Path], progress: Progress
) -> Built:
    """Writes the bundle beside ``path``, readable to its owner alone, whole and on the disk."""
    part = path.with_suffix(".part")
    with suppress(FileNotFoundError):
        part.unlink()
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), PRIVATE)
    try:
        with os.fdopen(descriptor, "wb") as file, snapshot():
            states = load_states(size)
            built = build_bundle(file, states, selection, redaction, authorities=certificates, progress=progress)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with suppress(FileNotFoundError):
            part.unlink()
        raise
    return built


class _Noting:
    """Notes how far a bundle is, on a connection of its own, at most once a second."""

    def __init__(self, bundle_id: int) -> None:
        self._id = bundle_id
        self._last = -PROGRESS_EVERY

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._last < PROGRESS_EVERY:
            return
        self._last = now
        token = read_only.set(False)
        try:
            with db.engine.begin() as connection:
                connection.execute(
                    update(RecordBundle).where(RecordBundle.id == self._id).values(done=done, total=total)
                )
        finally:
            read_only.reset(token)


def _finish(bundle_id: int, built: Built, sha256: str, state: str) -> None:
    """Records that the bundle leaves, and makes it available; nothing where that was done already."""
    bundle = db.session.scalars(select(RecordBundle).where(RecordBundle.id == bundle_id).with_for_update()).one()
    if bundle.record_id is not None:
        return
    bundle.state, bundle.fault, bundle.finished_at, bundle.log = state, None, clock.now(), get_log().origin
    bundle.count, bundle.withheld, bundle.bytes, bundle.sha256 = built.records, built.withheld, built.bytes, sha256
    bundle.done = bundle.total = built.records
    fields = {**evidence.fields_of_bundle(bundle), "purpose": bundle.purpose}
    by = None if bundle.requested_by_id is None else db.session.get(Person, bundle.requested_by_id)
    look = None
    if by is not None:
        what = f"Evidence bundle of {built.records} records, {evidence.selected_in_words(bundle)}"
        look = begin_look(reader_id=by.id, subject_id=bundle.person_id, what=what, purpose=bundle.purpose)
        fields |= evidence.fields_of_look(look)
    fields["exported_by"] = "command line" if by is None else by.full_name
    fields["exported_by_badge"] = None if by is None else by.badge
    subject = None if bundle.person_id is None else f"person:{bundle.person_id}"
    bundle.record_id = append(kind=evidence.EXPORTED, subject=subject, fields=fields).record_id
    if look is not None:
        keep_look(look, bundle.record_id)
    db.session.flush()


def remove_old_bundles(now: datetime, days: int, folders: Folders) -> int:
    """Removes the files of bundles that have been ready for ``days``; the rows and the records stay. Commits."""
    old = select(RecordBundle).where(
        RecordBundle.state == "ready", RecordBundle.finished_at <= now - timedelta(days=days)
    )
    count = 0
    for bundle in db.session.scalars(old).all():
        with suppress(FileNotFoundError):
            folders.file_of(bundle.id).unlink()
        bundle.state = "removed"
        count += 1
    db.session.commit()
    return count
