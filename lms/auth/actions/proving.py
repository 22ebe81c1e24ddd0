"""A fresh proof that whoever signed in is still the one at the keyboard.

The password is looked at while no transaction is open, as at sign-in: on SQLite one that may write holds up every
other writer, and argon2id takes its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from lms import clock
from lms.auth import locks, passwords, rules
from lms.auth.models import PasswordCredential
from lms.auth.rules import Reauthentication
from lms.db import db
from lms.errors import Invalid
from lms.roster.models import Person
from lms.roster.rules import is_separated


@dataclass(frozen=True, slots=True)
class Proved:
    """A password that was right when it was looked at, with the hash that it was held against."""

    person: Person
    hash: str


def reauthenticate(person: Person, password: str, *, ip: str, today: date) -> Reauthentication:
    """A fresh proof of identity for one signature. Call it before the view loads or changes anything.

    Rolls the request's transaction back and begins the one of what is signed. What the view had loaded is detached:
    it can still be shown, but what is to be changed must be loaded again; ``person`` alone is in the session then.

    Raises Invalid(field="password") where the password is wrong or was changed meanwhile, or, as TooManyTries, while
    too many were wrong. A wrong one is committed on its own, so that the refusal outlives nothing else.
    """
    return confirm(prove(person, password, ip), today)


def prove(person: Person, password: str, ip: str) -> Proved:
    """Holds the password against its hash; leaves no transaction open. ``confirm`` has to follow.

    A failure is counted after the look, not before it as at sign-in: somebody who is signed in and clicks eight
    times at once is no guesser. Guesses sent at once are all counted, and none passes once they lock.
    """
    person_id, name = person.id, rules.reauthentication_name(person.id)
    db.session.expunge_all()
    db.session.rollback()
    locks.refuse_if_locked(name, field="password")
    stored = db.session.scalar(select(PasswordCredential.hash).where(PasswordCredential.person_id == person_id))
    db.session.rollback()
    if stored is None or not passwords.hashing().verify(stored, password):
        locks.log_refusal(name, ip)
        locks.count_failure(name, field="password")
        db.session.commit()
        raise Invalid("This is not your password. Nothing was signed or changed. Type it again.", field="password")
    return Proved(person, stored)


def confirm(proved: Proved, today: date) -> Reauthentication:
    """Asks, in the transaction of what is signed, whether all that was so before the look is so still."""
    person, name = proved.person, rules.reauthentication_name(proved.person.id)
    stored = db.session.scalar(
        select(PasswordCredential.hash).where(PasswordCredential.person_id == person.id).with_for_update()
    )
    locks.refuse_if_locked(name, field="password")
    db.session.add(person)
    db.session.refresh(person, [attribute.key for attribute in Person.__mapper__.column_attrs])
    if stored != proved.hash or is_separated(person.separated_on, person.rehired_on, today):
        raise Invalid(
            "Your password or your account was changed a moment ago. Nothing was signed or changed. Sign in again.",
            field="password",
        )
    locks.forgive(name)
    return Reauthentication("password", clock.now(), rules.METHOD_SAYS["password"])
