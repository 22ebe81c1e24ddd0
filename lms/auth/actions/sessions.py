"""Sessions are opened, ended and cleaned away."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update

from lms import clock
from lms.auth import locks, passwords, rules
from lms.auth.models import PasswordCredential, PasswordLink, SignInSession
from lms.db import db
from lms.errors import Invalid
from lms.roster.models import Person
from lms.roster.rules import is_separated

REFUSED = (
    "That email address and password do not belong together. Check both for typing errors, "
    "or set a new password with the link below."
)
KEPT_FOR = timedelta(days=90)
"""How long ended sessions and links stay, for questions about a sign-in."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session. ``token`` is for the cookie alone; it is stored nowhere."""

    token: str
    person_id: int


def sign_in(email: str, password: str, *, ip: str, user_agent: str, hours: int, today: date) -> Opened:
    """Opens a session of ``hours`` hours.

    Commits the failure count *before* it looks at the password and takes it back on success, so that guesses
    sent at once cannot slip past the lock, and hashes outside any transaction, so that nobody waits for it.
    Whatever the caller had not committed is rolled back. An unknown address, a person who left and a wrong
    password take the same work and give the same words.

    Raises Invalid for a refusal, TooManyTries (an Invalid) while the name is locked.
    """
    name = rules.sign_in_name(email)
    db.session.rollback()
    locks.count_failure(name)
    db.session.commit()
    row = db.session.execute(
        select(Person.id, Person.separated_on, Person.rehired_on, PasswordCredential.hash)
        .join(PasswordCredential, PasswordCredential.person_id == Person.id)
        .where(Person.email == email.strip().lower())
    ).first()
    db.session.rollback()
    right = passwords.hashing().verify(None if row is None else row.hash, password)
    if row is None or not right or is_separated(row.separated_on, row.rehired_on, today):
        locks.log_refusal(name, ip)
        raise Invalid(REFUSED)
    renewed = passwords.hashing().hash(password) if passwords.hashing().outdated(row.hash) else None
    locks.forgive(name)
    if renewed is not None:
        db.session.execute(
            update(PasswordCredential)
            .where(PasswordCredential.person_id == row.id, PasswordCredential.hash == row.hash)
            .values(hash=renewed)
        )
    return Opened(open_session(row.id, ip=ip, user_agent=user_agent, hours=hours), row.id)


def open_session(person_id: int, *, ip: str, user_agent: str, hours: int) -> str:
    """Writes a session row and gives its token, without asking for a password (``sign_in`` and tests)."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    db.session.add(
        SignInSession(
            token_hash=rules.digest(token),
            person_id=person_id,
            created_at=now,
            expires_at=now + timedelta(hours=hours),
            ip=ip[:45],
            user_agent=user_agent[:300],
        )
    )
    db.session.flush()
    return token


def revoke_session(session: SignInSession) -> None:
    """Ends one session; ending it twice changes nothing."""
    if session.revoked_at is None:
        session.revoked_at = clock.now()
        db.session.flush()


def revoke_sessions(person: Person, *, keep_session_id: int | None = None) -> int:
    """Ends a person's sessions, except the one to keep; gives how many there were."""
    now = clock.now()
    condition = [
        SignInSession.person_id == person.id,
        SignInSession.revoked_at.is_(None),
        SignInSession.expires_at > now,
    ]
    if keep_session_id is not None:
        condition.append(SignInSession.id != keep_session_id)
    result = db.session.execute(update(SignInSession).where(*condition).values(revoked_at=now))
    return int(result.rowcount)  # type: ignore[attr-defined]


def clean_sessions(now: datetime) -> int:
    """Removes sessions, links and failure counts that nobody needs any more; gives how many rows went."""
    before = now - KEPT_FOR
    gone = 0
    for statement in (
        delete(SignInSession).where(SignInSession.expires_at < before),
        delete(PasswordLink).where(PasswordLink.expires_at < before),
        locks.forgotten(now),
    ):
        result = db.session.execute(statement.execution_options(synchronize_session=False))
        gone += int(result.rowcount)  # type: ignore[attr-defined]
    return gone
