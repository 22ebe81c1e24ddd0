"""Prepares the folder of a demonstration, once.

``demo.json`` is written last and says that the folder is whole; ``demo-preparing`` says that it is, or was, being made.
A folder that has neither and is not empty belongs to somebody else and is left alone.
"""

from __future__ import annotations

import gc
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config import Settings
from lms import __version__, clock, create_app
from lms.demo.accounts import FILE, Account, accounts_text, open_accounts, read_accounts
from lms.demo.scale import Say, Scale
from lms.errors import Conflict, RollcallError

if TYPE_CHECKING:
    from flask import Flask

MARKER = "demo.json"
PREPARING = "demo-preparing"
OURS = frozenset(
    {MARKER, PREPARING, FILE, "secret.key", "settings.env", "ledger", "mail", "worker.lock", "rollcall.sqlite"}
    | {f"rollcall.sqlite{end}" for end in ("-wal", "-shm", "-journal")}
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A whole folder, and whether this call made it."""

    settings: Settings
    accounts: list[Account]
    new: bool


def prepare(
    folder: Path,
    say: Say,
    *,
    public_url: str = "http://127.0.0.1:8000",
    people: int = 160,
    years: int = 3,
    seed: int = 110,
    now: datetime | None = None,
) -> Prepared:
    """Prepares the folder, or finds it prepared.

    Raises RollcallError for a folder that is not a demonstration's, Conflict where another process prepares it now.
    """
    folder = folder.resolve()
    if not _is_whole(folder, say):
        _require_ours(folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with _alone(folder):
            _empty(folder, say)
            settings = _make_instance(folder, public_url)
            say(f"Preparing a department of {people} people with {years} years of history in {folder}")
            scale = Scale(people, years, seed, now or clock.now())
            accounts = _make_department(settings, scale, say)
        return Prepared(demo_settings(folder), accounts, new=True)
    return Prepared(demo_settings(folder), read_accounts(folder), new=False)


def demo_settings(folder: Path) -> Settings:
    """The demonstration's own settings; the environment's are left out, so that no other database is ever touched."""
    return Settings.load({}, instance=folder)


def _is_whole(folder: Path, say: Say) -> bool:
    marker = folder / MARKER
    if not marker.is_file():
        return False
    made_by = json.loads(marker.read_text(encoding="utf-8")).get("version")
    if made_by != __version__:
        say(f"{folder} was made by version {made_by}, so it is prepared anew.")
        return False
    return True


def _require_ours(folder: Path) -> None:
    if not folder.exists() or not (names := {path.name for path in folder.iterdir()}):
        return
    if not folder.is_dir() or not ({MARKER, PREPARING} & names) or names - OURS:
        raise RollcallError(
            f"{folder} is not empty and is not a demonstration's folder. Nothing in it was touched. "
            "Name another with --instance."
        )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    from lms.worker import FileLock

    lock = FileLock(folder / PREPARING)
    if not lock.acquire():
        raise Conflict(f"Another “lms demo” is preparing {folder}. Wait for it, or name another folder.")
    try:
        yield
    finally:
        lock.release()


def _empty(folder: Path, say: Say) -> None:
    """Removes what an earlier preparation left behind: names that are ours, and nothing else."""
    left = sorted(path for path in folder.iterdir() if path.name != PREPARING)
    if left:
        say(f"{folder} holds a demonstration that is half prepared or outdated. It is prepared anew.")
    left.sort(key=lambda path: path.name != MARKER)
    for path in left:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _make_instance(folder: Path, public_url: str) -> Settings:
    _write_private(folder / "secret.key", secrets.token_urlsafe(48) + "\n")
    lines = {
        "LMS_DEPARTMENT": "Portland Police Department (demonstration)",
        "LMS_PUBLIC_URL": public_url,
        "LMS_LEDGER_ORIGIN": "portlandpd.example/demo",
        "LMS_MAIL_FROM": "Rollcall <training@portlandpd.example>",
    }
    _write_private(folder / "settings.env", "".join(f"{name}={value}\n" for name, value in lines.items()))
    return demo_settings(folder)


def _make_department(settings: Settings, scale: Scale, say: Say) -> list[Account]:
    from lms.demo.history import make_history
    from lms.ledger.jobs import seal_ledger_job

    folder = settings.instance
    with _quick_app(settings) as app:
        office = make_history(scale, settings.timezone, say)
        accounts = open_accounts(app, settings, office)
        seal_ledger_job(clock.now())
    _write_private(folder / FILE, accounts_text(accounts))
    _sync(folder / "rollcall.sqlite")
    made = {"version": __version__, **asdict(scale), "now": scale.now.isoformat()}
    _write_private(folder / MARKER, json.dumps(made) + "\n")
    (folder / PREPARING).unlink()
    return accounts


@contextmanager
def _quick_app(settings: Settings) -> Iterator[Flask]:
    """The app with cheap hashing and a database that does not wait for the disk: if it fails, all is made anew."""
    from flask_migrate import upgrade
    from sqlalchemy import event

    from lms.db import db
    from lms.web import logs

    app = create_app(replace(settings, password_time_cost=1, password_memory_kib=8))
    logs.configure(quiet=True)
    with app.app_context():
        event.listen(db.engine, "connect", _do_not_wait)
        upgrade()
        db.session().expire_on_commit = False
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            yield app
            with db.engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("ANALYZE")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
                connection.exec_driver_sql("BEGIN")
        finally:
            gc.enable()
            gc.unfreeze()
            db.session.remove()
            db.engine.dispose()


def _do_not_wait(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
