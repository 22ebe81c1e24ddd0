"""Review dates, the order and the names of clauses, canonical text."""

from __future__ import annotations

import json
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.policy.rules import (
    ParsedPolicy,
    canonical_json,
    clause_label,
    clause_sort_key,
    outline,
    printed_number,
    review_due_on,
    sha256_of,
)
from tests.policy.parsed import SMALL, shipped_policy

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("revised_on", "months", "due_on"),
    [
        (date(2021, 1, 10), 24, date(2023, 1, 10)),
        (date(2024, 2, 29), 24, date(2026, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2024, 12, 15), 1, date(2025, 1, 15)),
        (date(2024, 12, 15), 12, date(2025, 12, 15)),
    ],
)
def test_review_is_due_the_same_day_months_later(revised_on: date, months: int, due_on: date) -> None:
    assert review_due_on(revised_on, months) == due_on


def test_refs_sort_as_the_policy_prints_them() -> None:
    refs = [clause.ref for clause in shipped_policy().clauses]
    assert sorted(set(refs), key=clause_sort_key) == refs


def test_numbers_sort_as_numbers_and_a_lead_in_before_its_items() -> None:
    refs = ["IX", "IV.B.2.k.10", "IV.B.2.k.2", "IV.B.2.k", "V", "III.post", "III.page"]
    assert sorted(refs, key=clause_sort_key) == [
        "III.page", "III.post", "IV.B.2.k", "IV.B.2.k.2", "IV.B.2.k.10", "V", "IX",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ref", "printed"), [("I", None), ("III.page", None), ("IV.B.2.f", "f."), ("IV.B.2.k.1", "1)"), ("IV.A.2.c", "c.")]
)
def test_number_is_as_printed(ref: str, printed: str | None) -> None:
    assert printed_number(ref) == printed


def test_label_keeps_the_whole_ref() -> None:
    assert clause_label("IV.B.2.f") == "Clause IV.B.2.f"


def test_policy_comes_back_from_its_canonical_text() -> None:
    for policy in (SMALL, shipped_policy()):
        assert ParsedPolicy.from_canonical(policy.canonical) == policy


def test_outline_has_one_anchor_for_each_heading_and_every_clause_once() -> None:
    policy = shipped_policy()
    sections = outline(policy)
    anchors = [section.anchor for section in sections]
    assert anchors[:4] == ["section-I", "section-II", "section-III", "section-IV"]
    assert "section-IV.B.2" in anchors
    assert len(anchors) == len(set(anchors))
    assert tuple(clause for section in sections for clause in section.clauses) == policy.clauses


def test_trail_holds_the_headings_above_a_clause() -> None:
    by_ref = {clause.ref: clause for clause in shipped_policy().clauses}
    assert by_ref["IV.B.2.f"].trail == ("IV. Procedures", "B. Personal Use", "2. Precautions and Prohibitions")
    assert by_ref["IV.B.2.k.1"].is_nested
    assert not by_ref["IV.B.2.k"].is_nested


@given(JSON)
def test_canonical_text_says_the_same_and_is_stable(value: object) -> None:
    text = canonical_json(value)
    assert canonical_json(json.loads(text)) == text
    assert unicodedata.is_normalized("NFC", text)


def test_the_same_letters_have_the_same_hash_however_they_are_composed() -> None:
    assert sha256_of(canonical_json("é")) == sha256_of(canonical_json("e\u0301"))


def test_fractions_are_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        canonical_json({"percent": 0.8})
