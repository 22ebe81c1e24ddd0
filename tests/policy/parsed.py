"""Policies for tests: the shipped one, and small ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from lms.catalog.content.faults import Faults
from lms.catalog.content.policy_file import read_policy
from lms.catalog.content.source import read_source
from lms.policy.rules import ClauseText, Heading, ParsedPolicy

REAL = Path(__file__).parents[2] / "quizzes" / "sop-110" / "policy.md"

SMALL = ParsedPolicy(
    slug="sop-7",
    number="7",
    title="Radios",
    department="Portland Police Department",
    distribution="All Personnel",
    standards="None",
    by_order_of="Chief of Police",
    effective_on=date(2020, 1, 31),
    revised_on=date(2024, 8, 31),
    review_months=6,
    blocks=(
        Heading(1, "I. Purpose"),
        ClauseText("I", "To be heard.", True, 0, ("I. Purpose",)),
        Heading(1, "II. Use"),
        Heading(2, "A. On duty"),
        ClauseText("II.A.a", "Speak *plainly*.", False, 1, ("II. Use", "A. On duty")),
    ),
)


def shipped_policy() -> ParsedPolicy:
    """SOP 110 as the course ships it."""
    faults = Faults()
    source = read_source(REAL, REAL.parent, faults)
    assert source is not None
    policy = read_policy(source, faults)
    assert policy is not None, faults.listed()
    return policy


def revised(on: date) -> ParsedPolicy:
    """The small policy, revised on that day."""
    return replace(SMALL, revised_on=on)
