"""Runs migrations on the app's database.

On SQLite a batch migration rebuilds a table: with foreign keys on, dropping the old one would delete or refuse its
children. They are switched off for the run, before the transaction that Alembic opens, and checked at the end.
"""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from lms.db import Base, db, read_only


def run(connection: Connection) -> None:
    """Migrates over an open connection."""
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=False,
    )
    context.run_migrations()
    if sqlite:
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"The migration would break these references: {broken[:5]}")
    connection.commit()


def main() -> None:
    """Opens the connection; foreign keys are on again on the next one from the pool."""
    assert current_app
    read_only.set(False)
    with db.engine.connect() as connection:
        connection.begin()
        run(connection)
    db.engine.dispose()


main()
