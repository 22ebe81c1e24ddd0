"""``python -m bench``: measures, prints the table, and writes it into docs/performance.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from bench.databases import KINDS, why_not
from bench.measure import Plan, measure, say
from bench.servers import ROOT
from bench.table import make_table, write_into

PAGE = ROOT / "docs" / "performance.md"
WARM_UP = 4.0


def main() -> int:
    """Gives 0 where nothing failed on the way, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--databases", default=",".join(KINDS), help="sqlite, postgres, or both with a comma")
    parser.add_argument("--seconds", type=float, default=30, help="of each flow, in each pass")
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--passes", type=int, default=2)
    parser.add_argument("--no-write", action="store_true", help="print the table and leave docs/ alone")
    given = parser.parse_args()
    kinds = [kind.strip() for kind in given.databases.split(",") if kind.strip()]
    if not kinds or any(kind not in KINDS for kind in kinds):
        parser.error(f"--databases takes {' and '.join(KINDS)}")
    plan = Plan(given.people, given.clients, given.seconds, min(WARM_UP, given.seconds), given.passes)
    results = []
    with tempfile.TemporaryDirectory(prefix="rollcall-bench-") as folder:
        for kind in kinds:
            reason = why_not(kind)
            if reason is not None:
                say(f"NOT MEASURED: {kind}: {reason}")
                continue
            results.append(measure(kind, Path(folder), plan))
    if not results:
        return 1
    table = make_table(results, plan)
    print(table)
    if not given.no_write:
        write_into(PAGE, table)
        say(f"Written into {PAGE.relative_to(ROOT)}.")
    return 1 if any(one.errors() for one in results) else 0


if __name__ == "__main__":
    sys.exit(main())
