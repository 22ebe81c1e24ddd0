"""The checks of ``lms doctor``: each looks at one thing that must work, and says how to mend it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from config import Settings

LOW_DISK = 500 * 1024 * 1024
CHECKPOINT_AGE = timedelta(minutes=15)
"""The worker seals each minute; a record that waits longer says that it does not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found: ``says`` what is, ``mend`` what to do where it is a fault."""

    name: str
    ok: bool
    says: str
    mend: str = ""


Check = Callable[[Settings], Finding]


def check_folder(settings: Settings) -> Finding:
    """The instance folder and its secret: there, ours, and not open to others."""
    folder, secret = settings.instance, settings.instance / "secret.key"
    if not os.access(folder, os.W_OK | os.X_OK):
        return Finding("folder", False, f"{folder} cannot be written.", "Run this as the user who owns the folder.")
    private = (secret, *sorted(settings.ledger_folder.glob("*.pem")), *sorted(folder.glob("*.sqlite")))
    loose = [path for path in private if path.exists() and _open(path)]
    if loose:
        names = " ".join(str(path) for path in loose)
        return Finding(
            "folder", False, "Other users of this machine can read a key or the database.", f"chmod 600 {names}"
        )
    return Finding("folder", True, f"{folder}, keys and database closed to others")


def _open(path: Path) -> bool:
    return os.name != "nt" and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def check_settings(settings: Settings) -> Finding:
    """Settings that can be used but should not be."""
    if settings.public_url.startswith("https://") and not settings.secure_cookies:
        return Finding("settings", False, "Cookies may travel without encryption.", "Set LMS_SECURE_COOKIES=1.")
    return Finding("settings", True, f"{settings.department}, {settings.timezone}, {settings.public_url}")


def why_not_migrated() -> str | None:
    """Why the tables are not those that this version needs, in a sentence; None where they are."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from lms import resources
    from lms.db import db

    heads = set(ScriptDirectory(str(resources.folder("migrations"))).get_heads())
    stands = set(MigrationContext.configure(db.session.connection()).get_current_heads())
    db.session.rollback()
    if stands == heads:
        return None
    return "The database is not at this version's newest migration. Run: lms init"


def check_database(settings: Settings) -> Finding:  # noqa: ARG001
    """The database answers, and its tables are those of this version."""
    from sqlalchemy.exc import SQLAlchemyError

    from lms.db import db

    try:
        reason = why_not_migrated()
    except SQLAlchemyError as error:
        db.session.rollback()
        return Finding("database", False, f"It does not answer: {_first_line(error)}", "Check LMS_DATABASE_URL.")
    if reason is not None:
        return Finding("database", False, reason.partition(". ")[0] + ".", "lms init")
    return Finding("database", True, f"{db.engine.dialect.name}, at the newest migration")


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]


def check_ledger(settings: Settings) -> Finding:
    """The log is open, and the sealer has the key and the memory that belong to it."""
    from lms.errors import IntegrityFault
    from lms.ledger.queries import find_log
    from lms.ledger.sealer import Sealer

    log = find_log()
    if log is None:
        return Finding("ledger key", False, f"The log {settings.ledger_origin} is not open.", "lms init")
    try:
        sealer = Sealer(settings.ledger_folder, settings.key_passphrase)
        state, keys, files = sealer.state(), sealer.verifiers(), sealer.keys.files()
        if files:
            sealer.keys.signers(settings.ledger_origin)
    except IntegrityFault as fault:
        return Finding("ledger key", False, fault.message, "lms ledger verify, and tell whoever keeps the evidence.")
    if not keys or not files:
        mend = f"Bring back {settings.ledger_folder} from the backup."
        return Finding("ledger key", False, "The signing key is missing.", mend)
    if state is not None and state.size > log.size:
        says = f"A checkpoint over {state.size} records was signed, and the database has {log.size}."
        return Finding("ledger key", False, says, "The database is older than its evidence. See lms ledger continue.")
    if log.closed_at is not None:
        says = f"The log {log.origin} is closed; another one continues it."
        return Finding("ledger key", False, says, "Set LMS_LEDGER_ORIGIN to the open log, as lms ledger continue said.")
    open_files = sum(not file.encrypted for file in files)
    how = f"; {open_files} key files are not encrypted (lms keys protect)" if open_files else "; keys encrypted"
    return Finding("ledger key", True, f"{log.origin}, {log.size} records, {len(keys)} public keys{how}")


def check_checkpoint(settings: Settings) -> Finding:  # noqa: ARG001
    """Every record older than a quarter of an hour is under a signed checkpoint."""
    from lms import clock
    from lms.ledger.queries import find_log, newest_checkpoint

    log, newest = find_log(), newest_checkpoint()
    size = 0 if newest is None else newest.size
    if log is None:
        return Finding("checkpoint", False, "There is no log to sign.", "lms init")
    waiting = log.size - size
    if waiting and log.last_at is not None and clock.now() - log.last_at > CHECKPOINT_AGE:
        return Finding("checkpoint", False, f"{waiting} records wait for a signature.", "lms jobs run seal-ledger")
    signed = "none yet" if newest is None else f"signed {newest.signed_at:%Y-%m-%d %H:%M} UTC over {size} records"
    return Finding("checkpoint", True, signed)


def check_anchors(settings: Settings) -> Finding:
    """Every witness that is set answers; that none is set is said, and is no fault of the machine."""
    from lms.errors import NotFound
    from lms.ledger.anchors.standing import read_standing

    try:
        standing = read_standing(settings.tsa_urls, settings.anchor_mail)
    except NotFound as error:
        return Finding("anchors", False, error.message, "lms init")
    if not standing.configured:
        return Finding("anchors", True, "nobody outside witnesses this log; “lms ledger status” says how")
    if standing.failing:
        names = ", ".join(witness.name for witness in standing.failing)
        return Finding("anchors", False, f"Something is wrong with {names}.", "lms ledger status")
    return Finding("anchors", True, f"{standing.anchored_size} records anchored, {standing.at_risk} not yet")


def check_worker(settings: Settings) -> Finding:  # noqa: ARG001
    """The worker's last run of any job is recent."""
    from lms import clock
    from lms.jobs.queries import worker_is_alive, worker_seen_at

    now, last = clock.now(), worker_seen_at()
    if last is None:
        return Finding("worker", False, "No job has ever run.", "Start it: lms worker (or serve --with-worker)")
    age = now - last
    if not worker_is_alive(now):
        return Finding("worker", False, f"The last job ran {_age(age)} ago.", "Start it: lms worker")
    return Finding("worker", True, f"the last job ran {_age(age)} ago")


def _age(age: timedelta) -> str:
    seconds = max(0, int(age.total_seconds()))
    for length, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length:
            count = seconds // length
            return f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def check_mail(settings: Settings) -> Finding:
    """A mail server is set and answers, or the letters' folder can be written; and no letter is given up."""
    from lms import clock
    from lms.notify.queries import count_failed

    failed = count_failed(since=clock.now() - timedelta(days=7))
    if failed:
        says = f"{failed} letters of the last seven days did not go."
        return Finding("mail", False, says, "The training sergeant's page of notices says why.")
    if settings.smtp_url is None:
        return Finding("mail", True, f"no mail server is set; letters are files in {settings.mail_folder}")
    reason = _why_no_server(settings.smtp_url)
    if reason is not None:
        return Finding("mail", False, f"The mail server does not answer: {reason}", "Check LMS_SMTP_URL.")
    return Finding("mail", True, "the mail server answers")


def _why_no_server(url: str) -> str | None:
    import socket
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    port = parts.port or (465 if parts.scheme == "smtps" else 587 if parts.scheme == "smtp+starttls" else 25)
    try:
        socket.create_connection((parts.hostname or "localhost", port), timeout=5).close()
    except OSError as error:
        return error.strerror or str(error)
    return None


def check_disk(settings: Settings) -> Finding:
    """There is room to write."""
    free = shutil.disk_usage(settings.instance).free
    says = f"{free // (1024 * 1024):,} MB free"
    return Finding("disk", free >= LOW_DISK, says, "Make room: records that cannot be written are refused.")


def check_content(settings: Settings) -> Finding:  # noqa: ARG001
    """A course is published, whole, and asked of somebody."""
    from lms.catalog.queries import current_content, list_courses
    from lms.errors import IntegrityFault
    from lms.training.queries import list_current_requirements

    courses = list_courses()
    if not courses:
        return Finding("content", False, "No course is published.", "lms content publish quizzes/sop-110")
    try:
        titles = [f"{content.title}, version {content.number}" for content in (current_content(c.id) for c in courses)]
    except IntegrityFault as fault:
        return Finding("content", False, fault.message, "lms ledger verify")
    requirements = len(list_current_requirements())
    if not requirements:
        return Finding("content", False, "Nobody is required to take a course.", "lms init sets the default ones.")
    return Finding("content", True, f"{'; '.join(titles)}; {requirements} requirements")


FIRST: tuple[Check, ...] = (check_settings, check_folder, check_disk)
"""Need no database."""
AFTER_DATABASE: tuple[Check, ...] = (
    check_ledger,
    check_checkpoint,
    check_anchors,
    check_worker,
    check_mail,
    check_content,
)
