"""The settings of anchors: lists with commas, refused in words where they cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import Settings, SettingsError


def load(instance: Path, **values: str) -> Settings:
    return Settings.load({f"LMS_{name}": value for name, value in values.items()}, instance=instance)


def test_lists_have_commas_and_each_entry_once(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        TSA_URLS=" https://a.example/tsa , http://b.example,https://a.example/tsa,",
        ANCHOR_MAIL="u@example.org",
    )
    assert settings.tsa_urls == ("https://a.example/tsa", "http://b.example")
    assert settings.anchor_mail == ("u@example.org",)


def test_nothing_is_set_by_default(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert (settings.tsa_urls, settings.anchor_mail) == ((), ())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TSA_URLS", "time.example.org"),
        ("TSA_URLS", "ftp://time.example.org"),
        ("TSA_URLS", "https://"),
        ("TSA_URLS", "https://user:secret@time.example.org"),
        ("TSA_URLS", "https://time.example.org/" + "x" * 300),
        ("ANCHOR_MAIL", "union"),
        ("ANCHOR_MAIL", "Union <union@example.org>"),
        ("ANCHOR_MAIL", "a@b.example c@d.example"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"LMS_{name}"):
        load(tmp_path, **{name: value})
