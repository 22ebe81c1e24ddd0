"""How members sign, decline, witness and get answers: each with a fresh proof of identity, as on the pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from random import Random
from typing import Protocol

from lms import __version__, clock
from lms.attestation import actions, queries
from lms.attestation.actions import prepare_sheet
from lms.attestation.changes import what_changed
from lms.attestation.rules import Client, answer_by
from lms.auth.actions import reauthenticate
from lms.auth.rules import Reauthentication
from lms.catalog.queries import current_content
from lms.db import db
from lms.demo.words import DECLINE_REASONS
from lms.roster.models import Person
from lms.roster.queries import get_person
from lms.training.local import local_date
from lms.training.models import Assignment
from lms.training.queries import get_assignment_for
from lms.web.context import settings

Mornings = Iterator[datetime]
BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36",
)


class Signer(Protocol):
    """What signing needs to know of a plan."""

    person_id: int
    password: str
    random: Random
    reservation: str
    witnesses: Sequence[int]

    @property
    def key(self) -> str:
        """An idempotency key."""


def client_of(random: Random) -> Client:
    """A browser on the department's network (addresses of RFC 5737, which belong to nobody)."""
    return Client(f"192.0.2.{random.randrange(10, 250)}", random.choice(BROWSERS), __version__)


def sign(plan: Signer, assignment: Assignment) -> None:
    """Signs what the sheet shows now, with a question or reservation where the plan has one."""
    client, assignment_id = client_of(plan.random), assignment.id
    person, proof = _prove(plan.person_id, plan.password, client.ip)
    assignment = get_assignment_for(person.id, assignment_id)
    actions.sign_attestation(
        person,
        assignment.id,
        prepare_sheet(assignment).shown,
        on_duty=plan.random.random() < 0.8,
        reservation=plan.reservation,
        reauthentication=proof,
        idempotency_key=plan.key,
        client=client,
        answer_by=answer_by(local_date(clock.now()), settings().answer_days),
    )


def read_changes(person_id: int, assignment_id: int, *, confirm: bool = False) -> None:
    """Opens what changed in the policy, or confirms that it was read."""
    person = get_person(person_id)
    if not confirm:
        actions.open_changes(person, assignment_id)
        return
    policy_version_id = current_content(get_assignment_for(person_id, assignment_id).course_id).policy_version_id
    actions.confirm_changes(person, assignment_id, what_changed(person_id, policy_version_id).shown)


def decline(plan: Signer, assignment: Assignment) -> None:
    """Declines before the two witnesses of the plan."""
    actions.decline_attestation(
        get_person(plan.person_id),
        assignment.id,
        prepare_sheet(assignment).shown,
        on_duty=True,
        reason=DECLINE_REASONS[plan.person_id % len(DECLINE_REASONS)],
        witnesses=[get_person(person_id) for person_id in plan.witnesses],
        idempotency_key=plan.key,
        client=client_of(plan.random),
    )


def confirm(person_id: int, password: str) -> bool:
    """Confirms, from one's own sign-in, whatever one was named a witness for; whether there was anything."""
    pending = [row.id for row in queries.pending_witnessings(person_id)]
    for witness_id in pending:
        _person, proof = _prove(person_id, password, "192.0.2.20")
        actions.confirm_witness(queries.find_witness(witness_id, person_id), proof)
    return bool(pending)


def _prove(person_id: int, password: str, ip: str) -> tuple[Person, Reauthentication]:
    """A fresh proof, which begins a transaction of its own; what happened before it is committed."""
    db.session.commit()
    person = get_person(person_id)
    return person, reauthenticate(person, password, ip=ip, today=local_date(clock.now()))


def answer_oldest(by_id: int, answers: dict[str, str]) -> None:
    """The training sergeant answers the question that waits longest, where there is an answer to it."""
    for question in queries.list_questions(answered=False):
        text = answers.get(question.text)
        if text is not None:
            actions.answer_question(question, text, get_person(by_id))
            return
