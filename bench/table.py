"""The table of docs/performance.md."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench.driver import Measured
from bench.measure import Plan, Results

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
NAMES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}
PRICED = (4, 3)
"""A whole attempt as docs/performance.md prices it on the floor: pages and writes."""
MOODLE_SIGNING = 5.3
Row = tuple[str, str, str, str, str]


def make_table(results: list[Results], plan: Plan) -> str:
    """Everything in one table, with what it was measured on above it."""
    cores = os.cpu_count() or 1
    lines = [
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {cores} cores ({platform.machine()}, Python "
        f"{platform.python_version()}): {plan.people:,} people, {plan.clients} clients, {plan.seconds:g} s after "
        f"{plan.warm_up:g} s of warm-up, {plan.passes} passes, the floor before and after each flow.",
        "",
        "| Database | Work | Ours | p50 / p95, ms | Floor | Ratio, or goal |",
        "|---|---|---|---|---|---|",
    ]
    for one in results:
        lines += ["| " + " | ".join((NAMES[one.kind], *row)) + " |" for row in _rows(one)]
    errors = [error for one in results for error in one.errors()]
    lines += ["", f"Errors: {len(errors)}." + ("" if not errors else f" First: {errors[0]}")]
    return "\n".join(lines)


def _rows(one: Results) -> list[Row]:
    return [*_flow_rows(one), *_alone_rows(one), *_count_rows(one)]


def _flow_rows(one: Results) -> list[Row]:
    home, attempt = one.measured("home"), one.measured("attempt")
    floor_home, floor_get = one.floor_rate("home", 1, 0), one.floor_get("home")
    floor_attempt = one.floor_rate("attempt", *PRICED)
    counted = one.counted["attempt"]
    posts = counted.requests - counted.gets
    floor_same = one.floor_rate("attempt", counted.gets, posts)
    sign_in, sign = one.measured("sign_in"), one.measured("sign")
    plain = one.measured("attempt_plain")
    floor_plain = one.floor_rate("attempt_plain", *PRICED)
    report, report_file = one.measured("report"), one.measured("report_file")
    return [
        (
            "officer's home",
            f"{home.rate:.0f}/s",
            _times(home),
            f"{floor_home:.0f}/s, p95 {floor_get.percentile(95):.0f}",
            f"**{home.rate / floor_home:.2f}** × floor (goal 0.4 now, 0.6 later)",
        ),
        (
            f"quiz attempt, {counted.requests} requests",
            f"{attempt.rate:.1f}/s",
            _times(attempt),
            f"{floor_attempt:.1f}/s as {PRICED[0]} GET + {PRICED[1]} POST",
            f"**{attempt.rate / floor_attempt:.2f}** × floor (goal 0.4 now, 0.6 later)",
        ),
        (
            "the same, request for request",
            f"{attempt.rate * counted.requests:.0f} requests/s",
            "",
            f"{floor_same:.1f}/s as {counted.gets} GET + {posts} POST",
            f"{attempt.rate / floor_same:.2f} × floor",
        ),
        (
            "the attempt without script",
            f"{plain.rate:.1f}/s",
            _times(plain),
            f"{floor_plain:.1f}/s as above",
            f"{plain.rate / floor_plain:.2f} × floor",
        ),
        (
            "sign-in to the home page",
            f"{sign_in.rate:.1f}/s",
            _times(sign_in),
            f"argon2id alone {one.hashing:.1f}/s",
            f"{one.hashing / sign_in.rate if sign_in.rate else 0:.2f} × its time (goal 1.2)",
        ),
        (
            "policy, sign, receipt",
            f"{sign.rate:.1f}/s",
            _times(sign),
            "argon2id as above",
            f"{sign.rate / MOODLE_SIGNING:.1f} × Moodle's {MOODLE_SIGNING}/s (goal 8)",
        ),
        ("report, page one", f"{report.rate:.0f}/s", _times(report), "", ""),
        ("report as CSV", f"{report_file.rate:.1f}/s", _times(report_file), "", ""),
    ]


def _alone_rows(one: Results) -> list[Row]:
    alone = one.alone
    goals = {
        "home": ("one user alone: home", "goal 6 ms"),
        "attempt": ("one user alone: attempt", "goal 60 ms"),
        "report": ("one user alone: report, page one", "goal p50 15 ms"),
        "report_file": ("one user alone: CSV", "goal 200 ms"),
    }
    return [(name, f"{alone[key].rate:.1f}/s", _times(alone[key]), "", goal) for key, (name, goal) in goals.items()]


def _count_rows(one: Results) -> list[Row]:
    attempt, sign = one.counted["attempt"], one.counted["sign"]
    pages = ", ".join(f"{name} {count}" for name, count in one.statements.items())
    sign_in, home = one.weights["sign-in"], one.weights["home"]
    return [
        ("queries a page", pages, "", "4", "goal 8, report 10"),
        ("queries of a page of an attempt", f"at most {attempt.most_statements}", "", "4", "goal 8"),
        (
            "rows written by an attempt",
            f"{attempt.inserted} + {attempt.updated} updated, {attempt.flushes} flushes",
            "",
            "11, 1 flush",
            "",
        ),
        (
            "rows written by a signature",
            f"{sign.inserted} + {sign.updated} updated, {sign.flushes} flushes",
            "",
            "",
            "",
        ),
        (
            "gzip weight",
            f"sign-in cold {sign_in.first:.0f} KB, home first {home.first:.0f} KB, warm {home.page:.1f} KB",
            "",
            "",
            "goal 120, 100, 12 KB",
        ),
        (
            "memory of the web processes (PSS)",
            f"{one.memory:.0f} MB, {one.memory_signing:.0f} MB after sign-ins",
            "",
            f"{one.floor_memory:.0f} MB",
            "goal 150 MB",
        ),
    ]


def _times(measured: Measured) -> str:
    return f"{measured.percentile(50):.1f} / {measured.percentile(95):.1f}"


def write_into(path: Path, table: str) -> None:
    """Puts the table between its marks. Raises RuntimeError where the page has none."""
    page = path.read_text(encoding="utf-8")
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise RuntimeError(f"{path} has no {BEGIN} … {END}.")
    path.write_text(f"{head}{begin}\n\n{table}\n\n{end}{tail}", encoding="utf-8")
