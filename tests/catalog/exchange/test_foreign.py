"""Files from elsewhere: what fits is kept, and every other thing in them is named by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from lms.catalog.content.faults import Faults
from lms.catalog.exchange.bank import note_gaps
from lms.catalog.exchange.formats import guess
from tests.catalog.exchange.banks import SAMPLES, read
from tests.catalog.exchange.packages import packed

MOODLE = (SAMPLES / "moodle-export.xml").read_bytes()
GIFT = (SAMPLES / "academy.gift").read_bytes()
QTI = packed(SAMPLES / "qti")


def test_a_moodle_question_keeps_its_words_and_its_markup() -> None:
    [item], _ = read("moodle", MOODLE)
    assert (item.id, item.clause, item.verdict) == ("off-duty-post", "IV.B.1.c", "")
    assert item.stem == "An officer posts a **training clip** for a day.\n\nIs that allowed?\\\nChoose one."
    assert [option.text for option in item.options] == [
        "No, not without written permission",
        "Yes, if it is gone in a day",
        "Yes, in a closed group",
    ]
    assert [option.correct for option in item.options] == [True, False, False]
    assert item.options[0].feedback == "Right: it shows tactics & faces."
    assert item.rewrite == "Ask for written permission first."


@pytest.mark.parametrize(
    "said",
    [
        "bank:4: question 1: The category “$course$/top/Default for Academy/Social media” is not kept",
        "bank:15: items.off-duty-post.id: The name “Off-duty post” became the id off-duty-post.",
        "bank:20: items.off-duty-post: The attributes of <p> (dir, style) are not kept.",
        "bank:21: items.off-duty-post: A picture or another medium (<img>, “Still of the clip”) is not kept.",
        "bank:22: items.off-duty-post: <file> (“clip.png, /, base64”) is not kept.",
        "bank:24: items.off-duty-post: The general feedback is kept as the rewrite. Read whether it is one.",
        "bank:27: items.off-duty-post: The setting defaultgrade (“2.0000000”) is not kept.",
        "bank:28: items.off-duty-post: The setting penalty (“0.3333333”) is not kept.",
        "bank:33: items.off-duty-post: The setting answernumbering (“ABCD”) is not kept.",
        "bank:35: items.off-duty-post: <correctfeedback> (“Your answer is correct.”) is not kept.",
        "bank:44: items.off-duty-post: <shownumcorrect> is not kept.",
        "bank:46: items.off-duty-post: The markup <i> is not kept in an option, only its words are.",
        "bank:51: items.off-duty-post: Partial credit (“33.33333”) is not kept; this answer is wrong.",
        "bank:63: items.off-duty-post: <hint> (“Think of 1.c.”) is not kept.",
        "bank:69: items.off-duty-post: The tag “academy-2024” is not kept.",
        "bank:75: question 3: The question “Deleted is gone” is not multiple choice but true/false. It is not kept.",
        "bank:91: question 4: The question “Two are right” has several answers that are right in part.",
    ],
)
def test_what_a_moodle_file_loses_is_said(said: str) -> None:
    _, notes = read("moodle", MOODLE)
    assert said in notes


def test_gift_questions_keep_their_words_and_a_blank_in_the_middle() -> None:
    [first, second], _ = read("gift", GIFT)
    assert (first.id, first.clause, first.stem) == (
        "off-duty-post",
        "IV.B.1.c",
        "May an officer post a **training clip**?",
    )
    assert first.options[0].feedback == "It shows tactics = faces."
    assert first.rewrite == "Ask first."
    assert second.stem == r"Stories \_\_\_\_\_ in a day."
    assert [(o.text, o.correct) for o in second.options] == [("vanish", True), ("stay", False), ("hide", False)]


@pytest.mark.parametrize(
    "said",
    [
        "bank:1: question 1: The category “$course$/top/Academy” is not kept.",
        "bank:4: items.off-duty-post: The tag “academy” is not kept.",
        "bank:5: question 2: The name “Off-duty post” is not kept; the id of the comment is.",
        "bank:7: items.off-duty-post: Partial credit (25 percent) is not kept; this answer is wrong.",
        "bank:9: items.off-duty-post: The general feedback is kept as the rewrite.",
        "bank:12: The comment “written by Sgt. Doe” is not kept.",
        "bank:15: question 4: This is not multiple choice but short answer",
        "bank:17: question 5: This is not multiple choice but numerical",
        "bank:19: question 6: This is not multiple choice but true/false",
        "bank:21: question 7: This is not multiple choice but matching",
        "bank:23: question 8: This is not multiple choice but essay",
        "bank:25: question 9: This is not multiple choice but description",
        "bank:27: question 10: Several answers are right in part",
        "bank:29: question 11: 2 answers are right",
        "bank:31: question 12: The braces of",
    ],
)
def test_what_a_gift_file_loses_is_said(said: str) -> None:
    _, notes = read("gift", GIFT)
    assert said in notes


def test_a_qti_item_keeps_its_words_and_the_feedback_of_its_options() -> None:
    [item], _ = read("qti", QTI)
    assert (item.id, item.clause) == ("uc-selfie", "IV.B.2.f")
    assert item.stem == "An officer applies to the *drug unit*.\n\nMay she post a selfie?"
    assert [(o.text, o.correct, o.feedback) for o in item.options] == [
        ("Yes, she is not assigned yet", False, "It starts earlier."),
        ("No, she may work undercover", True, "2.f covers applicants."),
        ("Only to friends", False, ""),
    ]


@pytest.mark.parametrize(
    "said",
    [
        "bank/imsmanifest.xml:9: <lom> (“Academy bank”) is not kept.",
        "bank/imsmanifest.xml:20: choice: The tag “undercover” is not kept.",
        "bank/imsmanifest.xml:25: <file> (“images/badge.png”) is not kept.",
        "bank/imsmanifest.xml:33: old: The resource items/old.xml (imsqti_item_xmlv2p1) is not kept.",
        "bank/imsmanifest.xml:36: gone: The file items/gone.xml is missing.",
        "bank/imsmanifest.xml:39: test: The resource test.xml (imsqti_test_xmlv3p0) is not kept.",
        "bank/images/badge.png:1: This file is not kept",
        "bank/items/choice.xml:2: items.uc-selfie: The attribute title of <qti-assessment-item>",
        "bank/items/choice.xml:2: items.uc-selfie.id: The name “UC_Selfie” became the id uc-selfie.",
        "bank/items/choice.xml:10: items.uc-selfie: Points for single answers (<qti-mapping>) are not kept.",
        "bank/items/choice.xml:15: items.uc-selfie: The weight of the item (10.0 points) is not kept.",
        "bank/items/choice.xml:20: items.uc-selfie: <qti-stylesheet>",
        "bank/items/choice.xml:23: items.uc-selfie: A picture or another medium (<img>, “A badge”) is not kept.",
        "bank/items/choice.xml:24: items.uc-selfie: The attribute shuffle of <qti-choice-interaction> (“false”)",
        "bank/items/choice.xml:26: items.uc-selfie: The attribute fixed of <qti-simple-choice> (“true”) is not kept.",
        "bank/items/choice.xml:26: items.uc-selfie: The identifier “A” of a choice became a.",
        "bank/items/choice.xml:33: items.uc-selfie: The rules of scoring (<qti-response-processing>) are not kept",
        "bank/items/choice.xml:49: items.uc-selfie: <qti-modal-feedback> (“Well done”) is not kept.",
        "bank/items/essay.xml:2: item: The item “Essay” has <qti-extended-text-interaction>.",
        "bank/items/multiple.xml:2: item: The item “Choice with Multiple Cardinality” has 2 right answers.",
    ],
)
def test_what_a_qti_package_loses_is_said(said: str) -> None:
    _, notes = read("qti", QTI)
    assert said in notes


@pytest.mark.parametrize(("form", "data", "line"), [("moodle", MOODLE, 15), ("gift", GIFT, 5), ("qti", QTI, 2)])
def test_what_an_item_still_lacks_is_said_on_its_line(form: str, data: bytes, line: int) -> None:
    items, _ = read(form, data)
    faults = Faults()
    note_gaps(items, faults)
    assert (line, "verdict", "This key is missing.") in {
        (fault.line, fault.path.rsplit(".", 1)[-1], fault.message) for fault in faults.listed()
    }


def test_four_options_are_kept_and_said() -> None:
    items, _ = read("gift", b"::q::Which?{=a ~b ~c ~d}\n")
    faults = Faults()
    note_gaps(items, faults)
    assert "bank:1: items.q.options: An item has exactly three options; this one has 4." in map(str, faults.listed())


def test_two_questions_of_one_name_get_two_ids() -> None:
    items, notes = read("gift", b"::Q 1::One?{=a ~b}\n\n::Q 1::Two?{=a ~b}\n\n::q-1-2::Three?{=a ~b}\n")
    assert [item.id for item in items] == ["q-1", "q-1-2", "q-1-2-2"]
    assert "bank:3: items.q-1-2.id: The name “Q 1” became the id q-1-2." in notes


@pytest.mark.parametrize(
    ("data", "form"), [(MOODLE, "moodle"), (GIFT, "gift"), (QTI, "qti"), (b"\xef\xbb\xbf \n<quiz/>", "moodle")]
)
def test_the_format_is_told_from_the_file(data: bytes, form: str) -> None:
    assert guess(data) == form


def test_samples_are_there() -> None:
    assert {path.name for path in Path(SAMPLES).iterdir()} == {
        "moodle-export.xml",
        "academy.gift",
        "qti",
        "read-elsewhere",
    }
