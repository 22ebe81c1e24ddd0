"""The shapes of course.yaml and of the front matter of policy.md."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from lms.catalog.content.schema import ClauseRef, Clauses, Day, Line, Shape, Slug, Text, Title


class PolicyShape(Shape):
    """The front matter of policy.md."""

    document: Slug
    """The short name of the policy document, such as sop-110."""
    number: Annotated[Line, StringConstraints(max_length=20)]
    """Its number as printed, such as 110."""
    title: Title
    """Its title."""
    department: Line
    """The department whose policy it is."""
    distribution: Line
    """To whom it is distributed, as printed."""
    standards: Line
    """The accreditation standards that it names, as printed."""
    by_order_of: Line
    """By whose order it stands, as printed."""
    effective_on: Day
    """The date from which it is in force, year-month-day."""
    revised_on: Day
    """The date of its last revision, year-month-day."""
    review_months: Annotated[int, Field(ge=1, le=120)]
    """Every how many months the policy says that it is reviewed."""
    taught: Annotated[list[ClauseRef], Field(min_length=1, max_length=200)]
    """The clauses that the course teaches."""


class UnitShape(Shape):
    """One unit of clauses that is tested as one."""

    id: Slug
    """A short name, such as 2f."""
    title: Title
    """What the unit is about."""
    clauses: Clauses
    """The clauses that are tested as one."""


class MasteryShape(Shape):
    """What passing takes."""

    pass_percent: Annotated[int, Field(ge=1, le=100)]
    """The pass mark, in percent."""
    critical: Annotated[list[ClauseRef], Field(max_length=60)]
    """The clauses on which every question must be right, whatever the score."""


class CapstoneShape(Shape):
    """The capstone's forms and attempts."""

    module: str
    """The id of the module that ends the course, in quotes."""
    questions: Annotated[int, Field(ge=1, le=100)]
    """How many questions a form has."""
    forms: Annotated[int, Field(ge=1, le=12)]
    """How many forms are drawn from the bank."""
    attempts: Annotated[int, Field(ge=1, le=12)]
    """How many attempts come before a conversation with the training sergeant."""


class AttestationShape(Shape):
    """What is signed."""

    statement: Text
    """The text that is signed."""
    purpose: Text
    """Why the department asks for it."""
    notices: Annotated[list[Line], Field(min_length=1, max_length=10)]
    """What stands beside it."""


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
    """The short name of the course; it never changes."""
    title: Title
    """The title of the course."""
    policy: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.md$", max_length=60)]
    """The file of the policy, beside this one."""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
    """The language, such as en-US."""
    modules: Annotated[
        list[Annotated[str, StringConstraints(pattern=r"^[0-9]{2}(-[a-z0-9]+)+$", max_length=80)]],
        Field(min_length=1, max_length=50),
    ]
    """The folders of the modules, in their order."""
    units: Annotated[list[UnitShape], Field(min_length=1, max_length=200)]
    """What is tested as one; every clause that is taught is in one unit."""
    mastery: MasteryShape
    """The pass mark, and the clauses that must be right."""
    capstone: CapstoneShape
    """The forms and attempts at the end."""
    attestation: AttestationShape
    """What is signed at the end."""
    thresholds: ThresholdsShape
    """What the check asks of the whole course."""
    citations: Annotated[list[Line], Field(max_length=200)] = Field(
        default=[], description="Every citation of law that the content may use, word for word. Empty: not checked."
    )
    must_not_say: Annotated[list[MustNotSayShape], Field(max_length=100)] = Field(
        default=[], description="What the course itself never says."
    )
    must_say: MustSayShape | None = Field(default=None, description="What must be said, and where.")
