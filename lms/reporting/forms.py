"""The filters of the lists, as they stand in an address. What makes no sense narrows nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lms.notify.queries import MessageFilter
from lms.notify.rules import State as LetterState
from lms.reporting.queries import SORTS, AssignmentFilter
from lms.reporting.rules import GROUPS, STATE_WORDS, states_named
from lms.training.rules import State
from lms.web.paging import split_sort

LONGEST_TEXT = 100
LARGEST_ID = 2**31 - 1
STATE_OPTIONS = [
    ("", "All current"),
    *((name, words) for name, (words, _states) in GROUPS.items()),
    *((state.value, words) for state, words in STATE_WORDS.items() if state is not State.SEPARATED),
]
LETTER_WORDS: Mapping[LetterState, str] = {
    LetterState.WAITING: "Waiting",
    LetterState.RETRYING: "Trying again",
    LetterState.SENDING: "Being sent",
    LetterState.SENT: "Sent",
    LetterState.DROPPED: "Not sent: no longer needed",
    LetterState.FAILED: "Failed",
}
LETTER_OPTIONS = [("", "All letters"), *((state.value, words) for state, words in LETTER_WORDS.items())]


@dataclass(frozen=True, slots=True)
class AssignmentListing:
    """Filter and order of the list of assignments."""

    filter: AssignmentFilter
    sort: str
    descending: bool

    @property
    def query(self) -> dict[str, str]:
        """The same, for an address."""
        wanted = self.filter
        order = f"-{self.sort}" if self.descending else self.sort
        return {
            "state": wanted.state,
            "unit": "" if wanted.unit_id is None else str(wanted.unit_id),
            "requirement": "" if wanted.requirement_id is None else str(wanted.requirement_id),
            "text": wanted.text,
            "sort": "" if order == "days" else order,
        }

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out of the list."""
        return self.filter != AssignmentFilter()


def read_assignment_listing(args: Mapping[str, str]) -> AssignmentListing:
    """From the query of an address."""
    state = args.get("state", "")
    sort, descending = split_sort(args.get("sort", ""), SORTS, "days")
    wanted = AssignmentFilter(
        state=state if states_named(state) else "",
        unit_id=read_id(args.get("unit", "")),
        requirement_id=read_id(args.get("requirement", "")),
        text=_text(args.get("text", "")),
    )
    return AssignmentListing(wanted, sort, descending)


def read_letter_filter(args: Mapping[str, str]) -> MessageFilter:
    """Which letters to list, from the query of an address."""
    asked = args.get("state", "")
    state = next((state for state in LetterState if state.value == asked), None)
    return MessageFilter(state=state, person_id=read_id(args.get("person", "")))


def letter_query(wanted: MessageFilter) -> dict[str, str]:
    """The same, for an address."""
    return {
        "state": "" if wanted.state is None else wanted.state.value,
        "person": "" if wanted.person_id is None else str(wanted.person_id),
    }


def read_id(text: str) -> int | None:
    """A row's id, or None for what is none."""
    if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= LARGEST_ID:
        return int(text)
    return None


def _text(text: str) -> str:
    return " ".join(text.replace("\x00", "").split())[:LONGEST_TEXT]
