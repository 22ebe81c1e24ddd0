"""Tokens of a real authority (``openssl ts``): what is kept, what is refused, and what openssl says of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.x509 import Certificate, load_pem_x509_certificate

from lms import clock
from lms.ledger.anchors import asking
from lms.ledger.anchors.asking import ask, ask_all
from lms.ledger.rules.stamps import StampError, Worth, check_answer, make_request, read_token, verify_token
from tests.support.authority import Authority, issue, openssl, openssl_verifies, serve, signed_by_another

NOTE = "police.example/log\n7\nAAAA\n\n— police.example/log c2lnbmF0dXJl\n"


def root_of(authority: Authority) -> Certificate:
    return load_pem_x509_certificate(authority.root.read_bytes())


def test_a_stamp_is_read_by_openssl_without_our_help(authority: Authority, tmp_path: Path) -> None:
    answer = ask(authority.url, NOTE)
    assert answer.error is None
    assert answer.token is not None
    assert openssl_verifies(answer.token, NOTE, authority.root, tmp_path)
    assert not openssl_verifies(answer.token, NOTE + " ", authority.root, tmp_path)


def test_we_agree_with_openssl_about_time_and_serial(authority: Authority, tmp_path: Path) -> None:
    answer = authority.stamp_note(NOTE)
    token, worth = verify_token(answer, NOTE, [root_of(authority)])
    assert worth is Worth.VERIFIED
    assert abs((clock.now() - token.stamped_at).total_seconds()) < 60
    (tmp_path / "t.tsr").write_bytes(answer)
    text = openssl("ts", "-reply", "-in", tmp_path / "t.tsr", "-text").stdout.decode()
    assert f"Time stamp: {token.stamped_at:%b} {token.stamped_at.day:2d} {token.stamped_at:%H:%M:%S %Y} GMT" in text
    assert f"Serial number: 0x{int(token.serial):02X}" in text


def test_the_request_is_one_that_openssl_reads(tmp_path: Path) -> None:
    request = make_request(NOTE)
    (tmp_path / "q.tsq").write_bytes(request.body)
    text = openssl("ts", "-query", "-in", tmp_path / "q.tsq", "-text").stdout.decode()
    assert "Hash Algorithm: sha256" in text
    assert "Certificate required: yes" in text
    assert f"Nonce: 0x{request.nonce:016X}" in text
    assert make_request(NOTE).nonce != request.nonce


@pytest.mark.parametrize(
    ("mood", "says"),
    [
        ("rejection", "refused to stamp: Message digest algorithm is not supported."),
        ("wrong nonce", "another number"),
        ("wrong imprint", "another text"),
        ("garbage", "not a time stamp"),
        ("cut", "not a time stamp"),
        ("endless", "far too long"),
        ("error 500", "status 500"),
        ("moved", "status 302"),
    ],
)
def test_what_is_no_stamp_of_ours_is_refused_in_words(authority: Authority, mood: str, says: str) -> None:
    authority.mood = mood
    answer = ask(authority.url, NOTE)
    assert answer.token is None
    assert says in (answer.error or "")


def test_a_slow_authority_is_given_up(authority: Authority) -> None:
    authority.mood = "slow"
    began = time.monotonic()
    assert "did not answer within 0.3 seconds" in (ask(authority.url, NOTE, timeout=0.3).error or "")
    assert time.monotonic() - began < 30, "the authority would have waited for a minute"


@contextmanager
def dripping() -> Iterator[str]:
    """A server that sends one byte at a time for ever."""
    import socket

    server = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def run() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"\x30")
                except OSError:
                    return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    finally:
        stop.set()
        thread.join()
        server.close()


def test_an_answer_that_never_ends_is_given_up() -> None:
    with dripping() as url:
        assert "did not answer within 0.4 seconds" in (ask(url, NOTE, timeout=0.4).error or "")


def test_a_dead_authority_is_said_to_be_dead(authority_folders: tuple[Path, Path]) -> None:
    with serve(authority_folders[0]) as gone:
        url = gone.url
    assert "could not be reached" in (ask(url, NOTE).error or "")


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/x", "nonsense"])
def test_only_the_web_is_asked(url: str) -> None:
    assert "could not be reached" in (ask(url, NOTE).error or "")


def test_a_slow_one_does_not_delay_the_others(authority: Authority, second_authority: Authority) -> None:
    authority.mood = "slow"
    answers = ask_all([authority.url, second_authority.url], NOTE, timeout=10)
    assert [answer.authority for answer in answers] == [authority.url, second_authority.url]
    assert answers[0].error
    assert answers[1].token
    assert ask_all([], NOTE) == []
    assert asking.TIMEOUT_SECONDS <= 30


def test_a_root_that_is_not_on_file_is_said_and_nothing_else(authority: Authority, second_authority: Authority) -> None:
    answer = authority.stamp_note(NOTE)
    assert verify_token(answer, NOTE, [])[1] is Worth.NO_ROOT
    assert verify_token(answer, NOTE, [root_of(second_authority)])[1] is Worth.NO_ROOT
    assert verify_token(answer, NOTE, [root_of(second_authority), root_of(authority)])[1] is Worth.VERIFIED


def test_every_altered_byte_of_a_stamp_is_noticed_or_changes_nothing(authority: Authority) -> None:
    """Wherever a byte is flipped, the stamp is refused, or what it says and proves is the same as before."""
    answer, roots = authority.stamp_note(NOTE), [root_of(authority)]
    good, _ = verify_token(answer, NOTE, roots)
    unnoticed = 0
    for place in range(0, len(answer), 7):
        altered = answer[:place] + bytes([answer[place] ^ 0x01]) + answer[place + 1 :]
        try:
            token, worth = verify_token(altered, NOTE, roots)
        except StampError:
            continue
        if worth is Worth.VERIFIED:
            assert (token.stamped_at, token.serial, token.imprint) == (good.stamped_at, good.serial, good.imprint)
            unnoticed += 1
    assert unnoticed < 20  # an unsigned corner of the container, such as the text beside the status


def test_a_stamp_of_another_note_does_not_hold(authority: Authority) -> None:
    with pytest.raises(StampError, match="another text"):
        verify_token(authority.stamp_note("other\n"), NOTE, [root_of(authority)])


def test_a_stamp_for_another_request_is_no_answer(authority: Authority) -> None:
    with pytest.raises(StampError, match="another number"):
        check_answer(authority.stamp(make_request(NOTE).body), make_request(NOTE), NOTE)


def test_a_certificate_for_something_else_may_not_stamp(authority: Authority) -> None:
    """The same statement, signed under the same root, by a certificate that is for web servers."""
    for name, use in (("clock", "timeStamping"), ("web", "serverAuth")):
        if not (authority.folder / f"{name}.pem").exists():
            issue(authority.folder, name, use)
    answer = authority.stamp_note(NOTE)
    fine = signed_by_another(answer, authority.folder, "clock")
    assert verify_token(fine, NOTE, [root_of(authority)])[1] is Worth.VERIFIED
    with pytest.raises(StampError):
        verify_token(signed_by_another(answer, authority.folder, "web"), NOTE, [root_of(authority)])


@pytest.mark.parametrize("junk", [b"", b"\x30", b"\x30\x03\x02\x01\x00", b"<html>" * 100])
def test_junk_is_refused(junk: bytes) -> None:
    with pytest.raises(StampError):
        read_token(junk)
