"""Tables as CSV files that a spreadsheet opens as they are, and in which no cell can be a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from flask import Response

from lms.web.downloads import download

Cell = str | int | None
_CHUNK = 200
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe_cell(value: Cell) -> Cell:
    """The cell as it is written: text that a spreadsheet would take for a formula gets an apostrophe in front.

    The source is OWASP, "CSV Injection": text beginning with = + - @, a tab or a line break. Leading blanks do not
    hide such a sign, since some programs skip them.
    """
    if isinstance(value, str) and (value.startswith(_FORMULA) or value.lstrip(" \u00a0").startswith(_FORMULA)):
        return "'" + value
    return value


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The file in pieces: a byte order mark, so that Excel reads UTF-8, then RFC 4180 lines."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")
    writer.writerow(header)
    for number, row in enumerate(rows, start=1):
        writer.writerow([safe_cell(cell) for cell in row])
        if number % _CHUNK == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The whole file at once, where its hash is to be recorded before it leaves."""
    return "".join(csv_text(header, rows)).encode("utf-8")


def csv_download(filename: str, pieces: Iterable[str | bytes]) -> Response:
    """The pieces of ``csv_text``, or the bytes of ``csv_bytes`` in a list, as a download."""
    return download(filename, "text/csv; charset=utf-8; header=present", pieces)


def _taken(buffer: io.StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
