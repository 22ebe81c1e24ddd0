"""The parts of a published course: how their canonical text is hashed and read back.

A part is ``(kind, ref, body)`` with ``body`` in RFC 8785 form. A version's hash covers the sorted list of its
parts' hashes and the hash of the policy text that it teaches, so that one number names all of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from lms.catalog.rules.course import (
    AttestationText,
    CapstoneRule,
    Choice,
    ClauseUnit,
    CourseContent,
    Item,
    LessonSection,
    Mastery,
    ModuleContent,
    Option,
    Scenario,
    Scene,
)
from lms.catalog.rules.forms import Form
from lms.policy.rules import canonical_json, sha256_of

KINDS = ("course", "module", "lesson", "scenario", "item", "form")

Render = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Part:
    """One part; ``sha256`` is the hex hash of ``body``."""

    kind: str
    ref: str
    body: str
    sha256: str

    @classmethod
    def of(cls, kind: str, ref: str, fields: dict[str, Any]) -> Part:
        """The part with these fields, in canonical form."""
        body = canonical_json(fields)
        return cls(kind, ref, body, sha256_of(body))


@dataclass(frozen=True, slots=True)
class Edition:
    """Which published version the parts belong to."""

    course_version_id: int
    number: int
    sha256: str
    policy_version_id: int
    policy_sha256: str


def course_digest(parts: Iterable[Part], policy_sha256: str) -> str:
    """The hash of a whole version: SHA-256 over the canonical list of its parts' hashes and the policy's."""
    listed = sorted([part.kind, part.ref, part.sha256] for part in parts)
    return sha256_of(canonical_json({"parts": listed, "policy": policy_sha256}))


def read_course(edition: Edition, parts: Iterable[Part], render: Render) -> CourseContent:
    """Puts a course together from its parts, given in their order; ``render`` makes safe HTML of CommonMark."""
    held: dict[str, list[Part]] = {kind: [] for kind in KINDS}
    for part in parts:
        held[part.kind].append(part)
    [whole] = held["course"]
    course = json.loads(whole.body)
    capstone = CapstoneRule(**course["capstone"])
    reader = _Reader(held, capstone, render)
    mastery = course["mastery"]
    attestation = course["attestation"]
    return CourseContent(
        course_version_id=edition.course_version_id,
        slug=course["course"],
        title=course["title"],
        language=course["language"],
        number=edition.number,
        sha256=edition.sha256,
        policy_version_id=edition.policy_version_id,
        policy_sha256=edition.policy_sha256,
        units=tuple(ClauseUnit(u["id"], u["title"], tuple(u["clauses"])) for u in course["units"]),
        mastery=Mastery(mastery["pass_percent"], frozenset(mastery["critical"])),
        capstone=capstone,
        attestation=AttestationText(attestation["statement"], attestation["purpose"], tuple(attestation["notices"])),
        modules=tuple(reader.module(part) for part in held["module"]),
        forms=tuple(Form(part.ref, tuple(json.loads(part.body)["items"]), part.sha256) for part in held["form"]),
    )


class _Reader:
    """Reads the parts that belong to each module."""

    def __init__(self, held: dict[str, list[Part]], capstone: CapstoneRule, render: Render) -> None:
        self._capstone = capstone
        self._render = render
        self._lessons = {part.ref: part for part in held["lesson"]}
        self._scenarios = _by_module(held["scenario"])
        self._items = _by_module(held["item"])

    def module(self, part: Part) -> ModuleContent:
        fields = json.loads(part.body)
        is_capstone = part.ref == self._capstone.module
        lesson = self._lessons[part.ref]
        text = json.loads(lesson.body)
        return ModuleContent(
            ref=part.ref,
            title=fields["title"],
            minutes=fields["minutes"],
            clauses=tuple(fields["clauses"]),
            questions=self._capstone.questions if is_capstone else fields["questions"],
            summary=fields["summary"],
            lesson_intro_html=self._render(text["intro"]),
            sections=tuple(
                LessonSection(tuple(s["clauses"]), s["title"], s["text"], self._render(s["text"]))
                for s in text["sections"]
            ),
            scenarios=tuple(_scenario(*held, self._render) for held in self._scenarios.get(part.ref, ())),
            items=tuple(_item(*held) for held in self._items.get(part.ref, ())),
            is_capstone=is_capstone,
            sha256=part.sha256,
            lesson_sha256=lesson.sha256,
        )


def read_scenario(part: Part, render: Render) -> Scenario:
    """The scenario of one part, by itself."""
    return _scenario(part, json.loads(part.body), render)


def read_item(part: Part) -> Item:
    """The item of one part, by itself."""
    return _item(part, json.loads(part.body))


def _scenario(part: Part, fields: dict[str, Any], render: Render) -> Scenario:
    return Scenario(
        ref=part.ref,
        title=fields["title"],
        setting=fields["setting"],
        clauses=tuple(fields["clauses"]),
        start=fields["start"],
        scenes={scene["id"]: _scene(scene, render) for scene in fields["scenes"]},
        sha256=part.sha256,
    )


def _scene(fields: dict[str, Any], render: Render) -> Scene:
    return Scene(
        ref=fields["id"],
        text=fields["text"],
        html=render(fields["text"]),
        ending=fields["ending"],
        choices=tuple(
            Choice(
                ref=choice["id"],
                text=choice["text"],
                rating=choice["rating"],
                consequence=choice["consequence"],
                clause=choice["clause"],
                better=choice["better"],
                next=choice["next"],
            )
            for choice in fields["choices"]
        ),
    )


def _item(part: Part, fields: dict[str, Any]) -> Item:
    return Item(
        ref=part.ref,
        clause=fields["clause"],
        verdict=fields["verdict"],
        stem=fields["stem"],
        options=tuple(Option(o["id"], o["text"], o["correct"], o["feedback"]) for o in fields["options"]),
        rewrite=fields["rewrite"],
        sha256=part.sha256,
    )


def _by_module(parts: Iterable[Part]) -> dict[str, list[tuple[Part, dict[str, Any]]]]:
    found: dict[str, list[tuple[Part, dict[str, Any]]]] = {}
    for part in parts:
        fields = json.loads(part.body)
        found.setdefault(fields["module"], []).append((part, fields))
    return found
