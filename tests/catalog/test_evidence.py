"""Rows that no longer say what the ledger recorded are named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from lms.catalog.actions import publish_course
from lms.catalog.evidence import check_rows
from lms.catalog.models import ContentPart, CourseVersion
from lms.policy.queries import get_version
from lms.policy.rules import sha256_of
from tests.catalog.courses import TINY


@pytest.fixture
def version(session: Any) -> CourseVersion:
    published = publish_course(TINY).course_version
    session.commit()
    return published


def named(session: Any) -> str:
    session.commit()
    return "\n".join(f"{fault.where}: {fault.what}" for fault in check_rows())


def part(session: Any, kind: str) -> ContentPart:
    found: ContentPart = session.scalars(select(ContentPart).where(ContentPart.kind == kind).limit(1)).one()
    return found


def test_untouched_rows_have_no_fault(session: Any, version: CourseVersion) -> None:
    assert named(session) == ""


@pytest.mark.parametrize("kind", ["course", "module", "lesson", "scenario", "item", "form"])
def test_changed_byte_names_the_part(kind: str, session: Any, version: CourseVersion) -> None:
    found = part(session, kind)
    found.body = found.body.replace("e", "é", 1)
    assert f"course sop-110, version 1: {kind} {found.ref}: differs from the ledger record" in named(session)


def test_changed_byte_with_its_hash_names_the_part(session: Any, version: CourseVersion) -> None:
    found = part(session, "item")
    found.body = found.body.replace("e", "é", 1)
    found.sha256 = sha256_of(found.body)
    assert f"item {found.ref}: differs from the ledger record" in named(session)


CHANGES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "title": (lambda s: s.execute(update(CourseVersion).values(title="Other")), "title: differs"),
    "number": (lambda s: s.execute(update(CourseVersion).values(number=9)), "version: differs"),
    "hash": (lambda s: s.execute(update(CourseVersion).values(sha256="0" * 64)), "sha256: differs"),
    "removed": (
        lambda s: s.execute(delete(ContentPart).where(ContentPart.ref == "conf-training-clip")),
        "item conf-training-clip: The row is missing.",
    ),
    "renamed": (
        lambda s: s.execute(update(ContentPart).where(ContentPart.ref == "conf-training-clip").values(ref="other")),
        "item other: The ledger knows no such part.",
    ),
    "moved": (
        lambda s: s.execute(update(ContentPart).where(ContentPart.ref == "conf-training-clip").values(position=900)),
        "order of the parts: differs",
    ),
}


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_changed_version_is_named(name: str, session: Any, version: CourseVersion) -> None:
    change, expected = CHANGES[name]
    change(session)
    assert expected in named(session)


def test_removed_version_is_named(session: Any, version: CourseVersion) -> None:
    session.execute(delete(ContentPart))
    session.execute(delete(CourseVersion))
    assert named(session) == "course sop-110, version 1: The row is missing."


def test_version_that_the_ledger_never_saw_is_named(session: Any, version: CourseVersion) -> None:
    forged = CourseVersion(
        course_id=version.course_id,
        number=2,
        title="Forged",
        policy_version_id=version.policy_version_id,
        sha256="0" * 64,
        published_at=version.published_at,
        record_id=get_version(version.policy_version_id).record_id,
    )
    session.add(forged)
    assert "course version 2: The ledger has no record of this row." in named(session)
