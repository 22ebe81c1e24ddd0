"""Files that leave: no formula in any cell, nothing half written, no name that escapes its header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest

from lms.web.csv_files import csv_bytes, safe_cell
from lms.web.downloads import IN_MEMORY, download


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_begins_like_a_formula_gets_an_apostrophe(sign: str) -> None:
    for text in (f"{sign}1+1", f"  {sign}1", f"\u00a0{sign}1"):
        assert safe_cell(text) == "'" + text
    assert safe_cell(f"a{sign}1") == f"a{sign}1"


def test_numbers_and_empty_cells_stay_what_they_are() -> None:
    assert [safe_cell(value) for value in (-5, 0, None, "", "Ruiz")] == [-5, 0, None, "", "Ruiz"]


def test_quotes_commas_and_line_breaks_come_back_as_they_were() -> None:
    row = ['say "no", twice', "two\nlines", "Ünal"]
    data = csv_bytes(["a", "b", "c"], [row])
    assert list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))) == [["a", "b", "c"], row]


def test_a_fault_on_the_way_sends_nothing() -> None:
    def broken() -> Iterator[str]:
        yield "first line"
        raise RuntimeError("lost")

    with pytest.raises(RuntimeError):
        download("a.csv", "text/csv", broken())


def test_a_file_larger_than_memory_allows_is_whole() -> None:
    piece = b"x" * 1000
    response = download("a.bin", "application/octet-stream", (piece for _ in range(IN_MEMORY // 1000 + 500)))
    assert len(b"".join(response.response)) == int(response.headers["Content-Length"])  # type: ignore[arg-type]
    response.close()


def test_a_file_name_cannot_break_its_header() -> None:
    response = download('a"; x=\r\n.csv', "text/csv", ["a"])
    assert response.headers["Content-Disposition"] == 'attachment; filename="a-x-.csv"'
    response.close()
