"""Holds the figures of a course against the thresholds in its course.yaml."""

from __future__ import annotations

from collections.abc import Iterator

from lms.catalog.content.course_files import CourseFiles
from lms.catalog.content.faults import Faults
from lms.catalog.content.measures import Measures


def check_measures(files: CourseFiles, measures: Measures, faults: Faults) -> None:
    """Notes every threshold that is missed, at its line, with what to do."""
    for key, message in _missed(files, measures):
        path = ("thresholds", key)
        faults.add(files.tree.file, files.tree.line(path), files.tree.name(path), message)
    _check_reading(files, measures, faults)
    _check_capstone(files, measures, faults)


def _missed(files: CourseFiles, measures: Measures) -> Iterator[tuple[str, str]]:
    wanted = files.shape.thresholds
    if wanted.items_least is not None and measures.items < wanted.items_least:
        yield "items_least", f"The bank has {measures.items} items; the threshold is {wanted.items_least}. Write more."
    if wanted.scenarios_least is not None and measures.scenarios < wanted.scenarios_least:
        yield (
            "scenarios_least",
            f"The course has {measures.scenarios} scenarios; the threshold is {wanted.scenarios_least}. Write more.",
        )
    yield from _guessed(files, measures)
    most = wanted.forms_overlap_percent
    if most is not None and measures.overlap is not None and measures.overlap.most > most:
        yield (
            "forms_overlap_percent",
            f"Two capstone forms share {measures.overlap.most:.0f} percent of their items; the threshold is {most} "
            f"percent. Write more items for the clauses that have fewest (with this bank no drawing can come below "
            f"{measures.overlap.least_possible:.0f} percent on average).",
        )


def _guessed(files: CourseFiles, measures: Measures) -> Iterator[tuple[str, str]]:
    wanted, found = files.shape.thresholds, measures.guessing
    if (most := wanted.longest_key_percent) is not None:
        for name, score, advice in (
            ("longest", found.longest, "Shorten some keys, or lengthen wrong options"),
            ("shortest", found.shortest, "Lengthen some keys, or shorten wrong options"),
        ):
            if score > most:
                yield (
                    "longest_key_percent",
                    f"Always picking the {name} option scores {score:.0f} percent; the threshold is {most}. {advice}.",
                )
    if (most := wanted.position_key_percent) is not None:
        for letter, score in zip("abcdefghijklmnopqrst", found.positions, strict=False):
            if score > most:
                message = (
                    f"Always picking option {letter} scores {score:.0f} percent; the threshold is {most}. "
                    f"Move the key of some items to another place."
                )
                yield "position_key_percent", message


def _check_reading(files: CourseFiles, measures: Measures, faults: Faults) -> None:
    most = files.shape.thresholds.reading_grade_max
    for file, reading in measures.readings:
        if most is not None and reading.grade > most:
            message = (
                f"This file reads at grade {reading.grade} ({reading.words} words, "
                f"{reading.words / max(reading.sentences, 1):.1f} a sentence, "
                f"{reading.syllables / max(reading.words, 1):.2f} syllables a word); the threshold is {most}. "
                "Divide long sentences and use shorter words."
            )
            faults.add(file, 1, "", message)


def _check_capstone(files: CourseFiles, measures: Measures, faults: Faults) -> None:
    wanted = files.shape.thresholds
    depths = {story.ref: story for story in measures.capstone}
    for module in files.modules:
        for place, scenario in module.scenarios.items():
            story = depths.get(scenario.id) if module.is_capstone else None
            if story is None:
                continue
            for name, found, least in (
                ("decisions on its shortest way", story.shortest, wanted.capstone_depth),
                ("clauses that its choices meet", story.clauses, wanted.capstone_clauses),
            ):
                if least is not None and found < least:
                    tree, path = module.scenario_tree, ("scenarios", place)
                    message = f"This capstone scenario has {found} {name}; the threshold is {least}. Add scenes."
                    faults.add(tree.file, tree.line(path), tree.name(path), message)
