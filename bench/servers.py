"""Web processes: ours and the bare program under one gunicorn command, which is that of ``lms serve``."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKERS, THREADS = 2, 4
OURS, FLOOR = "bench.ours:make_app()", "bench.floor:make_app()"
STARTS_WITHIN = 40.0


@dataclass(frozen=True, slots=True)
class Server:
    """Web processes that answer on a port of this machine."""

    port: int
    pid: int

    def memory(self) -> float:
        """PSS of all its processes in MB: what is shared counts once."""
        return sum(_pss(pid) for pid in [self.pid, *descendants(self.pid)]) / 1024


@contextmanager
def started(factory: str, environment: Mapping[str, str], log: Path, alive: str) -> Iterator[Server]:
    """Serves a program until the block ends. Raises RuntimeError with its log where it does not start."""
    port = free_port()
    with log.open("ab") as file:
        process = subprocess.Popen(
            gunicorn(factory, port),
            env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    try:
        wait_until_alive(port, alive, process, log)
        yield Server(port, process.pid)
    finally:
        stop(process)


def gunicorn(factory: str, port: int) -> list[str]:
    """The command for the program that ``factory`` (``module:function()``) makes. It is made before the fork."""
    settings = {
        "bind": f"127.0.0.1:{port}",
        "workers": WORKERS,
        "worker-class": "gthread",
        "threads": THREADS,
        "keep-alive": 75,
        "timeout": 60,
        "log-level": "warning",
    }
    flags = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
    return [sys.executable, "-m", "gunicorn", "--preload", "--no-control-socket", *flags, factory]


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_alive(port: int, path: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Returns once ``path`` answers. Raises RuntimeError with the end of the log where it does not."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < 500:
                return
        except (OSError, HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.05)
    text = log.read_text(encoding="utf-8", errors="replace")[-3000:] if log.exists() else ""
    raise RuntimeError(f"The program did not start on port {port}.\n{text}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Asks the processes to end, then ends them."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=10)
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait(timeout=10)


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and theirs."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(number) for number in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


def _pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
