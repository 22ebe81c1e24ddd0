"""What goes out has the form that Moodle and QTI readers expect, and the commands say what they did."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from lms.catalog.cli import content
from lms.catalog.exchange.bank import Bank, BankItem, BankOption, CannotExchange
from lms.catalog.exchange.formats import FORMATS, export_bank
from lms.catalog.exchange.qti_item import NAMESPACE
from tests.catalog.courses import BANK, TINY, copy_tiny, edit
from tests.catalog.exchange.banks import SAMPLES

ORDER = [
    "qti-response-declaration",
    "qti-outcome-declaration",
    "qti-item-body",
    "qti-response-processing",
    "qti-modal-feedback",
]
"""The order that the QTI 3.0 schema asks of an item's parts, as far as we write them."""


def item(**changed: Any) -> BankItem:
    """A small item."""
    options = tuple(BankOption(name, f"Text {name}", name == "b", f"Feedback {name}") for name in "abc")
    fields = {
        "id": "x",
        "clause": "IV.B.2.f",
        "verdict": "duty",
        "stem": "Stem?",
        "options": options,
        "rewrite": "Safe.",
    }
    return BankItem(**{**fields, "module": "3", **changed})


def bank(*items: BankItem) -> Bank:
    """A bank of these."""
    return Bank("sop-110", "Title", "en-US", items)


def test_moodle_xml_is_what_moodle_reads() -> None:
    quiz = ElementTree.fromstring(export_bank(bank(item()), "moodle"))
    [question] = quiz.findall("question")
    assert question.get("type") == "multichoice"
    assert question.findtext("name/text") == question.findtext("idnumber") == "x"
    assert question.find("questiontext").get("format") == "markdown"  # type: ignore[union-attr]
    assert question.findtext("generalfeedback/text") == "Safe."
    assert [answer.get("fraction") for answer in question.findall("answer")] == ["0", "100", "0"]
    assert question.findtext("answer/feedback/text") == "Feedback a"
    assert [tag.text for tag in question.findall("tags/tag/text")] == ["clause:IV.B.2.f", "verdict:duty", "module:3"]


def test_gift_is_what_moodle_reads() -> None:
    assert export_bank(bank(item(stem="a = {b}\nc")), "gift").decode() == (
        "// [id:x] [tag:clause:IV.B.2.f] [tag:verdict:duty] [tag:module:3]\n"
        "::x::[markdown]a \\= \\{b\\}\\nc{\n"
        "\t~[plain]Text a#Feedback a\n"
        "\t=[plain]Text b#Feedback b\n"
        "\t~[plain]Text c#Feedback c\n"
        "\t####Safe.\n"
        "}\n"
    )


def test_a_qti_package_has_a_manifest_and_one_file_for_each_item() -> None:
    with zipfile.ZipFile(io.BytesIO(export_bank(bank(item(), item(id="2f-y")), "qti"))) as package:
        assert package.namelist() == ["imsmanifest.xml", "items/x.xml", "items/2f-y.xml"]
        manifest = ElementTree.fromstring(package.read("imsmanifest.xml"))
        root = ElementTree.fromstring(package.read("items/2f-y.xml"))
    packaging = manifest.tag.partition("}")[0] + "}"
    kinds = {resource.get("type") for resource in manifest.iter(f"{packaging}resource")}
    assert kinds == {"imsqti_item_xmlv3p0"}
    keywords = [node.text for node in manifest.iter("{http://ltsc.ieee.org/xsd/LOM}string")]
    assert keywords[:3] == ["clause:IV.B.2.f", "verdict:duty", "module:3"]
    assert root.tag == f"{{{NAMESPACE}}}qti-assessment-item"
    assert root.get("identifier") == "_2f-y", "an identifier may not begin with a digit"
    assert (root.get("time-dependent"), root.get("adaptive")) == ("false", "false")
    parts = [node.tag.removeprefix(f"{{{NAMESPACE}}}") for node in root]
    assert list(dict.fromkeys(parts)) == ORDER
    shown = [node.get("identifier") for node in root if node.tag.endswith("modal-feedback")]
    assert shown == ["a", "b", "c", "rewrite"]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (item(stem="bell \a"), "items.x.stem: The character U+0007 cannot be written"),
        (item(options=()), "items.x.options: One option must be correct"),
    ],
)
def test_what_no_format_can_carry_is_refused(form: str, broken: BankItem, said: str) -> None:
    with pytest.raises(CannotExchange) as refused:
        export_bank(bank(broken), form)
    assert said in refused.value.message


@pytest.mark.parametrize("form", FORMATS)
def test_the_commands_take_a_course_out_and_a_bank_in(form: str, tmp_path: Path) -> None:
    exported, written = str(tmp_path / "exported"), tmp_path / "bank.yaml"
    out = CliRunner().invoke(content, ["export", str(TINY), "--format", form, "--out", exported])
    assert (out.exit_code, out.output) == (0, f"Wrote 16 items to {exported}.\n")
    back = CliRunner().invoke(content, ["import", exported, "--out", str(written)])
    assert (back.exit_code, back.output) == (0, f"Wrote 16 items to {written}. No notes.\n")
    assert written.read_text("utf-8").count("  - id: ") == 16 * 4


def test_no_file_is_overwritten_without_force(tmp_path: Path) -> None:
    out = tmp_path / "bank.yaml"
    out.write_text("mine", encoding="utf-8")
    arguments = ["import", str(SAMPLES / "academy.gift"), "--out", str(out)]
    refused = CliRunner().invoke(content, arguments)
    assert refused.exit_code == 1
    assert "exists already. Nothing was written; --force overwrites it." in refused.output
    assert out.read_text("utf-8") == "mine"
    assert CliRunner().invoke(content, [*arguments, "--force"]).exit_code == 0
    assert out.read_text("utf-8").startswith("# Imported from “academy.gift”.")


def test_notes_are_printed_as_editors_read_them(tmp_path: Path) -> None:
    source = SAMPLES / "moodle-export.xml"
    result = CliRunner().invoke(content, ["import", str(source), "--out", str(tmp_path / "bank.yaml")])
    assert result.exit_code == 0
    assert f"{source}:28: items.off-duty-post: The setting penalty (“0.3333333”) is not kept.\n" in result.output
    assert "# verdict: fill in permitted, not-permitted, caution, duty or fact" in (tmp_path / "bank.yaml").read_text()


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x.xml", b"<quiz>", ":1: This is not well-formed XML"),
        ("x.zip", b"PK\x03\x04", ":1: This is no zip package that can be read."),
        ("x.txt", b"\xff", ":1: This is not UTF-8 text"),
        ("y.txt", b"Only words.\n", "holds no question that can be kept. Nothing was written."),
    ],
)
def test_what_cannot_be_read_is_refused_without_a_traceback(name: str, data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    result = CliRunner().invoke(content, ["import", str(tmp_path / name), "--out", str(tmp_path / "bank.yaml")])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    assert said in result.output
    assert not (tmp_path / "bank.yaml").exists()


def test_a_course_with_a_broken_bank_is_not_exported_in_part(tmp_path: Path) -> None:
    course = copy_tiny(tmp_path)
    line = edit(course, BANK, "verdict: duty", "verdict: maybe")
    out = tmp_path / "out"
    result = CliRunner().invoke(content, ["export", str(course), "--format", "gift", "--out", str(out)])
    assert result.exit_code == 1
    assert f"{BANK}:{line}: items.policy-lawful-use.verdict" in result.output
    assert "Nothing was exported." in result.output
    assert not out.exists()


def test_a_module_without_items_and_a_place_that_cannot_be_written_are_said(tmp_path: Path) -> None:
    base = ["export", str(TINY), "--format", "gift", "--out"]
    none = CliRunner().invoke(content, [*base, str(tmp_path / "x"), "--module", "99"])
    assert (none.exit_code, none.output) == (1, "Module 99 of this course has no items.\n")
    nowhere = CliRunner().invoke(content, [*base, str(tmp_path / "no" / "x")])
    assert nowhere.exit_code == 1
    assert "cannot be written (No such file or directory)." in nowhere.output
