"""The shapes of a module's files, and what all shapes are made of. Unknown keys are refused, types taken strictly.

The line under a field is what editors show of it (``json_schema`` publishes them).

What a shape cannot say (does this clause exist, can this scene be reached) is in the ``checks_`` modules.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from lms.catalog.content.markdown import refused_in


def _one_line(text: str) -> str:
    if "\n" in text.strip():
        raise PydanticCustomError("one_line", "must be one line")
    if not text.strip():
        raise PydanticCustomError("empty", "must not be empty")
    return text.strip()


def _markdown(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("empty", "must not be empty")
    for _, sentence in refused_in(text):
        raise PydanticCustomError("refused", "{sentence}", {"sentence": sentence})
    return text.strip()


def _day(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise PydanticCustomError("day", "must be a date such as 2021-01-10") from None


FILLED = Field(json_schema_extra={"minLength": 1})
"""For editors; the validators say it with a sentence of their own."""
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
ClauseRef = Annotated[str, StringConstraints(pattern=r"^[IVX]+(\.[A-Za-z0-9-]+)*$", max_length=30)]
Line = Annotated[str, StringConstraints(max_length=500), AfterValidator(_one_line), FILLED]
Title = Annotated[str, StringConstraints(max_length=200), AfterValidator(_one_line), FILLED]
Text = Annotated[str, StringConstraints(max_length=6000), AfterValidator(_markdown), FILLED]
Day = Annotated[date, BeforeValidator(_day)]
Clauses = Annotated[list[ClauseRef], Field(min_length=1, max_length=60)]


class Shape(BaseModel):
    """Base of every shape."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class ModuleShape(Shape):
    """module.yaml."""

    module: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]+$", max_length=20)]
    """The id of the module, a number in quotes."""
    title: Title
    """The title of the module."""
    minutes: Annotated[int, Field(ge=1, le=240)]
    """How long it takes, in minutes."""
    clauses: Clauses
    """The clauses that it teaches; the lesson has a section for each."""
    questions: Annotated[int, Field(ge=1, le=100)] | None = None
    """How many questions a run shows. The capstone has none of its own."""
    summary: Line
    """What an officer will be able to do, in one sentence."""


class ChoiceShape(Shape):
    """One way to act."""

    id: Slug
    """A short name, unique in its scene."""
    text: Line
    """What one may do, in one line."""
    rating: Annotated[int, Field(ge=0, le=3)]
    """The experts' rating: 0 harmful, 1 poor, 2 fair, 3 best."""
    consequence: Text
    """What comes of it."""
    clause: ClauseRef
    """The clause that the choice meets."""
    better: Text
    """Why, by the clause, and a safer way."""
    next: Slug
    """The id of the scene that follows."""


class SceneShape(Shape):
    """One scene."""

    id: Slug
    """A short name, unique in its scenario."""
    text: Text
    """What happens, in Markdown."""
    ending: bool = False
    """Whether the story ends here."""
    choices: Annotated[list[ChoiceShape], Field(max_length=20, json_schema_extra={"maxItems": 4})] = []
    """Two to four ways to act; none in an ending."""


class ScenarioShape(Shape):
    """One entry of scenarios.yaml."""

    id: Slug
    """A short name, unique in the whole course."""
    title: Title
    """The title of the story."""
    clauses: Clauses
    """The clauses that its choices meet."""
    setting: Line
    """Who one is in the story, in one line."""
    start: Slug
    """The id of the first scene."""
    scenes: Annotated[list[SceneShape], Field(min_length=1, max_length=100)]
    """The scenes, in any order."""


class OptionShape(Shape):
    """One answer."""

    id: Slug
    """A short name, unique in its item."""
    text: Line
    """The answer, in one line."""
    correct: bool = False
    """True for the one right answer."""
    feedback: Text
    """Why it is right or wrong, by the clause."""


class ItemShape(Shape):
    """One entry of bank.yaml."""

    id: Slug
    """A short name, unique in the whole course."""
    clause: ClauseRef
    """The clause that decides the answer."""
    verdict: Literal["permitted", "not-permitted", "caution", "duty", "fact"]
    """What the right answer says of the conduct: permitted, not permitted, a caution, a duty, or a plain fact."""
    stem: Text
    """The situation and the question."""
    options: Annotated[list[OptionShape], Field(max_length=20, json_schema_extra={"minItems": 3, "maxItems": 3})]
    """Three answers, one of them right."""
    rewrite: Text
    """A safer way to write or to act."""
