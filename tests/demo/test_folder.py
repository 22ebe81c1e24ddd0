"""Which folders the demonstration uses, makes anew, or leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from lms.demo import prepare as prepare_module
from lms.demo.prepare import MARKER, PREPARING, Prepared, Scale, demo_settings, prepare
from lms.errors import Conflict, RollcallError
from lms.worker import FileLock


def test_prepared_folder_is_used_again(small: Prepared, no_making: None) -> None:
    again = prepare(small.settings.instance, lambda _: None)
    assert not again.new
    assert again.accounts == small.accounts


@pytest.mark.parametrize("name", ["letter.txt", "rollcall.sqlite", "settings.env"])
def test_foreign_folder_is_never_touched(tmp_path: Path, no_making: None, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(RollcallError, match="not a demonstration's folder"):
        prepare(tmp_path, lambda _: None)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_half_prepared_folder_with_a_foreign_file_is_left_alone(copied: Path, no_making: None) -> None:
    (copied / MARKER).rename(copied / PREPARING)
    (copied / "notes.txt").write_text("mine")
    with pytest.raises(RollcallError):
        prepare(copied, lambda _: None)
    assert (copied / "rollcall.sqlite").exists()


def test_half_prepared_folder_is_made_anew_after_saying_so(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = (copied / "secret.key").read_text()
    (copied / MARKER).rename(copied / PREPARING)
    said: list[str] = []
    seen: list[set[str]] = []

    def make(settings: object, scale: Scale, say: object) -> list[object]:
        seen.append({path.name for path in copied.iterdir()})
        return []

    monkeypatch.setattr(prepare_module, "_make_department", make)
    prepare(copied, said.append)
    assert seen == [{PREPARING, "secret.key", "settings.env"}]
    assert "half prepared" in said[0]
    assert (copied / "secret.key").read_text() != old


def test_two_cannot_prepare_one_folder_at_once(tmp_path: Path, no_making: None) -> None:
    lock = FileLock(tmp_path / PREPARING)
    assert lock.acquire()
    with pytest.raises(Conflict, match="preparing"):
        prepare(tmp_path, lambda _: None)
    lock.release()


def test_settings_of_the_environment_are_left_out(small: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LMS_DATABASE_URL", "postgresql://production/records")
    assert demo_settings(small.settings.instance).database_url.startswith("sqlite:///")
