"""SOP 110 is shown word for word.

``sop-110-source.txt`` is the department's text as it was received. Reading it here is written apart from the
product's own reader, and knows only how the source marks its lines.
"""

from __future__ import annotations

import re
from pathlib import Path

from tests.policy.parsed import shipped_policy

SOURCE = Path(__file__).with_name("sop-110-source.txt")
BULLET = re.compile(r"^ ?- (?:[a-z]\.|[0-9]+\)) +")
HEADING = re.compile(r"^(?:(?:IV|III|II|I)|[AB]|[1-4])\. ")


def source_lines() -> list[str]:
    """The lines of the source after its table of subject and dates."""
    text = SOURCE.read_text(encoding="utf-8")
    return [line for line in text[text.index("I. Purpose") :].splitlines() if line.strip()]


def source_clauses() -> list[str]:
    """The clauses of the source: without numbers in front, and a sentence that a page break cut joined again."""
    found: list[str] = []
    for line in source_lines():
        if HEADING.match(line):
            continue
        if found and found[-1].endswith("such as"):
            found[-1] += " " + line.strip()
        else:
            found.append(BULLET.sub("", line).strip())
    return found


def test_every_clause_is_word_for_word_in_order() -> None:
    assert [clause.text for clause in shipped_policy().clauses] == source_clauses()


def test_every_word_of_the_source_is_in_the_policy_and_no_other() -> None:
    policy = shipped_policy()
    shown: list[str] = []
    for block in policy.blocks:
        shown += block.text.split()
    plain = [word for line in source_lines() for word in BULLET.sub("", line).replace("**", "").split()]
    assert shown == plain


def test_every_clause_has_the_number_that_the_source_prints() -> None:
    marks = [m.group().strip(" -") for line in source_lines() if (m := BULLET.match(line))]
    numbered = [c.number for c in shipped_policy().clauses if c.ref.startswith("IV.")]
    assert numbered == marks


def test_headings_are_those_of_the_source() -> None:
    source = [line.replace("**", "") for line in source_lines() if HEADING.match(line)]
    assert [block.text for block in shipped_policy().blocks if not hasattr(block, "ref")] == source


def test_front_matter_says_what_the_head_of_the_source_says() -> None:
    policy = shipped_policy()
    head = SOURCE.read_text(encoding="utf-8").split("I. Purpose")[0]
    for text in (policy.title, policy.number, policy.distribution, policy.standards, policy.by_order_of):
        assert text in head
    assert f"Effective Date:\t{policy.effective_on:%m/%d/%Y}" in head
    assert f"Revision Date:\t{policy.revised_on:%m/%d/%Y}" in head
    assert "Biennially" in head
    assert policy.review_months == 24


def test_taught_clauses_are_definitions_and_personal_use() -> None:
    taught = [clause.ref for clause in shipped_policy().clauses if clause.taught]
    assert len(taught) == 28
    assert not any(ref.startswith("IV.A") for ref in taught)
    assert {"I", "II", "III.speech", "IV.B.1.a", "IV.B.2.k", "IV.B.2.k.4", "IV.B.2.n"} <= set(taught)
