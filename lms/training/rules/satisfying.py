"""Which other assignments one completion satisfies: of the same course, asking no more, and open to it by its date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from lms.training.rules.states import covers


@dataclass(frozen=True, slots=True)
class Finished:
    """A course gone through to its end: the capstone passed, and signed or declined before two witnesses.

    ``one_text`` says whether the capstone was passed on the policy text that was in force at the end.
    """

    assignment_id: int
    person_id: int
    course_id: int
    path: str
    done_on: date
    one_text: bool = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another assignment that a completion may satisfy.

    ``counts_from_on`` is the first day on which a completion counts for it; it stays so while it is overdue.
    ``paused`` says that its clock stood still on that day: the person was on leave.
    """

    assignment_id: int
    person_id: int
    course_id: int
    path: str
    counts_from_on: date
    closed: bool = False
    awaiting_witnesses: bool = False
    paused: bool = False


@dataclass(frozen=True, slots=True)
class CourseTexts:
    """The versions of one course, oldest first, each as (id, when it was published, its policy version)."""

    versions: tuple[tuple[int, datetime, int], ...]

    def one_text(self, course_version_id: int | None, at: datetime) -> bool:
        """Whether a version of the course teaches the policy text that was in force at ``at``.

        Before its first version was published a course had no other text than that one's.
        """
        taught = {number: policy for number, _, policy in self.versions}
        if course_version_id not in taught:
            return False
        in_force = [policy for _, published_at, policy in self.versions if published_at <= at]
        return taught[course_version_id] == (in_force[-1] if in_force else self.versions[0][2])


def satisfies(done: Finished, other: Candidate) -> bool:
    """Whether a completion also satisfies another assignment. Never itself, and never one that is closed."""
    return (
        other.assignment_id != done.assignment_id
        and (other.person_id, other.course_id) == (done.person_id, done.course_id)
        and not (other.closed or other.awaiting_witnesses or other.paused)
        and done.one_text
        and covers(done.path, other.path)
        and done.done_on >= other.counts_from_on
    )


def satisfied_of(done: Finished, others: Iterable[Candidate]) -> tuple[int, ...]:
    """The ids of the assignments that a completion also satisfies, each once, in the order given."""
    return tuple(dict.fromkeys(other.assignment_id for other in others if satisfies(done, other)))


def fuller(path: str, other_path: str) -> bool:
    """Whether a path asks for all that the other asks for, and more."""
    return covers(path, other_path) and not covers(other_path, path)


def satisfied_reason(assignment_id: int, record_id: str | None) -> str:
    """Why an assignment is done although nobody worked in it, as its record says it."""
    return f"satisfied by assignment {assignment_id} / {record_id or 'no record'}"
