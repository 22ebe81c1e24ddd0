"""Reads of the policy: versions, their clauses word for word, and reviews that are due."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from lms.db import db
from lms.errors import IntegrityFault, NotFound
from lms.policy.cache import VersionCache
from lms.policy.models import Clause, PolicyDocument, PolicyReview, PolicyVersion
from lms.policy.rules import ClauseText, ParsedPolicy, sha256_of

_texts: VersionCache[ParsedPolicy] = VersionCache("policy text")
_clauses: VersionCache[Mapping[str, ClauseText]] = VersionCache("policy clauses")


def find_document(slug: str) -> PolicyDocument | None:
    """The policy of this name, if it was ever published."""
    return db.session.scalar(select(PolicyDocument).where(PolicyDocument.slug == slug))


def find_current_version(slug: str) -> PolicyVersion | None:
    """The newest version with its document, if the policy was ever published."""
    return db.session.scalar(
        select(PolicyVersion)
        .join(PolicyVersion.document)
        .where(PolicyDocument.slug == slug)
        .options(joinedload(PolicyVersion.document))
        .order_by(PolicyVersion.number.desc())
        .limit(1)
    )


def current_version(slug: str) -> PolicyVersion:
    """The newest version with its document. Raises NotFound where there is none."""
    version = find_current_version(slug)
    if version is None:
        raise NotFound("This policy has not been published here. Ask the training sergeant which policies are.")
    return version


def find_version(slug: str, number: int) -> PolicyVersion | None:
    """The version of a policy that has this number, with its document."""
    return db.session.scalar(
        select(PolicyVersion)
        .join(PolicyVersion.document)
        .where(PolicyDocument.slug == slug, PolicyVersion.number == number)
        .options(joinedload(PolicyVersion.document))
    )


def get_version(version_id: int) -> PolicyVersion:
    """One version with its document. Raises NotFound."""
    version = db.session.scalar(
        select(PolicyVersion).where(PolicyVersion.id == version_id).options(joinedload(PolicyVersion.document))
    )
    if version is None:
        raise NotFound("There is no such version of the policy.")
    return version


def list_clauses(version_id: int) -> list[Clause]:
    """The clause rows of a version in the policy's order."""
    return list(db.session.scalars(select(Clause).where(Clause.version_id == version_id).order_by(Clause.position)))


def policy_text(version_id: int) -> ParsedPolicy:
    """The whole policy as published, with headings; kept by version in this process.

    Raises NotFound, and IntegrityFault where the stored text is not the published one.
    """
    return _texts.get(version_id, _load_text)


def clauses_by_ref(version_id: int) -> Mapping[str, ClauseText]:
    """Every clause of a version by its ref, in the policy's order; kept by version in this process."""
    return _clauses.get(version_id, _load_clauses)


def hold_back(version_id: int) -> None:
    """Keeps a version that is only being published out of the process's memory until it is committed."""
    _texts.hold_back(version_id)
    _clauses.hold_back(version_id)


def find_open_review(document_id: int) -> PolicyReview | None:
    """The flagged review of a document's newest version that nobody has closed."""
    newest = (
        select(PolicyVersion.id)
        .where(PolicyVersion.document_id == document_id)
        .order_by(PolicyVersion.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    return db.session.scalar(
        select(PolicyReview)
        .where(PolicyReview.version_id == newest, PolicyReview.closed_at.is_(None))
        .order_by(PolicyReview.due_on)
        .limit(1)
    )


def list_open_reviews() -> list[tuple[PolicyReview, PolicyVersion]]:
    """Every flagged review that nobody has closed, oldest first, with its version and document."""
    rows = db.session.execute(
        select(PolicyReview, PolicyVersion)
        .join(PolicyVersion, PolicyVersion.id == PolicyReview.version_id)
        .where(PolicyReview.closed_at.is_(None))
        .options(joinedload(PolicyVersion.document))
        .order_by(PolicyReview.due_on, PolicyReview.id)
    )
    return [(review, version) for review, version in rows]


def list_current_versions() -> list[PolicyVersion]:
    """The newest version of every policy, with its document."""
    newest = (
        select(PolicyVersion.document_id, db.func.max(PolicyVersion.number).label("number"))
        .group_by(PolicyVersion.document_id)
        .subquery()
    )
    return list(
        db.session.scalars(
            select(PolicyVersion)
            .join(
                newest,
                (newest.c.document_id == PolicyVersion.document_id) & (newest.c.number == PolicyVersion.number),
            )
            .options(joinedload(PolicyVersion.document))
            .order_by(PolicyVersion.id)
        )
    )


def find_review(version_id: int) -> PolicyReview | None:
    """The review of a version that was flagged last, open or closed."""
    return db.session.scalar(
        select(PolicyReview).where(PolicyReview.version_id == version_id).order_by(PolicyReview.due_on.desc()).limit(1)
    )


def _load_text(version_id: int) -> ParsedPolicy:
    version = get_version(version_id)
    if sha256_of(version.canonical) != version.sha256:
        raise IntegrityFault(
            f"The stored text of {version.document.title}, version {version.number}, is not the one that was "
            "published. It is not shown. Tell the administrator to run “lms ledger verify”."
        )
    return ParsedPolicy.from_canonical(version.canonical)


def _load_clauses(version_id: int) -> Mapping[str, ClauseText]:
    return MappingProxyType({clause.ref: clause for clause in policy_text(version_id).clauses})
