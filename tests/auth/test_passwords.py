"""Hashing, and advice on strength."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from lms.auth.passwords import LONGEST, Hashing, advice

CHEAP = Hashing(time_cost=1, memory_kib=8)
GOOD = "granite ferry lantern 42"


def test_hash_is_argon2id_with_the_costs_of_the_settings() -> None:
    stored = Hashing(time_cost=2, memory_kib=64).hash(GOOD)
    assert stored.startswith("$argon2id$v=19$m=64,t=2,p=1$")


def test_only_the_right_password_is_verified() -> None:
    stored = CHEAP.hash(GOOD)
    assert CHEAP.verify(stored, GOOD)
    assert not CHEAP.verify(stored, GOOD + " ")
    assert not CHEAP.verify(None, GOOD)
    assert not CHEAP.verify(None, "nobody has this password")
    assert not CHEAP.verify("not a hash", GOOD)


def test_same_letter_from_another_keyboard_is_the_same_password() -> None:
    assert CHEAP.verify(CHEAP.hash("cafe\u0301 granite ferry"), "caf\u00e9 granite ferry")


def test_hash_of_other_costs_is_outdated() -> None:
    stored = CHEAP.hash(GOOD)
    assert not CHEAP.outdated(stored)
    assert Hashing(time_cost=2, memory_kib=8).outdated(stored)


@pytest.mark.parametrize("password", ["", "short", "elevenchars", "x" * (LONGEST + 1)])
def test_length_is_asked_for(password: str) -> None:
    assert "characters" in (advice(password, ()) or "")


@pytest.mark.parametrize("password", ["password1234", "qwertyuiop12", "aaaaaaaaaaaaaa", "1234567890123"])
def test_easy_password_gets_advice(password: str) -> None:
    assert (advice(password, ()) or "").startswith("This password is too easy to guess.")


def test_words_about_the_person_do_not_count() -> None:
    about = ("Dana", "Featherstonehaugh", "T0042", "dana.featherstonehaugh@portland.test", "Portland Police Department")
    assert advice("featherstonehaugh1", about) is not None
    assert advice("dana.featherstonehaugh", about) is not None
    assert advice("featherstonehaugh1", ()) is None


def test_good_password_of_any_length_is_taken() -> None:
    assert advice(GOOD, ()) is None
    assert advice("correct-horse " * 12 + "granite ferry", ()) is None
    assert advice(GOOD + " x" * 60, ()) is None


def test_advice_for_many_people_at_once_does_not_mix_their_words() -> None:
    """zxcvbn keeps a person's words in a global table while it works."""
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda n: advice("featherstonehaugh1", ("featherstonehaugh",) if n % 2 else ()), range(64))
        )
    assert [answer is not None for answer in answers] == [bool(n % 2) for n in range(64)]
