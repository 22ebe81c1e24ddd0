"""The answer that a page sends."""

from __future__ import annotations

import pytest

from lms.assessment.forms import REF_LIMIT, read_option


@pytest.mark.parametrize(
    ("sent", "ref", "error"),
    [
        ({}, "", "Choose an answer first."),
        ({"option": ""}, "", "Choose an answer first."),
        ({"option": "b"}, "b", ""),
        ({"option": " b\x00 "}, "b", ""),
        ({"option": "e\u0301"}, "\u00e9", ""),
        ({"option": "x" * REF_LIMIT}, "x" * REF_LIMIT, ""),
        ({"option": "x" * (REF_LIMIT + 1)}, "x" * (REF_LIMIT + 1), "Field cannot be longer than 80 characters."),
    ],
)
def test_an_answer_is_one_clean_short_text(sent: dict[str, str], ref: str, error: str) -> None:
    found = read_option(sent)
    assert (found.ref, found.error) == (ref, error)
