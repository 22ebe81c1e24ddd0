"""Writes of the policy: publish a text, flag reviews that fall due."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lms.db import db
from lms.errors import Conflict
from lms.ledger.actions import append
from lms.policy.evidence import (
    PUBLISHED,
    REVIEW_FLAGGED,
    fields_of_publisher,
    fields_of_review,
    fields_of_version,
)
from lms.policy.models import Clause, PolicyDocument, PolicyReview, PolicyVersion
from lms.policy.queries import find_current_version, find_document, hold_back, list_current_versions
from lms.policy.rules import ParsedPolicy, is_review_due, review_due_on, sha256_of
from lms.roster.models import Person


def publish_policy(parsed: ParsedPolicy, by: Person | None = None) -> PolicyVersion:
    """Makes the text the policy's current version; gives back the current one where it has the same text already.

    Open reviews of earlier versions end, because revising is what they asked for.
    Raises Conflict where somebody else publishes at the same time.
    """
    current = find_current_version(parsed.slug)
    canonical = parsed.canonical
    digest = sha256_of(canonical)
    if current is not None and current.sha256 == digest:
        return current
    document = _document_of(parsed)
    version = PolicyVersion(
        document_id=document.id,
        document=document,
        number=1 if current is None else current.number + 1,
        effective_on=parsed.effective_on,
        revised_on=parsed.revised_on,
        review_months=parsed.review_months,
        sha256=digest,
        canonical=canonical,
    )
    clauses = [
        Clause(ref=clause.ref, position=clause.position, text=clause.text, taught=clause.taught)
        for clause in parsed.clauses
    ]
    fields = {**fields_of_version(parsed.slug, version, clauses), **fields_of_publisher(by)}
    appended = append(kind=PUBLISHED, fields=fields)
    version.record_id, version.published_at = appended.record_id, appended.at
    _insert(version, clauses)
    _end_reviews(document.id, version.id, appended.at)
    return version


def flag_due_reviews(today: date) -> int:
    """Flags every current version whose review is due by ``today`` (local); how many were not flagged before."""
    versions = list_current_versions()
    query = select(PolicyReview.version_id, PolicyReview.due_on)
    rows = db.session.execute(query.where(PolicyReview.version_id.in_([version.id for version in versions])))
    flagged = {(version_id, due_on) for version_id, due_on in rows}
    count = 0
    for version in versions:
        due_on = review_due_on(version.revised_on, version.review_months)
        if is_review_due(due_on, today) and (version.id, due_on) not in flagged:
            _flag(version, due_on)
            count += 1
    return count


def _document_of(parsed: ParsedPolicy) -> PolicyDocument:
    document = find_document(parsed.slug)
    if document is None:
        document = PolicyDocument(slug=parsed.slug, number=parsed.number, title=parsed.title)
        db.session.add(document)
    document.number, document.title = parsed.number, parsed.title
    db.session.flush()
    return document


def _insert(version: PolicyVersion, clauses: list[Clause]) -> None:
    """The record is there already, because the row refers to it; the log's head stays locked until the commit."""
    db.session.add(version)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("The policy was published by somebody else at the same time. Try again.") from error
    for clause in clauses:
        clause.version_id = version.id
    db.session.add_all(clauses)
    db.session.flush()
    hold_back(version.id)


def _end_reviews(document_id: int, version_id: int, at: datetime) -> None:
    earlier = select(PolicyVersion.id).where(PolicyVersion.document_id == document_id, PolicyVersion.id != version_id)
    db.session.execute(
        update(PolicyReview)
        .where(PolicyReview.version_id.in_(earlier), PolicyReview.closed_at.is_(None))
        .values(closed_at=at, outcome="revised")
        .execution_options(synchronize_session="fetch")
    )


def _flag(version: PolicyVersion, due_on: date) -> None:
    review = PolicyReview(version_id=version.id, due_on=due_on)
    appended = append(kind=REVIEW_FLAGGED, fields=fields_of_review(version.document.slug, version, review))
    review.record_id, review.flagged_at = appended.record_id, appended.at
    db.session.add(review)
    db.session.flush()
