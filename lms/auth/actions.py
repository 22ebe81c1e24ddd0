"""Changes of sign-in: opening and revoking sessions, passwords, one-time links.

Two of these end a transaction, which no other action may do, because a count of failures must outlive the
refusal that it belongs to: ``sign_in`` and, only where the password is wrong, ``reauthenticate``.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update

from lms import clock
from lms.auth import locks, passwords, queries, rules
from lms.auth.models import PasswordCredential, PasswordLink, SignInSession
from lms.auth.rules import Reauthentication
from lms.db import db
from lms.errors import Conflict, Invalid, NotFound
from lms.ledger.actions import append
from lms.ledger.rules.disclosures import timestamp
from lms.notify.actions import enqueue
from lms.notify.rules import Letter
from lms.roster.models import Person
from lms.roster.queries import find_person_by_email
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


def reauthenticate(person: Person, password: str, *, ip: str) -> Reauthentication:
    """A fresh proof of identity for one signature. Call it before the view changes anything.

    Where the password is wrong, the request's transaction is rolled back and the failure is committed on its
    own; objects that the view has loaded are detached first, so that the page can still be shown from them.

    Raises Invalid(field="password") where it is wrong or, as TooManyTries, while too many were wrong.
    """
    name = rules.reauthentication_name(person.id)
    locks.refuse_if_locked(name, field="password")
    stored = db.session.scalar(
        select(PasswordCredential.hash).where(PasswordCredential.person_id == person.id).with_for_update()
    )
    if not passwords.hashing().verify(stored, password):
        db.session.expunge_all()
        db.session.rollback()
        locks.count_failure(name, field="password")
        db.session.commit()
        locks.log_refusal(name, ip)
        raise Invalid("This is not your password. Nothing was signed or changed. Type it again.", field="password")
    locks.forgive(name)
    return Reauthentication("password", clock.now(), rules.METHOD_SAYS)


def set_password(
    person: Person,
    password: str,
    by: Person | None,
    *,
    keep_session_id: int | None = None,
    department: str = "",
) -> None:
    """Sets a password, ends the person's other sessions, voids their open links, and records that it was
    done.

    ``by`` is whoever did it, None for the command line. The record holds neither the password nor its hash.
    Raises Invalid(field="new_password") with advice where the password is too easy to guess.
    """
    about = (person.given_name, person.family_name, person.badge, person.email, department, "rollcall")
    weakness = passwords.advice(password, about)
    if weakness is not None:
        raise Invalid(weakness, field="new_password")
    now = clock.now()
    credential = queries.find_credential(person.id)
    if credential is None:
        db.session.add(PasswordCredential(person_id=person.id, hash=passwords.hashing().hash(password), set_at=now))
    else:
        credential.hash, credential.set_at = passwords.hashing().hash(password), now
    revoke_sessions(person, keep_session_id=keep_session_id)
    void_links(person.id, now)
    locks.forgive(rules.sign_in_name(person.email))
    locks.forgive(rules.reauthentication_name(person.id))
    db.session.flush()
    append(
        kind="auth.password_set",
        subject=person.subject,
        fields={
            "name": person.full_name,
            "badge": person.badge,
            "set_at": timestamp(now),
            "first": credential is None,
            "set_by": "command line" if by is None else by.full_name,
            "set_by_badge": None if by is None else by.badge,
        },
    )


def send_link(
    person: Person, *, lifetime: timedelta, compose: Callable[[str], Letter], today: date
) -> PasswordLink | None:
    """Makes a one-time link and puts the letter with it into the outbox; earlier links stop working.

    ``compose`` writes the letter around the token. None where a link went out a moment ago, so that asking
    again does not fill a mailbox. Raises Conflict where the person no longer works here.
    """
    now = clock.now()
    if is_separated(person.separated_on, person.rehired_on, today):
        raise Conflict(f"{person.full_name} no longer works here, so no link was sent.")
    recent = select(PasswordLink.id).where(
        PasswordLink.person_id == person.id,
        PasswordLink.used_at.is_(None),
        PasswordLink.created_at > now - rules.PAUSE_BETWEEN_LINKS,
    )
    if db.session.scalar(recent.limit(1)) is not None:
        return None
    void_links(person.id, now)
    token = secrets.token_urlsafe(32)
    link = PasswordLink(token_hash=rules.digest(token), person_id=person.id, created_at=now, expires_at=now + lifetime)
    db.session.add(link)
    db.session.flush()
    letter = compose(token)
    enqueue(
        person_id=person.id,
        to_address=person.email,
        topic=rules.LINK_TOPIC,
        topic_id=link.id,
        stage="link",
        subject=letter.subject,
        body_text=letter.body,
        dedupe_key=f"{rules.LINK_TOPIC}:{link.id}",
        confidential=True,
    )
    return link


def request_link(email: str, *, compose: Callable[[Person, str], Letter], today: date) -> None:
    """Answers "I forgot my password": a link where the address is an account's, and no word about whether it is.

    Every request is counted and so written, whether the address is known or not; too many are dropped in silence.
    """
    try:
        locks.count_failure(rules.asking_name(email))
    except locks.TooManyTries:
        return
    person = find_person_by_email(email)
    if person is None or is_separated(person.separated_on, person.rehired_on, today):
        return
    send_link(person, lifetime=rules.FORGOTTEN_LINK, compose=lambda token: compose(person, token), today=today)


def use_link(token: str, password: str, *, department: str = "") -> Person:
    """Sets the password of the link's person and spends the link.

    Raises NotFound where the link is unknown, used or over; Invalid(field="new_password") for a weak
    password, and then the link can still be used.
    """
    now = clock.now()
    link = queries.find_link(token, now)
    if link is None:
        raise NotFound("This link was used already, or it is too old. Ask for a new one.")
    spent = db.session.execute(
        update(PasswordLink)
        .where(PasswordLink.id == link.id, PasswordLink.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if spent.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound("This link was used already. Ask for a new one.")
    set_password(link.person, password, by=link.person, department=department)
    return link.person


def void_links(person_id: int, now: datetime) -> None:
    """Stops every unused link of a person."""
    db.session.execute(
        update(PasswordLink)
        .where(PasswordLink.person_id == person_id, PasswordLink.used_at.is_(None))
        .values(used_at=now)
    )


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
