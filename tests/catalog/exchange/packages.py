"""Zip packages for the tests, good ones and others."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path


def packed(folder: Path) -> bytes:
    """The files of a folder as a package."""
    return package({p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()})


def package(files: dict[str, bytes]) -> bytes:
    """These files as a package."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as held:
        for name, content in files.items():
            held.writestr(name, content)
    return data.getvalue()


def entry(name: str, content: bytes = b"<x/>", mode: int = 0o644) -> bytes:
    """A package with the manifest of nothing and one odd entry."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as held:
        held.writestr("imsmanifest.xml", "<manifest/>")
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        held.writestr(info, content)
    return data.getvalue()
