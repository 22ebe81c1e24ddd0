"""The shapes of the content files. Unknown keys are refused and types are taken strictly.

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


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
ClauseRef = Annotated[str, StringConstraints(pattern=r"^[IVX]+(\.[A-Za-z0-9-]+)*$", max_length=30)]
Line = Annotated[str, StringConstraints(max_length=500), AfterValidator(_one_line)]
Title = Annotated[str, StringConstraints(max_length=200), AfterValidator(_one_line)]
Text = Annotated[str, StringConstraints(max_length=6000), AfterValidator(_markdown)]
Day = Annotated[date, BeforeValidator(_day)]
Clauses = Annotated[list[ClauseRef], Field(min_length=1, max_length=60)]


class Shape(BaseModel):
    """Base of every shape."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PolicyShape(Shape):
    """The front matter of policy.md."""

    document: Slug
    number: Annotated[Line, StringConstraints(max_length=20)]
    title: Title
    department: Line
    distribution: Line
    standards: Line
    by_order_of: Line
    effective_on: Day
    revised_on: Day
    review_months: Annotated[int, Field(ge=1, le=120)]
    taught: Annotated[list[ClauseRef], Field(min_length=1, max_length=200)]


class UnitShape(Shape):
    """One unit of clauses that is tested as one."""

    id: Slug
    title: Title
    clauses: Clauses


class MasteryShape(Shape):
    """What passing takes."""

    pass_percent: Annotated[int, Field(ge=1, le=100)]
    critical: Annotated[list[ClauseRef], Field(max_length=60)]


class CapstoneShape(Shape):
    """The capstone's forms and attempts."""

    module: str
    questions: Annotated[int, Field(ge=1, le=100)]
    forms: Annotated[int, Field(ge=1, le=12)]
    attempts: Annotated[int, Field(ge=1, le=12)]


class AttestationShape(Shape):
    """What is signed."""

    statement: Text
    purpose: Text
    notices: Annotated[list[Line], Field(min_length=1, max_length=10)]


Percent = Annotated[int, Field(ge=0, le=100)]
Count = Annotated[int, Field(ge=1, le=1000)]


class ThresholdsShape(Shape):
    """What a course must reach. One that is left out is measured all the same, and is no fault."""

    items_per_unit: Annotated[int, Field(ge=1, le=100, description="Items that each unit has at least.")]
    items_of_unit: dict[Slug, Annotated[int, Field(ge=1, le=100)]] = Field(
        default={}, description="Units that need more items than the others: unit id and how many."
    )
    items_least: Count | None = Field(default=None, description="Items in the whole bank, at least.")
    permitted_percent: Annotated[
        Percent, Field(description="Items whose verdict is “permitted”, at least, in percent.")
    ]
    longest_key_percent: Percent | None = Field(
        default=None, description="What always picking the longest, or always the shortest, option may score at most."
    )
    position_key_percent: Percent | None = Field(
        default=None, description="What always picking the option at one position may score at most."
    )
    reading_grade_max: Annotated[int, Field(ge=1, le=20)] | None = Field(
        default=None, description="The highest Flesch-Kincaid grade of a file."
    )
    forms_overlap_percent: Percent | None = Field(
        default=None, description="Items that two capstone forms may share at most, in percent of a form."
    )
    scenarios_least: Count | None = Field(default=None, description="Scenarios in the whole course, at least.")
    capstone_depth: Annotated[int, Field(ge=1, le=50)] | None = Field(
        default=None, description="Decisions on the shortest way through a scenario of the capstone, at least."
    )
    capstone_clauses: Annotated[int, Field(ge=1, le=60)] | None = Field(
        default=None, description="Clauses that a scenario of the capstone meets, at least."
    )


class MustNotSayShape(Shape):
    """A phrase that the course itself never says."""

    say: Annotated[Line, Field(description="The phrase. [a|b] is one of several, ... up to six words between.")]
    why: Annotated[Line, Field(description="Why not, and what to write instead.")]


class MustSayShape(Shape):
    """Lines that stand in some lessons and beside the attestation."""

    lessons: Annotated[list[str], Field(max_length=50, description="The modules whose lessons say every line.")]
    lines: Annotated[
        list[Line], Field(min_length=1, max_length=20, description="The phrases, written as in must_not_say.")
    ]


class CourseShape(Shape):
    """course.yaml."""

    course: Slug
    title: Title
    policy: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.md$", max_length=60)]
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
    modules: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[0-9]{2}(-[a-z0-9]+)+$", max_length=80)]],
        Field(min_length=1, max_length=50),
    ]
    units: Annotated[list[UnitShape], Field(min_length=1, max_length=200)]
    mastery: MasteryShape
    capstone: CapstoneShape
    attestation: AttestationShape
    thresholds: ThresholdsShape
    citations: Annotated[list[Line], Field(max_length=200)] = Field(
        default=[], description="Every citation of law that the content may use, word for word. Empty: not checked."
    )
    must_not_say: Annotated[list[MustNotSayShape], Field(max_length=100)] = Field(
        default=[], description="What the course itself never says."
    )
    must_say: MustSayShape | None = Field(default=None, description="What must be said, and where.")


class ModuleShape(Shape):
    """module.yaml."""

    module: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]+$", max_length=20)]
    title: Title
    minutes: Annotated[int, Field(ge=1, le=240)]
    clauses: Clauses
    questions: Annotated[int, Field(ge=1, le=100)] | None = None
    summary: Line


class ChoiceShape(Shape):
    """One way to act."""

    id: Slug
    text: Line
    rating: Annotated[int, Field(ge=0, le=3)]
    consequence: Text
    clause: ClauseRef
    better: Text
    next: Slug


class SceneShape(Shape):
    """One scene."""

    id: Slug
    text: Text
    ending: bool = False
    choices: Annotated[list[ChoiceShape], Field(max_length=20)] = []


class ScenarioShape(Shape):
    """One entry of scenarios.yaml."""

    id: Slug
    title: Title
    clauses: Clauses
    setting: Line
    start: Slug
    scenes: Annotated[list[SceneShape], Field(min_length=1, max_length=100)]


class OptionShape(Shape):
    """One answer."""

    id: Slug
    text: Line
    correct: bool = False
    feedback: Text


class ItemShape(Shape):
    """One entry of bank.yaml."""

    id: Slug
    clause: ClauseRef
    verdict: Literal["permitted", "not-permitted", "caution", "duty", "fact"]
    stem: Text
    options: Annotated[list[OptionShape], Field(max_length=20)]
    rewrite: Text
