"""Writes of the catalog: publish a course from its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from lms.catalog.content.check import CheckedCourse, check_course
from lms.catalog.content.faults import ContentFault
from lms.catalog.evidence import PUBLISHED, fields_of_publisher, fields_of_version
from lms.catalog.models import ContentPart, Course, CourseVersion
from lms.catalog.queries import find_course, find_current_version, hold_back
from lms.catalog.rules import Part, course_digest
from lms.db import db
from lms.errors import Conflict, Invalid
from lms.ledger.actions import append
from lms.policy.actions import publish_policy
from lms.policy.models import PolicyVersion
from lms.roster.models import Person
from lms.roster.queries import get_person


class ContentRefused(Invalid):
    """The files have faults, so nothing is published; ``faults`` holds all of them."""

    def __init__(self, faults: list[ContentFault]) -> None:
        others = sum(not fault.is_note for fault in faults) - 1
        more = f" and {others} more" if others else ""
        super().__init__(f"The content cannot be published: {faults[0]}{more}")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Published:
    """The version that is current now, and whether this call made it."""

    course_version: CourseVersion
    new: bool


def publish_course(path: Path, by_id: int | None = None) -> Published:
    """Makes the content of a folder the course's current version, and its policy text the policy's.

    Files that say what the current version says make no version. Raises ContentRefused with every fault,
    NotFound where ``by_id`` is nobody, and Conflict where somebody else publishes at the same time.
    """
    checked = check_course(path)
    if not isinstance(checked, CheckedCourse):
        raise ContentRefused(checked)
    by = None if by_id is None else get_person(by_id)
    policy = publish_policy(checked.policy, by)
    digest = course_digest(checked.parts, policy.sha256)
    current = find_current_version(checked.slug)
    if current is not None and current.sha256 == digest and current.policy_version_id == policy.id:
        return Published(current, new=False)
    return Published(_publish(checked, policy, digest, current, by), new=True)


def _publish(
    checked: CheckedCourse, policy: PolicyVersion, digest: str, current: CourseVersion | None, by: Person | None
) -> CourseVersion:
    course = find_course(checked.slug)
    if course is None:
        course = Course(slug=checked.slug)
        db.session.add(course)
        db.session.flush()
    version = CourseVersion(
        course_id=course.id,
        course=course,
        number=1 if current is None else current.number + 1,
        title=checked.title,
        policy_version_id=policy.id,
        policy_version=policy,
        sha256=digest,
    )
    fields = {**fields_of_version(course.slug, version, policy, checked.parts), **fields_of_publisher(by)}
    appended = append(kind=PUBLISHED, fields=fields)
    version.record_id, version.published_at = appended.record_id, appended.at
    _insert(version, checked.parts)
    return version


def _insert(version: CourseVersion, parts: tuple[Part, ...]) -> None:
    """The record is there already, because the row refers to it; the log's head stays locked until the commit."""
    db.session.add(version)
    try:
        db.session.flush()
    except IntegrityError as error:
        raise Conflict("The course was published by somebody else at the same time. Try again.") from error
    rows = [
        {
            "course_version_id": version.id,
            "kind": part.kind,
            "ref": part.ref,
            "position": position,
            "sha256": part.sha256,
            "body": part.body,
        }
        for position, part in enumerate(parts)
    ]
    db.session.execute(insert(ContentPart), rows)
    hold_back(version.id)
