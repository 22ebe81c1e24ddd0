"""Tables of the ledger. Entries, disclosures and tree nodes are only ever inserted.

``LedgerEntry.entry`` holds the canonical bytes that the leaf hash covers. Everything personal stands in the
disclosures, which are encrypted with a key of their own for each record, so that destroying the key disposes of
the content while entry, leaf and every proof remain.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from lms.db import Base, UtcDateTime

BigId = BigInteger().with_variant(Integer, "sqlite")


class LedgerLog(Base):
    """One Merkle log and its head. The row is locked last in every transaction that appends."""

    __tablename__ = "ledger_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[str] = mapped_column(String(200), unique=True)
    size: Mapped[int] = mapped_column(BigId, default=0)
    last_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    frontier: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    """Concatenated 32-byte roots of the perfect subtrees of the current size, largest first."""
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    continues: Mapped[str | None] = mapped_column(Text)
    """The signed checkpoint of the log that this one continues, after a restored backup."""


class LedgerEntry(Base):
    """One record: its place, its canonical bytes and its leaf hash."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("log_id", "position"),
        UniqueConstraint("log_id", "subject", "subject_seq"),
        Index("ix_ledger_entry_subject", "subject", "id"),
        Index("ix_ledger_entry_kind", "kind", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    log_id: Mapped[int] = mapped_column(ForeignKey("ledger_log.id", ondelete="RESTRICT"))
    position: Mapped[int] = mapped_column(BigId)
    """Zero-based index of the leaf."""
    record_id: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    subject: Mapped[str | None] = mapped_column(String(60))
    """Whom the record is about, such as ``person:42``; a copy for look-ups, the disclosures hold the evidence."""
    subject_seq: Mapped[int | None] = mapped_column(Integer)
    entry: Mapped[str] = mapped_column(Text)
    """RFC 8785 text of ``{core, proof_d}``."""
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    supersedes: Mapped[str | None] = mapped_column(String(36))


class LedgerDisclosure(Base):
    """The salted disclosures of one record, encrypted (AES-256-GCM)."""

    __tablename__ = "ledger_disclosure"

    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), primary_key=True)
    nonce: Mapped[bytes] = mapped_column(LargeBinary(12))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted JSON: {"sd": [encoded disclosure, …], "proof": encoded disclosure or null}."""


class LedgerRecordKey(Base):
    """The key of one record's disclosures. Disposal empties ``key`` and dates ``destroyed_at``."""

    __tablename__ = "ledger_record_key"

    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"), primary_key=True)
    key: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    destroyed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LedgerNode(Base):
    """Root of a perfect subtree: ``level`` 1 and up (level 0 is the leaf hash of the entry)."""

    __tablename__ = "ledger_node"

    log_id: Mapped[int] = mapped_column(ForeignKey("ledger_log.id", ondelete="RESTRICT"), primary_key=True)
    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


class LedgerSigningKey(Base):
    """A public key that signs or signed checkpoints. The private part is a file outside the database."""

    __tablename__ = "ledger_signing_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    log_id: Mapped[int] = mapped_column(ForeignKey("ledger_log.id", ondelete="RESTRICT"))
    verifier: Mapped[str] = mapped_column(String(200), unique=True)
    """C2SP signed-note verifier key: ``name+hash+base64``."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LedgerCheckpoint(Base):
    """A signed statement of the log's size and root (C2SP tlog-checkpoint in a signed note)."""

    __tablename__ = "ledger_checkpoint"
    __table_args__ = (UniqueConstraint("log_id", "size"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    log_id: Mapped[int] = mapped_column(ForeignKey("ledger_log.id", ondelete="RESTRICT"))
    size: Mapped[int] = mapped_column(BigId)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[str] = mapped_column(Text)
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LedgerAnchor(Base):
    """A checkpoint's witness outside: a time-stamp token (RFC 3161) or a letter to a fixed address.

    Without ``anchored_at`` it is still being asked for: ``tries`` went wrong or were cut off, the last at
    ``tried_at``, and ``last_error`` says how. An authority has at most one such row, which moves on to the newest
    checkpoint with each try; a letter has one for each checkpoint.
    """

    __tablename__ = "ledger_anchor"
    __table_args__ = (UniqueConstraint("checkpoint_id", "kind", "authority"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("ledger_checkpoint.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(20))
    authority: Mapped[str] = mapped_column(String(300))
    token: Mapped[bytes | None] = mapped_column(LargeBinary)
    anchored_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)


class LedgerHold(Base):
    """A legal hold: nothing about the subject is disposed of while it stands."""

    __tablename__ = "ledger_hold"

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(60), index=True)
    reason: Mapped[str] = mapped_column(Text)
    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"))
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
