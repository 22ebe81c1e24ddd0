"""One-time links to set a password, and the letters that carry them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date, datetime, timedelta

from sqlalchemy import select, update

from lms import clock
from lms.auth import locks, rules
from lms.auth.models import PasswordLink
from lms.db import db
from lms.errors import Conflict
from lms.notify.actions import enqueue
from lms.notify.rules import Letter
from lms.roster.models import Person
from lms.roster.queries import find_person_by_email
from lms.roster.rules import is_separated


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


def void_links(person_id: int, now: datetime) -> None:
    """Stops every unused link of a person."""
    db.session.execute(
        update(PasswordLink)
        .where(PasswordLink.person_id == person_id, PasswordLink.used_at.is_(None))
        .values(used_at=now)
    )
