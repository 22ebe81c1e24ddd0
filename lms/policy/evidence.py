"""What the ledger is told of the policy, and whether the rows still say it.

The record of a published version holds the hash of its whole text and of every clause. ``check_rows`` derives the
same fields from the rows again, so that a byte changed in a version or a clause is named with its clause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select

from lms.db import db
from lms.ledger.compare import repeated_rows
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import iter_disclosed
from lms.ledger.rules.disclosures import JsonValue, timestamp
from lms.ledger.verify import Fault
from lms.policy.models import Clause, PolicyDocument, PolicyReview, PolicyVersion
from lms.policy.rules import ParsedPolicy, sha256_of
from lms.roster.models import Person

PUBLISHED = "policy.version_published"
REVIEW_FLAGGED = "policy.review_flagged"
ALTERED = "differs from the ledger record"


def fields_of_version(slug: str, version: PolicyVersion, clauses: Iterable[Clause]) -> dict[str, JsonValue]:
    """A published version: its dates, the hash of its text, and the hash of each clause in order."""
    return {
        "policy": slug,
        "version": version.number,
        "effective_on": version.effective_on.isoformat(),
        "revised_on": version.revised_on.isoformat(),
        "review_months": version.review_months,
        "sha256": version.sha256,
        "clauses": [[clause.ref, sha256_of(clause.text), clause.taught] for clause in clauses],
    }


def fields_of_publisher(by: Person | None) -> dict[str, JsonValue]:
    """Who published; nobody is named where it was done from the command line of the server."""
    return {
        "published_by": "command line" if by is None else by.full_name,
        "published_by_badge": None if by is None else by.badge,
    }


def fields_of_review(slug: str, version: PolicyVersion, review: PolicyReview) -> dict[str, JsonValue]:
    """A review that fell due."""
    return {"policy": slug, "version": version.number, "due_on": review.due_on.isoformat()}


def check_rows() -> Iterator[Fault]:
    """Every row of this feature that no longer says what the ledger recorded."""
    for entry, disclosed in iter_disclosed([PUBLISHED], strict=False):
        if not disclosed.destroyed:
            yield from _check_version(entry, dict(disclosed))
    yield from repeated_rows(PolicyVersion)
    yield from repeated_rows(PolicyReview)
    yield from _unrecorded(select(PolicyVersion.record_id, PolicyVersion.number), PUBLISHED, "policy version")
    for entry, disclosed in iter_disclosed([REVIEW_FLAGGED], strict=False):
        if not disclosed.destroyed:
            yield from _check_review(entry, dict(disclosed))
    yield from _unrecorded(select(PolicyReview.record_id, PolicyReview.due_on), REVIEW_FLAGGED, "policy review")


def altered_versions() -> dict[int, str]:
    """The policy versions of which something is not as recorded: row id, and what it is called."""
    sound = {
        entry.record_id
        for entry, disclosed in iter_disclosed([PUBLISHED], strict=False)
        if disclosed.destroyed or not any(_check_version(entry, dict(disclosed)))
    }
    rows = db.session.execute(
        select(PolicyVersion.id, PolicyVersion.record_id, PolicyVersion.number, PolicyDocument.slug).outerjoin(
            PolicyDocument, PolicyDocument.id == PolicyVersion.document_id
        )
    )
    return {row_id: f"policy {slug}, version {number}" for row_id, record, number, slug in rows if record not in sound}


def _check_version(entry: LedgerEntry, recorded: dict[str, JsonValue]) -> Iterator[Fault]:
    name = f"policy {recorded.get('policy')}, version {recorded.get('version')}"
    row = db.session.execute(
        select(PolicyVersion, PolicyDocument.slug)
        .join(PolicyDocument, PolicyDocument.id == PolicyVersion.document_id)
        .where(PolicyVersion.record_id == entry.record_id)
        .order_by(PolicyVersion.id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        yield Fault(entry.record_id, entry.position, name, "The row is missing.")
        return
    version, slug = row
    query = select(Clause).where(Clause.version_id == version.id).order_by(Clause.position)
    clauses = list(db.session.scalars(query.execution_options(populate_existing=True)))
    current = fields_of_version(slug, version, clauses)
    yield from _differences(entry, name, recorded, current)
    yield from _other_time(entry, name, version.published_at)
    if sha256_of(version.canonical) != version.sha256:
        yield Fault(entry.record_id, entry.position, f"{name}: text", ALTERED)
    else:
        yield from _check_trail(entry, name, version, clauses)
    yield from _check_clauses(entry, name, recorded["clauses"], current["clauses"])


def _check_trail(entry: LedgerEntry, name: str, version: PolicyVersion, clauses: Sequence[Clause]) -> Iterator[Fault]:
    """The clauses must also stand at the places that the whole text gives them."""
    try:
        whole = ParsedPolicy.from_canonical(version.canonical)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        yield Fault(entry.record_id, entry.position, f"{name}: text", f"cannot be read: {error}")
        return
    if [(c.ref, c.position) for c in whole.clauses] != [(c.ref, c.position) for c in clauses]:
        yield Fault(entry.record_id, entry.position, f"{name}: order of the clauses", ALTERED)


def _check_clauses(entry: LedgerEntry, name: str, recorded: JsonValue, current: JsonValue) -> Iterator[Fault]:
    then, now = _by_ref(recorded), _by_ref(current)
    for ref in [*then, *(ref for ref in now if ref not in then)]:
        if ref not in now:
            yield Fault(entry.record_id, entry.position, f"{name}: clause {ref}", "The row is missing.")
        elif ref not in then:
            yield Fault(entry.record_id, entry.position, f"{name}: clause {ref}", "The ledger knows no such clause.")
        elif then[ref] != now[ref]:
            yield Fault(entry.record_id, entry.position, f"{name}: clause {ref}", ALTERED)


def _by_ref(clauses: JsonValue) -> dict[str, list[JsonValue]]:
    listed = clauses if isinstance(clauses, list) else []
    return {str(ref): [digest, taught] for ref, digest, taught in listed}


def _check_review(entry: LedgerEntry, recorded: dict[str, JsonValue]) -> Iterator[Fault]:
    name = f"review of policy {recorded.get('policy')}, version {recorded.get('version')}"
    row = db.session.execute(
        select(PolicyReview, PolicyVersion, PolicyDocument.slug)
        .join(PolicyVersion, PolicyVersion.id == PolicyReview.version_id)
        .join(PolicyDocument, PolicyDocument.id == PolicyVersion.document_id)
        .where(PolicyReview.record_id == entry.record_id)
        .order_by(PolicyReview.id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        yield Fault(entry.record_id, entry.position, name, "The row is missing.")
        return
    review, version, slug = row
    yield from _differences(entry, name, recorded, fields_of_review(slug, version, review))
    yield from _other_time(entry, name, review.flagged_at)
    # A review ends with the next text, whose own record says when that was published.
    ended_at = db.session.scalar(
        select(func.min(PolicyVersion.published_at)).where(
            PolicyVersion.document_id == version.document_id,
            PolicyVersion.number > version.number,
            PolicyVersion.published_at >= review.flagged_at,
        )
    )
    if review.closed_at != ended_at:
        yield Fault(entry.record_id, entry.position, f"{name}: closed_at", "is not when the next text was published")
    if review.outcome != (None if ended_at is None else "revised"):
        yield Fault(entry.record_id, entry.position, f"{name}: outcome", "is not what the texts on record say")


def _differences(
    entry: LedgerEntry, name: str, recorded: dict[str, JsonValue], current: dict[str, JsonValue]
) -> Iterator[Fault]:
    """Fields of the row that differ; lists are compared entry by entry elsewhere."""
    for field, value in current.items():
        if not isinstance(value, list) and recorded.get(field) != value:
            yield Fault(entry.record_id, entry.position, f"{name}: {field}", ALTERED)


def _other_time(entry: LedgerEntry, name: str, at: datetime) -> Iterator[Fault]:
    if timestamp(at) != timestamp(entry.at):
        yield Fault(entry.record_id, entry.position, f"{name}: time", ALTERED)


def _unrecorded(rows: Select[str, object], kind: str, name: str) -> Iterator[Fault]:
    """Rows whose record is not one of this kind: the ledger was never told of them."""
    known = select(LedgerEntry.record_id).where(LedgerEntry.kind == kind)
    column = rows.selected_columns[0]
    for record_id, what in db.session.execute(rows.where(column.not_in(known))):
        yield Fault(record_id, None, f"{name} {what}", "The ledger has no record of this row.")
