"""``lms content serve`` through the whole command: no instance, no database, one address."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.catalog.courses import TINY

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def start(port: int, folder: Path) -> subprocess.Popen[str]:
    program = "from lms.cli import main; main()"
    arguments = ["content", "serve", str(TINY), "--port", str(port)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    environment.pop("LMS_INSTANCE", None)
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_the_preview_says_where_it_is_and_leaves_nothing_behind(tmp_path: Path) -> None:
    port = free_port()
    process = start(port, tmp_path)
    try:
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}/" in process.stdout.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as page:
            assert b"This course has no faults" in page.read()
    finally:
        process.terminate()
        process.communicate(timeout=20)
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_is_taken_is_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = start(taken.getsockname()[1], tmp_path)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "choose another with --port" in said
    assert "Traceback" not in said
