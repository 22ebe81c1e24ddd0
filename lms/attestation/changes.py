"""What changed in the policy since somebody last signed it: what is shown, what is recorded of it, and its check.

The comparison follows from two published texts, which never change; so the record of a reading can be derived from
its row again at any time, clause by clause.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Select, String, and_, cast, literal, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from lms.attestation.models import Attestation, PolicyReading
from lms.attestation.rules import ShownChanges
from lms.db import db
from lms.ledger.compare import Described, compare_rows, missing_rows, unrecorded_rows
from lms.ledger.rules.disclosures import JsonValue, timestamp
from lms.ledger.verify import Fault
from lms.policy.models import PolicyVersion
from lms.policy.queries import get_version, policy_text
from lms.policy.rules import ClauseText, sha256_of
from lms.policy.rules.comparing import ClauseChange, compare_clauses
from lms.training.models import StepProgress
from lms.training.rules import changes_key

CHANGES_READ = "attestation.changes_read"


@dataclass(frozen=True, slots=True)
class WhatChanged:
    """The text in force beside the one that the person last signed, which ``since`` names; None: never signed."""

    now: PolicyVersion
    since: Attestation | None
    changes: tuple[ClauseChange, ...]
    to_read: tuple[ClauseText, ...]
    """The whole taught part of the policy, for somebody who has not signed before."""

    @property
    def outcome(self) -> str:
        """``never_signed``, ``nothing`` or ``changed``."""
        if self.since is None:
            return "never_signed"
        return "changed" if self.changes else "nothing"

    @property
    def shown(self) -> ShownChanges:
        """What a confirmation of this page names."""
        return ShownChanges(self.now.id, None if self.since is None else self.since.id)

    @property
    def clauses(self) -> list[JsonValue]:
        """Every clause that is shown: how it changed, its number and the hash of its words before, and now."""
        shown: list[JsonValue] = [["whole", None, None, clause.ref, sha256_of(clause.text)] for clause in self.to_read]
        for change in self.changes:
            shown.append([change.kind, *_named(change.before), *_named(change.now)])
        return shown


def _named(clause: ClauseText | None) -> tuple[str | None, str | None]:
    return (None, None) if clause is None else (clause.ref, sha256_of(clause.text))


def what_changed(person_id: int, policy_version_id: int) -> WhatChanged:
    """What a person has to read before signing this text. Raises NotFound."""
    now = get_version(policy_version_id)
    return compare(now, find_last_signature(person_id, now))


def compare(now: PolicyVersion, since: Attestation | None) -> WhatChanged:
    """The text in force against the one that was signed."""
    clauses = policy_text(now.id).clauses
    if since is None:
        return WhatChanged(now, None, (), tuple(clause for clause in clauses if clause.taught))
    if since.policy_version_id == now.id:
        return WhatChanged(now, since, (), ())
    return WhatChanged(now, since, compare_clauses(policy_text(since.policy_version_id).clauses, clauses), ())


def find_last_signature(person_id: int, policy: PolicyVersion) -> Attestation | None:
    """The person's last signature on any text of the same policy. A decline is no signature."""
    return db.session.scalar(
        select(Attestation)
        .join(Attestation.policy_version)
        .where(
            Attestation.person_id == person_id,
            Attestation.outcome == "signed",
            PolicyVersion.document_id == policy.document_id,
        )
        .options(contains_eager(Attestation.policy_version))
        .order_by(Attestation.attested_at.desc(), Attestation.id.desc())
        .limit(1)
    )


def find_reading(assignment_id: int, policy_version_id: int | None = None) -> PolicyReading | None:
    """The confirmed reading of this text in an assignment; without a text, the last one."""
    query = _readings().where(PolicyReading.assignment_id == assignment_id)
    if policy_version_id is not None:
        query = query.where(PolicyReading.policy_version_id == policy_version_id)
    return db.session.scalar(query.order_by(PolicyReading.id.desc()).limit(1))


def _readings() -> Select[PolicyReading]:
    return select(PolicyReading).options(
        joinedload(PolicyReading.assignment),
        joinedload(PolicyReading.policy_version).joinedload(PolicyVersion.document),
        joinedload(PolicyReading.since).joinedload(Attestation.policy_version),
    )


def fields_of_reading(row: PolicyReading) -> dict[str, JsonValue]:
    """A reading: both texts, how they differ, every clause that was shown, when it was opened and confirmed."""
    shown = compare(row.policy_version, row.since)
    return {
        "assignment_id": row.assignment_id,
        "person_id": row.assignment.person_id,
        "outcome": shown.outcome,
        "policy": _policy(row.policy_version),
        "signed_policy": None if row.since is None else _policy(row.since.policy_version),
        "signed_at": None if row.since is None else timestamp(row.since.attested_at),
        "signed_record": None if row.since is None else row.since.record_id,
        "clauses": shown.clauses,
        "opened_at": timestamp(row.opened_at),
        "confirmed_at": timestamp(row.confirmed_at),
    }


def _policy(version: PolicyVersion) -> dict[str, JsonValue]:
    return {"version": version.number, "revised_on": version.revised_on.isoformat(), "sha256": version.sha256}


def check_readings() -> Iterator[Fault]:
    """Every reading that is not what its record says, and every step that is done without one."""
    yield from compare_rows(_readings(), PolicyReading.id, _describe)
    yield from unrecorded_rows(select(PolicyReading.id, PolicyReading.record_id), (CHANGES_READ,), "policy reading")
    yield from missing_rows(CHANGES_READ, select(PolicyReading.record_id))
    key = literal(changes_key(0)[:-1]) + cast(PolicyReading.policy_version_id, String)
    same_step = and_(PolicyReading.assignment_id == StepProgress.assignment_id, StepProgress.step == key)
    unproved = (
        select(StepProgress)
        .outerjoin(PolicyReading, and_(same_step, PolicyReading.record_id == StepProgress.record_id))
        .where(
            StepProgress.step.startswith(changes_key(0)[:-1]),
            StepProgress.done_at.is_not(None),
            or_(PolicyReading.id.is_(None), StepProgress.record_id.is_(None)),
        )
        .order_by(StepProgress.id)
    )
    for step in db.session.scalars(unproved):
        where = f"assignment {step.assignment_id}, {step.step}: record_id"
        yield Fault(step.record_id, None, where, "names no record that proves this step")


def _describe(row: PolicyReading) -> Described:
    return f"policy reading {row.id}", row.record_id, fields_of_reading(row)
