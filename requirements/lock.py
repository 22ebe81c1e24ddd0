"""Writes run.txt and dev.txt from pyproject.toml: every package with its version and hashes, no address in them."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path

HERE = Path(__file__).parent
BUILD = ["hatchling>=1.26", "editables"]


def lock(name: str, wanted: list[str]) -> None:
    """Compiles one file for every platform, from Python 3.11 on."""
    command = "uv pip compile - --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url"
    subprocess.run(  # noqa: S603
        [*command.split(), "--no-header", "--no-annotate", "--output-file", str(HERE / f"{name}.txt")],
        input="\n".join(wanted),
        text=True,
        check=True,
    )


if __name__ == "__main__":
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text(encoding="utf-8"))
    run = project["project"]["dependencies"] + BUILD
    lock("run", run)
    lock("dev", run + project["dependency-groups"]["dev"])
