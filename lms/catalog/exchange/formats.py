"""The formats by name: how each is written, read, and told from its first bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lms.catalog.content.faults import ContentFault, Faults
from lms.catalog.content.source import LARGEST_FILE
from lms.catalog.exchange.bank import Bank, BankItem, CannotExchange, note_gaps, refuse_unwritable
from lms.catalog.exchange.bank_file import write_bank_file
from lms.catalog.exchange.gift import read_gift, write_gift
from lms.catalog.exchange.moodle import read_moodle, write_moodle
from lms.catalog.exchange.qti import LARGEST_PACKAGE, read_qti, write_qti

WRITERS: dict[str, Callable[[Bank], bytes]] = {"moodle": write_moodle, "gift": write_gift, "qti": write_qti}
READERS: dict[str, Callable[[bytes, str, Faults], list[BankItem]]] = {
    "moodle": read_moodle,
    "gift": read_gift,
    "qti": read_qti,
}
FORMATS = tuple(WRITERS)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import found. ``notes`` is what could not be kept, or is still missing, by file and line."""

    items: tuple[BankItem, ...]
    text: str
    notes: tuple[ContentFault, ...]


def export_bank(bank: Bank, form: str) -> bytes:
    """The bank in a format of ``FORMATS``. Raises CannotExchange where a text cannot be written."""
    refuse_unwritable(bank)
    return WRITERS[form](bank)


def import_file(path: Path, form: str | None = None, module: str | None = None) -> Imported:
    """Reads a file of questions, or those of one module in it, and writes the text of a ``bank.yaml``.

    Without ``form`` the format is told from the file. Raises CannotExchange where nothing can be read from it.
    """
    data = _read(path)
    faults = Faults()
    items = READERS[form or guess(data)](data, path.as_posix(), faults)
    if module is not None:
        items = [item for item in items if item.module == module]
    note_gaps(items, faults)
    text = write_bank_file(items, path.name)
    if len(text.encode()) > LARGEST_FILE:
        message = f"The bank is larger than a file of {LARGEST_FILE // 1024} KB may be. Import it module by module."
        faults.add(path.as_posix(), 1, "", message)
    return Imported(tuple(items), text, tuple(faults.listed()))


def guess(data: bytes) -> str:
    """The format of a file, from its first bytes."""
    if data.startswith(b"PK"):
        return "qti"
    start = data[:200].decode("utf-8-sig", errors="ignore").replace("\0", "").lstrip("\ufeff\ufffe \t\r\n")
    return "moodle" if start.startswith("<") else "gift"


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_PACKAGE:
            message = f"This file is larger than {LARGEST_PACKAGE // 1024 // 1024} MB. Divide it."
            raise CannotExchange(f"{path.as_posix()}:1: {message}")
        return path.read_bytes()
    except OSError as error:
        raise CannotExchange(f"{path.as_posix()}:1: This file cannot be read ({error.strerror}).") from None
