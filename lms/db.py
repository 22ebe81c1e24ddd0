"""The database: one session a request, one naming convention, and safe transactions on SQLite and PostgreSQL.

SQLite runs in WAL with full synchronisation. The driver's own transaction handling is switched off and every
transaction is begun here: ``BEGIN IMMEDIATE`` where a write may follow, because a deferred transaction that reads
first and then writes is refused as "locked" under concurrency; plain ``BEGIN`` for requests that only read.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Engine, MetaData, TypeDecorator, event
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

read_only: ContextVar[bool] = ContextVar("read_only", default=False)
"""True while a request runs that must not write (GET, HEAD); the web layer sets it."""


PRIVATE = 0o600
"""The mode of a file that only its owner may read."""


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time with microseconds, on both databases (SQLite stores none of the zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        """Refuses a naive time; stores UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """Gives back an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _lower(text: str | None) -> str | None:
    return text.lower() if isinstance(text, str) else text


@event.listens_for(Engine, "do_connect")
def _make_private(_dialect: Any, _record: Any, arguments: Any, _options: Any) -> None:
    """Makes a new SQLite file readable to its owner alone; its journal files take over the same mode."""
    path = str(arguments[0]) if _dialect.name == "sqlite" and arguments else ""
    if not path or path == ":memory:" or path.startswith("file:") or os.path.lexists(path):
        return
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))


@event.listens_for(Engine, "connect")
def _connect(connection: Any, _record: Any) -> None:
    """Sets SQLite up for durable, concurrent work."""
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None
    # SQLite lowers ASCII only; a search for "émile" must find Émile.
    connection.create_function("lower", 1, _lower, deterministic=True)
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=20000",
        "cache_size=-16000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    """Begins the transaction that the driver no longer begins."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN" if read_only.get() else "BEGIN IMMEDIATE")
