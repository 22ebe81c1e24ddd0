"""Publishing: one version for each text, all of it on the ledger, and read back exactly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from lms.catalog.actions import ContentRefused, publish_course
from lms.catalog.models import ContentPart, CourseVersion
from lms.catalog.queries import (
    current_content,
    current_course_version,
    get_course_version,
    list_courses,
    list_versions,
    load_content,
)
from lms.errors import IntegrityFault, NotFound
from lms.ledger.models import LedgerEntry
from lms.ledger.queries import read_disclosures
from lms.policy.models import PolicyVersion
from lms.policy.rules import sha256_of
from tests.catalog.courses import BANK, REAL, TINY, copy_tiny, edit
from tests.support.queries import counted_queries


def kinds(session: Any) -> list[str]:
    rows = session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.position))
    return [kind for kind in rows if not kind.startswith("ledger.")]


def test_first_publication_makes_policy_and_course(session: Any) -> None:
    published = publish_course(TINY)
    assert published.new
    assert (published.course_version.number, published.course_version.policy_version.number) == (1, 1)
    session.commit()
    assert get_course_version(published.course_version.id).policy_version.number == 1
    assert kinds(session) == ["policy.version_published", "catalog.course_published"]
    assert [course.slug for course in list_courses()] == ["sop-110"]


def test_unchanged_content_makes_no_version_and_no_record(session: Any) -> None:
    first = publish_course(TINY)
    session.commit()
    again = publish_course(TINY)
    session.commit()
    assert not again.new
    assert again.course_version.id == first.course_version.id
    assert len(kinds(session)) == 2


def test_line_breaks_that_change_no_text_make_no_version(session: Any, tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    publish_course(course)
    edit(
        course,
        BANK,
        "stem: What is the purpose of the policy?",
        "stem: >-\n      What is the purpose\n      of the policy?",
    )
    assert not publish_course(course).new


def test_one_changed_word_makes_a_new_version_and_keeps_the_policy(session: Any, tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    first = publish_course(course).course_version
    session.commit()
    edit(course, BANK, "stem: What is the purpose of the policy?", "stem: What is the aim of the policy?")
    second = publish_course(course)
    session.commit()
    assert (second.new, second.course_version.number) == (True, 2)
    assert second.course_version.policy_version_id == first.policy_version_id
    assert session.scalar(select(func.count(PolicyVersion.id))) == 1
    assert load_content(first.id).item("purpose-of-sop").stem == "What is the purpose of the policy?"
    assert current_content("sop-110").item("purpose-of-sop").stem == "What is the aim of the policy?"
    assert [version.number for version in list_versions(first.course_id)] == [2, 1]


def test_content_that_was_replaced_may_come_back(session: Any, tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    first = publish_course(course).course_version
    edit(course, BANK, "stem: What is the purpose of the policy?", "stem: What is the aim of the policy?")
    publish_course(course)
    edit(course, BANK, "stem: What is the aim of the policy?", "stem: What is the purpose of the policy?")
    third = publish_course(course)
    assert (third.new, third.course_version.number, third.course_version.sha256) == (True, 3, first.sha256)


def test_new_policy_text_makes_a_new_course_version(session: Any, tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    publish_course(course)
    edit(course, "policy.md", "revised_on: 2021-01-10", "revised_on: 2026-01-10")
    published = publish_course(course)
    assert (published.course_version.number, published.course_version.policy_version.number) == (2, 2)


def test_content_with_faults_is_refused_with_all_of_them(session: Any, tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    edit(course, BANK, "verdict: duty", "verdict: maybe")
    edit(course, "course.yaml", 'module: "8"', 'module: "9"')
    with pytest.raises(ContentRefused, match=r"cannot be published: course\.yaml:\d+:") as refused:
        publish_course(course)
    assert len(refused.value.faults) >= 2
    assert kinds(session) == []


def test_record_holds_the_hash_of_every_part(session: Any) -> None:
    version = publish_course(TINY).course_version
    session.commit()
    disclosed = read_disclosures(version.record_id)
    parts = session.scalars(select(ContentPart).order_by(ContentPart.position)).all()
    assert disclosed["parts"] == [[part.kind, part.ref, sha256_of(part.body)] for part in parts]
    assert disclosed["sha256"] == version.sha256
    assert disclosed["published_by"] == "command line"
    assert {part.kind for part in parts} == {"course", "module", "lesson", "scenario", "item", "form"}


def test_bodies_are_canonical_json(session: Any) -> None:
    publish_course(TINY)
    for body in session.scalars(select(ContentPart.body)):
        assert body == json.dumps(json.loads(body), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def test_content_is_read_back_whole(session: Any) -> None:
    version = publish_course(TINY).course_version
    content = load_content(version.id)
    assert (content.slug, content.number, content.sha256) == ("sop-110", 1, version.sha256)
    assert content.mastery.critical == {"IV.B.1.c", "IV.B.2.f"}
    assert [module.ref for module in content.modules] == ["2", "3", "8"]
    assert content.capstone_module.is_capstone
    assert content.capstone_module.questions == 5
    assert content.minutes == 30
    assert content.item("conf-training-clip").option(content.item("conf-training-clip").key).text.startswith("Express")
    story = content.scenario("training-clip")
    assert (story.longest, story.decisions_from("call"), story.decisions_from("quiet")) == (2, 1, 0)
    assert (
        story.scenes["phone"].html
        == "<p>Your phone lights up. A friend wants you to post the picture <em>now</em>.</p>\n"
    )
    assert story.scenes["phone"].choice("ask-first").rating == 3
    assert content.sections_for("II")[0].clauses == ("I", "II")
    assert "<strong>other</strong>" in content.sections_for("IV.B.2.f")[0].html
    assert {item.clause for item in content.items_for(["I", "II"])} == {"I", "II"}
    assert [len(form.items) for form in content.forms] == [5, 5, 5]
    assert content.form("form-2").sha256
    assert content.unit_of("II").ref == "purpose"  # type: ignore[union-attr]
    assert len(content.attestation.statement_sha256) == 64
    assert content.find_module("77") is None
    with pytest.raises(KeyError):
        content.module("77")


def test_content_takes_two_queries_once_and_none_after(session: Any) -> None:
    version_id = publish_course(TINY).course_version.id
    session.commit()
    with counted_queries() as cold:
        load_content(version_id)
    with counted_queries() as warm:
        load_content(version_id)
    with counted_queries() as current:
        current_content("sop-110")
    assert (len(cold), len(warm), len(current)) == (2, 0, 1)


def test_version_that_is_rolled_back_is_not_remembered(session: Any, tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    first = publish_course(course).course_version.id
    assert load_content(first).item("purpose-of-sop").stem == "What is the purpose of the policy?"
    session.rollback()
    edit(course, BANK, "stem: What is the purpose of the policy?", "stem: What is the aim of the policy?")
    second = publish_course(course).course_version.id
    session.commit()
    assert load_content(second).item("purpose-of-sop").stem == "What is the aim of the policy?"


@pytest.mark.parametrize("kind", ["course", "module", "lesson", "scenario", "item", "form"])
def test_altered_part_is_named_and_not_shown(kind: str, session: Any) -> None:
    version_id = publish_course(TINY).course_version.id
    part = session.scalars(select(ContentPart).where(ContentPart.kind == kind).limit(1)).one()
    session.execute(update(ContentPart).where(ContentPart.id == part.id).values(body=part.body.replace("e", "é", 1)))
    session.commit()
    with pytest.raises(IntegrityFault, match=f"{kind} {part.ref}"):
        load_content(version_id)


def test_altered_part_with_a_matching_hash_is_not_shown(session: Any) -> None:
    version_id = publish_course(TINY).course_version.id
    part = session.scalars(select(ContentPart).where(ContentPart.kind == "item").limit(1)).one()
    part.body = part.body.replace("e", "é", 1)
    part.sha256 = sha256_of(part.body)
    session.commit()
    with pytest.raises(IntegrityFault, match="version 1 of the course"):
        load_content(version_id)


def test_what_is_not_published_is_not_found(session: Any) -> None:
    for read in (
        lambda: current_content("sop-110"),
        lambda: current_course_version("sop-110"),
        lambda: load_content(7),
    ):
        with pytest.raises(NotFound):
            read()
    with pytest.raises(NotFound):
        get_course_version(7)


def test_course_is_found_by_id_and_by_name(session: Any) -> None:
    version = publish_course(TINY).course_version
    assert current_course_version(version.course_id).id == current_course_version("sop-110").id == version.id
    assert current_content(version.course_id).course_version_id == current_content("sop-110").course_version_id
    assert session.scalar(select(CourseVersion.title)) == "Social media: a short course for tests"


def test_the_course_that_is_shipped_can_be_published(session: Any) -> None:
    version = publish_course(REAL).course_version
    session.commit()
    content = load_content(version.id)
    assert len(content.items) >= 120
    refs = [ref for form in content.forms for ref in form.items]
    assert len(refs) == len(set(refs))
    for form in content.forms:
        assert content.mastery.critical <= {content.item(ref).clause for ref in form.items}
    counts = {unit.ref: len(content.items_for(unit.clauses)) for unit in content.units}
    assert len(counts) == 26
    assert min(counts.values()) >= 4
    assert all(counts[unit] >= 6 for unit in ("2f", "2i", "2n"))


def test_the_capstone_that_is_shipped_is_long_and_meets_many_clauses(session: Any) -> None:
    content = load_content(publish_course(REAL).course_version.id)
    [story] = content.capstone_module.scenarios
    assert story.longest >= 5
    assert len(story.clauses) >= 8
