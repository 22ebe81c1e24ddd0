"""Pure decisions about signing: what was shown, whether it is still current, and who may be a witness."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WITNESSES = 2
LONGEST_RESERVATION = 4000
LONGEST_KEY = 64
TOPIC = "attestation"
"""The outbox topic of letters about signing. A letter's topic id is the attestation's."""
RECEIPT_STAGE, WITNESS_STAGE, QUESTION_STAGE, ANSWER_STAGE = "receipt", "witness", "question", "answer"
DRAFT_KEPT_FOR = timedelta(days=30)
LONGEST_DRAFT = 20_000
"""More than may be signed with, so that a text that was too long can be shortened and not typed anew."""
_RECORD_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LEAF = re.compile(r"leaf=([0-9a-f]{64})")
METHOD_NAMES = {
    "password": "password, typed again for this signature",
    "password_totp": "password and one-time code, typed again for this signature",
    "passkey": "passkey with user verification",
    "session": "signed-in session",
}
WAYS = {
    "passkey": (
        "Passkey",
        "Your fingerprint, face or PIN opens it. It signs this very record with a key that the server never has. "
        "The strongest way.",
    ),
    "password_totp": (
        "Password and one-time code",
        "The code from your app is one factor more. Somebody who controls the server could still sign in your name.",
    ),
    "password": (
        "Password",
        "The weakest way: somebody who controls the server could sign in your name.",
    ),
}
"""The ways to sign, strongest first: what each is called on the page, and what it is worth."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What stood on the page that a person acted on: the versions, and the SHA-256 of the statement's text."""

    policy_version_id: int
    course_version_id: int
    statement_sha256: str


@dataclass(frozen=True, slots=True)
class ShownChanges:
    """What stood on the page of what changed: the text in force, and the signature it was compared with."""

    policy_version_id: int
    since_id: int | None


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request came from, as far as a server can tell, and the version of this software."""

    ip: str
    user_agent: str
    app_version: str


def statement_sha256(statement: str) -> str:
    """SHA-256 (hex) of a statement's exact text in UTF-8."""
    return hashlib.sha256(statement.encode("utf-8")).hexdigest()


def answer_by(asked_on: date, days: int) -> date:
    """The date by which a question is answered: ``days`` calendar days on, moved to Monday from a weekend."""
    due = asked_on + timedelta(days=days)
    return due + timedelta(days=max(0, 7 - due.weekday()) if due.weekday() >= 5 else 0)


def witness_fault(person_id: int, witness_ids: Sequence[int]) -> str | None:
    """Why these people cannot be the two witnesses of a decline, or None."""
    if len(witness_ids) != WITNESSES:
        return "Name two witnesses."
    if person_id in witness_ids:
        return "You cannot be your own witness. Name somebody who is with you."
    if len(set(witness_ids)) != WITNESSES:
        return "Name two different people."
    return None


def normal_key(key: str) -> str | None:
    """The idempotency key of a signing form, or None where it is missing or not one of ours."""
    key = key.strip()
    return key if 16 <= len(key) <= LONGEST_KEY and key.isalnum() else None


def read_code(typed: str) -> tuple[str | None, str]:
    """Record number and fingerprint from what somebody typed or pasted: the number, or a receipt's whole address.

    No number where there is none; an empty fingerprint where only the number stands there.
    """
    plain = typed.strip().lower()
    compact = "".join(plain.split())
    if "/verify/" in compact:
        found, leaf = _RECORD_ID.search(compact), _LEAF.search(compact)
        return None if found is None else found[0], "" if leaf is None else leaf[1]
    return (compact if _RECORD_ID.fullmatch(compact) else None), ""
