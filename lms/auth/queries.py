"""Reads of sign-in: the person behind a cookie, passwords, links, sessions, and the accounts desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import contains_eager

from lms import clock
from lms.auth.models import (
    PasskeyCredential,
    PasswordCredential,
    PasswordLink,
    SignInLock,
    SignInSession,
    TotpCredential,
)
from lms.auth.rules import digest
from lms.db import db
from lms.errors import NotFound
from lms.notify.models import OutboxMessage
from lms.roster.models import Person, RoleGrant
from lms.roster.queries import find_person
from lms.roster.rules import full_name, is_separated


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whom a session's cookie stands for."""

    session_id: int
    person_id: int
    full_name: str
    badge: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class AccountSummary:
    """What the accounts list shows beside a person."""

    roles: tuple[str, ...]
    has_password: bool
    last_signed_in_at: datetime | None


def _visitor_statement() -> Select[Any]:
    """Of the tables, not of the classes: a row without objects takes half the time to read."""
    session, person, grant = SignInSession.__table__, Person.__table__, RoleGrant.__table__
    roles = (
        select(func.aggregate_strings(grant.c.role, ","))
        .where(grant.c.person_id == person.c.id)
        .correlate(person)
        .scalar_subquery()
    )
    of_person = ("id", "given_name", "family_name", "badge", "separated_on", "rehired_on")
    return (
        select(session.c.id, *(person.c[name] for name in of_person), roles)
        .join_from(session, person, session.c.person_id == person.c.id)
        .where(
            session.c.token_hash == bindparam("token_hash"),
            session.c.revoked_at.is_(None),
            session.c.expires_at > bindparam("now", type_=session.c.expires_at.type),
        )
    )


_VISITOR = _visitor_statement()
"""Built once: every request of a signed-in person asks it."""


def find_visitor(token: str, *, now: datetime, today: date) -> Visitor | None:
    """Who is behind a live session, with roles, in one query that makes no objects: every request asks it.

    None where the session is unknown, revoked or over, or where the person no longer works here: a separation
    ends every open session without anybody having to end it.
    """
    row = db.session.connection().execute(_VISITOR, {"token_hash": digest(token), "now": now}).first()
    if row is None:
        return None
    session_id, person_id, given_name, family_name, badge, separated_on, rehired_on, held = row
    if is_separated(separated_on, rehired_on, today):
        return None
    name = full_name(given_name, family_name)
    return Visitor(session_id, person_id, name, badge, frozenset(held.split(",")) if held else frozenset())


def find_credential(person_id: int) -> PasswordCredential | None:
    """The person's password hash; None before an invitation was used."""
    return db.session.get(PasswordCredential, person_id)


def list_passkeys(person_id: int) -> Sequence[PasskeyCredential]:
    """The passkeys that a person can sign with, oldest first."""
    return db.session.scalars(
        select(PasskeyCredential)
        .where(PasskeyCredential.person_id == person_id, PasskeyCredential.removed_at.is_(None))
        .order_by(PasskeyCredential.id)
    ).all()


def get_passkey_of(person_id: int, passkey_id: int) -> PasskeyCredential:
    """One of the person's own passkeys. Raises NotFound, also for somebody else's and for one that was removed."""
    found = next((row for row in list_passkeys(person_id) if row.id == passkey_id), None)
    if found is None:
        raise NotFound("There is no such passkey of yours. It may be removed already.")
    return found


def find_codes(person_id: int) -> TotpCredential | None:
    """The person's one-time codes; they are in use once ``enrolled_at`` is set."""
    return db.session.get(TotpCredential, person_id)


def ways_of(person_id: int) -> tuple[str, ...]:
    """The ways in which a person can sign, the strongest first; a password works for everybody."""
    codes = find_codes(person_id)
    ways = ("passkey",) if list_passkeys(person_id) else ()
    return (*ways, *(("password_totp",) if codes is not None and codes.enrolled_at is not None else ()), "password")


def find_link(token: str, now: datetime) -> PasswordLink | None:
    """The one-time link, with its person, while it can be used."""
    return db.session.scalar(
        select(PasswordLink)
        .join(PasswordLink.person)
        .options(contains_eager(PasswordLink.person))
        .where(
            PasswordLink.token_hash == digest(token),
            PasswordLink.used_at.is_(None),
            PasswordLink.expires_at > now,
        )
    )


def find_lock(name: str) -> SignInLock | None:
    """The failures counted for a name."""
    return db.session.get(SignInLock, name)


def list_sessions(person_id: int, now: datetime) -> Sequence[SignInSession]:
    """The person's live sessions, newest first."""
    return db.session.scalars(
        select(SignInSession)
        .where(
            SignInSession.person_id == person_id,
            SignInSession.revoked_at.is_(None),
            SignInSession.expires_at > now,
        )
        .order_by(SignInSession.created_at.desc(), SignInSession.id.desc())
    ).all()


def get_session(session_id: int) -> SignInSession:
    """By its row id. Raises NotFound."""
    session = db.session.get(SignInSession, session_id)
    if session is None:
        raise NotFound("There is no such session.")
    return session


def get_session_of(person_id: int, session_id: int) -> SignInSession:
    """One of the person's own sessions. Raises NotFound, also for somebody else's."""
    session = db.session.scalar(
        select(SignInSession).where(SignInSession.id == session_id, SignInSession.person_id == person_id)
    )
    if session is None:
        raise NotFound("There is no such session of yours. It may be over already.")
    return session


def summarize_accounts(person_ids: Iterable[int]) -> Mapping[int, AccountSummary]:
    """Roles, password and last sign-in of the people on one page of the list, in three queries."""
    ids = list(person_ids)
    roles: dict[int, list[str]] = {}
    for person_id, role in db.session.execute(
        select(RoleGrant.person_id, RoleGrant.role).where(RoleGrant.person_id.in_(ids)).order_by(RoleGrant.role)
    ):
        roles.setdefault(person_id, []).append(role)
    known = set(db.session.scalars(select(PasswordCredential.person_id).where(PasswordCredential.person_id.in_(ids))))
    sessions = db.session.execute(
        select(SignInSession.person_id, func.max(SignInSession.created_at))
        .where(SignInSession.person_id.in_(ids))
        .group_by(SignInSession.person_id)
    )
    seen: dict[int, datetime | None] = {row[0]: row[1] for row in sessions}
    return {
        person_id: AccountSummary(tuple(roles.get(person_id, ())), person_id in known, seen.get(person_id))
        for person_id in ids
    }


def why_not_send(message: OutboxMessage, *, today: date) -> str | None:
    """Why a letter with a one-time link is no longer to be sent; None where it is."""
    link = None if message.topic_id is None else db.session.get(PasswordLink, message.topic_id)
    if link is None:
        return "The link of this letter is gone."
    if link.used_at is not None:
        return "The link was used, or a newer one took its place."
    if link.expires_at <= clock.now():
        return "The link ran out before the letter could be sent."
    person = find_person(link.person_id)
    if person is None or is_separated(person.separated_on, person.rehired_on, today):
        return "The person no longer works here."
    return None
