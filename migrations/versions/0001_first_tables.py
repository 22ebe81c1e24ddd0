"""The first tables, and the triggers that keep ledger rows from being changed by mistake.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from lms.ledger.triggers import append_only_ddl

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table('course',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_course')),
    sa.UniqueConstraint('slug', name=op.f('uq_course_slug'))
    )
    op.create_table('job_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('failed', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_job_run'))
    )
    op.create_index('ix_job_run_name_started_at', 'job_run', ['name', 'started_at'], unique=False)
    op.create_table('ledger_log',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('origin', sa.String(length=200), nullable=False),
    sa.Column('size', BIG_ID, nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('frontier', sa.LargeBinary(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('continues', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_log')),
    sa.UniqueConstraint('origin', name=op.f('uq_ledger_log_origin'))
    )
    op.create_table('sign_in_lock',
    sa.Column('name_hash', sa.String(length=64), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.Column('last_failed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name_hash', name=op.f('pk_sign_in_lock'))
    )
    op.create_table('unit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['parent_id'], ['unit.id'], name=op.f('fk_unit_parent_id_unit'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unit')),
    sa.UniqueConstraint('name', name=op.f('uq_unit_name'))
    )
    op.create_table('ledger_checkpoint',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('log_id', sa.Integer(), nullable=False),
    sa.Column('size', BIG_ID, nullable=False),
    sa.Column('root', sa.LargeBinary(length=32), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['log_id'], ['ledger_log.id'], name=op.f('fk_ledger_checkpoint_log_id_ledger_log'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_checkpoint')),
    sa.UniqueConstraint('log_id', 'size', name=op.f('uq_ledger_checkpoint_log_id_size'))
    )
    op.create_table('ledger_entry',
    sa.Column('id', BIG_ID, nullable=False),
    sa.Column('log_id', sa.Integer(), nullable=False),
    sa.Column('position', BIG_ID, nullable=False),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=60), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=True),
    sa.Column('subject_seq', sa.Integer(), nullable=True),
    sa.Column('entry', sa.Text(), nullable=False),
    sa.Column('leaf_hash', sa.LargeBinary(length=32), nullable=False),
    sa.Column('supersedes', sa.String(length=36), nullable=True),
    sa.ForeignKeyConstraint(['log_id'], ['ledger_log.id'], name=op.f('fk_ledger_entry_log_id_ledger_log'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entry')),
    sa.UniqueConstraint('log_id', 'position', name=op.f('uq_ledger_entry_log_id_position')),
    sa.UniqueConstraint('log_id', 'subject', 'subject_seq', name=op.f('uq_ledger_entry_log_id_subject_subject_seq')),
    sa.UniqueConstraint('record_id', name=op.f('uq_ledger_entry_record_id'))
    )
    op.create_index('ix_ledger_entry_kind', 'ledger_entry', ['kind', 'id'], unique=False)
    op.create_index('ix_ledger_entry_subject', 'ledger_entry', ['subject', 'id'], unique=False)
    op.create_table('ledger_node',
    sa.Column('log_id', sa.Integer(), nullable=False),
    sa.Column('level', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('position', BIG_ID, autoincrement=False, nullable=False),
    sa.Column('hash', sa.LargeBinary(length=32), nullable=False),
    sa.ForeignKeyConstraint(['log_id'], ['ledger_log.id'], name=op.f('fk_ledger_node_log_id_ledger_log'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('log_id', 'level', 'position', name=op.f('pk_ledger_node'))
    )
    op.create_table('ledger_signing_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('log_id', sa.Integer(), nullable=False),
    sa.Column('verifier', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('retired_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['log_id'], ['ledger_log.id'], name=op.f('fk_ledger_signing_key_log_id_ledger_log'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_signing_key')),
    sa.UniqueConstraint('verifier', name=op.f('uq_ledger_signing_key_verifier'))
    )
    op.create_table('person',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('badge', sa.String(length=20), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('given_name', sa.String(length=80), nullable=False),
    sa.Column('family_name', sa.String(length=80), nullable=False),
    sa.Column('former_names', sa.Text(), nullable=False),
    sa.Column('rank', sa.String(length=60), nullable=False),
    sa.Column('unit_id', sa.Integer(), nullable=False),
    sa.Column('supervisor_id', sa.Integer(), nullable=True),
    sa.Column('flags', sa.JSON(), nullable=False),
    sa.Column('hired_on', sa.Date(), nullable=False),
    sa.Column('rehired_on', sa.Date(), nullable=True),
    sa.Column('separated_on', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['supervisor_id'], ['person.id'], name=op.f('fk_person_supervisor_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unit_id'], ['unit.id'], name=op.f('fk_person_unit_id_unit'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person')),
    sa.UniqueConstraint('badge', name=op.f('uq_person_badge')),
    sa.UniqueConstraint('email', name=op.f('uq_person_email'))
    )
    op.create_index('ix_person_name', 'person', ['family_name', 'given_name'], unique=False)
    op.create_index(op.f('ix_person_supervisor_id'), 'person', ['supervisor_id'], unique=False)
    op.create_index(op.f('ix_person_unit_id'), 'person', ['unit_id'], unique=False)
    op.create_table('requirement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('course_id', sa.Integer(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_requirement_course_id_course'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_requirement')),
    sa.UniqueConstraint('slug', name=op.f('uq_requirement_slug'))
    )
    op.create_table('leave',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('applied_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_leave_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_leave'))
    )
    op.create_index('ix_leave_person_id_starts_on', 'leave', ['person_id', 'starts_on'], unique=False)
    op.create_table('ledger_anchor',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('checkpoint_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('authority', sa.String(length=300), nullable=False),
    sa.Column('token', sa.LargeBinary(), nullable=True),
    sa.Column('anchored_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['checkpoint_id'], ['ledger_checkpoint.id'], name=op.f('fk_ledger_anchor_checkpoint_id_ledger_checkpoint'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_anchor')),
    sa.UniqueConstraint('checkpoint_id', 'kind', 'authority', name=op.f('uq_ledger_anchor_checkpoint_id_kind_authority'))
    )
    op.create_table('ledger_disclosure',
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.Column('nonce', sa.LargeBinary(length=12), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_ledger_disclosure_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('record_id', name=op.f('pk_ledger_disclosure'))
    )
    op.create_table('ledger_hold',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subject', sa.String(length=60), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.Column('placed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('released_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_ledger_hold_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_hold'))
    )
    op.create_index(op.f('ix_ledger_hold_subject'), 'ledger_hold', ['subject'], unique=False)
    op.create_table('ledger_record_key',
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.Column('key', sa.LargeBinary(length=32), nullable=True),
    sa.Column('destroyed_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_ledger_record_key_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('record_id', name=op.f('pk_ledger_record_key'))
    )
    op.create_table('outbox_message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('dedupe_key', sa.String(length=120), nullable=False),
    sa.Column('topic', sa.String(length=30), nullable=False),
    sa.Column('topic_id', sa.Integer(), nullable=True),
    sa.Column('stage', sa.String(length=30), nullable=False),
    sa.Column('to_address', sa.String(length=254), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('body_text', sa.Text(), nullable=False),
    sa.Column('message_id', sa.String(length=200), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('not_before', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('claimed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('dropped_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failed', sa.Boolean(), nullable=False),
    sa.Column('confidential', sa.Boolean(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_outbox_message_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox_message')),
    sa.UniqueConstraint('dedupe_key', name=op.f('uq_outbox_message_dedupe_key')),
    sa.UniqueConstraint('message_id', name=op.f('uq_outbox_message_message_id'))
    )
    op.create_index(op.f('ix_outbox_message_person_id'), 'outbox_message', ['person_id'], unique=False)
    op.create_index('ix_outbox_message_topic', 'outbox_message', ['topic', 'topic_id'], unique=False)
    op.create_index('ix_outbox_message_waiting', 'outbox_message', ['sent_at', 'dropped_at', 'not_before'], unique=False)
    op.create_table('passkey_credential',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('credential_id', sa.LargeBinary(), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('sign_count', sa.Integer(), nullable=False),
    sa.Column('label', sa.String(length=80), nullable=False),
    sa.Column('enrolled_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('removed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_passkey_credential_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_passkey_credential_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkey_credential')),
    sa.UniqueConstraint('credential_id', name=op.f('uq_passkey_credential_credential_id'))
    )
    op.create_index(op.f('ix_passkey_credential_person_id'), 'passkey_credential', ['person_id'], unique=False)
    op.create_table('password_credential',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(length=300), nullable=False),
    sa.Column('set_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_password_credential_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('person_id', name=op.f('pk_password_credential'))
    )
    op.create_table('password_link',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_password_link_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_password_link')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_password_link_token_hash'))
    )
    op.create_index(op.f('ix_password_link_person_id'), 'password_link', ['person_id'], unique=False)
    op.create_table('policy_document',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=60), nullable=False),
    sa.Column('number', sa.String(length=20), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('owner_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['owner_id'], ['person.id'], name=op.f('fk_policy_document_owner_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_document')),
    sa.UniqueConstraint('slug', name=op.f('uq_policy_document_slug'))
    )
    op.create_table('record_look',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('reader_id', sa.Integer(), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=True),
    sa.Column('what', sa.String(length=200), nullable=False),
    sa.Column('purpose', sa.Text(), nullable=False),
    sa.Column('looked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_record_look_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['reader_id'], ['person.id'], name=op.f('fk_record_look_reader_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['subject_id'], ['person.id'], name=op.f('fk_record_look_subject_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_record_look')),
    sa.UniqueConstraint('record_id', name=op.f('uq_record_look_record_id'))
    )
    op.create_index(op.f('ix_record_look_looked_at'), 'record_look', ['looked_at'], unique=False)
    op.create_index(op.f('ix_record_look_reader_id'), 'record_look', ['reader_id'], unique=False)
    op.create_index('ix_record_look_subject_id_looked_at', 'record_look', ['subject_id', 'looked_at'], unique=False)
    op.create_table('requirement_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('requirement_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('cadence', sa.String(length=20), nullable=False),
    sa.Column('path', sa.String(length=20), nullable=False),
    sa.Column('rule', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['created_by_id'], ['person.id'], name=op.f('fk_requirement_version_created_by_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_requirement_version_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['requirement_id'], ['requirement.id'], name=op.f('fk_requirement_version_requirement_id_requirement'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_requirement_version')),
    sa.UniqueConstraint('record_id', name=op.f('uq_requirement_version_record_id')),
    sa.UniqueConstraint('requirement_id', 'number', name=op.f('uq_requirement_version_requirement_id_number'))
    )
    op.create_table('role_grant',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=30), nullable=False),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('granted_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['granted_by_id'], ['person.id'], name=op.f('fk_role_grant_granted_by_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_role_grant_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_grant')),
    sa.UniqueConstraint('person_id', 'role', name=op.f('uq_role_grant_person_id_role'))
    )
    op.create_table('sign_in_session',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ip', sa.String(length=45), nullable=False),
    sa.Column('user_agent', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_sign_in_session_person_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_sign_in_session_token_hash'))
    )
    op.create_index(op.f('ix_sign_in_session_person_id'), 'sign_in_session', ['person_id'], unique=False)
    op.create_table('assignment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('requirement_id', sa.Integer(), nullable=False),
    sa.Column('requirement_version_id', sa.Integer(), nullable=False),
    sa.Column('course_id', sa.Integer(), nullable=False),
    sa.Column('cycle', sa.String(length=30), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('path', sa.String(length=20), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('counts_from_on', sa.Date(), nullable=False),
    sa.Column('original_due_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('grace_until', sa.Date(), nullable=False),
    sa.Column('valid_through', sa.Date(), nullable=True),
    sa.Column('why', sa.Text(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(length=20), nullable=True),
    sa.Column('satisfied_by_id', sa.Integer(), nullable=True),
    sa.Column('capstone_passed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('capstone_record_id', sa.String(length=36), nullable=True),
    sa.Column('capstone_summary', sa.JSON(), nullable=True),
    sa.Column('remediation', sa.JSON(), nullable=False),
    sa.Column('awaiting_witnesses', sa.Boolean(), nullable=False),
    sa.CheckConstraint("outcome IN ('completed', 'declined', 'waived', 'separated', 'satisfied')", name=op.f('ck_assignment_outcome')),
    sa.CheckConstraint('(closed_at IS NULL) = (outcome IS NULL)', name=op.f('ck_assignment_closed_with_outcome')),
    sa.CheckConstraint('opens_on <= due_on AND due_on <= grace_until', name=op.f('ck_assignment_dates_in_order')),
    sa.ForeignKeyConstraint(['capstone_record_id'], ['ledger_entry.record_id'], name=op.f('fk_assignment_capstone_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_assignment_course_id_course'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_assignment_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['requirement_id'], ['requirement.id'], name=op.f('fk_assignment_requirement_id_requirement'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['requirement_version_id'], ['requirement_version.id'], name=op.f('fk_assignment_requirement_version_id_requirement_version'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['satisfied_by_id'], ['assignment.id'], name=op.f('fk_assignment_satisfied_by_id_assignment'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment')),
    sa.UniqueConstraint('person_id', 'requirement_id', 'cycle', name=op.f('uq_assignment_person_id_requirement_id_cycle'))
    )
    op.create_index('ix_assignment_open', 'assignment', ['closed_at', 'due_on'], unique=False)
    op.create_index(op.f('ix_assignment_person_id'), 'assignment', ['person_id'], unique=False)
    op.create_index('ix_assignment_requirement_id_cycle', 'assignment', ['requirement_id', 'cycle'], unique=False)
    op.create_table('policy_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('document_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('revised_on', sa.Date(), nullable=False),
    sa.Column('review_months', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('canonical', sa.Text(), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['document_id'], ['policy_document.id'], name=op.f('fk_policy_version_document_id_policy_document'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_policy_version_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_version')),
    sa.UniqueConstraint('record_id', name=op.f('uq_policy_version_record_id')),
    sa.UniqueConstraint('document_id', 'number', name=op.f('uq_policy_version_document_id_number'))
    )
    op.create_table('attempt_unlock',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('unlocked_by_id', sa.Integer(), nullable=False),
    sa.Column('unlocked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_attempt_unlock_assignment_id_assignment'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_attempt_unlock_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['unlocked_by_id'], ['person.id'], name=op.f('fk_attempt_unlock_unlocked_by_id_person'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt_unlock')),
    sa.UniqueConstraint('record_id', name=op.f('uq_attempt_unlock_record_id'))
    )
    op.create_index(op.f('ix_attempt_unlock_assignment_id'), 'attempt_unlock', ['assignment_id'], unique=False)
    op.create_table('clause',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('ref', sa.String(length=30), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('taught', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['policy_version.id'], name=op.f('fk_clause_version_id_policy_version'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clause')),
    sa.UniqueConstraint('version_id', 'position', name=op.f('uq_clause_version_id_position')),
    sa.UniqueConstraint('version_id', 'ref', name=op.f('uq_clause_version_id_ref'))
    )
    op.create_table('course_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('course_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('policy_version_id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['course_id'], ['course.id'], name=op.f('fk_course_version_course_id_course'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['policy_version_id'], ['policy_version.id'], name=op.f('fk_course_version_policy_version_id_policy_version'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_course_version_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_course_version')),
    sa.UniqueConstraint('record_id', name=op.f('uq_course_version_record_id')),
    sa.UniqueConstraint('course_id', 'number', name=op.f('uq_course_version_course_id_number'))
    )
    op.create_table('extension',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('from_on', sa.Date(), nullable=False),
    sa.Column('until_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('granted_by_id', sa.Integer(), nullable=True),
    sa.Column('granted_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_extension_assignment_id_assignment'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['granted_by_id'], ['person.id'], name=op.f('fk_extension_granted_by_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_extension_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_extension')),
    sa.UniqueConstraint('record_id', name=op.f('uq_extension_record_id'))
    )
    op.create_index(op.f('ix_extension_assignment_id'), 'extension', ['assignment_id'], unique=False)
    op.create_table('policy_review',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('flagged_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.String(length=30), nullable=True),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_policy_review_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['version_id'], ['policy_version.id'], name=op.f('fk_policy_review_version_id_policy_version'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_review')),
    sa.UniqueConstraint('record_id', name=op.f('uq_policy_review_record_id')),
    sa.UniqueConstraint('version_id', 'due_on', name=op.f('uq_policy_review_version_id_due_on'))
    )
    op.create_table('waiver',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('approved_by_id', sa.Integer(), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['approved_by_id'], ['person.id'], name=op.f('fk_waiver_approved_by_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_waiver_assignment_id_assignment'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_waiver_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiver')),
    sa.UniqueConstraint('record_id', name=op.f('uq_waiver_record_id')),
    sa.UniqueConstraint('assignment_id', name=op.f('uq_waiver_assignment_id'))
    )
    op.create_table('attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('course_version_id', sa.Integer(), nullable=False),
    sa.Column('module_ref', sa.String(length=20), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('form_ref', sa.String(length=80), nullable=False),
    sa.Column('presented', sa.JSON(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('correct', sa.Integer(), nullable=True),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('passed', sa.Boolean(), nullable=True),
    sa.Column('missed', sa.JSON(), nullable=True),
    sa.Column('record_id', sa.String(length=36), nullable=True),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_attempt_assignment_id_assignment'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['course_version_id'], ['course_version.id'], name=op.f('fk_attempt_course_version_id_course_version'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_attempt_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_attempt_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt')),
    sa.UniqueConstraint('assignment_id', 'module_ref', 'kind', 'number', name=op.f('uq_attempt_assignment_id_module_ref_kind_number')),
    sa.UniqueConstraint('record_id', name=op.f('uq_attempt_record_id'))
    )
    op.create_index('ix_attempt_finished_at', 'attempt', ['finished_at'], unique=False)
    op.create_index(op.f('ix_attempt_person_id'), 'attempt', ['person_id'], unique=False)
    op.create_table('attestation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('policy_version_id', sa.Integer(), nullable=False),
    sa.Column('course_version_id', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=20), nullable=False),
    sa.Column('statement', sa.Text(), nullable=False),
    sa.Column('training_named', sa.Text(), nullable=False),
    sa.Column('printed_name', sa.String(length=170), nullable=False),
    sa.Column('badge', sa.String(length=20), nullable=False),
    sa.Column('method', sa.String(length=30), nullable=False),
    sa.Column('on_duty', sa.Boolean(), nullable=False),
    sa.Column('reservation', sa.Text(), nullable=False),
    sa.Column('score', sa.Integer(), nullable=False),
    sa.Column('score_total', sa.Integer(), nullable=False),
    sa.Column('capstone_record_id', sa.String(length=36), nullable=False),
    sa.Column('attested_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('idempotency_key', sa.String(length=64), nullable=False),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.CheckConstraint("outcome IN ('signed', 'declined')", name=op.f('ck_attestation_outcome')),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_attestation_assignment_id_assignment'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['capstone_record_id'], ['ledger_entry.record_id'], name=op.f('fk_attestation_capstone_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['course_version_id'], ['course_version.id'], name=op.f('fk_attestation_course_version_id_course_version'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_attestation_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['policy_version_id'], ['policy_version.id'], name=op.f('fk_attestation_policy_version_id_policy_version'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_attestation_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attestation')),
    sa.UniqueConstraint('assignment_id', name=op.f('uq_attestation_assignment_id')),
    sa.UniqueConstraint('idempotency_key', name=op.f('uq_attestation_idempotency_key')),
    sa.UniqueConstraint('record_id', name=op.f('uq_attestation_record_id'))
    )
    op.create_index('ix_attestation_attested_at', 'attestation', ['attested_at'], unique=False)
    op.create_index('ix_attestation_person_id_attested_at', 'attestation', ['person_id', 'attested_at'], unique=False)
    op.create_table('content_part',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('course_version_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('ref', sa.String(length=120), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['course_version_id'], ['course_version.id'], name=op.f('fk_content_part_course_version_id_course_version'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_content_part')),
    sa.UniqueConstraint('course_version_id', 'kind', 'ref', name=op.f('uq_content_part_course_version_id_kind_ref'))
    )
    op.create_table('scenario_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('course_version_id', sa.Integer(), nullable=False),
    sa.Column('module_ref', sa.String(length=20), nullable=False),
    sa.Column('scenario_ref', sa.String(length=80), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_scenario_run_assignment_id_assignment'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['course_version_id'], ['course_version.id'], name=op.f('fk_scenario_run_course_version_id_course_version'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scenario_run')),
    sa.UniqueConstraint('assignment_id', 'scenario_ref', name=op.f('uq_scenario_run_assignment_id_scenario_ref'))
    )
    op.create_table('step_progress',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('module_ref', sa.String(length=20), nullable=False),
    sa.Column('step', sa.String(length=80), nullable=False),
    sa.Column('course_version_id', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('record_id', sa.String(length=36), nullable=True),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_step_progress_assignment_id_assignment'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['course_version_id'], ['course_version.id'], name=op.f('fk_step_progress_course_version_id_course_version'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_step_progress_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_step_progress')),
    sa.UniqueConstraint('assignment_id', 'module_ref', 'step', name=op.f('uq_step_progress_assignment_id_module_ref_step'))
    )
    op.create_table('answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('attempt_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('item_ref', sa.String(length=80), nullable=False),
    sa.Column('option_ref', sa.String(length=20), nullable=False),
    sa.Column('correct', sa.Boolean(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['attempt_id'], ['attempt.id'], name=op.f('fk_answer_attempt_id_attempt'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer')),
    sa.UniqueConstraint('attempt_id', 'position', name=op.f('uq_answer_attempt_id_position'))
    )
    op.create_table('scenario_choice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('run_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('scene_ref', sa.String(length=80), nullable=False),
    sa.Column('choice_ref', sa.String(length=80), nullable=False),
    sa.Column('clause', sa.String(length=30), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=False),
    sa.Column('chosen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_scenario_choice_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['run_id'], ['scenario_run.id'], name=op.f('fk_scenario_choice_run_id_scenario_run'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scenario_choice')),
    sa.UniqueConstraint('record_id', name=op.f('uq_scenario_choice_record_id')),
    sa.UniqueConstraint('run_id', 'position', name=op.f('uq_scenario_choice_run_id_position'))
    )
    op.create_table('policy_reading',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('policy_version_id', sa.Integer(), nullable=False),
    sa.Column('since_id', sa.Integer(), nullable=True),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('record_id', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_policy_reading_assignment_id_assignment'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['policy_version_id'], ['policy_version.id'], name=op.f('fk_policy_reading_policy_version_id_policy_version'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_policy_reading_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['since_id'], ['attestation.id'], name=op.f('fk_policy_reading_since_id_attestation'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_policy_reading')),
    sa.UniqueConstraint('assignment_id', 'policy_version_id', name=op.f('uq_policy_reading_assignment_id_policy_version_id')),
    sa.UniqueConstraint('record_id', name=op.f('uq_policy_reading_record_id'))
    )
    op.create_table('spaced_set',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('assignment_id', sa.Integer(), nullable=False),
    sa.Column('requirement_version_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('opens_on', sa.Date(), nullable=False),
    sa.Column('closes_on', sa.Date(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('record_id', sa.String(length=36), nullable=True),
    sa.ForeignKeyConstraint(['assignment_id'], ['assignment.id'], name=op.f('fk_spaced_set_assignment_id_assignment'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_spaced_set_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_spaced_set_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['requirement_version_id'], ['requirement_version.id'], name=op.f('fk_spaced_set_requirement_version_id_requirement_version'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_spaced_set')),
    sa.UniqueConstraint('assignment_id', 'number', name=op.f('uq_spaced_set_assignment_id_number')),
    sa.UniqueConstraint('record_id', name=op.f('uq_spaced_set_record_id'))
    )
    op.create_index('ix_spaced_set_person_id_closes_on', 'spaced_set', ['person_id', 'closes_on'], unique=False)
    op.create_table('signing_question',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('attestation_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('answer_by', sa.Date(), nullable=False),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answered_by_id', sa.Integer(), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('record_id', sa.String(length=36), nullable=True),
    sa.ForeignKeyConstraint(['answered_by_id'], ['person.id'], name=op.f('fk_signing_question_answered_by_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['attestation_id'], ['attestation.id'], name=op.f('fk_signing_question_attestation_id_attestation'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_signing_question_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signing_question')),
    sa.UniqueConstraint('record_id', name=op.f('uq_signing_question_record_id')),
    sa.UniqueConstraint('attestation_id', name=op.f('uq_signing_question_attestation_id'))
    )
    op.create_index(op.f('ix_signing_question_answered_at'), 'signing_question', ['answered_at'], unique=False)
    op.create_table('witness',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('attestation_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('named_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('refused_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('record_id', sa.String(length=36), nullable=True),
    sa.ForeignKeyConstraint(['attestation_id'], ['attestation.id'], name=op.f('fk_witness_attestation_id_attestation'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_witness_person_id_person'), ondelete='RESTRICT'),
    sa.ForeignKeyConstraint(['record_id'], ['ledger_entry.record_id'], name=op.f('fk_witness_record_id_ledger_entry'), ondelete='RESTRICT'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_witness')),
    sa.UniqueConstraint('record_id', name=op.f('uq_witness_record_id')),
    sa.UniqueConstraint('attestation_id', 'person_id', name=op.f('uq_witness_attestation_id_person_id'))
    )
    op.create_index(op.f('ix_witness_person_id'), 'witness', ['person_id'], unique=False)
    for statement in append_only_ddl(op.get_bind().dialect.name):
        op.execute(sa.DDL(statement.replace("%", "%%")))


def downgrade() -> None:
    raise NotImplementedError("Evidence is never migrated backwards; restore a backup instead.")
