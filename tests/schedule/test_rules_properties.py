"""What holds for every date, rule and history."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from lms.dates import add_months, add_years
from lms.schedule.rules import (
    STAGES,
    Completion,
    Past,
    PersonFacts,
    Rule,
    give_back,
    next_cycle,
    stage_of,
)

days = st.dates(date(1990, 1, 1), date(2060, 12, 31))
rules = st.one_of(
    st.builds(Rule, basis=st.just("hire"), starts_on=days, due_days=st.integers(1, 400)),
    st.builds(
        Rule,
        basis=st.just("calendar"),
        starts_on=days,
        due=st.tuples(st.integers(1, 12), st.integers(1, 28)),
        window_days=st.integers(0, 400),
        years=st.integers(1, 3),
        min_active_months=st.integers(0, 11),
        early=st.sampled_from(["counts", "ignored"]),
    ),
    st.builds(
        Rule,
        basis=st.just("anniversary"),
        starts_on=days,
        window_days=st.integers(0, 400),
        years=st.integers(1, 3),
        early=st.sampled_from(["counts", "ignored"]),
    ),
)


@settings(deadline=None)
@given(days, st.integers(-40, 40))
def test_years_keep_month_and_day_but_for_february_29(day: date, years: int) -> None:
    moved = add_years(day, years)
    assert moved.year == day.year + years
    assert (moved.month, moved.day) in {(day.month, day.day), (2, 28)}
    assert (day.month, day.day) == (2, 29) or (moved.month, moved.day) == (day.month, day.day)


@settings(deadline=None)
@given(days, st.integers(0, 60), st.integers(0, 60))
def test_months_keep_the_order_of_days(day: date, months: int, more: int) -> None:
    assert add_months(day, months) <= add_months(day, months + more)
    assert add_months(day, months) <= add_months(day + timedelta(days=1), months)


@settings(deadline=None)
@given(days, st.integers(1, 3), st.data())
def test_an_anniversary_kept_on_time_never_drifts_over_40_years(first: date, years: int, data: st.DataObject) -> None:
    rule = Rule("anniversary", starts_on=date(1980, 1, 1), years=years, window_days=60)
    facts = PersonFacts(date(1980, 1, 1), date(1980, 1, 1), completions=(Completion(first, "full", "on_hire"),))
    for number in range(1, 40 // years + 1):
        plan = next_cycle(rule, facts, date(2150, 1, 1))
        assert plan is not None
        assert plan.due_on == add_years(first, number * years)
        early = data.draw(st.integers(0, 60))
        past = Past(
            plan.cycle, plan.opens_on, plan.due_on, plan.due_on, "completed", plan.due_on - timedelta(days=early)
        )
        facts = replace(facts, history=(*facts.history, past))


@settings(deadline=None)
@given(rules, days, days, st.lists(days, max_size=3), days)
def test_a_plan_is_ordered_and_new_and_comes_to_an_end(
    rule: Rule, began: date, known: date, completed: list[date], today: date
) -> None:
    facts = PersonFacts(began, known, completions=tuple(Completion(day, "full", "on_hire") for day in completed))
    seen: set[str] = set()
    while (plan := next_cycle(rule, facts, today)) is not None:
        assert plan.cycle not in seen
        assert plan.opens_on <= plan.due_on <= plan.grace_until
        assert plan.counts_from_on <= plan.opens_on
        assert plan.valid_through is None or plan.valid_through > plan.due_on
        assert plan.opens_on - timedelta(days=rule.announce_days) <= today
        assert plan.why.endswith(".")
        seen.add(plan.cycle)
        facts = replace(facts, history=(*facts.history, Past(plan.cycle, plan.opens_on, plan.due_on, plan.due_on)))
    assert len(seen) < 90


@settings(deadline=None)
@given(rules, days, days, st.integers(0, 400))
def test_running_late_makes_what_running_daily_would_have_made(
    rule: Rule, began: date, start: date, downtime: int
) -> None:
    facts = PersonFacts(began, min(began, start), completions=(Completion(began, "full", "on_hire"),))

    def run(facts: PersonFacts, today: date) -> PersonFacts:
        while (plan := next_cycle(rule, facts, today)) is not None:
            past = Past(plan.cycle, plan.opens_on, plan.due_on, plan.due_on)
            facts = replace(facts, history=(*facts.history, past))
        return facts

    daily = facts
    for number in range(0, downtime + 1, 7):
        daily = run(daily, start + timedelta(days=number))
    last = start + timedelta(days=downtime)
    assert run(daily, last) == run(facts, last)


@settings(deadline=None)
@given(days, st.integers(0, 400), st.integers(-400, 400), st.integers(0, 700))
def test_leave_gives_back_exactly_the_days_that_remained(opens: date, window: int, start: int, length: int) -> None:
    due = opens + timedelta(days=window)
    begins = opens + timedelta(days=start)
    ends = begins + timedelta(days=length)
    moved = give_back(due, begins, ends, opens)
    stopped = max(begins, opens)
    if stopped > due or ends < stopped:
        assert moved == due
    else:
        back_at_work = ends + timedelta(days=1)
        assert moved - back_at_work == due - stopped
        assert moved > due


@settings(deadline=None)
@given(days, st.integers(0, 400), st.integers(-30, 800))
def test_stages_only_go_forward(opens: date, window: int, offset: int) -> None:
    due, today = opens + timedelta(days=window), opens + timedelta(days=offset)
    now, later = stage_of(opens, due, today), stage_of(opens, due, today + timedelta(days=1))
    assert (now is None) == (today < opens)
    if now is not None:
        assert later is not None
        assert STAGES.index(later) >= STAGES.index(now)
        assert (now == "overdue") == (today > due)
