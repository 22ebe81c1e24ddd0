"""The published JSON Schemas are those of the shapes, and an independent validator reads files by them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator, FormatChecker

from lms.catalog.cli import content
from lms.catalog.content.faults import Faults
from lms.catalog.content.json_schema import KINDS, schema_files
from lms.catalog.content.source import Source
from lms.catalog.content.tree import read_tree
from tests.catalog.courses import REAL, TINY

PUBLISHED = REAL.parent / "schema"
FILES = [path for course in (REAL, TINY) for path in (course / "course.yaml", *sorted(course.glob("modules/*/*.yaml")))]


def data_of(text: str) -> Any:
    faults = Faults()
    tree = read_tree(Source("x.yaml", text), faults)
    assert tree is not None, faults.listed()
    return tree.value


def validator(kind: str) -> Draft202012Validator:
    schema = json.loads((PUBLISHED / f"{kind}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema, format_checker=FormatChecker())


def test_the_published_schemas_are_up_to_date() -> None:
    found = {path.name: path.read_text(encoding="utf-8") for path in PUBLISHED.iterdir()}
    assert found == schema_files(), "Run: lms content schema --write quizzes/schema"


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_files_without_a_fault_are_valid(path: Path) -> None:
    errors = list(validator(path.stem).iter_errors(data_of(path.read_text(encoding="utf-8"))))
    assert not errors, errors[:3]


def test_front_matter_of_the_policy_is_valid() -> None:
    head = (REAL / "policy.md").read_text(encoding="utf-8").split("---\n")[1]
    assert not list(validator("policy").iter_errors(data_of(head)))
    assert list(validator("policy").iter_errors(data_of(head.replace("2021-01-10", "2021-13-45"))))


BROKEN = {
    "unknown key": ("bank", "verdict: ", "verdikt: "),
    "unknown verdict": ("bank", "verdict: fact", "verdict: maybe"),
    "number for text": ("module", 'module: "0"', "module: 0"),
    "text for a number": ("module", "minutes: 10", "minutes: ten"),
    "empty list of clauses": (
        "module",
        "clauses: [I, II, III.page, III.post, III.social-media, III.speech]",
        "clauses: []",
    ),
    "rating beyond 3": ("scenarios", "rating: 3", "rating: 4"),
    "id with spaces": ("scenarios", "  - id: ", "  - id: A b "),
    "percentage beyond 100": ("course", "pass_percent: 80", "pass_percent: 180"),
    "misspelled threshold": ("course", "scenarios_least", "scenario_least"),
}


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_broken_files_are_refused(name: str) -> None:
    kind, old, new = BROKEN[name]
    path = REAL / "course.yaml" if kind == "course" else REAL / "modules" / "00-policy-and-definitions" / f"{kind}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    assert list(validator(kind).iter_errors(data_of(text.replace(old, new, 1))))


def test_an_item_with_two_options_is_refused() -> None:
    data = data_of((REAL / "modules" / "00-policy-and-definitions" / "bank.yaml").read_text(encoding="utf-8"))
    data["items"][0]["options"].pop()
    [error] = validator("bank").iter_errors(data)
    assert list(error.absolute_path) == ["items", 0, "options"]


def test_each_yaml_file_of_the_course_names_its_schema() -> None:
    for path in [REAL / "course.yaml", *REAL.glob("modules/*/*.yaml")]:
        first = path.read_text(encoding="utf-8").split("\n", 1)[0]
        assert first.startswith("# yaml-language-server: $schema=")
        assert (path.parent / first.partition("=")[2]).resolve() == PUBLISHED.resolve() / f"{path.stem}.schema.json"


def test_every_key_of_a_schema_is_described() -> None:
    for kind in KINDS:
        schema = json.loads(schema_files()[f"{kind}.schema.json"])
        for shape in (schema, *schema.get("$defs", {}).values()):
            bare = [key for key, field in shape.get("properties", {}).items() if "description" not in field]
            assert not bare, (kind, shape.get("title"), bare)


def test_the_command_writes_them(tmp_path: Path) -> None:
    result = CliRunner().invoke(content, ["schema", "--write", str(tmp_path / "made")])
    assert result.exit_code == 0
    assert {path.name for path in (tmp_path / "made").iterdir()} == set(schema_files())
    (tmp_path / "taken").write_text("", encoding="utf-8")
    result = CliRunner().invoke(content, ["schema", "--write", str(tmp_path / "taken" / "below")])
    assert result.exit_code == 1
    assert "cannot be written" in result.output
