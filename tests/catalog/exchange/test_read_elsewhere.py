"""The exact form in which readers that are not ours read our files (docs/exchange.md, "Read elsewhere").

A change of these bytes is a change of what was read there: read the new files with those readers first, then write
them here.
"""

from __future__ import annotations

import io
import zipfile

import pytest

from lms.catalog.exchange.bank import Bank, BankItem, BankOption
from lms.catalog.exchange.formats import export_bank
from tests.catalog.exchange.banks import SAMPLES

GOLDEN = SAMPLES / "read-elsewhere"
HARD = BankItem(
    id="2f-selfie",
    clause="IV.B.2.f",
    verdict="not-permitted",
    stem='An applicant asks: "May I post {one} selfie = ~5 likes #proud?"\n\nShe *may* be **undercover** soon.',
    options=(
        BankOption("a", "Yes: C:\\photos & <public> {all}", False, 'No. 2.f says "should not".\n\n- face\n- badge'),
        BankOption("b", "No; ask relatives to untag = fewer traces", True, "Right -> tell the supervisor."),
        BankOption("2-weeks", "After ~2 weeks, 50% cropped #safe", False, "[Time] changes nothing; 1 < 2 & 3 > 2."),
    ),
    rewrite='"I don\'t post it."\n\nThen I ask: who has a copy?',
    module="3",
)
PLAIN = BankItem(
    id="who-is-protected",
    clause="I",
    verdict="fact",
    stem="Whom does the purpose section protect?",
    options=(
        BankOption("a", "The department and its employees.", True, "Section I names both."),
        BankOption("b", "The City's elected officials.", False, "Section I does not name them."),
        BankOption("c", "The public – “all of it”.", False, "It does not say so."),
    ),
    rewrite="It protects the department and us.",
    module="0",
)
BANK = Bank("sop-110", "Social media", "en-US", (HARD, PLAIN))


@pytest.mark.parametrize(("form", "name"), [("gift", "bank.gift"), ("moodle", "bank.xml")])
def test_a_file_has_the_form_that_was_read(form: str, name: str) -> None:
    assert export_bank(BANK, form).decode() == (GOLDEN / name).read_text("utf-8")


def test_a_package_has_the_form_that_was_read() -> None:
    with zipfile.ZipFile(io.BytesIO(export_bank(BANK, "qti"))) as package:
        found = {name: package.read(name).decode() for name in package.namelist()}
    held = {str(path.relative_to(GOLDEN / "qti")): path.read_text("utf-8") for path in (GOLDEN / "qti").rglob("*.xml")}
    assert found == held
