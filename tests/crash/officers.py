"""Officers made in bulk, each signed in, with a course to test out of."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Flask
from sqlalchemy import insert, select

from bench.seed import cookie_of, stem_key
from lms import clock
from lms.auth.models import PasswordCredential, SignInSession
from lms.auth.passwords import hashing
from lms.auth.rules import digest
from lms.catalog.queries import load_content
from lms.db import db
from lms.roster.models import Person
from lms.training.models import Assignment
from tests.factories.people import PASSWORD, make_unit
from tests.factories.training import make_requirement, published_course


@dataclass(frozen=True, slots=True)
class Officer:
    """Who walks: the cookie of a signed-in browser, and the assignment."""

    person_id: int
    assignment_id: int
    cookie: str


def make_officers(app: Flask, count: int) -> tuple[list[Officer], dict[str, str]]:
    """The officers, and the right option of each question by its text (``stem_key``); all committed."""
    version = published_course()
    content, course_id = load_content(version.id), version.course_id
    requirement = make_requirement("test_out")
    unit, now, due = make_unit("Bureau"), clock.now(), clock.today("UTC") + timedelta(days=60)
    stored = hashing().hash(PASSWORD)
    common = {"given_name": "Dana", "rank": "Officer", "unit_id": unit.id, "hired_on": date(2018, 3, 1)}
    common |= {"flags": [], "former_names": "", "created_at": now}
    people = [
        {"badge": f"K{n:04d}", "email": f"k{n}@crash.test", "family_name": f"Officer{n}", **common}
        for n in range(count)
    ]
    db.session.execute(insert(Person), people)
    ids = list(db.session.scalars(select(Person.id).where(Person.badge.like("K____")).order_by(Person.id)))
    db.session.execute(insert(PasswordCredential), [{"person_id": n, "hash": stored, "set_at": now} for n in ids])
    dates = {"opens_on": now.date() - timedelta(days=30), "original_due_on": due, "due_on": due}
    dates |= {"counts_from_on": dates["opens_on"], "grace_until": due + timedelta(days=30), "valid_through": due}
    rest = {"requirement_id": requirement.requirement_id, "requirement_version_id": requirement.id, **dates}
    rest |= {"course_id": course_id, "cycle": "2026", "title": "Annual training", "path": "test_out", "made_at": now}
    rest |= {"why": "Due once a calendar year.", "remediation": [], "awaiting_witnesses": False}
    db.session.execute(insert(Assignment), [{"person_id": person_id, **rest} for person_id in ids])
    tokens = {person_id: secrets.token_urlsafe(16) for person_id in ids}
    session = {"created_at": now, "expires_at": now + timedelta(hours=2), "ip": "", "user_agent": ""}
    rows = [{"token_hash": digest(token), "person_id": person_id, **session} for person_id, token in tokens.items()]
    db.session.execute(insert(SignInSession), rows)
    found = db.session.execute(select(Assignment.person_id, Assignment.id).order_by(Assignment.id)).all()
    db.session.commit()
    officers = [Officer(person_id, made, cookie_of(app, tokens[person_id])) for person_id, made in found]
    items = [item for module in content.modules for item in module.items]
    return officers, {stem_key(item.stem): item.key for item in items}
