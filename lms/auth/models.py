"""Tables of sign-in: passwords, sessions that can be revoked, lockout, one-time links, passkeys, one-time codes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lms.db import Base, UtcDateTime
from lms.roster.models import Person


class PasswordCredential(Base):
    """The argon2id hash of a person's password."""

    __tablename__ = "password_credential"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    hash: Mapped[str] = mapped_column(String(300))
    set_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignInSession(Base):
    """One signed-in browser. The cookie carries a random token; only its SHA-256 is stored."""

    __tablename__ = "sign_in_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ip: Mapped[str] = mapped_column(String(45), default="")
    user_agent: Mapped[str] = mapped_column(String(300), default="")

    person: Mapped[Person] = relationship(lazy="raise")


class SignInLock(Base):
    """Failures of one account name (present or not), to slow guessing on every process alike."""

    __tablename__ = "sign_in_lock"

    name_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    last_failed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PasswordLink(Base):
    """A one-time link to set a password: an invitation, or a forgotten password."""

    __tablename__ = "password_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    person: Mapped[Person] = relationship(lazy="raise")


class PasskeyCredential(Base):
    """A passkey. Enrolment and removal are on the ledger, so that "how do you know it was he?" has an answer."""

    __tablename__ = "passkey_credential"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(Integer, default=0)
    label: Mapped[str] = mapped_column(String(80), default="")
    enrolled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    record_id: Mapped[str] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"))


class TotpCredential(Base):
    """The secret of a person's one-time codes (RFC 6238), encrypted; not in use before ``enrolled_at``."""

    __tablename__ = "totp_credential"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="RESTRICT"), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Nonce and AES-256-GCM text under a key that is derived from the instance's secret key."""
    last_step: Mapped[int] = mapped_column(Integer, default=0)
    """The last time step that was used (30 seconds each since 1970); no code of it or before it is taken again."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    enrolled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    record_id: Mapped[str | None] = mapped_column(ForeignKey("ledger_entry.record_id", ondelete="RESTRICT"))
