"""What the pages of attestation share: the blueprint, letters with full addresses, sealing after the commit."""

from __future__ import annotations

from flask import Blueprint, current_app, url_for

from lms.attestation import queries, rules
from lms.attestation.models import Attestation
from lms.ledger.actions import seal_checkpoint
from lms.notify.actions import enqueue
from lms.notify.rules import Letter
from lms.roster.models import Person
from lms.web.access import current_person_id
from lms.web.commit import after_commit
from lms.web.context import client_agent, client_ip, settings

bp = Blueprint("attestation", __name__)


def signing_client() -> rules.Client:
    """Where the request that signs came from."""
    return rules.Client(client_ip(), client_agent(), current_app.extensions["rollcall.version"])


def own_attestation(assignment_id: int) -> Attestation | None:
    """The visitor's own attestation of an assignment, where it is signed or declined already."""
    row = queries.find_attestation_of(assignment_id)
    return row if row is not None and row.person_id == current_person_id() else None


def seal_soon() -> None:
    """Seals a checkpoint once the request is committed, so that the receipt can prove its place at once."""

    def seal() -> None:
        seal_checkpoint()

    after_commit(seal)


def write_to(person: Person, topic_id: int, stage: str, letter: Letter) -> None:
    """Puts a letter into the outbox, once for each attestation, stage and person."""
    enqueue(
        person_id=person.id,
        to_address=person.email,
        topic=rules.TOPIC,
        topic_id=topic_id,
        stage=stage,
        subject=letter.subject,
        body_text=letter.body,
        dedupe_key=f"{rules.TOPIC}:{topic_id}:{stage}:{person.id}",
    )


def public_address(endpoint: str, **values: object) -> str:
    """A full address, for letters."""
    return settings().public_url + url_for(endpoint, **values)  # type: ignore[arg-type]
