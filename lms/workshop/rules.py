"""How a story that may have faults can be played, and how the policy is shown beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lms.assessment.rules.stories import Story, follow, split_path
from lms.catalog.maps.plan import plan_of
from lms.catalog.rules import Scenario
from lms.errors import NotFound
from lms.policy.rules import ClauseText, ParsedPolicy


@dataclass(frozen=True, slots=True)
class PolicyShown:
    """The policy as pages show it beside a lesson, a choice or an answer; ``clauses`` by their refs."""

    slug: str
    number: str
    clauses: Mapping[str, ClauseText]


def shown(policy: ParsedPolicy | None) -> PolicyShown:
    """What can be shown of a policy: nothing of one that has a fault."""
    if policy is None:
        return PolicyShown("policy", "", {})
    return PolicyShown(policy.slug, policy.number, {clause.ref: clause for clause in policy.clauses})


def can_be_played(scenario: Scenario) -> bool:
    """Whether every way leads on to a scene that there is, and none leads back."""
    return scenario.start in scenario.scenes and not any(room.is_sign for room in plan_of(scenario).rooms)


def play(scenario: Scenario, path: str) -> tuple[Story, bool]:
    """The story along ``path``, and whether that way is still there; where it is not, the story from its start.

    An author changes scenes while playing them.
    """
    try:
        return follow(scenario, split_path(path)), True
    except NotFound:
        return follow(scenario, []), False
