"""The redaction file by itself, and the search for withheld texts."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.errors import Invalid
from lms.records.bundle.leaks import LeakFinder
from lms.records.bundle.redaction import parse_redaction

RECORD = "0b5c1f6e-7f5e-4f0e-9a55-0123456789ab"


def test_yaml_and_json_say_the_same() -> None:
    yaml = f"withhold:\n- field: ip\n  kind: a.b\n  records: [{RECORD}]\n  exemption: 1 M.R.S. 402\n  elsewhere: show\n"
    json = (
        f'{{"withhold": [\n{{"field": "ip", "kind": "a.b", "records": ["{RECORD}"], '
        '"exemption": "1 M.R.S. 402", "elsewhere": "show"}]}'
    )
    [one], [two] = parse_redaction(yaml).rules, parse_redaction(json).rules
    assert one == two
    assert one.line == 2
    assert one.fits(RECORD, "a.b", "ip")
    assert not one.fits(RECORD, "a.c", "ip")
    assert not one.fits(RECORD.replace("0b", "0c"), "a.b", "ip")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: The file must be written as name: value"),
        ("withhold: []", "write a list of rules"),
        ("withold: [{field: a, exemption: b}]", "line 1: 'withold' is not known"),
        ("withhold:\n- fields: a\n  exemption: b", "line 2: 'fields' is not known"),
        ("withhold:\n- field: a", "line 2: exemption must be given"),
        ("withhold:\n- exemption: a", "line 2: field must be given"),
        ("withhold:\n- field: a\n  exemption: ''", "line 3: exemption must be given"),
        ("withhold:\n- field: a\n  field: b\n  exemption: c", "line 3: field stands here twice"),
        ("withhold:\n- field: subject_seq\n  exemption: c", "line 2: subject_seq is the ledger's own field"),
        ("withhold:\n- field: a\n  exemption: c\n  records: [x]", "line 4: 'x' is not a UUID"),
        ("withhold:\n- field: a\n  exemption: c\n  records: x", "line 4: records must be a list"),
        ("withhold:\n- field: a\n  exemption: c\n  elsewhere: hide", "line 4: elsewhere can only be show"),
        ("withhold:\n- field: [a]\n  exemption: c", "line 2: field must be given as text"),
        ("withhold:\n\t- x", "is not YAML or JSON in line 2"),
        ("withhold: &a\n- field: x\n  exemption: *a", "uses YAML aliases"),
        ("!!python/object:os.system {}", "write a list"),
        ("[" * 3000, "is not YAML or JSON"),
        ("withhold:\n" + "- {field: a, exemption: b}\n" * 10000, "larger than 256 KB"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(text: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_redaction(text)
    assert says in refused.value.message


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(Invalid):
        assert parse_redaction(text).rules


@pytest.mark.parametrize(
    ("withheld", "shown", "found"),
    [
        ("Alma Reyes", "Statement of ALMA REYES, taken", True),
        ("4417", "badge 4417", True),
        ("4417", "case 44170", False),
        ("ab", "ab", False),
        ({"name": ["Bo Lind"]}, [{"who": "by Bo Lind."}], True),
        ("(Bo) Lind", "so (Bo) Lind said", True),
        ("(Bo) Lind", "so Bo Lind said", False),
        ("Re\u0301mi", "R\u00e9mi", True),
        (True, "True", False),
        ("Alma Reyes", {"family_name": "Reyes"}, True),
        ("Alma Reyes", "Reyes left", False),
        ("a long text of more than a name", "text", False),
    ],
)
def test_leaks_are_found_by_whole_words(withheld: object, shown: object, found: bool) -> None:
    finder = LeakFinder()
    finder.withhold(withheld)
    finder.look_at("a.b: field", shown)
    assert bool(finder.found()) == found


@given(st.text(min_size=3, max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_a_text_between_spaces_is_always_found(secret: str, before: str, after: str) -> None:
    finder = LeakFinder()
    finder.withhold(secret)
    finder.look_at("x", f"{before} {secret} {after}")
    assert finder.found() == (["x"] if finder else [])
