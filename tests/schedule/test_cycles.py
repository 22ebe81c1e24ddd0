"""The dates of cycles: every vector that schedule.md knows, and the cases between them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from lms.schedule.rules import Audience, Completion, CyclePlan, Past, PersonFacts, Rule, next_cycle

D = date
FIXED = Rule("calendar", starts_on=D(2026, 1, 1), due=(12, 31), min_active_months=6, early="counts")
EXPIRY = Rule("anniversary", starts_on=D(2020, 1, 1), years=1, window_days=60)
HIRE = Rule("hire", starts_on=D(2024, 1, 1), due_days=30)
VETERAN = PersonFacts(service_began_on=D(2010, 5, 1), known_since=D(2015, 1, 1))


def done(cycle: str, opens: date, due: date, on: date, *, extended_to: date | None = None) -> Past:
    """An assignment that was completed."""
    return Past(cycle, opens, due, extended_to or due, "completed", on)


def next_to_do(rule: Rule, facts: PersonFacts, until: date) -> CyclePlan | None:
    """The first cycle that no completion satisfies, as the job would find it by ``until``."""
    while (plan := next_cycle(rule, facts, until)) is not None:
        counts = [c.done_on for c in facts.completions if c.done_on >= plan.counts_from_on]
        if not counts:
            return plan
        past = Past(plan.cycle, plan.opens_on, plan.due_on, plan.due_on, "satisfied", min(counts))
        facts = replace(facts, history=(*facts.history, past))
    return None


@pytest.mark.parametrize(
    ("completed", "theirs", "ours", "why"),
    [
        (
            D(2026, 2, 28),
            D(2026, 12, 31),
            D(2027, 12, 31),
            "deliberate: their users call it a surprise; ours counts for 2026",
        ),
        (D(2026, 7, 30), D(2027, 12, 31), D(2027, 12, 31), "the same"),
        (D(2027, 2, 10), D(2027, 12, 31), D(2027, 12, 31), "the same: late for 2026, and 2027 stays on its calendar"),
        (D(2027, 8, 10), D(2028, 12, 31), D(2028, 12, 31), "the same: 2027 would come within six months"),
    ],
)
def test_fixed_cycle_where_early_counts(completed: date, theirs: date, ours: date, why: str) -> None:
    facts = replace(VETERAN, completions=(Completion(completed, "test_out", "annual"),))
    plan = next_to_do(FIXED, facts, D(2029, 1, 1))
    assert plan is not None
    assert plan.due_on == ours, why
    assert (theirs == ours) == why.startswith("the same")


@pytest.mark.parametrize(
    ("completed", "due"),
    [
        (D(2026, 2, 28), D(2026, 12, 31)),  # as theirs: before the window and more than six months before it is due
        (D(2026, 7, 30), D(2027, 12, 31)),  # as theirs
        (D(2027, 2, 10), D(2027, 12, 31)),  # as theirs: satisfies 2026 late; 2027 stays on its calendar
        (D(2027, 8, 10), D(2028, 12, 31)),  # as theirs: 2027 would come within six months
    ],
)
def test_fixed_cycle_where_early_is_ignored_is_exactly_theirs(completed: date, due: date) -> None:
    rule = replace(FIXED, early="ignored")
    plan = next_to_do(rule, replace(VETERAN, completions=(Completion(completed, "test_out", "annual"),)), D(2029, 1, 1))
    assert plan is not None
    assert plan.due_on == due


@pytest.mark.parametrize(
    ("completed", "due"),
    [
        (D(2026, 10, 10), D(2026, 12, 31)),  # before the window of 11-01: it stays
        (D(2026, 11, 10), D(2027, 12, 31)),  # early within the window: nothing is lost
        (D(2027, 1, 5), D(2028, 1, 5)),  # late: it restarts
    ],
)
def test_expiry_basis(completed: date, due: date) -> None:
    first = replace(VETERAN, completions=(Completion(D(2025, 12, 31), "refresher", "biennial"),))
    plan = next_cycle(EXPIRY, first, D(2026, 11, 1))
    assert plan is not None
    assert (plan.opens_on, plan.due_on) == (D(2026, 11, 1), D(2026, 12, 31))
    if completed < plan.counts_from_on:
        assert plan.due_on == due
        return
    past = done(plan.cycle, plan.opens_on, plan.due_on, completed)
    after = replace(
        first, history=(past,), completions=(*first.completions, Completion(completed, "refresher", "biennial"))
    )
    following = next_cycle(EXPIRY, after, D(2029, 1, 1))
    assert following is not None
    assert following.due_on == due


def test_fixed_cycle_of_two_years() -> None:
    rule = Rule("calendar", starts_on=D(2026, 1, 1), years=2, window_days=90)
    facts = replace(VETERAN, history=(done("2026", D(2026, 10, 2), D(2026, 12, 31), D(2026, 11, 1)),))
    plan = next_cycle(rule, facts, D(2028, 12, 1))
    assert plan is not None
    assert plan.due_on == D(2028, 12, 31)


def test_biennial_counts_from_the_completion_of_the_first_training() -> None:
    rule = Rule("anniversary", starts_on=D(2024, 1, 1), years=2, window_days=60)
    facts = replace(VETERAN, completions=(Completion(D(2024, 5, 14), "full", "on_hire"),))
    plan = next_cycle(rule, facts, D(2026, 3, 15))
    assert plan is not None
    assert (plan.cycle, plan.opens_on, plan.due_on) == ("2026-05-14", D(2026, 3, 15), D(2026, 5, 14))
    assert plan.valid_through == D(2028, 5, 14)
    assert plan.why == "Due 2 years after you last completed this course, on May 14, 2024."


def test_anniversary_waits_for_a_first_completion_and_for_the_open_one() -> None:
    rule = Rule("anniversary", starts_on=D(2024, 1, 1), years=2)
    assert next_cycle(rule, VETERAN, D(2030, 1, 1)) is None
    facts = replace(
        VETERAN,
        completions=(Completion(D(2024, 5, 14), "full", "on_hire"),),
        history=(Past("2026-05-14", D(2026, 3, 15), D(2026, 5, 14), D(2026, 5, 14)),),
    )
    assert next_cycle(rule, facts, D(2031, 1, 1)) is None


def test_an_extension_does_not_move_the_next_cycle() -> None:
    past = done("2026-05-14", D(2026, 3, 15), D(2026, 5, 14), D(2026, 7, 1), extended_to=D(2026, 7, 15))
    plan = next_cycle(
        Rule("anniversary", starts_on=D(2024, 1, 1), years=2), replace(VETERAN, history=(past,)), D(2030, 1, 1)
    )
    assert plan is not None
    assert plan.due_on == D(2028, 5, 14)


def test_a_waived_anniversary_counts_on_from_its_date() -> None:
    past = Past("2026-05-14", D(2026, 3, 15), D(2026, 5, 14), D(2026, 5, 14), "waived")
    plan = next_cycle(
        Rule("anniversary", starts_on=D(2024, 1, 1), years=2), replace(VETERAN, history=(past,)), D(2030, 1, 1)
    )
    assert plan is not None
    assert plan.due_on == D(2028, 5, 14)


def test_february_29_comes_back_in_leap_years() -> None:
    rule = Rule("anniversary", starts_on=D(2020, 1, 1), years=1, window_days=60)
    facts = replace(VETERAN, completions=(Completion(D(2024, 2, 29), "full", "on_hire"),))
    dues = []
    for _ in range(4):
        plan = next_cycle(rule, facts, D(2040, 1, 1))
        assert plan is not None
        dues.append(plan.due_on)
        facts = replace(facts, history=(*facts.history, done(plan.cycle, plan.opens_on, plan.due_on, plan.due_on)))
    assert dues == [D(2025, 2, 28), D(2026, 2, 28), D(2027, 2, 28), D(2028, 2, 29)]


@pytest.mark.parametrize(
    ("facts", "opens", "due", "words"),
    [
        (PersonFacts(D(2026, 3, 1), D(2026, 3, 1)), D(2026, 3, 1), D(2026, 3, 31), "you joined on March 1, 2026"),
        (VETERAN, D(2024, 1, 1), D(2024, 1, 31), "began here on January 1, 2024"),
        (
            PersonFacts(D(2026, 5, 1), D(2010, 1, 1), rehired=True),
            D(2026, 5, 1),
            D(2026, 5, 31),
            "you came back on May 1",
        ),
        (
            PersonFacts(D(2012, 5, 1), D(2026, 9, 9)),
            D(2026, 9, 9),
            D(2026, 10, 9),
            "added to the roster on September 9",
        ),
    ],
)
def test_on_hire(facts: PersonFacts, opens: date, due: date, words: str) -> None:
    plan = next_cycle(HIRE, facts, D(2026, 10, 1))
    assert plan is not None
    assert (plan.opens_on, plan.due_on, plan.cycle) == (opens, due, f"hire-{opens}")
    assert words in plan.why


def test_on_hire_comes_once_for_each_time_of_service() -> None:
    first = done("hire-2024-01-01", D(2024, 1, 1), D(2024, 1, 31), D(2024, 1, 20))
    assert next_cycle(HIRE, replace(VETERAN, history=(first,)), D(2030, 1, 1)) is None
    back = PersonFacts(D(2027, 6, 1), D(2015, 1, 1), rehired=True, history=(first,))
    assert next_cycle(HIRE, back, D(2027, 5, 31)) is None, "not before the return"
    plan = next_cycle(HIRE, back, D(2027, 6, 1))
    assert plan is not None
    assert plan.due_on == D(2027, 7, 1)


def test_after_a_rehire_the_anniversary_starts_anew() -> None:
    rule = Rule("anniversary", starts_on=D(2020, 1, 1), years=2)
    gone = Past("2026-05-14", D(2026, 3, 15), D(2026, 5, 14), D(2026, 5, 14), "separated")
    back = PersonFacts(
        D(2027, 6, 1),
        D(2015, 1, 1),
        rehired=True,
        history=(gone,),
        completions=(Completion(D(2024, 5, 14), "full", "on_hire"),),
    )
    assert next_cycle(rule, back, D(2035, 1, 1)) is None
    again = replace(back, completions=(*back.completions, Completion(D(2027, 6, 20), "full", "on_hire")))
    plan = next_cycle(rule, again, D(2035, 1, 1))
    assert plan is not None
    assert plan.due_on == D(2029, 6, 20)


@pytest.mark.parametrize(
    ("hired", "first_due"), [(D(2026, 6, 30), 2026), (D(2026, 7, 1), 2027), (D(2026, 12, 31), 2027)]
)
def test_whoever_was_hired_within_the_minimum_active_period_is_carried(hired: date, first_due: int) -> None:
    plan = next_cycle(FIXED, PersonFacts(hired, hired), D(2028, 1, 1))
    assert plan is not None
    assert plan.due_on == D(first_due, 12, 31)


def test_years_that_went_by_without_the_worker_are_made_in_order() -> None:
    facts, dues = VETERAN, []
    while (plan := next_cycle(FIXED, facts, D(2028, 10, 15))) is not None:
        dues.append(plan.due_on.year)
        facts = replace(facts, history=(*facts.history, Past(plan.cycle, plan.opens_on, plan.due_on, plan.due_on)))
    assert dues == [2026, 2027, 2028]


def test_years_before_the_roster_knew_the_person_are_not_made() -> None:
    facts = PersonFacts(D(2010, 1, 1), known_since=D(2028, 3, 1))
    plan = next_cycle(FIXED, facts, D(2028, 12, 1))
    assert plan is not None
    assert plan.due_on == D(2028, 12, 31)


def test_somebody_who_joins_an_audience_is_not_given_its_past_years() -> None:
    rule = replace(FIXED, audience=Audience(flags=frozenset({"undercover"})))
    plan = next_cycle(rule, VETERAN, D(2028, 12, 1))
    assert plan is not None
    assert plan.due_on == D(2028, 12, 31)


def test_a_cycle_is_announced_before_it_opens_and_not_earlier() -> None:
    assert next_cycle(FIXED, VETERAN, D(2026, 9, 1)) is None
    plan = next_cycle(FIXED, VETERAN, D(2026, 9, 2))
    assert plan is not None
    assert plan.opens_on == D(2026, 10, 2)


def test_what_does_not_count_is_said() -> None:
    facts = replace(VETERAN, completions=(Completion(D(2026, 2, 28), "full", "on_hire"),))
    plan = next_cycle(replace(FIXED, early="ignored"), facts, D(2026, 10, 2))
    assert plan is not None
    assert plan.counts_from_on == D(2026, 7, 1)
    assert "What you completed on February 28, 2026 does not count for it" in plan.why


def test_a_window_may_open_on_a_fixed_day() -> None:
    rule = Rule("calendar", starts_on=D(2026, 1, 1), due=(3, 31), opens=(12, 1))
    plan = next_cycle(rule, VETERAN, D(2026, 12, 15))
    assert plan is not None
    assert (plan.opens_on, plan.due_on) == (D(2025, 12, 1), D(2026, 3, 31))
