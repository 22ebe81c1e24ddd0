"""The policy and course texts that records name by their SHA-256, in the bytes which that hash covers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lms.catalog.models import ContentPart, Course, CourseVersion
from lms.db import db
from lms.errors import IntegrityFault
from lms.policy.models import PolicyDocument, PolicyVersion
from lms.policy.rules import canonical_json, sha256_of

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Version:
    """One published version of a policy or course."""

    what: str
    slug: str
    number: int
    row_id: int
    sha256: str
    policy_sha256: str
    record_id: str

    def told(self) -> dict[str, str | int]:
        """Its line in ``content/index.json``."""
        told: dict[str, str | int] = {"sha256": self.sha256, "what": self.what, self.what: self.slug}
        told |= {"version": self.number, "record_id": self.record_id}
        return told | ({"policy_sha256": self.policy_sha256} if self.what == "course" else {})


class Versions:
    """All published versions; remembers which of them were named."""

    def __init__(self) -> None:
        policies = db.session.execute(
            select(PolicyDocument.slug, PolicyVersion.number, PolicyVersion.id, PolicyVersion.sha256)
            .add_columns(PolicyVersion.record_id)
            .join(PolicyDocument, PolicyDocument.id == PolicyVersion.document_id)
        )
        courses = db.session.execute(
            select(Course.slug, CourseVersion.number, CourseVersion.id, CourseVersion.sha256, PolicyVersion.sha256)
            .add_columns(CourseVersion.record_id)
            .join(Course, Course.id == CourseVersion.course_id)
            .join(PolicyVersion, PolicyVersion.id == CourseVersion.policy_version_id)
        )
        every = [Version("policy", row[0], row[1], row[2], row[3], row[3], row[4]) for row in policies]
        every += [Version("course", row[0], row[1], row[2], row[3], row[4], row[5]) for row in courses]
        self._by_hash: dict[str, list[Version]] = {}
        for version in every:
            self._by_hash.setdefault(version.sha256, []).append(version)
        self._named: set[str] = set()

    def see(self, value: Any) -> None:
        """Notes every version whose hash stands in a value; a course brings its policy."""
        for text in _hashes(value):
            for version in self._by_hash.get(text, ()):
                self._named |= {version.sha256, version.policy_sha256}

    def named(self) -> list[Version]:
        """Every version that was named, in a fixed order."""
        found = [version for sha256 in self._named for version in self._by_hash.get(sha256, ())]
        return sorted(found, key=lambda version: (version.what, version.slug, version.number))


def _hashes(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) == 64 and _SHA256.fullmatch(value):
            yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _hashes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _hashes(inner)


def iter_texts(version: Version) -> Iterator[tuple[str, str]]:
    """SHA-256 and text of everything that makes up a version. Raises IntegrityFault where a hash does not fit."""
    if version.what == "policy":
        text = db.session.scalar(select(PolicyVersion.canonical).where(PolicyVersion.id == version.row_id)) or ""
        yield _held(version.sha256, text, version)
        return
    parts = db.session.execute(
        select(ContentPart.kind, ContentPart.ref, ContentPart.sha256, ContentPart.body)
        .where(ContentPart.course_version_id == version.row_id)
        .order_by(ContentPart.position)
    ).all()
    listed = sorted([part.kind, part.ref, part.sha256] for part in parts)
    yield _held(version.sha256, canonical_json({"parts": listed, "policy": version.policy_sha256}), version)
    for part in parts:
        yield _held(part.sha256, part.body, version)


def _held(sha256: str, text: str, version: Version) -> tuple[str, str]:
    if sha256_of(text) != sha256:
        raise IntegrityFault(f"The text of {version.what} {version.slug}, version {version.number}, was altered.")
    return sha256, text


def texts_in(text: str) -> Any:
    """The values of a published text, to look through them."""
    return json.loads(text)
