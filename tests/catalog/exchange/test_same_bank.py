"""A bank that goes out and comes in again is the same bank, whatever its texts are."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings

from lms.catalog.content.faults import Faults
from lms.catalog.content.fitting import fit_list
from lms.catalog.content.schema import ItemShape
from lms.catalog.content.source import read_source
from lms.catalog.content.tree import read_tree
from lms.catalog.exchange.bank import Bank, BankItem, BankOption
from lms.catalog.exchange.bank_file import scalar, write_bank_file
from lms.catalog.exchange.formats import FORMATS, export_bank, import_file
from tests.catalog.exchange.banks import BANKS, TEXT, again, real_bank

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]

HARD = Bank(
    "sop-110",
    "Title",
    "en",
    (
        BankItem(
            id="2f-first",
            clause="IV.B.2.f",
            verdict="duty",
            stem="[html]~ = # { } : \\ & < > \" '\n\n\n  // $CATEGORY: x\n- *a* **b** `c`\n1.a is no list",
            options=(
                BankOption("1", "%50%[plain] ~=#{}:\\n  two  spaces &amp; <b>", False, "####wrong"),
                BankOption("x-y", "TRUE -> FALSE", True, "]]> <!-- --> <script>alert(1)</script>"),
                BankOption("c", "日本 é “”…", False, "a\\\nb\\"),
            ),
            rewrite="::name::",
            module="3",
        ),
    ),
)


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
@example(bank=HARD)
@given(bank=BANKS)
def test_any_bank_comes_back_as_it_was(form: str, bank: Bank) -> None:
    found, notes = again(form, bank)
    assert notes == ""
    assert found == bank.items


@pytest.mark.parametrize("form", FORMATS)
def test_the_real_bank_comes_back_item_by_item(form: str, tmp_path: Path) -> None:
    bank = real_bank(tmp_path)
    found, notes = again(form, bank)
    assert notes == ""
    assert len(found) == len(bank.items) > 200
    for before, after in zip(bank.items, found, strict=True):
        assert after == before


@pytest.mark.parametrize("form", FORMATS)
def test_the_same_bank_gives_the_same_bytes(form: str) -> None:
    assert export_bank(HARD, form) == export_bank(HARD, form)


@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
@example(bank=HARD)
@given(bank=BANKS)
def test_the_bank_file_reads_back_as_the_same_values(bank: Bank) -> None:
    text = write_bank_file(bank.items, "some “file”")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bank.yaml"
        path.write_text(text, encoding="utf-8", newline="")
        faults = Faults()
        source = read_source(path, Path(folder), faults)
        tree = read_tree(source, faults) if source is not None else None
    assert tree is not None, faults.listed()
    assert tree.value == {"items": [item.fields() for item in bank.items]}


@settings(max_examples=60, deadline=None)
@example(text="[" * 3000)
@example(text="x" * 6000)
@example(text=" ".join(["[{"] * 500))
@given(text=TEXT)
def test_any_text_fits_the_lines_that_a_content_file_may_have(text: str) -> None:
    assert all(len(line) < 1100 and line.count("[") + line.count("{") <= 40 for line in scalar(text, 8).split("\n"))


@pytest.mark.parametrize("form", FORMATS)
def test_a_module_comes_back_as_the_file_that_the_content_check_takes(form: str, tmp_path: Path) -> None:
    bank = real_bank(tmp_path)
    exported = tmp_path / "exported"
    exported.write_bytes(export_bank(bank, form))
    imported = import_file(exported, form, module="3")
    assert imported.notes == ()
    path = tmp_path / "bank.yaml"
    path.write_text(imported.text, encoding="utf-8")
    faults = Faults()
    source = read_source(path, tmp_path, faults)
    assert source is not None
    tree = read_tree(source, faults)
    assert tree is not None
    shapes, complete = fit_list(ItemShape, "items", tree, faults)
    assert complete
    assert len(faults) == 0
    assert [shape.id for shape in shapes.values()] == [item.id for item in bank.items if item.module == "3"]
    assert {len(shape.options) for shape in shapes.values()} == {3}
