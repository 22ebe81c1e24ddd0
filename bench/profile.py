"""``python -m bench.profile FLOW``: where one flow's time goes, by function, with the app in this process."""

from __future__ import annotations

import argparse
import cProfile
import pstats
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.counting import InProcessBrowser
from bench.flows import OurFlows
from bench.seed import Department, make_department, make_instance
from config import Settings
from lms import create_app
from lms.db import db

FLOWS = ("home", "attempt", "sign", "report", "report_file")


def main() -> None:
    """Profiles one flow on SQLite."""
    parser = argparse.ArgumentParser(prog="python -m bench.profile", description=__doc__)
    parser.add_argument("flow", choices=FLOWS)
    parser.add_argument("--times", type=int, default=30)
    parser.add_argument("--lines", type=int, default=45)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--by", default="cumulative", choices=("cumulative", "tottime"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rollcall-profile-") as folder:
        path = Path(folder)
        environment = make_instance(path / "instance", f"sqlite:///{path / 'ours.sqlite'}")
        once = given.times + 2
        department = make_department(environment, people=given.people, attempts=once, signatures=once)
        app = create_app(Settings.load(environment))
        flow = _flow(given.flow, app, department)
        for _ in range(2):
            flow()
        profile = cProfile.Profile()
        began = time.process_time()
        profile.enable()
        for _ in range(given.times):
            flow()
        profile.disable()
        spent = (time.process_time() - began) / given.times * 1000
        print(f"{given.flow}: {spent:.1f} ms of processor time each, the profiler's own included")
        pstats.Stats(profile).sort_stats(given.by).print_stats(given.lines)
        with app.app_context():
            db.engine.dispose()


def _flow(name: str, app: object, department: Department) -> Callable[[], object]:
    """The flow as a function."""
    flows = OurFlows(0, department)
    if name in {"attempt", "sign"}:
        uses = iter(department.attempts if name == "attempt" else department.signatures)

        def once() -> None:
            cookie, assignment_id = next(uses)
            browser = InProcessBrowser(app, cookie)
            (flows.take_attempt if name == "attempt" else flows.sign_once)(browser, assignment_id)

        return once
    paths = {"home": "/training/", "report": "/reporting/assignments", "report_file": "/reporting/assignments.csv"}
    browser = InProcessBrowser(app, department.homes[0] if name == "home" else department.sergeant)
    return lambda: browser.get(paths[name]).expect()


if __name__ == "__main__":
    main()
