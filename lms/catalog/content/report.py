"""What ``lms content check`` prints of a course without a fault."""

from __future__ import annotations

from collections.abc import Iterator

from lms.catalog.content.check import CheckedCourse
from lms.catalog.content.measures import Measures


def report_lines(checked: CheckedCourse) -> list[str]:
    """The report, line by line."""
    policy, measures = checked.policy, checked.measures
    taught = sum(clause.taught for clause in policy.clauses)
    return [
        f"{checked.slug}: {checked.title}. No faults.",
        f"Policy {policy.number}, {policy.title}, revised {policy.revised_on}: "
        f"{len(policy.clauses)} clauses, {taught} taught.",
        f"{checked.count('module')} modules, {measures.scenarios} scenarios, {measures.items} items "
        f"({int(measures.permitted_percent)} percent permitted), {checked.count('form')} capstone forms.",
        "",
        *_coverage(measures),
        "",
        *_figures(measures),
        "",
        *_readings(measures),
    ]


def _coverage(measures: Measures) -> Iterator[str]:
    named = [(f"{row.clause}  {row.title}", row) for row in measures.coverage]
    width = max(len(name) for name, _ in named)
    yield f"{'Clause':<{width}}  Lessons  Scenarios  Items  Permitted"
    for name, row in named:
        lessons = ", ".join(row.lessons) or "none"
        yield f"{name:<{width}}  {lessons:<7}  {row.scenarios:>9}  {row.items:>5}  {row.permitted:>9}"


def _figures(measures: Measures) -> Iterator[str]:
    found = measures.guessing
    places = ", ".join(f"{letter} {share:.1f}" for letter, share in zip("abcdefgh", found.positions, strict=False))
    yield "Right by guessing, in percent of the items:"
    yield f"  always the longest option {found.longest:.1f}, always the shortest {found.shortest:.1f}"
    yield f"  always one position: {places}"
    if measures.overlap is not None:
        yield (
            f"Capstone forms: two of them share {measures.overlap.most:.1f} percent at most "
            f"(no drawing from this bank can come below {measures.overlap.least_possible:.1f})."
        )
    for story in measures.capstone:
        yield (
            f"Capstone scenario {story.ref}: {story.shortest} to {story.longest} decisions, "
            f"{story.clauses} clauses met."
        )
    yield "Scenes that nothing leads to: 0. Dead ends: 0. Options or choices without feedback: 0."


def _readings(measures: Measures) -> Iterator[str]:
    head = "Reading grade (Flesch-Kincaid; quotes of the policy left out)"
    width = max(len(head), *(len(file) for file, _ in measures.readings))
    yield f"{head:<{width}}  Grade   Words"
    for file, reading in measures.readings:
        yield f"{file:<{width}}  {reading.grade:>5}  {reading.words:>6}"
