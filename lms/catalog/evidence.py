"""What the ledger is told of a published course, and whether the rows still say it.

The record holds the hash of every part. ``check_rows`` hashes the stored bytes again, so that a byte changed in a
lesson, a scenario, an item or a form is named with that part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import select

from lms.catalog.models import ContentPart, Course, CourseVersion
from lms.catalog.rules import KINDS, Part, course_digest
from lms.db import db
from lms.ledger.compare import repeated_rows
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import iter_disclosed
from lms.ledger.rules.disclosures import JsonValue, timestamp
from lms.ledger.verify import Fault
from lms.policy.evidence import ALTERED, fields_of_publisher
from lms.policy.models import PolicyVersion
from lms.policy.rules import sha256_of

__all__ = ["PUBLISHED", "altered_versions", "check_rows", "fields_of_publisher", "fields_of_version"]

PUBLISHED = "catalog.course_published"
BATCH = 500


def fields_of_version(
    slug: str, version: CourseVersion, policy: PolicyVersion, parts: Iterable[Part]
) -> dict[str, JsonValue]:
    """A published version: its policy text, and kind, ref and hash of each part in order."""
    return {
        "course": slug,
        "version": version.number,
        "title": version.title,
        "sha256": version.sha256,
        "policy_version": policy.number,
        "policy_sha256": policy.sha256,
        "parts": [[part.kind, part.ref, part.sha256] for part in parts],
    }


def check_rows() -> Iterator[Fault]:
    """Every row of this feature that no longer says what the ledger recorded."""
    for entry, disclosed in iter_disclosed([PUBLISHED], strict=False):
        if not disclosed.destroyed:
            yield from _check_version(entry, dict(disclosed))
    yield from repeated_rows(CourseVersion)
    known = select(LedgerEntry.record_id).where(LedgerEntry.kind == PUBLISHED)
    rows = select(CourseVersion.record_id, CourseVersion.number).where(CourseVersion.record_id.not_in(known))
    for record_id, number in db.session.execute(rows):
        yield Fault(record_id, None, f"course version {number}", "The ledger has no record of this row.")


def altered_versions() -> dict[int, str]:
    """The course versions of which something is not as recorded: row id, and what it is called.

    Whatever rests on one of them cannot be compared with its text; the text is named by ``check_rows``.
    """
    sound = {
        entry.record_id
        for entry, disclosed in iter_disclosed([PUBLISHED], strict=False)
        if disclosed.destroyed or not any(_check_version(entry, dict(disclosed)))
    }
    rows = db.session.execute(
        select(CourseVersion.id, CourseVersion.record_id, CourseVersion.number, Course.slug).outerjoin(
            Course, Course.id == CourseVersion.course_id
        )
    )
    return {row_id: f"course {slug}, version {number}" for row_id, record, number, slug in rows if record not in sound}


def _check_version(entry: LedgerEntry, recorded: dict[str, JsonValue]) -> Iterator[Fault]:
    name = f"course {recorded.get('course')}, version {recorded.get('version')}"

    def fault(where: str, what: str = ALTERED) -> Fault:
        return Fault(entry.record_id, entry.position, f"{name}: {where}" if where else name, what)

    row = db.session.execute(
        select(CourseVersion, Course.slug, PolicyVersion)
        .join(Course, Course.id == CourseVersion.course_id)
        .join(PolicyVersion, PolicyVersion.id == CourseVersion.policy_version_id)
        .where(CourseVersion.record_id == entry.record_id)
        .order_by(CourseVersion.id)
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        yield fault("", "The row is missing.")
        return
    version, slug, policy = row
    parts: list[Part] = []
    for part, altered in _stored_parts(version.id):
        parts.append(part)
        if altered or part.kind not in KINDS:
            yield fault(f"{part.kind} {part.ref}")
    current = fields_of_version(slug, version, policy, parts)
    for field, value in current.items():
        if field != "parts" and recorded.get(field) != value:
            yield fault(field)
    if timestamp(version.published_at) != timestamp(entry.at):
        yield fault("time")
    for where, what in _differing_parts(recorded["parts"], current["parts"]):
        yield fault(where, what)
    if course_digest(parts, policy.sha256) != version.sha256:
        yield fault("sha256", "is not the hash of the parts")


def _stored_parts(version_id: int) -> Iterator[tuple[Part, bool]]:
    """The parts in order without their bodies, each with whether its bytes are not those of its hash."""
    last = -1
    while True:
        rows = db.session.execute(
            select(ContentPart.position, ContentPart.kind, ContentPart.ref, ContentPart.body, ContentPart.sha256)
            .where(ContentPart.course_version_id == version_id, ContentPart.position > last)
            .order_by(ContentPart.position)
            .limit(BATCH)
        ).all()
        for position, kind, ref, body, sha256 in rows:
            last = position
            yield Part(kind, ref, "", sha256), sha256_of(body) != sha256
        if len(rows) < BATCH:
            return


def _differing_parts(recorded: JsonValue, current: JsonValue) -> Iterator[tuple[str, str]]:
    then, now = _by_name(recorded), _by_name(current)
    for name in [*then, *(name for name in now if name not in then)]:
        if name not in now:
            yield name, "The row is missing."
        elif name not in then:
            yield name, "The ledger knows no such part."
        elif then[name] != now[name]:
            yield name, ALTERED
    if list(then) != list(now) and set(then) == set(now):
        yield "order of the parts", ALTERED


def _by_name(parts: JsonValue) -> dict[str, JsonValue]:
    listed = parts if isinstance(parts, list) else []
    return {f"{kind} {ref}": sha256 for kind, ref, sha256 in listed}
