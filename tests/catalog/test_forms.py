"""Capstone forms: parallel, balanced, the same for the same bank, and apart from each other where they can be."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.catalog.rules import ClauseUnit, draw_forms


@dataclass(frozen=True)
class Asked:
    ref: str
    clause: str


@dataclass(frozen=True)
class Bank:
    items: tuple[Asked, ...]
    units: tuple[ClauseUnit, ...]
    size: int
    count: int
    critical: frozenset[str]


@st.composite
def banks(draw: st.DrawFn) -> Bank:
    """Banks with up to nine units, some of two clauses, each clause with up to seven items."""
    clauses = iter(f"c{number:02d}" for number in range(100))
    units = tuple(
        ClauseUnit(f"u{number}", f"Unit {number}", tuple(next(clauses) for _ in range(draw(st.integers(1, 2)))))
        for number in range(draw(st.integers(1, 9)))
    )
    every = [clause for unit in units for clause in unit.clauses]
    items = tuple(Asked(f"{clause}-{n}", clause) for clause in every for n in range(draw(st.integers(1, 7))))
    critical = frozenset(draw(st.lists(st.sampled_from(every), max_size=4)))
    size = draw(st.integers(max(1, len(critical)), len(items) + 2))
    return Bank(items, units, size, draw(st.integers(1, 5)), critical)


def drawn(bank: Bank) -> list[list[Asked]]:
    by_ref = {item.ref: item for item in bank.items}
    forms = draw_forms(bank.items, bank.units, bank.size, bank.count, bank.critical)
    return [[by_ref[ref] for ref in form.items] for form in forms]


def unit_counts(bank: Bank, form: list[Asked]) -> Counter[str]:
    unit_of = {clause: unit.ref for unit in bank.units for clause in unit.clauses}
    return Counter(unit_of[item.clause] for item in form)


@given(banks())
def test_every_form_is_full_and_repeats_no_item(bank: Bank) -> None:
    for form in drawn(bank):
        assert len(form) == len(set(form)) == min(bank.size, len(bank.items))


@given(banks())
def test_every_critical_clause_is_in_every_form(bank: Bank) -> None:
    for form in drawn(bank):
        assert bank.critical <= {item.clause for item in form}


@given(banks(), st.randoms())
def test_the_same_bank_gives_the_same_forms_in_any_order(bank: Bank, chance: random.Random) -> None:
    shuffled = list(bank.items)
    chance.shuffle(shuffled)
    again = draw_forms(shuffled, bank.units, bank.size, bank.count, bank.critical)
    assert again == draw_forms(bank.items, bank.units, bank.size, bank.count, bank.critical)


@given(banks())
def test_units_without_a_critical_clause_come_equally_often(bank: Bank) -> None:
    others = [unit for unit in bank.units if not bank.critical & set(unit.clauses)]
    if not others or bank.size > len(bank.critical) + len(others):
        return
    over_all = sum((unit_counts(bank, form) for form in drawn(bank)), Counter[str]())
    counts = [over_all[unit.ref] for unit in others]
    assert max(counts) - min(counts) <= 1


@given(banks())
def test_a_form_holds_as_many_different_units_as_it_can(bank: Bank) -> None:
    certain = {unit.ref for unit in bank.units if bank.critical & set(unit.clauses)}
    room = bank.size - len(bank.critical)
    for form in drawn(bank):
        assert len(unit_counts(bank, form)) == min(len(bank.units), len(certain) + room)


@given(banks())
def test_an_item_comes_again_only_when_its_clause_or_unit_is_used_up(bank: Bank) -> None:
    forms = drawn(bank)
    used = Counter(item for form in forms for item in form)
    for unit in bank.units:
        held = [item for item in bank.items if item.clause in unit.clauses]
        if not bank.critical & set(unit.clauses):
            counts = [used[item] for item in held]
            if len(unit.clauses) == 1:
                assert max(counts) - min(counts) <= 1


def test_forms_share_nothing_where_the_bank_is_large_enough() -> None:
    units = tuple(ClauseUnit(f"u{n}", "", (f"c{n}",)) for n in range(26))
    items = tuple(Asked(f"c{n}-{k}", f"c{n}") for n in range(26) for k in range(4))
    forms = draw_forms(items, units, 20, 3, {"c8", "c14", "c17", "c25"})
    refs = [ref for form in forms for ref in form.items]
    assert len(refs) == len(set(refs)) == 60
    assert {ref.split("-")[0] for ref in refs} == {f"c{n}" for n in range(26)}


def test_a_form_without_room_for_the_critical_clauses_is_refused() -> None:
    with pytest.raises(ValueError, match="room"):
        draw_forms([Asked("a", "x"), Asked("b", "y")], [ClauseUnit("u", "", ("x", "y"))], 1, 1, {"x", "y"})
