"""The verifier and outside time stamps: what a token proves, and the bracket that it sets around every record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.records.bundle.conftest import Run
from tests.records.bundle.forge import START, Authority, Log, facts, write


def test_a_record_that_is_dated_before_the_one_in_front_of_it(run: Run, tmp_path: Path) -> None:
    listed = facts()
    listed[5].at = 29
    log = Log(listed)
    code, said = run(write(tmp_path / "bundle", log))
    assert code == 1
    assert f"record {log.records[5].id}, field at: is dated before the record {log.records[4].id}" in said


@pytest.mark.parametrize(("earlier", "fine"), [(4.9, True), (5.1, False)])
def test_a_withheld_proof_is_granted_the_window_and_no_more(
    run: Run, tmp_path: Path, earlier: float, fine: bool
) -> None:
    listed = facts()
    listed[5].at = listed[4].at - earlier
    code, said = run(write(tmp_path / "bundle", Log(listed), withhold=(("attestation.signed", "proof"),)))
    assert ("field at: is dated before" not in said) == fine
    assert code == (3 if fine else 1)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A time-stamping authority."""
    return Authority(tmp_path_factory.mktemp("authority"))


def dated(shift: dict[int, float]) -> Log:
    """The log with records of this minute, but for those that are shifted (minutes, by place)."""
    now = (datetime.now(UTC) - START).total_seconds() / 60
    listed = facts()
    for place, fact in enumerate(listed):
        fact.at = now + place / 1000 + shift.get(place, 0)
    return Log(listed)


def test_time_stamps_of_a_trusted_authority_prove_without_a_checkpoint(
    run: Run, tmp_path: Path, authority: Authority
) -> None:
    log = dated({})
    anchors = tuple((size, authority.stamp(log.note(size))) for size in (4, 8))
    folder = write(tmp_path / "bundle", log, anchors=anchors)
    assert run(folder)[0] == 3
    code, said = run(folder, "--authority-ca", authority.ca)
    assert code == 0, said
    assert "2, 2 of them by an authority" in said
    other = Authority(tmp_path / "other")
    assert run(folder, "--authority-ca", other.ca)[0] == 3


@pytest.mark.parametrize(("minutes", "says"), [(-600, "it was back-dated"), (600, "is dated after the outside")])
def test_a_false_time_with_the_stolen_key_is_found_by_the_bracket(
    run: Run, tmp_path: Path, authority: Authority, minutes: float, says: str
) -> None:
    log = dated({5: minutes, **(dict.fromkeys((6, 7), minutes) if minutes > 0 else {})})
    anchors = tuple((size, authority.stamp(log.note(size))) for size in (4, 8))
    code, said = run(write(tmp_path / "bundle", log, anchors=anchors), "--authority-ca", authority.ca)
    assert code == 1
    assert f"record {log.records[5].id}, field at: " in said
    assert says in said


def test_a_stamp_over_another_checkpoint(run: Run, tmp_path: Path, authority: Authority) -> None:
    log = dated({})
    folder = write(tmp_path / "bundle", log, anchors=((4, authority.stamp(log.note(5))),))
    for arguments in ((), ("--authority-ca", authority.ca)):
        code, said = run(folder, *arguments)
        assert code == 1
        assert "anchors/4-1.tsr: is a stamp over something else" in said


def with_status_text(token: bytes, text: str) -> bytes:
    """A reply whose status says ``text``: words that no signature covers (RFC 3161, 2.4.2)."""

    def der(tag: int, content: bytes) -> bytes:
        size = len(content)
        length = bytes([size]) if size < 128 else bytes([0x82, *size.to_bytes(2, "big")])
        return bytes([tag]) + length + content

    granted = b"\x30\x03\x02\x01\x00"
    at = token.index(granted)
    status = der(0x30, b"\x02\x01\x00" + der(0x30, der(0x0C, text.encode())))
    return der(0x30, status + token[at + len(granted) :])


def test_the_time_of_a_stamp_is_the_signed_one_and_not_what_its_reply_says_beside_it(
    run: Run, tmp_path: Path, authority: Authority
) -> None:
    log = dated(dict.fromkeys((5, 6, 7), 600))
    later = datetime.now(UTC) + timedelta(minutes=700)
    forged = with_status_text(authority.stamp(log.note(8)), f"Time stamp: {later:%b %d %H:%M:%S %Y} GMT")
    folder = write(tmp_path / "bundle", log, anchors=((4, authority.stamp(log.note(4))), (8, forged)))
    code, said = run(folder, "--authority-ca", authority.ca)
    assert code == 1
    assert "is dated after the outside" in said


def test_a_stamp_that_is_none(run: Run, tmp_path: Path) -> None:
    code, said = run(write(tmp_path / "bundle", Log(), anchors=((4, b"\x30\x03\x02\x01\x00"),)))
    assert code == 1
    assert "is not a time stamp" in said
