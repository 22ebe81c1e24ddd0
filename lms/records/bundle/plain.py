"""The plain forms in which a bundle writes things down."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any


def json_of(value: Any) -> str:
    """One object, readable."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def json_lines(values: Sequence[Any]) -> str:
    """A list with one object on each line."""
    lines = ",\n".join("  " + json.dumps(value, ensure_ascii=False) for value in values)
    return f"[\n{lines}\n]\n" if lines else "[]\n"


def base64_of(root: bytes) -> str:
    """A hash as checkpoints write it."""
    return base64.b64encode(root).decode()


def digest_of_file(path: Path) -> str:
    """SHA-256 of a file, read block by block."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(1024 * 1024):
            digest.update(block)
    return digest.hexdigest()
