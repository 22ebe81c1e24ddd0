"""What changed between two texts of a policy: clause by clause, and word by word inside a clause.

A clause is found again by its words first, so that a clause that only got another number is not told as one removed
and one added. What is left is paired by likeness, then by number; the rest was added or removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from lms.policy.rules import ClauseText

ChangeKind = Literal["added", "removed", "changed", "renumbered"]
PieceKind = Literal["same", "removed", "added"]
LIKE = 0.6
"""From this share of common words on, two texts are the same clause, reworded."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a redline that stayed, went or came, with the white space that follows them."""

    kind: PieceKind
    text: str


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """One clause that is not as it was. ``before`` is None where it was added, ``now`` where it was removed."""

    kind: ChangeKind
    before: ClauseText | None
    now: ClauseText | None

    @property
    def clause(self) -> ClauseText:
        """The clause as it is now; as it was, where it was removed."""
        found = self.now or self.before
        if found is None:
            raise ValueError("A change is of a clause.")
        return found

    @property
    def ref(self) -> str:
        """The number by which the page names it."""
        return self.clause.ref

    @property
    def renumbered_from(self) -> str | None:
        """Its earlier number, where that was another."""
        if self.before is None or self.now is None or self.before.ref == self.now.ref:
            return None
        return self.before.ref

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The redline of its words."""
        return redline("" if self.before is None else self.before.text, "" if self.now is None else self.now.text)


def compare_clauses(before: Sequence[ClauseText], now: Sequence[ClauseText]) -> tuple[ClauseChange, ...]:
    """Every clause that was added, removed, changed or renumbered, in the order of the policy as it is now.

    A removed clause stands where it stood among those that are left. Every clause of either text that is not in the
    answer is word for word the same, under the same number.
    """
    partner = _pairs(before, now)
    found: list[tuple[tuple[int, int], ClauseChange]] = []
    last = -1
    for clause in before:
        place = partner.get(clause.position)
        if place is None:
            found.append(((last, 1 + clause.position), ClauseChange("removed", clause, None)))
        else:
            last = place
    origins = {place: clause for clause in before if (place := partner.get(clause.position)) is not None}
    for clause in now:
        origin = origins.get(clause.position)
        if origin is None:
            found.append(((clause.position, 0), ClauseChange("added", None, clause)))
        elif _words(origin.text) != _words(clause.text):
            found.append(((clause.position, 0), ClauseChange("changed", origin, clause)))
        elif origin.ref != clause.ref:
            found.append(((clause.position, 0), ClauseChange("renumbered", origin, clause)))
    return tuple(change for _, change in sorted(found, key=lambda pair: pair[0]))


def redline(before: str, now: str) -> tuple[Piece, ...]:
    """The words of two texts in one: what stayed, what went, what came.

    Without the pieces that came it reads as the text before, without those that went as the text now.
    """
    old, new = _tokens(before), _tokens(now)
    matcher = SequenceMatcher(None, [t.strip() for t in old], [t.strip() for t in new], autojunk=False)
    pieces: list[Piece] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(new[k:m])))
            continue
        if i < j:
            pieces.append(Piece("removed", "".join(old[i:j])))
        if k < m:
            pieces.append(Piece("added", "".join(new[k:m])))
    return tuple(pieces)


def _pairs(before: Sequence[ClauseText], now: Sequence[ClauseText]) -> dict[int, int]:
    """Position before → position now, for the clauses that are in both texts."""
    pairs: dict[int, int] = {}
    old, new = list(before), list(now)

    def pair(matches: Iterable[tuple[ClauseText, ClauseText]]) -> None:
        for was, is_ in matches:
            if was in old and is_ in new:
                pairs[was.position] = is_.position
                old.remove(was)
                new.remove(is_)

    pair([(a, b) for a in old for b in new if a.ref == b.ref and _words(a.text) == _words(b.text)])
    pair([(a, b) for a in old for b in new if _words(a.text) == _words(b.text)])
    pair((a, b) for _, a, b in sorted(_alike(old, new), key=lambda found: (-found[0], found[1].position)))
    pair([(a, b) for a in old for b in new if a.ref == b.ref])
    return pairs


def _alike(old: Sequence[ClauseText], new: Sequence[ClauseText]) -> list[tuple[float, ClauseText, ClauseText]]:
    found = []
    for was in old:
        for is_ in new:
            ratio = SequenceMatcher(None, _words(was.text), _words(is_.text), autojunk=False).ratio()
            if ratio >= LIKE:
                found.append((ratio, was, is_))
    return found


def _words(text: str) -> list[str]:
    return text.split()


def _tokens(text: str) -> list[str]:
    """Words, each with the white space after it."""
    return re.findall(r"\S+\s*", text)
