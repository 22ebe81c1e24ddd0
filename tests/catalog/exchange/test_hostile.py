"""Files that were made to do harm, or are broken, are refused in words, within a second, and nothing is fetched."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lms.catalog.content.faults import Faults
from lms.catalog.exchange.bank import CannotExchange, note_gaps
from lms.catalog.exchange.bank_file import write_bank_file
from lms.catalog.exchange.formats import READERS
from tests.catalog.exchange.banks import SAMPLES, read
from tests.catalog.exchange.packages import entry, package, packed
from tests.support.timing import within_a_second

LAUGHS = (
    b'<?xml version="1.0"?>\n<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>\n<quiz>&c;</quiz>'
)
EXTERNAL = b'<!DOCTYPE quiz [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>'
PUBLIC = b'<!DOCTYPE quiz SYSTEM "http://198.51.100.7/quiz.dtd"><quiz/>'
HOSTILE_XML = {
    "billion laughs": (LAUGHS, ":2: A document type (DOCTYPE) or an entity is declared here"),
    "external entity": (EXTERNAL, ":1: A document type (DOCTYPE)"),
    "external document type": (PUBLIC, ":1: A document type (DOCTYPE)"),
    "deep": (b"<quiz>" + b"<a>" * 500_000, ":1: This is nested too deep"),
    "five megabytes": (b"<quiz>" + b"x" * 5 * 1024 * 1024 + b"</quiz>", ":1: This file is larger than 2 MB"),
    "five megabytes of nesting": (b"<a>" * 1_700_000, ":1: This file is larger than 2 MB"),
    "many elements": (b"<quiz>" + b"<a/>" * 400_000, ":1: This file holds more than 30000 elements"),
    "many attributes": (
        b"<quiz " + b" ".join(b'a%d=""' % n for n in range(100_000)) + b"/>",
        ":1: <quiz> has more than 50 attributes",
    ),
    "many questions": (b"<quiz>" + b"<question/>" * 3000 + b"</quiz>", "There are more than 2000 questions"),
    "not closed": (b"<quiz>\n<question>\n</quiz>", ":3: This is not well-formed XML: mismatched tag"),
    "undefined entity": (b"<quiz>\n&nbsp;</quiz>", ":2: This is not well-formed XML: undefined entity"),
    "unknown encoding": (b'<?xml version="1.0" encoding="klingon"?><quiz/>', "This is not"),
    "empty": (b"", ":1: This"),
    "no XML": (b"\x00\x01\x02", ":1: This is not well-formed XML"),
    "another root": (b"<quizzes/>", ":1: This is not Moodle XML: it begins with <quizzes>"),
}


@pytest.mark.parametrize("name", sorted(HOSTILE_XML))
def test_hostile_xml_is_refused_within_a_second(name: str) -> None:
    data, said = HOSTILE_XML[name]
    assert said in _refused("moodle", data)


@pytest.mark.parametrize("name", ["billion laughs", "external entity", "deep", "many attributes", "not closed"])
def test_hostile_xml_in_a_package_is_refused_and_named(name: str) -> None:
    resource = '<resource identifier="i" type="imsqti_item_xmlv3p0" href="i.xml"><file href="i.xml"/></resource>'
    manifest = f"<manifest><resources>{resource}</resources></manifest>".encode()
    said = _refused("qti", package({"imsmanifest.xml": manifest, "i.xml": HOSTILE_XML[name][0]}))
    assert "bank/i.xml:" in said
    assert "bank/imsmanifest.xml:" in _refused("qti", package({"imsmanifest.xml": HOSTILE_XML[name][0]}))


PACKAGES = {
    "no zip": (b"PK\x03\x04 and then nothing", "This is no zip package that can be read"),
    "empty": (package({}), "it has no imsmanifest.xml"),
    "bomb": (package({"imsmanifest.xml": b"<m>" + b" " * 20_000_000}), "are larger than 12 MB together"),
    "bomb in one file": (package({"imsmanifest.xml": b"<m>" + b" " * 2_000_000}), "larger than 512 KB"),
    "many files": (package({f"{n}.xml": b"" for n in range(5000)}), "more than 2000 files"),
    "up": (entry("../outside.xml"), "leads out of the package"),
    "up in the middle": (entry("items/../../outside.xml"), "leads out of the package"),
    "absolute": (entry("/etc/passwd"), "leads out of the package"),
    "drive": (entry("c:/windows/x.xml"), "leads out of the package"),
    "backslash": (entry("..\\outside.xml"), "leads out of the package"),
    "link": (entry("items/link.xml", b"/etc/passwd", 0o120777), "is a link"),
    "no manifest": (package({"imsmanifest.xml": b"<quiz/>"}), "it begins with <quiz>"),
}


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_hostile_package_is_refused_within_a_second(name: str) -> None:
    data, said = PACKAGES[name]
    assert said in _refused("qti", data)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_in_a_package_is_refused() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as held:
        held.writestr("imsmanifest.xml", "<manifest/>")
        held.writestr("imsmanifest.xml", "<manifest>other</manifest>")
    assert "stands in the package twice" in _refused("qti", data.getvalue())


def test_an_encrypted_package_is_refused() -> None:
    data = bytearray(package({"imsmanifest.xml": b"<manifest/>"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "is encrypted" in _refused("qti", bytes(data))


def test_a_package_whose_sizes_lie_is_refused() -> None:
    data = bytearray(package({"imsmanifest.xml": b"<manifest>" + b" " * 400_000 + b"</manifest>"}))
    central = data.index(b"PK\x01\x02")
    data[central + 24 : central + 28] = (10).to_bytes(4, "little")
    assert "no zip package that can be read" in _refused("qti", bytes(data))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is empty"),
        (b"a\x00b", "it is not text"),
        (b"one\ntwo \xff", ":2: This is not UTF-8 text"),
        (b"x" * 600_000, "larger than 512 KB"),
        (b"a{=b ~c}\n\n" * 3000, "more than 2000 questions"),
    ],
)
def test_what_is_no_gift_is_refused(data: bytes, said: str) -> None:
    assert said in _refused("gift", data)


@pytest.mark.parametrize("piece", ["<a ", "<!--", "<", "&", "<b>", "<ul><li>", "\\", "\n", "<a b='", "&#9"])
def test_html_that_never_ends_is_read_in_a_second(piece: str) -> None:
    inner = piece * (35_000 // len(piece))
    question = (
        '<quiz><question type="multichoice"><questiontext format="html"><text><![CDATA['
        f'{inner}]]></text></questiontext><answer fraction="100"><text>a</text></answer></question></quiz>'
    )
    with within_a_second():
        read("moodle", question.encode())


@pytest.mark.parametrize("piece", ["~", "=", "{", "::", "####", "\\", "[tag:", "// [id:"])
def test_gift_of_nothing_but_marks_is_read_in_a_second(piece: str) -> None:
    for before in ("", "::a::b{", "// "):
        with within_a_second():
            read("gift", (before + piece * (450_000 // len(piece))).encode())


SEEDS = {
    "moodle": (SAMPLES / "moodle-export.xml").read_text("utf-8"),
    "gift": (SAMPLES / "academy.gift").read_text("utf-8"),
    "qti": (SAMPLES / "qti/items/choice.xml").read_text("utf-8"),
}
TYPED = st.text(max_size=8) | st.sampled_from(["<", ">", "&", "{", "}", "~", "=", "#", "::", "\\", "\n\n", "]]>", '"'])


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(SEEDS)), st.floats(0, 1), st.integers(0, 60), TYPED)
def test_any_edit_is_read_or_refused_in_words(form: str, where: float, removed: int, typed: str) -> None:
    text = SEEDS[form]
    place = int(where * len(text))
    data = (text[:place] + typed + text[place + removed :]).encode("utf-8", errors="replace")
    if form == "qti":
        data = package({"imsmanifest.xml": (SAMPLES / "qti/imsmanifest.xml").read_bytes(), "items/choice.xml": data})
    _read_or_refuse(form, data)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(READERS)), st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_words(form: str, data: bytes) -> None:
    _read_or_refuse(form, data)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3000), st.integers(0, 255))
def test_any_byte_of_a_package_may_be_another(place: int, byte: int) -> None:
    data = bytearray(packed(SAMPLES / "qti"))
    data[place % len(data)] = byte
    _read_or_refuse("qti", bytes(data))


def _read_or_refuse(form: str, data: bytes) -> None:
    faults = Faults()
    try:
        items = READERS[form](data, "bank", faults)
    except CannotExchange:
        return
    note_gaps(items, faults)
    assert write_bank_file(items, "bank").startswith("# Imported")


def _refused(form: str, data: bytes) -> str:
    with within_a_second(), pytest.raises(CannotExchange) as refused:
        READERS[form](data, "bank", Faults())
    return refused.value.message
