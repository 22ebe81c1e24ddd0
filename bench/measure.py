"""One database's measurements: each of our flows between two runs of the floor, in two passes."""

from __future__ import annotations

import secrets
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from argon2 import PasswordHasher

from bench import counting, floor
from bench.databases import fresh_database
from bench.driver import MakeFlow, Measured, drive, merged
from bench.flows import FloorFlows, OurFlows
from bench.seed import Department, default_settings, make_department, make_instance
from bench.servers import FLOOR, OURS, Server, started

FLOWS = ("home", "attempt", "attempt_plain", "sign_in", "sign", "report", "report_file")
SHARE = {"attempt_plain": 0.4, "sign_in": 0.5, "report": 0.5, "report_file": 0.3}
"""What part of the seconds a flow gets; the whole where none is named."""
FLOOR_SHARE = 0.25
ALONE_SECONDS = 3.0
ATTEMPTS_A_SECOND, SIGNATURES_A_SECOND = 45, 45
"""People to seed for each second of a flow that nobody can do twice."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, how many."""

    people: int
    clients: int
    seconds: float
    warm_up: float
    passes: int


@dataclass(frozen=True, slots=True)
class Floor:
    """The bare program's speed at one moment."""

    get: Measured
    post: Measured

    def price(self, gets: int, posts: int) -> float:
        """How many works of so many requests a second would be done at this speed."""
        if not self.get.rate or not self.post.rate:
            return 0.0
        return 1 / (gets / self.get.rate + posts / self.post.rate)


@dataclass(slots=True)
class Results:
    """Everything measured on one database."""

    kind: str
    flows: dict[str, list[Measured]] = field(default_factory=dict)
    floors: dict[str, list[tuple[Floor, Floor]]] = field(default_factory=dict)
    """For each pass of a flow, the floor before and after it."""
    alone: dict[str, Measured] = field(default_factory=dict)
    statements: dict[str, int] = field(default_factory=dict)
    counted: dict[str, counting.Flowed] = field(default_factory=dict)
    weights: dict[str, counting.Weight] = field(default_factory=dict)
    memory: float = 0.0
    memory_signing: float = 0.0
    floor_memory: float = 0.0
    hashing: float = 0.0
    """Argon2id verifications a second on all cores, with nothing else running."""

    def measured(self, flow: str) -> Measured:
        """All passes of a flow."""
        return merged(self.flows[flow])

    def floor_rate(self, flow: str, gets: int, posts: int) -> float:
        """The mean price over the floors around a flow."""
        prices = [one.price(gets, posts) for pair in self.floors[flow] for one in pair]
        return sum(prices) / len(prices)

    def floor_get(self, flow: str) -> Measured:
        """All the floor's page requests around a flow."""
        return merged([one.get for pair in self.floors[flow] for one in pair])

    def errors(self) -> list[str]:
        """Everything that went wrong in any thread."""
        runs = [(name, run) for name, passes in self.flows.items() for run in passes]
        floors = [one for pairs in self.floors.values() for pair in pairs for one in pair]
        runs += [("floor", part) for one in floors for part in (one.get, one.post)]
        runs += list(self.alone.items())
        return [f"{self.kind}, {name}: {error}" for name, run in runs for error in run.errors]


def measure(kind: str, folder: Path, plan: Plan) -> Results:
    """Seeds both programs on a database of the kind, measures, and drops everything."""
    results = Results(kind)
    with fresh_database(kind, folder, "ours") as url, fresh_database(kind, folder, "floor") as floor_url:
        began = time.monotonic()
        environment = make_instance(folder / f"instance-{kind}", url)
        busy = (plan.seconds + plan.warm_up) * plan.passes + ALONE_SECONDS + 2
        department = make_department(
            environment,
            people=plan.people,
            attempts=int(busy * (1 + SHARE["attempt_plain"]) * ATTEMPTS_A_SECOND),
            signatures=int(busy * SIGNATURES_A_SECOND),
        )
        floor.seed(floor_url)
        say(f"{kind}: seeded in {time.monotonic() - began:.0f} s")
        _count(results, environment, department)
        log, floor_log = folder / f"ours-{kind}.log", folder / f"floor-{kind}.log"
        with (
            started(OURS, environment, log, "/alive") as ours,
            started(FLOOR, {"BENCH_FLOOR_DATABASE": floor_url}, floor_log, "/in/t1") as bare,
        ):
            _measure_all(results, ours, bare, department, plan)
        if results.errors():
            say(_failures(log))
    return results


def _failures(log: Path) -> str:
    """The last thing that the web processes said of a failure."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    told = [line for line in lines if '"level": "info"' not in line]
    return "\n".join(line[:3000] for line in told[-20:])


def _count(results: Results, environment: dict[str, str], department: Department) -> None:
    """What needs no clock."""
    from lms.web import logs

    silence = logs.configure
    logs.configure = lambda *, quiet=False: silence(quiet=quiet or True)
    try:
        results.statements = counting.statements_of_pages(environment, department)
        for name in ("attempt", "sign"):
            results.counted[name] = counting.count_flow(environment, department, name)
    finally:
        logs.configure = silence


def _measure_all(results: Results, ours: Server, bare: Server, department: Department, plan: Plan) -> None:
    flows = OurFlows(ours.port, department)
    made: dict[str, MakeFlow] = {name: getattr(flows, name) for name in FLOWS}
    for number in range(plan.passes):
        before = _floor(bare, plan)
        for name in FLOWS:
            seconds = plan.seconds * SHARE.get(name, 1)
            found = drive(made[name], clients=plan.clients, seconds=seconds, warm_up=plan.warm_up)
            after = _floor(bare, plan)
            results.flows.setdefault(name, []).append(found)
            results.floors.setdefault(name, []).append((before, after))
            before = after
            say(f"{results.kind}, pass {number + 1}, {name}: {found.rate:.1f}/s, {len(found.errors)} errors")
            if name == "attempt" and number == 0:
                results.memory, results.floor_memory = ours.memory(), bare.memory()
    results.memory_signing = ours.memory()
    for name in ("home", "attempt", "report", "report_file"):
        results.alone[name] = drive(made[name], clients=1, seconds=ALONE_SECONDS, warm_up=0.5)
    results.weights["sign-in"] = counting.weigh(ours.port, "/auth/sign-in")
    results.weights["home"] = counting.weigh(ours.port, "/training/", department.homes[0])
    results.hashing = hashing_rate(plan.clients, min(4.0, plan.seconds))


def _floor(bare: Server, plan: Plan) -> Floor:
    flows = FloorFlows(bare.port)
    seconds = max(1.0, plan.seconds * FLOOR_SHARE)
    warm_up = min(1.0, plan.warm_up)
    return Floor(
        drive(flows.get, clients=plan.clients, seconds=seconds, warm_up=warm_up),
        drive(flows.post, clients=plan.clients, seconds=seconds, warm_up=warm_up),
    )


def hashing_rate(threads: int, seconds: float) -> float:
    """How many passwords a second can be checked here with the costs of the settings, and nothing else."""
    costs = default_settings()
    hasher = PasswordHasher(
        time_cost=int(costs["LMS_PASSWORD_TIME_COST"]),
        memory_cost=int(costs["LMS_PASSWORD_MEMORY_KIB"]),
        parallelism=1,
    )
    stored = hasher.hash(secrets.token_hex(8) + "x")
    counts = [0] * threads
    until = time.perf_counter() + seconds

    def work(number: int) -> None:
        while time.perf_counter() < until:
            try:
                hasher.verify(stored, "not this one")
            except Exception:
                counts[number] += 1

    crew = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    began = time.perf_counter()
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


def say(line: str) -> None:
    """One line of progress, beside the table."""
    print(line, file=sys.stderr, flush=True)
