"""Databases of the measurement's own: made before, dropped after, whatever happened in between."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from sqlalchemy.engine import URL, make_url

from config import normal_database_url

SERVER = os.environ.get("LMS_TEST_POSTGRES") or "postgresql://root@127.0.0.1:5432/postgres"
KINDS = ("sqlite", "postgres")


@contextmanager
def fresh_database(kind: str, folder: Path, name: str) -> Iterator[str]:
    """Address of an empty database of the kind."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / name}.sqlite"
        return
    database = f"rollcall_bench_{name}_{uuid4().hex[:10]}"
    server = make_url(normal_database_url(SERVER))
    with connect(server) as admin:
        admin.execute(f'CREATE DATABASE "{database}"')
    try:
        yield server.set(database=database).render_as_string(hide_password=False)
    finally:
        with connect(server) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def connect(server: URL) -> psycopg.Connection[tuple[object, ...]]:
    """A connection for statements that no transaction may hold."""
    address = server.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True)


def why_not(kind: str) -> str | None:
    """Why this kind cannot be measured here; None where it can."""
    if kind == "sqlite":
        return None
    try:
        connect(make_url(normal_database_url(SERVER))).close()
    except psycopg.Error as error:
        return f"no PostgreSQL at {make_url(SERVER).render_as_string()}: {str(error).splitlines()[0]}"
    return None
