"""Web processes that are killed on purpose."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from bench.servers import ROOT, descendants, free_port, gunicorn, wait_until_alive
from tests.crash.serve import DATABASE, FOLDER


class Victim:
    """Gunicorn with two workers on a port that stays the same over restarts."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.port = free_port()
        self.killed_workers = self.killed_groups = 0
        self._log = folder / "gunicorn.log"
        self._environment = {**os.environ, FOLDER: str(folder / "instance"), DATABASE: database_url}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and returns once it answers."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                gunicorn("tests.crash.serve:make_app()", self.port),
                env={**self._environment, "PYTHONPATH": str(ROOT)},
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        wait_until_alive(self.port, "/alive", self._process, self._log)

    def kill_worker(self, chance: random.Random) -> None:
        """SIGKILL to one web process; gunicorn puts another in its place. Waits for that, a moment at most."""
        assert self._process is not None
        workers = self._workers()
        assert workers, f"no web process runs\n{self.log()}"
        victim = chance.choice(workers)
        os.kill(victim, signal.SIGKILL)
        self.killed_workers += 1
        until = time.monotonic() + 20
        while time.monotonic() < until:
            now = self._workers()
            if victim not in now and len(now) >= len(workers):
                return
            time.sleep(0.01)
        raise AssertionError(f"gunicorn put no other process in the place of {victim}\n{self.log()}")

    def kill_group(self) -> None:
        """SIGKILL to all of gunicorn at once, as a loss of power; then a new start."""
        self.end()
        self.killed_groups += 1
        self.start()

    def end(self) -> None:
        """SIGKILL to everything."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=20)
        self._process = None

    def log(self) -> str:
        """The end of what it wrote."""
        return self._log.read_text(encoding="utf-8", errors="replace")[-3000:] if self._log.exists() else ""

    def _workers(self) -> list[int]:
        assert self._process is not None
        return [pid for pid in descendants(self._process.pid) if _alive(pid)]


def _alive(pid: int) -> bool:
    """Whether a process runs; one that is dead but not yet waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False
