"""A bundle as it leaves: complete, the same bytes each time, and checked by its own verifier."""

from __future__ import annotations

from pathlib import Path

from tests.records.bundle.conftest import run_verifier


def test_the_verifier_finds_everything_in_order(bundle: Path, held: Path) -> None:
    done = run_verifier(bundle, "--checkpoint", held)
    assert done.returncode == 0, done.stdout + done.stderr
