"""The department that is measured: 2,000 people of whom three quarters are done, and those who do each flow once.

People and assignments are written in bulk, without records: what is measured is the work that comes after. The
course is the real one with ten questions in one module.
"""

from __future__ import annotations

import html
import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, text

from config import Settings
from lms import clock, create_app
from lms.auth.models import PasswordCredential, SignInSession
from lms.auth.passwords import hashing
from lms.auth.rules import digest
from lms.catalog.actions import publish_course
from lms.catalog.queries import get_course, load_content
from lms.catalog.rules import CourseContent
from lms.db import db
from lms.ledger.actions import open_log, seal_checkpoint
from lms.ledger.queries import list_entries
from lms.roster import actions as roster
from lms.roster.models import Person, Unit
from lms.roster.permissions import SERGEANT
from lms.training import actions as training
from lms.training.models import Assignment, Requirement, RequirementVersion, StepProgress
from lms.training.rules.steps import QUESTIONS, SIGN, module_steps

QUESTIONS_ASKED = 10
MODULE_FOLDER, MODULE = "03-undercover-identification", "3"
COURSE = "sop-110"
PASSWORD = "granite ferry lantern 42"
DONE_PERCENT = 75
UNITS = 20
HOME_BROWSERS = 200
Use = tuple[str, int]
"""A signed-in browser's cookie, and the assignment that it works on."""


@dataclass(frozen=True, slots=True)
class Department:
    """Who does what. Every cookie is one signed-in browser."""

    homes: list[str]
    sergeant: str
    emails: list[str]
    attempts: list[Use]
    signatures: list[Use]
    answers: dict[str, str]
    """The right option of each question, by what ``stem_key`` makes of its text."""


def stem_key(stem: str) -> str:
    """A question's text without marks and entities, so that page and source agree."""
    return re.sub(r"[^a-z0-9]", "", html.unescape(re.sub(r"<[^>]+>", "", stem)).lower())


def make_instance(folder: Path, database_url: str) -> dict[str, str]:
    """The instance folder; gives the environment in which ours runs on it."""
    folder.mkdir(parents=True)
    (folder / "secret.key").write_text(secrets.token_urlsafe(48) + "\n")
    return {
        **default_settings(),
        "LMS_INSTANCE": str(folder),
        "LMS_DATABASE_URL": database_url,
        "LMS_LEDGER_ORIGIN": "rollcall.bench/log",
    }


def default_settings() -> dict[str, str]:
    """Every setting at its default, said aloud, so that nothing of the caller's environment is measured instead."""
    known = {item.name: item.default for item in fields(Settings) if isinstance(item.default, str | int)}
    return {f"LMS_{name.upper()}": str(int(v) if isinstance(v, bool) else v) for name, v in known.items()}


def make_department(environment: dict[str, str], *, people: int, attempts: int, signatures: int) -> Department:
    """Migrates, publishes and seeds; ends with ``ANALYZE``."""
    settings = Settings.load(environment)
    app = create_app(settings)
    with app.app_context():
        from flask_migrate import upgrade

        upgrade()
        open_log()
        version = publish_course(_course(settings.instance / "course")).course_version
        db.session.commit()
        made = _Seeding(app, load_content(version.id)).run(people, attempts, signatures)
        seal_checkpoint()
        db.session.commit()
        db.session.execute(text("ANALYZE"))
        db.session.commit()
        db.session.remove()
        db.engine.dispose()
    return made


def _course(folder: Path) -> Path:
    """The real course with ten questions in the module that is measured."""
    shutil.copytree(Path(__file__).resolve().parents[1] / "quizzes" / COURSE, folder)
    file = folder / "modules" / MODULE_FOLDER / "module.yaml"
    asked, count = re.subn(r"(?m)^questions: \d+$", f"questions: {QUESTIONS_ASKED}", file.read_text(encoding="utf-8"))
    if count != 1:
        raise RuntimeError(f"{file} does not say how many questions it asks.")
    file.write_text(asked, encoding="utf-8")
    return folder


class _Seeding:
    def __init__(self, app: Flask, content: CourseContent) -> None:
        self._app, self._content = app, content
        self._now = clock.now()
        self._today = self._now.date()
        self._course_id = get_course(COURSE).id
        self._hash = hashing().hash(PASSWORD)

    def run(self, people: int, attempts: int, signatures: int) -> Department:
        """Everything, each group with badges of its own."""
        requirement = self._requirement()
        units = self._units()
        staff = self._people("P", people, units)
        done = [person for place, person in enumerate(staff) if place % 100 < DONE_PERCENT]
        late = self._today + timedelta(days=60)
        self._assign(requirement, staff, "full", late, done={person for person, _ in done})
        sitting = self._assign(requirement, self._people("A", attempts, units), "full", late)
        self._steps(sitting, self._before_questions())
        signing = self._assign(requirement, self._people("S", signatures, units), "full", late, passed=self._record())
        self._steps(signing, self._before_signing())
        sergeant = db.session.scalars(select(Person).order_by(Person.id).limit(1)).one()
        roster.grant_role(sergeant, SERGEANT, by=None)
        db.session.commit()
        some = staff[1 :: max(1, len(staff) // HOME_BROWSERS)]
        items = [item for module in self._content.modules for item in module.items]
        return Department(
            homes=self._cookies([person for person, _ in some]),
            sergeant=self._cookies([sergeant.id])[0],
            emails=[email for _, email in some],
            attempts=self._uses(sitting),
            signatures=self._uses(signing),
            answers={stem_key(item.stem): item.key for item in items},
        )

    def _requirement(self) -> RequirementVersion:
        requirement = Requirement(slug="bench-annual", course_id=self._course_id, active=True)
        db.session.add(requirement)
        db.session.flush()
        rule: dict[str, Any] = {"years": 1}
        made = training.add_requirement_version(
            requirement, title="Annual training", cadence="annual", path="full", rule=rule, by=None
        )
        db.session.commit()
        return made

    def _units(self) -> list[int]:
        db.session.execute(insert(Unit), [{"name": f"Unit {n:02d}"} for n in range(UNITS)])
        db.session.commit()
        return list(db.session.scalars(select(Unit.id).order_by(Unit.id)))

    def _people(self, letter: str, count: int, units: Sequence[int]) -> list[tuple[int, str]]:
        """Ids and addresses of new people, all with the same password hash."""
        if not count:
            return []
        rows = [
            {
                "badge": f"{letter}{n:06d}",
                "email": f"{letter.lower()}{n:06d}@bench.test",
                "given_name": f"Dana{n % 97}",
                "family_name": f"Officer{n * 7919 % 99991}",
                "rank": "Officer",
                "unit_id": units[n % len(units)],
                "hired_on": date(2018, 3, 1),
                "flags": [],
                "former_names": "",
                "created_at": self._now,
            }
            for n in range(count)
        ]
        db.session.execute(insert(Person), rows)
        query = select(Person.id, Person.email).where(Person.badge.like(f"{letter}______")).order_by(Person.id)
        made = [(person_id, email) for person_id, email in db.session.execute(query)]
        credentials = [{"person_id": person_id, "hash": self._hash, "set_at": self._now} for person_id, _ in made]
        db.session.execute(insert(PasswordCredential), credentials)
        db.session.commit()
        return made

    def _assign(
        self,
        version: RequirementVersion,
        people: Sequence[tuple[int, str]],
        path: str,
        due_on: date,
        *,
        done: frozenset[int] | set[int] = frozenset(),
        passed: str | None = None,
    ) -> list[Use]:
        """One assignment each; ``passed`` is the record of a passed capstone. Gives back (person id, assignment id)."""
        opens = self._today - timedelta(days=60)
        summary = {"score": 20, "total": 20, "percent": 100, "form": "form-1", "attempt": 1}
        summary["course_version_id"] = self._content.course_version_id
        rows: list[dict[str, Any]] = [
            {
                "person_id": person_id,
                "requirement_id": version.requirement_id,
                "requirement_version_id": version.id,
                "course_id": self._course_id,
                "cycle": str(due_on.year),
                "title": "Annual training",
                "path": path,
                "opens_on": opens,
                "counts_from_on": opens,
                "original_due_on": due_on,
                "due_on": due_on,
                "grace_until": due_on + timedelta(days=30),
                "valid_through": due_on,
                "why": "Due once a calendar year.",
                "made_at": self._now,
                "started_at": self._now if passed else None,
                "closed_at": self._now - timedelta(hours=1) if person_id in done else None,
                "outcome": "completed" if person_id in done else None,
                "capstone_passed_at": self._now if passed else None,
                "capstone_record_id": passed,
                "capstone_summary": summary if passed else None,
                "remediation": [],
                "awaiting_witnesses": False,
            }
            for person_id, _ in people
        ]
        if not rows:
            return []
        db.session.execute(insert(Assignment), rows)
        db.session.commit()
        ids = {person_id for person_id, _ in people}
        made = db.session.execute(select(Assignment.person_id, Assignment.id).order_by(Assignment.id))
        return [(str(person_id), assignment_id) for person_id, assignment_id in made if person_id in ids]

    def _record(self) -> str:
        """Some record that stands for the passed capstones of everybody who is to sign."""
        return list_entries()[0].record_id

    def _before_questions(self) -> list[tuple[str, str]]:
        """The steps that open the measured questions."""
        steps: list[tuple[str, str]] = []
        for module in self._content.modules:
            for step in module_steps(module, module.is_capstone):
                if (module.ref, step.key) == (MODULE, QUESTIONS):
                    return steps
                steps.append((module.ref, step.key))
        raise RuntimeError(f"The course has no questions in module {MODULE}.")

    def _before_signing(self) -> list[tuple[str, str]]:
        return [
            (module.ref, step.key)
            for module in self._content.modules
            for step in module_steps(module, module.is_capstone)
            if step.key != SIGN
        ]

    def _steps(self, uses: Sequence[Use], steps: Sequence[tuple[str, str]]) -> None:
        rows = [
            {
                "assignment_id": assignment_id,
                "module_ref": module_ref,
                "step": key,
                "course_version_id": self._content.course_version_id,
                "opened_at": self._now,
                "done_at": self._now,
            }
            for _, assignment_id in uses
            for module_ref, key in steps
        ]
        if rows:
            db.session.execute(insert(StepProgress), rows)
            db.session.commit()

    def _uses(self, made: Sequence[Use]) -> list[Use]:
        cookies = self._cookies([int(person_id) for person_id, _ in made])
        return [(cookie, assignment_id) for cookie, (_, assignment_id) in zip(cookies, made, strict=True)]

    def _cookies(self, person_ids: Sequence[int]) -> list[str]:
        """Cookies of signed-in browsers, without the cost of signing in."""
        if not person_ids:
            return []
        tokens = {person_id: secrets.token_urlsafe(32) for person_id in person_ids}
        until = self._now + timedelta(hours=12)
        rows = [
            {
                "token_hash": digest(token),
                "person_id": person_id,
                "created_at": self._now,
                "expires_at": until,
                "ip": "127.0.0.1",
                "user_agent": "rollcall-bench",
            }
            for person_id, token in tokens.items()
        ]
        db.session.execute(insert(SignInSession), rows)
        db.session.commit()
        return [cookie_of(self._app, tokens[person_id]) for person_id in person_ids]


def cookie_of(app: Flask, token: str) -> str:
    """The cookie of a session whose token is known."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(signer.dumps({"_user_id": token, "_fresh": True}))
