"""Triggers that refuse to change or remove what the ledger holds.

They stop mistakes, not attackers: whoever may alter the tables may drop the triggers first. Attackers are
what the checkpoints, the anchors outside and the receipts are for. The initial migration calls
``append_only_ddl``. The record keys are left out, because disposal empties them.
"""

from __future__ import annotations

TABLES = ("ledger_entry", "ledger_disclosure", "ledger_node", "ledger_checkpoint")
_SAYS = "Ledger records are only ever added, never changed or removed"


def append_only_ddl(dialect: str) -> list[str]:
    """The statements that create the triggers on ``sqlite`` or ``postgresql``; ValueError for any other."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"
            for table in TABLES
            for verb in ("update", "delete")
        ]
    if dialect == "postgresql":
        function = (
            "CREATE OR REPLACE FUNCTION ledger_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$body$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $body$"
        )
        return [function] + [
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_append_only()"
            for table in TABLES
        ]
    raise ValueError(f"There are no append-only triggers for {dialect}.")


def drop_append_only_ddl(dialect: str) -> list[str]:
    """The statements that remove the triggers again, for a migration that rebuilds a table."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for table in TABLES for verb in ("update", "delete")]
    if dialect == "postgresql":
        drops = [f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}" for table in TABLES]
        return [*drops, "DROP FUNCTION IF EXISTS ledger_append_only()"]
    raise ValueError(f"There are no append-only triggers for {dialect}.")
