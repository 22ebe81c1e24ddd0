"""Passwords are set and changed. A new one is hashed while no transaction is open."""

from __future__ import annotations

from datetime import date

from sqlalchemy import update

from lms import clock
from lms.auth import evidence, locks, passwords, queries, rules
from lms.auth.actions.links import void_links
from lms.auth.actions.proving import confirm, prove
from lms.auth.actions.sessions import revoke_sessions
from lms.auth.models import PasswordCredential, PasswordLink
from lms.db import db
from lms.errors import Invalid, NotFound
from lms.ledger.actions import append
from lms.roster.models import Person


def change_password(
    person: Person, password: str, new: str, *, keep_session_id: int, department: str, ip: str, today: date
) -> None:
    """Changes one's own password after the present one was typed; both are hashed while no transaction is open.

    Raises as ``reauthenticate`` and ``set_password``.
    """
    about = _about(person, department)
    proved = prove(person, password, ip)
    hashed = _hash_new(new, about)
    confirm(proved, today)
    _store_password(person, hashed, by=person, keep_session_id=keep_session_id)


def set_password(
    person: Person,
    password: str,
    by: Person | None,
    *,
    keep_session_id: int | None = None,
    department: str = "",
) -> None:
    """Sets a password in the caller's transaction, ends the person's other sessions, voids their open links, and
    records that it was done.

    ``by`` is whoever did it, None for the command line. Raises Invalid(field="new_password") with advice where the
    password is too easy to guess.
    """
    _store_password(person, _hash_new(password, _about(person, department)), by=by, keep_session_id=keep_session_id)


def _about(person: Person, department: str) -> tuple[str, ...]:
    """What a guesser would try first."""
    return (person.given_name, person.family_name, person.badge, person.email, department, "rollcall")


def _hash_new(password: str, about: tuple[str, ...]) -> str:
    weakness = passwords.advice(password, about)
    if weakness is not None:
        raise Invalid(weakness, field="new_password")
    return passwords.hashing().hash(password)


def _store_password(person: Person, hashed: str, *, by: Person | None, keep_session_id: int | None) -> None:
    now = clock.now()
    credential = queries.find_credential(person.id)
    if credential is None:
        db.session.add(PasswordCredential(person_id=person.id, hash=hashed, set_at=now))
    else:
        credential.hash, credential.set_at = hashed, now
    revoke_sessions(person, keep_session_id=keep_session_id)
    void_links(person.id, now)
    locks.forgive(rules.sign_in_name(person.email))
    locks.forgive(rules.reauthentication_name(person.id))
    db.session.flush()
    append(
        kind=evidence.PASSWORD_SET,
        subject=person.subject,
        fields=evidence.fields_of_password(person, now, by, first=credential is None),
    )


def use_link(token: str, password: str, *, department: str = "") -> Person:
    """Sets the password of the link's person and spends the link. Hashes while no transaction is open.

    Whatever the caller had not committed is rolled back. Raises NotFound where the link is unknown, used or over;
    Invalid(field="new_password") for a weak password, and then the link can still be used.
    """
    about = _about(_require_link(token).person, department)
    db.session.rollback()
    hashed = _hash_new(password, about)
    link, now = _require_link(token), clock.now()
    spent = db.session.execute(
        update(PasswordLink)
        .where(PasswordLink.id == link.id, PasswordLink.used_at.is_(None))
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    if spent.rowcount != 1:  # type: ignore[attr-defined]
        raise NotFound("This link was used already. Ask for a new one.")
    _store_password(link.person, hashed, by=link.person, keep_session_id=None)
    return link.person


def _require_link(token: str) -> PasswordLink:
    link = queries.find_link(token, clock.now())
    if link is None:
        raise NotFound("This link was used already, or it is too old. Ask for a new one.")
    return link
