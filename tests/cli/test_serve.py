"""``lms serve`` and ``lms demo`` as processes: they answer, and stop cleanly when they are told to."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lms.cli.serving import gunicorn_settings, require_free
from lms.errors import RollcallError


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "lms.cli", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
        if process.stdout is not None:
            process.stdout.close()


def wait_for_page(port: int, process: subprocess.Popen[str]) -> int:
    for _ in range(600):
        assert process.poll() is None, process.stdout and process.stdout.read()
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/auth/sign-in", timeout=5) as answer:
                return int(answer.status)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("no page")


def told(port: int, path: str, headers: dict[str, str]) -> str:
    """What a plain client reads of the answer: status and title."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b"".join(iter(lambda: line.recv(65536), b"")).decode()
    head, _, body = answer.partition("\r\n")
    title = re.search(r"<title>([^<]*)</title>", body)
    return f"{head} {title[1].strip() if title else ''}"


def test_gunicorn_keeps_its_control_socket_closed() -> None:
    settings = gunicorn_settings("127.0.0.1", 8000, 2, 4)
    assert settings["control_socket_disable"] is True
    assert settings["preload_app"] is True
    assert settings["bind"] == ["127.0.0.1:8000"]
    assert gunicorn_settings("::1", 8000, 2, 4)["bind"] == ["[::1]:8000"]


def test_taken_port_is_refused_in_words() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(RollcallError, match="choose another with --port"):
            require_free("127.0.0.1", other.getsockname()[1])


@pytest.mark.slow
def test_pages_and_worker_start_and_stop_together(instance: Path) -> None:
    port = free_port()
    with running("--instance", str(instance), "serve", "--port", str(port), "--with-worker") as process:
        assert wait_for_page(port, process) == 200
        for length in (5_000, 20_000, 300_000):
            assert "414 REQUEST URI TOO LONG This address is too long" in told(port, f"/?text={'x' * length}", {})
        assert "431 REQUEST HEADER" in told(port, "/", {"Cookie": f"old={'x' * 20_000}"})
        assert "200 OK" in told(port, "/auth/sign-in", {})
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    require_free("127.0.0.1", port)


@pytest.mark.slow
def test_one_that_dies_takes_the_other_with_it(instance: Path) -> None:
    port = free_port()
    with running("--instance", str(instance), "serve", "--port", str(port), "--with-worker") as process:
        wait_for_page(port, process)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        worker = next(p for p in children if b"worker" in Path(f"/proc/{p}/cmdline").read_bytes().split(b"\0"))
        os.kill(int(worker), signal.SIGKILL)
        assert process.wait(timeout=60) == 1
    require_free("127.0.0.1", port)


@pytest.mark.slow
def test_demo_prints_the_sign_ins_and_stops_on_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    arguments = ("demo", "--instance", str(tmp_path / "demo"), "--port", str(port), "--people", "13", "--years", "1")
    with running(*arguments) as process:
        assert process.stdout is not None
        seen = ""
        while "Ctrl-C stops it" not in seen:
            line = process.stdout.readline()
            assert line, seen
            seen += line
        assert f"http://127.0.0.1:{port}" in seen
        assert wait_for_page(port, process) == 200
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(timeout=60) == 0
    assert "maya.okafor@portlandpd.example" in rest
    assert "Traceback" not in rest
