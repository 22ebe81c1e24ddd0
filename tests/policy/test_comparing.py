"""What changed between two texts: nothing is lost, nothing is told twice, and a redline reads as both texts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lms.policy.rules import ClauseText
from lms.policy.rules.comparing import ClauseChange, Piece, compare_clauses, redline


def policy(**texts: str) -> list[ClauseText]:
    return [ClauseText(ref, text, True, place) for place, (ref, text) in enumerate(texts.items())]


def told(changes: tuple[ClauseChange, ...]) -> list[tuple[str, str | None, str | None]]:
    return [(c.kind, c.before.ref if c.before else None, c.now.ref if c.now else None) for c in changes]


BEFORE = policy(
    a="Officers may speak as private citizens.",
    b="Do not post confidential photographs.",
    c="Tell a supervisor about threats at once.",
)


def test_the_same_text_has_no_changes() -> None:
    assert compare_clauses(BEFORE, BEFORE) == ()


def test_added_removed_and_changed_clauses_are_told_in_the_order_of_the_policy() -> None:
    now = policy(
        a="Officers may speak as private citizens, off duty.",
        c="Tell a supervisor about threats at once.",
        d="Training records are kept for five years.",
    )
    assert told(compare_clauses(BEFORE, now)) == [("changed", "a", "a"), ("removed", "b", None), ("added", None, "d")]


def test_a_clause_put_in_front_renumbers_the_others_and_does_not_rewrite_them() -> None:
    now = policy(
        a="Everybody reads this policy each year.",
        b=BEFORE[0].text,
        c="Do not post confidential photographs or film.",
        d=BEFORE[2].text,
    )
    changes = compare_clauses(BEFORE, now)
    assert told(changes) == [
        ("added", None, "a"),
        ("renumbered", "a", "b"),
        ("changed", "b", "c"),
        ("renumbered", "c", "d"),
    ]
    assert [change.renumbered_from for change in changes] == [None, "a", "b", "c"]


def test_a_number_with_wholly_new_words_is_a_change_of_that_clause() -> None:
    now = policy(a=BEFORE[0].text, b="Radios stay switched on.", c=BEFORE[2].text)
    assert told(compare_clauses(BEFORE, now)) == [("changed", "b", "b")]


def test_other_white_space_is_no_change() -> None:
    assert compare_clauses(policy(a="One  two\n\nthree"), policy(a="One two three")) == ()


def test_a_first_text_is_all_added_and_a_last_one_all_removed() -> None:
    assert [change.kind for change in compare_clauses([], BEFORE)] == ["added"] * 3
    assert [change.kind for change in compare_clauses(BEFORE, [])] == ["removed"] * 3


def test_a_redline_shows_the_words_that_went_and_came() -> None:
    assert redline("You may post photos.", "You may not post any photos.") == (
        Piece("same", "You may "),
        Piece("added", "not "),
        Piece("same", "post "),
        Piece("added", "any "),
        Piece("same", "photos."),
    )


WORDS = st.lists(st.sampled_from(["post", "not", "may", "officer", "photo", "the", "law"]), max_size=12).map(" ".join)
POLICY = st.dictionaries(st.sampled_from("abcdefgh"), WORDS.filter(bool), max_size=8).map(lambda d: policy(**d))


@given(WORDS, WORDS)
def test_a_redline_reads_as_both_texts(before: str, now: str) -> None:
    pieces = redline(before, now)
    read = {kind: " ".join(p.text for p in pieces if p.kind in ("same", kind)).split() for kind in ("removed", "added")}
    assert read == {"removed": before.split(), "added": now.split()}
    assert (before.split() == now.split()) == all(piece.kind == "same" for piece in pieces)


@given(POLICY, POLICY)
def test_every_clause_is_told_once_or_is_the_same_under_its_number(
    before: list[ClauseText], now: list[ClauseText]
) -> None:
    changes = compare_clauses(before, now)
    was = [change.before.position for change in changes if change.before]
    is_ = [change.now.position for change in changes if change.now]
    assert len(was) == len(set(was))
    assert len(is_) == len(set(is_))
    same_before = {(c.ref, c.text) for c in before if c.position not in was}
    same_now = {(c.ref, c.text) for c in now if c.position not in is_}
    assert same_before == same_now
    assert is_ == sorted(is_)
    for change in changes:
        if change.kind == "renumbered":
            assert change.renumbered_from
            assert all(piece.kind == "same" for piece in change.pieces)


@given(POLICY)
def test_a_policy_never_differs_from_itself(text: list[ClauseText]) -> None:
    assert compare_clauses(text, text) == ()
