"""Which record ended an assignment.

Completions are given theirs here, from the attestations. An assignment that another one satisfied before this
migration has no record of its own yet: ``lms init``, which runs this, writes it.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CHECKS = {
    "dates_in_order": "opens_on <= due_on AND due_on <= grace_until",
    "outcome": "outcome IN ('completed', 'declined', 'waived', 'separated', 'satisfied')",
    "closed_with_outcome": "(closed_at IS NULL) = (outcome IS NULL)",
}
"""Those of migration 0001: SQLite's table is built anew, and Alembic would leave them behind."""


def _checks() -> list[sa.CheckConstraint]:
    return [sa.CheckConstraint(rule, name=op.f(f"ck_assignment_{name}")) for name, rule in CHECKS.items()]


def upgrade() -> None:
    with op.batch_alter_table("assignment", table_args=_checks()) as batch:
        batch.add_column(sa.Column("closed_record_id", sa.String(length=36), nullable=True))
        batch.create_foreign_key(
            op.f("fk_assignment_closed_record_id_ledger_entry"), "ledger_entry", ["closed_record_id"], ["record_id"],
            ondelete="RESTRICT",
        )
        batch.create_index(op.f("ix_assignment_closed_record_id"), ["closed_record_id"])
    op.execute(
        "UPDATE assignment SET closed_record_id = "
        "(SELECT record_id FROM attestation WHERE attestation.assignment_id = assignment.id) "
        "WHERE outcome IN ('completed', 'declined') AND satisfied_by_id IS NULL"
    )


def downgrade() -> None:
    with op.batch_alter_table("assignment", table_args=_checks()) as batch:
        batch.drop_index(op.f("ix_assignment_closed_record_id"))
        batch.drop_constraint(op.f("fk_assignment_closed_record_id_ledger_entry"), type_="foreignkey")
        batch.drop_column("closed_record_id")
