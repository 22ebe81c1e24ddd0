"""Which items are shown, and in which order.

The seeds come from ``secrets`` in ``actions``: an order must not be guessable, and it must be repeatable in
a test. What was drawn is stored with the attempt, so nothing is ever drawn a second time for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from lms.catalog.rules import CourseContent, Form, Item, Option
from lms.errors import IntegrityFault


def present(items: Iterable[Item], seed: str) -> list[dict[str, Any]]:
    """Items in a shuffled order, each with its options in a shuffled order, as ``Attempt.presented`` keeps it."""
    random = _random(seed)
    order = list(items)
    random.shuffle(order)
    presented: list[dict[str, Any]] = []
    for item in order:
        options = [option.ref for option in item.options]
        random.shuffle(options)
        presented.append({"item": item.ref, "sha256": item.sha256, "options": options})
    return presented


def choose_form(forms: Sequence[Form], used: Sequence[str], seed: str) -> Form:
    """A form that the person never had; where all were used, the one used longest ago.

    ``used`` names the forms of earlier attempts, oldest first. Among unused forms chance decides, so that two
    officers side by side seldom sit the same one. Raises IntegrityFault where the course has no form.
    """
    if not forms:
        raise IntegrityFault("This course has no capstone form. Publish it again, then start the capstone.")
    unused = [form for form in forms if form.ref not in used]
    if unused:
        return _random(seed).choice(unused)
    last_use = {ref: position for position, ref in enumerate(used)}
    return min(forms, key=lambda form: last_use[form.ref])


def draw_module_items(
    items: Sequence[Item],
    questions: int,
    clauses: Sequence[str],
    *,
    critical: Collection[str],
    recently_used: Collection[str],
    seed: str,
) -> tuple[Item, ...]:
    """Items for a module's own questions: ``questions`` of them, or all where the module has fewer.

    Every critical clause is asked first, so that a pass always means it was asked; then the other
    ``clauses``, least asked lately first, in turns of one item a clause. Within a clause, items not seen
    lately come first.
    """
    random = _random(seed)
    groups = {
        clause: _fresh_first((item for item in items if item.clause == clause), recently_used, random)
        for clause in dict.fromkeys([*clauses, *(item.clause for item in items)])
    }
    order = [clause for clause in groups if groups[clause]]
    random.shuffle(order)
    order.sort(
        key=lambda clause: (
            clause not in critical,
            sum(item.ref in recently_used for item in groups[clause]),
        )
    )
    return _in_turns([groups[clause] for clause in order], questions)


def draw_remediation_items(
    items: Sequence[Item], clauses: Sequence[str], *, avoid: Collection[str], per_clause: int, seed: str
) -> tuple[Item, ...]:
    """Up to ``per_clause`` practice items on each of the missed ``clauses`` and on nothing else.

    Items in ``avoid`` (those of the failed form) are taken only where a clause has too few others.
    """
    random = _random(seed)
    drawn: list[Item] = []
    for clause in dict.fromkeys(clauses):
        of_clause = (item for item in items if item.clause == clause)
        drawn += _fresh_first(of_clause, avoid, random)[:per_clause]
    return tuple(drawn)


@dataclass(frozen=True, slots=True)
class Question:
    """One item as it was shown: ``options`` in the order shown. ``position`` counts from 1."""

    position: int
    item: Item
    options: tuple[Option, ...]

    @property
    def right(self) -> Option:
        """The one best answer."""
        return next(option for option in self.options if option.correct)

    def find(self, ref: str) -> Option | None:
        """The option ``ref``, if it was shown."""
        return next((option for option in self.options if option.ref == ref), None)


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """One answer on record: which option of which item, at which position (from 1), and when."""

    position: int
    item_ref: str
    option_ref: str
    correct: bool
    answered_at: datetime


def questions_of(presented: Sequence[dict[str, Any]], content: CourseContent) -> tuple[Question, ...]:
    """The items of an attempt as they were shown.

    Raises IntegrityFault where an item is not the one shown then.
    """
    return tuple(_question(position, shown, content) for position, shown in enumerate(presented, start=1))


def question_at(presented: Sequence[dict[str, Any]], content: CourseContent, position: int) -> Question:
    """The one question at ``position`` (from 1) as it was shown. Raises IntegrityFault as ``questions_of`` does."""
    return _question(position, presented[position - 1], content)


def _question(position: int, shown: dict[str, Any], content: CourseContent) -> Question:
    try:
        item = content.item(shown["item"])
        question = Question(position, item, tuple(item.option(ref) for ref in shown["options"]))
    except (KeyError, TypeError) as error:
        raise IntegrityFault(f"Question {position} of this attempt is not one that was published.") from error
    if item.sha256 != shown.get("sha256") or len(set(shown["options"])) != len(item.options):
        raise IntegrityFault(f"Question {position} is not the published item {item.ref} that was recorded.")
    return question


def _fresh_first(items: Iterable[Item], used: Collection[str], random: Random) -> list[Item]:
    order = list(items)
    random.shuffle(order)
    return sorted(order, key=lambda item: item.ref in used)


def _in_turns(groups: Sequence[Sequence[Item]], wanted: int) -> tuple[Item, ...]:
    drawn: list[Item] = []
    for turn in range(max((len(group) for group in groups), default=0)):
        drawn += [group[turn] for group in groups if turn < len(group)]
    return tuple(drawn[:wanted])


def _random(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - the seed itself is from ``secrets``
