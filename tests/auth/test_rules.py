"""Pure decisions of sign-in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from lms.auth import rules
from lms.web.paging import Address, Page

NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, None), (4, None), (5, 15), (6, 30), (7, 60), (8, 60), (10_000, 60)]
)
def test_lock_grows_from_the_fifth_failure_to_an_hour(failures: int, minutes: int | None) -> None:
    expected = None if minutes is None else timedelta(minutes=minutes)
    assert rules.lock_after(failures) == expected


def test_failures_are_forgotten_after_a_day() -> None:
    assert rules.failures_now(4, NOW - timedelta(hours=23, minutes=59), NOW) == 4
    assert rules.failures_now(4, NOW - timedelta(hours=24), NOW) == 0


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (60, 1), (61, 2), (900, 15), (0, 1)])
def test_minutes_left_are_always_enough(seconds: int, minutes: int) -> None:
    assert rules.minutes_left(NOW + timedelta(seconds=seconds), NOW) == minutes


@pytest.mark.parametrize(
    "target", ["/", "/training/", "/training/42?page=2&text=a%20b", "/policy/sop-110#IV.B.2.f", "/a?u=https://x"]
)
def test_path_on_this_site_is_a_safe_next(target: str) -> None:
    assert rules.safe_next(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "training",
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "javascript:alert(1)",
        "http:evil",
        "/a b",
        "/x\x00",
        "//[",
        "/" + "a" * 2000,
    ],
)
def test_other_addresses_are_no_safe_next(target: str | None) -> None:
    assert rules.safe_next(target) is None


def test_names_of_locks_ignore_case_and_are_apart() -> None:
    assert rules.sign_in_name(" Dana@Portland.test ") == rules.sign_in_name("dana@portland.test")
    names = {rules.sign_in_name("1"), rules.reauthentication_name(1), rules.asking_name("1")}
    assert len(names) == 3


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605 Version/17.5 Mobile Safari/604",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox on Linux"),
        ("", "Another browser"),
    ],
)
def test_device_is_named_as_people_know_it(agent: str, name: str) -> None:
    assert rules.device_name(agent) == name


@pytest.mark.parametrize(
    ("number", "total", "expected"), [(1, 0, (1, 0, 0)), (1, 50, (1, 1, 50)), (2, 51, (2, 51, 51)), (1, 51, (2, 1, 50))]
)
def test_page_says_which_rows_it_shows(number: int, total: int, expected: tuple[int, int, int]) -> None:
    page = Page(number, 50, total, Address("auth.accounts", {}))
    assert (page.pages, page.first, page.last) == expected
