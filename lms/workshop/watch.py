"""Watches a folder of content and reads it again when a file has changed."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

from lms.catalog.content.draft import Draft, read_draft


class Bench:
    """One course on the bench. Several threads may ask at once; the files are read once for each change."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()
        self._seen: tuple[str, Draft] | None = None

    def fingerprint(self) -> str:
        """Changes when a file is saved, made, renamed or removed. Twenty hex digits."""
        found = hashlib.sha256()
        for path in self._files():
            try:
                stat = path.stat()
            except OSError:  # An editor may be replacing it at this moment; the next look sees the new one.
                continue
            # A folder's own date also changes for files that are not content, such as an editor's swap file.
            state = "" if path.is_dir() else f"{stat.st_size}\0{stat.st_mtime_ns}"
            found.update(f"{path}\0{state}\0".encode())
        return found.hexdigest()[:20]

    def draft(self) -> tuple[str, Draft]:
        """The fingerprint, and the course as far as it can be read."""
        with self._lock:
            # Before reading: a file that is saved meanwhile gives another fingerprint, and is read the next time.
            now = self.fingerprint()
            if self._seen is None or self._seen[0] != now:
                self._seen = (now, read_draft(self.root))
            return self._seen

    def _files(self) -> Iterator[Path]:
        for pattern in ("*.yaml", "*.md", "modules/*", "modules/*/*"):
            for path in sorted(self.root.glob(pattern)):
                if not path.name.startswith(".") and not path.name.endswith("~"):
                    yield path
