"""Pure decisions about letters, and the email that is made of one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import SettingsError
from lms.notify import rules
from lms.notify.failures import PermanentFailure
from lms.notify.letters import build_message
from lms.notify.rules import Parcel
from lms.notify.smtp import parse_url

AT = datetime(2026, 3, 5, 19, 14, tzinfo=UTC)


def parcel(**given: str) -> Parcel:
    values = {"to_address": "dana@portland.test", "subject": "Hello", "body_text": "Text\n", "message_id": "rollcall.1"}
    return Parcel(**{**values, **given}, created_at=AT)


def test_pauses_grow_and_end_after_eight_tries() -> None:
    pauses = [rules.pause_after(tries) for tries in range(1, 9)]
    assert pauses[0] == timedelta(minutes=1)
    assert pauses[:7] == sorted(pause for pause in pauses if pause is not None)
    assert pauses[7] is None


def test_message_has_what_a_program_must_say() -> None:
    message = build_message(parcel(), "Rollcall <rollcall@portland.test>")
    assert message["From"] == "Rollcall <rollcall@portland.test>"
    assert message["To"] == "dana@portland.test"
    assert message["Message-ID"] == "<rollcall.1@portland.test>"
    assert message["Date"] == "Thu, 05 Mar 2026 19:14:00 +0000"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "text/plain"


@pytest.mark.parametrize(
    "to", ["", "dana", "a@b@c", "a@b\nBcc: c@d", "a b@c.d", "<a@b.c>", "a@b.c,d@e.f", "a@b..c", "a@b.c."]
)
def test_address_that_is_not_one_plain_address_is_refused(to: str) -> None:
    assert not rules.sound_address(to)
    with pytest.raises(PermanentFailure):
        build_message(parcel(to_address=to), "Rollcall <rollcall@portland.test>")


@given(subject=st.text(max_size=300), body=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_no_text_can_begin_another_header(subject: str, body: str) -> None:
    content = build_message(parcel(subject=subject, body_text=body), "Rollcall <rollcall@portland.test>").as_bytes()
    read = message_from_bytes(content, policy=policy.default)
    assert sorted(read.keys()) == sorted(
        ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
         "Content-Type", "Content-Transfer-Encoding", "MIME-Version"]
    )  # fmt: skip
    assert content.isascii()
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))


def test_injected_header_becomes_part_of_the_subject() -> None:
    message = build_message(parcel(subject="Hi\r\nBcc: evil@example.com"), "Rollcall <rollcall@portland.test>")
    assert message["Subject"] == "Hi Bcc: evil@example.com"
    assert message["Bcc"] is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.test", ("smtp", "mail.test", 25, None, None)),
        ("smtps://mail.test", ("smtps", "mail.test", 465, None, None)),
        ("smtp+starttls://roll%40call:p%2Fw@mail.test:2525", ("smtp+starttls", "mail.test", 2525, "roll@call", "p/w")),
        ("smtp://u:p@127.0.0.1:1025", ("smtp", "127.0.0.1", 1025, "u", "p")),
    ],
)
def test_mail_server_address_is_read(url: str, expected: tuple[object, ...]) -> None:
    server = parse_url(url)
    assert (server.scheme, server.host, server.port, server.user, server.password) == expected
    assert "p/w" not in repr(server)


@pytest.mark.parametrize(
    "url", ["mail.test", "http://mail.test", "smtp://", "smtp://u:p@mail.test", "smtp://mail.test:x"]
)
def test_unusable_mail_server_address_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="LMS_SMTP_URL"):
        parse_url(url)
