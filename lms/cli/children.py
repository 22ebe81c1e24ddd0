"""Processes that one command starts and answers for: the pages and the worker side by side."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

PATIENCE = 30.0
"""Seconds that a child gets to finish its work after it was asked to end."""


def lms_command(*arguments: str) -> list[str]:
    """How this same installation's ``lms`` is started as another process."""
    return [sys.executable, "-m", "lms.cli", *arguments]


class Children:
    """Starts processes, waits until one ends or somebody asks to stop, then ends all of them."""

    def __init__(self, instance: Path, *, only: Mapping[str, str] | None = None) -> None:
        """``only`` stands in the place of every setting in the environment."""
        inherited = {name: value for name, value in os.environ.items() if only is None or not name.startswith("LMS_")}
        self._environment = {**inherited, **(only or {}), "LMS_INSTANCE": str(instance)}
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []
        self._asked = threading.Event()

    def start(self, name: str, command: Sequence[str]) -> None:
        """Starts one, in a process group of its own: Ctrl-C reaches it through ``stop`` alone, and once."""
        process = subprocess.Popen(command, env=self._environment, start_new_session=True)  # noqa: S603
        self._running.append((name, process))

    def ended(self) -> str | None:
        """The name of a process that is no longer there."""
        return next((name for name, process in self._running if process.poll() is not None), None)

    def listen(self) -> None:
        """From now on SIGTERM and SIGINT mean: stop all."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked.set()

    @property
    def asked_to_stop(self) -> bool:
        """Whether a signal came."""
        return self._asked.is_set()

    def wait_for(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Waits until ``ready``; False where a process ended, a signal came or the time is over."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and self.ended() is None and not self.asked_to_stop:
            if ready():
                return True
            self._asked.wait(0.1)
        return False

    def wait(self) -> int:
        """Waits for the end, stops all, and gives the exit code: 0 where it was asked for, 1 where one ended alone."""
        while not self._asked.wait(0.3):
            name = self.ended()
            if name is not None:
                self.stop()
                return 1
        self.stop()
        return 0

    def stop(self) -> None:
        """Asks each to end, the last started first, and kills what does not."""
        for _, process in reversed(self._running):
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + PATIENCE
        for _, process in self._running:
            try:
                process.wait(timeout=max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
