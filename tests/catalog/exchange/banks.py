"""Banks for the tests: any texts that a bank may hold, the real course, and small ways to read and write."""

from __future__ import annotations

import re
import shutil
import unicodedata
from pathlib import Path

from hypothesis import strategies as st

from lms.catalog.content.faults import Faults
from lms.catalog.exchange.bank import Bank, BankItem, BankOption, read_bank
from lms.catalog.exchange.formats import READERS, export_bank
from tests.catalog.courses import REAL

SAMPLES = Path(__file__).parent / "samples"
VERDICTS = ["permitted", "not-permitted", "caution", "duty", "fact"]

LETTERS = "~=#{}:\\&<>\"'`*_[]()!|%$@/-+.;, \n\t0189aBzé§“”—…ßñ日本🚓\u00a0\u2028\u200b\u0301\ufeff"
WORDS = (
    "\n\n|  |<b>|</p>|]]>|&amp;|&#10;|<!--|-->|\\n|####|::|//|->|[html]|[plain]|%50%|%100%|$CATEGORY: x|{=a}|~%-33%|_____|"
    "1. |- |# |> |```|---|{{|[[[[[[[[[[|word |TRUE|null|true|: | #|rollcall-verbatim|**|\\\\|[a](b)"
)
SIGNS = st.sampled_from([*LETTERS, *WORDS.split("|")])


def _any_text(most: int) -> st.SearchStrategy[str]:
    joined = st.lists(SIGNS | st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=most).map("".join)
    return joined.map(lambda text: unicodedata.normalize("NFC", text).strip()).filter(
        lambda text: bool(text) and "\ufffe" not in text and "\uffff" not in text
    )


TEXT = _any_text(60)
"""What ``Text`` in the schema of content may be: stripped, in form NFC, without control characters."""

LINE = _any_text(30).map(lambda text: text.replace("\n", " ").strip()).filter(bool)
SLUG = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,6}){0,2}", fullmatch=True)
CLAUSE = st.from_regex(r"[IVX]{1,3}(\.[A-Za-z0-9-]{1,5}){0,3}", fullmatch=True)


@st.composite
def items(draw: st.DrawFn) -> BankItem:
    """One item with any texts."""
    ids = draw(st.just(["a", "b", "c"]) | st.lists(SLUG, min_size=3, max_size=3, unique=True))
    right = draw(st.integers(0, 2))
    options = [BankOption(name, draw(LINE), place == right, draw(TEXT)) for place, name in enumerate(ids)]
    return BankItem(
        id=draw(SLUG),
        clause=draw(CLAUSE),
        verdict=draw(st.sampled_from(VERDICTS)),
        stem=draw(TEXT),
        options=tuple(options),
        rewrite=draw(TEXT),
        module=draw(st.just("") | st.from_regex(r"[0-9A-Za-z-]{1,6}", fullmatch=True)),
    )


BANKS = st.lists(items(), min_size=1, max_size=3, unique_by=lambda item: item.id).map(
    lambda held: Bank("sop-110", "Social <media> & you", "en-US", tuple(held))
)


def read(form: str, data: bytes, name: str = "bank") -> tuple[list[BankItem], str]:
    """The items of a file, and everything that was noted, as it is printed."""
    faults = Faults()
    found = READERS[form](data, name, faults)
    return found, "\n".join(map(str, faults.listed()))


def again(form: str, bank: Bank) -> tuple[tuple[BankItem, ...], str]:
    """The bank after going out and coming in."""
    found, notes = read(form, export_bank(bank, form))
    return tuple(found), notes


def real_course(folder: Path) -> Path:
    """A copy of the real course that names all of its modules, whoever is working on them."""
    course = Path(shutil.copytree(REAL, folder / "course"))
    path = course / "course.yaml"
    modules = ", ".join(sorted(found.name for found in (course / "modules").iterdir() if found.is_dir()))
    text = re.sub(r"^modules: \[[^\]]*\]$", f"modules: [{modules}]", path.read_text("utf-8"), flags=re.M)
    path.write_text(text, encoding="utf-8")
    return course


def real_bank(folder: Path) -> Bank:
    """Every item of the real course."""
    bank = read_bank(real_course(folder))
    assert isinstance(bank, Bank), "\n".join(map(str, bank))
    return bank
