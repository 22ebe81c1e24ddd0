"""Reads of the catalog: versions, and the content of a version put together and checked against its hashes."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from lms.catalog.content.markdown import to_html
from lms.catalog.models import ContentPart, Course, CourseVersion
from lms.catalog.rules import CourseContent, Edition, Part, course_digest, read_course
from lms.db import db
from lms.errors import IntegrityFault, NotFound
from lms.policy.cache import VersionCache
from lms.policy.models import PolicyVersion
from lms.policy.rules import sha256_of

_contents: VersionCache[CourseContent] = VersionCache("course")

_VERSION = CourseVersion.__table__.c
_CURRENT = select(_VERSION.id).order_by(_VERSION.number.desc()).limit(1)
_CURRENT_BY_ID = _CURRENT.where(_VERSION.course_id == bindparam("course"))
_CURRENT_BY_SLUG = _CURRENT.where(
    _VERSION.course_id == select(Course.id).where(Course.slug == bindparam("course")).scalar_subquery()
)
"""Built once: nearly every page asks which version is the newest."""


def find_course(slug: str) -> Course | None:
    """The course of this name, if it was ever published."""
    return db.session.scalar(select(Course).where(Course.slug == slug))


def get_course(slug: str) -> Course:
    """The course of this name. Raises NotFound."""
    course = find_course(slug)
    if course is None:
        raise NotFound(f"The course {slug} has not been published here. Publish it first.")
    return course


def list_courses() -> list[Course]:
    """Every course that was ever published, by name."""
    return list(db.session.scalars(select(Course).order_by(Course.slug)))


def find_current_version(course: int | str) -> CourseVersion | None:
    """The newest version of a course, given by id or slug, if there is one."""
    wanted = Course.id == course if isinstance(course, int) else Course.slug == course
    return db.session.scalar(
        select(CourseVersion)
        .join(CourseVersion.course)
        .where(wanted)
        .options(joinedload(CourseVersion.course))
        .order_by(CourseVersion.number.desc())
        .limit(1)
    )


def current_course_version(course: int | str) -> CourseVersion:
    """The newest version of a course, given by id or slug, with its course. Raises NotFound."""
    version = find_current_version(course)
    if version is None:
        raise NotFound("This course has not been published yet. Ask the administrator to publish it.")
    return version


def get_course_version(version_id: int) -> CourseVersion:
    """One version with its course and policy version. Raises NotFound."""
    version = db.session.scalar(
        select(CourseVersion)
        .where(CourseVersion.id == version_id)
        .options(joinedload(CourseVersion.course), joinedload(CourseVersion.policy_version))
    )
    if version is None:
        raise NotFound("There is no such version of the course.")
    return version


def list_versions(course_id: int) -> list[CourseVersion]:
    """Every version of a course, newest first, with the policy version that each teaches."""
    return list(
        db.session.scalars(
            select(CourseVersion)
            .where(CourseVersion.course_id == course_id)
            .options(joinedload(CourseVersion.policy_version))
            .order_by(CourseVersion.number.desc())
        )
    )


def current_content(course: int | str) -> CourseContent:
    """The content of the newest version of a course, given by id or slug; one query once it is known.

    Raises NotFound where none was published, and IntegrityFault as ``load_content`` does.
    """
    newest = _CURRENT_BY_ID if isinstance(course, int) else _CURRENT_BY_SLUG
    version_id = db.session.scalar(newest, {"course": course})
    if version_id is None:
        raise NotFound("This course has not been published yet. Ask the administrator to publish it.")
    return load_content(version_id)


def load_content(course_version_id: int) -> CourseContent:
    """The content of one version; two queries the first time in this process, none after.

    The hash of every part is checked on the first load. Raises NotFound, and IntegrityFault that names the part
    whose bytes are not the published ones.
    """
    return _contents.get(course_version_id, _load)


def hold_back(course_version_id: int) -> None:
    """Keeps a version that is only being published out of the process's memory until it is committed."""
    _contents.hold_back(course_version_id)


def _load(version_id: int) -> CourseContent:
    row = db.session.execute(
        select(CourseVersion.number, CourseVersion.sha256, PolicyVersion.id, PolicyVersion.sha256)
        .join(PolicyVersion, PolicyVersion.id == CourseVersion.policy_version_id)
        .where(CourseVersion.id == version_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such version of the course.")
    number, sha256, policy_version_id, policy_sha256 = row
    parts = _read_parts(version_id)
    if course_digest(parts, policy_sha256) != sha256:
        raise IntegrityFault(_altered(f"version {number} of the course: a part was added, removed or replaced"))
    edition = Edition(version_id, number, sha256, policy_version_id, policy_sha256)
    return read_course(edition, parts, to_html)


def _read_parts(version_id: int) -> list[Part]:
    rows = db.session.execute(
        select(ContentPart.kind, ContentPart.ref, ContentPart.body, ContentPart.sha256)
        .where(ContentPart.course_version_id == version_id)
        .order_by(ContentPart.position)
    )
    parts = [Part(*row) for row in rows]
    for part in parts:
        if sha256_of(part.body) != part.sha256:
            raise IntegrityFault(_altered(f"{part.kind} {part.ref}"))
    return parts


def _altered(what: str) -> str:
    return (
        f"Published content was altered ({what}). Nothing of it is shown. "
        "Tell the administrator to run “lms ledger verify”."
    )
