"""Which modules a missed clause opens again on the short paths, and what is asked in them.

Only a module that teaches a missed clause opens: its lesson, those of its scenarios that turn on the clause, and
questions on just that clause.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from lms.catalog.rules import CourseContent, ModuleContent, Scenario


def missed_in(module: ModuleContent, missed: Sequence[str]) -> tuple[str, ...]:
    """Those of the missed clauses that this module teaches. The capstone asks about all and teaches none."""
    return () if module.is_capstone else tuple(clause for clause in missed if clause in module.clauses)


def missed_modules(content: CourseContent, missed: Sequence[str]) -> tuple[ModuleContent, ...]:
    """The modules that teach a missed clause, in the course's order."""
    return tuple(module for module in content.modules if missed_in(module, missed))


def without_module(content: CourseContent, missed: Sequence[str]) -> tuple[str, ...]:
    """Missed clauses that no module teaches; they are read again by themselves."""
    taught = {clause for module in content.modules for clause in missed_in(module, missed)}
    return tuple(clause for clause in missed if clause not in taught)


def scenarios_on(module: ModuleContent, clauses: Collection[str]) -> tuple[Scenario, ...]:
    """The module's scenarios that turn on one of these clauses."""
    return tuple(scenario for scenario in module.scenarios if not set(clauses).isdisjoint(scenario.clauses))


def to_practice(path: str, content: CourseContent, module: ModuleContent, missed: Sequence[str]) -> tuple[str, ...]:
    """The missed clauses on which this module asks practice questions.

    On the full path the capstone asks on all of them. On the short ones each module asks on its own, and the capstone
    on those that no module teaches.
    """
    if path == "full":
        return tuple(missed) if module.is_capstone else ()
    return without_module(content, missed) if module.is_capstone else missed_in(module, missed)
