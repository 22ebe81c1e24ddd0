"""A JSON Schema of each kind of content file, so that editors complete and check while one types.

They are made from the very shapes that ``lms content check`` reads with (JSON Schema 2020-12). A schema says the form
of one file; what must hold across files, only the check can say.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from lms.catalog.content.course_shape import CourseShape, PolicyShape
from lms.catalog.content.schema import ItemShape, ModuleShape, ScenarioShape, Shape

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class ScenariosFile(Shape):
    """scenarios.yaml: the branching stories of a module."""

    scenarios: Annotated[list[ScenarioShape], Field(min_length=1)]
    """The stories, in the order in which they are shown."""


class BankFile(Shape):
    """bank.yaml: the questions of a module."""

    items: Annotated[list[ItemShape], Field(min_length=1)]
    """The questions, in any order."""


KINDS: dict[str, type[Shape]] = {
    "course": CourseShape,
    "module": ModuleShape,
    "scenarios": ScenariosFile,
    "bank": BankFile,
    "policy": PolicyShape,
}


def schema_of(kind: str) -> dict[str, Any]:
    """The schema of one kind of file. Raises KeyError."""
    return {"$schema": DIALECT, **KINDS[kind].model_json_schema()}


def schema_files() -> dict[str, str]:
    """The text of every schema file by its name."""
    return {f"{kind}.schema.json": json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n" for kind in KINDS}


def write_schemas(folder: Path) -> list[Path]:
    """Writes the schema files into a folder, which is made if it is missing; the files written. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in schema_files().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        written.append(folder / name)
    return written
