"""What is wrong with authored content, and where: one sentence for the author for each fault."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ContentFault:
    """One fault. ``line`` counts from 1; ``path`` is the place inside the file, such as ``items.uc-selfie.clause``."""

    file: str
    line: int
    path: str
    message: str
    is_note: bool = False
    """Not a fault, but what could not be checked because of one."""

    def __str__(self) -> str:
        """The form that editors jump to: ``file:line: path: message``."""
        middle = f"{self.path}: " if self.path else ""
        return f"{self.file}:{self.line}: {'note: ' if self.is_note else ''}{middle}{self.message}"


class Faults:
    """Collects faults while content is read, so that the author sees all of them at once."""

    def __init__(self) -> None:
        self._found: set[ContentFault] = set()

    def add(self, file: str, line: int, path: str, message: str) -> None:
        """Notes a fault; the same one twice counts once."""
        self._found.add(ContentFault(file, line, path, message))

    def note(self, file: str, message: str) -> None:
        """Notes what could not be checked because of a fault in ``file``."""
        self._found.add(ContentFault(file, 1, "", message, is_note=True))

    def __len__(self) -> int:
        return len(self._found)

    def listed(self) -> list[ContentFault]:
        """All faults, by file and line; then the notes."""
        return sorted(self._found, key=lambda fault: (fault.is_note, fault))
