"""Handing letters to a real mail server and to a folder."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from lms.notify.failures import PermanentFailure, TemporaryFailure, UncertainFailure, Unreachable
from lms.notify.rules import Parcel
from lms.notify.transport import FolderTransport, SmtpTransport
from tests.notify.certificates import make_certificate
from tests.notify.conftest import MailServer, serving

PARCEL = Parcel("dana@portland.test", "Grüße", ".Dot\n..\nBye é\n", "rollcall.1", datetime(2026, 3, 5, tzinfo=UTC))


def test_letter_arrives_as_it_was_written(mail_server: MailServer) -> None:
    transport = SmtpTransport(mail_server.address, sender="Rollcall <rollcall@portland.test>")
    transport.send(PARCEL)
    transport.close()
    envelope = mail_server.taken[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("rollcall@portland.test", ["dana@portland.test"])
    read = message_from_bytes(bytes(envelope.content or b""), policy=policy.default)
    assert read["Subject"] == "Grüße"
    assert read.get_content().replace("\r\n", "\n") == PARCEL.body_text  # type: ignore[attr-defined]


def test_one_connection_serves_a_batch_and_a_refusal_in_it(mail_server: MailServer) -> None:
    transport = SmtpTransport(mail_server.address)
    mail_server.rcpt_answers = ["550 5.1.1 No such user"]
    with pytest.raises(PermanentFailure, match=r"550 5\.1\.1 No such user"):
        transport.send(PARCEL)
    transport.send(PARCEL)
    transport.send(PARCEL)
    assert (len(mail_server.taken), mail_server.connections) == (2, 1)
    transport.close()


@pytest.mark.parametrize(
    ("answer", "failure"),
    [("451 4.3.0 Try later", TemporaryFailure), ("554 5.7.1 Spam", PermanentFailure), ("452 Full", TemporaryFailure)],
)
def test_answer_after_the_text_decides(mail_server: MailServer, answer: str, failure: type[Exception]) -> None:
    mail_server.data_answers = [answer]
    transport = SmtpTransport(mail_server.address)
    with pytest.raises(failure, match=answer):
        transport.send(PARCEL)
    transport.send(PARCEL)
    transport.close()
    assert len(mail_server.taken) == 1


def test_line_lost_after_the_text_leaves_it_uncertain(mail_server: MailServer) -> None:
    mail_server.data_answers = ["drop"]
    transport = SmtpTransport(mail_server.address)
    with pytest.raises(UncertainFailure):
        transport.send(PARCEL)
    transport.send(PARCEL)
    transport.close()


def test_no_server_is_unreachable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable):
        SmtpTransport(f"smtp://127.0.0.1:{port}").send(PARCEL)


@contextmanager
def script(*lines: bytes) -> Iterator[int]:
    """A server that gives these answers, one to each command, and then hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as commands:
                for line in lines:
                    connection.sendall(line + b"\r\n")
                    commands.readline()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        thread.join(5)


@pytest.mark.parametrize(
    ("lines", "failure"),
    [
        ((b"554 No mail here",), Unreachable),
        ((b"220 hi", b"250 mail.test"), TemporaryFailure),
        ((b"220 hi", b"250 mail.test", b"421 Going down"), TemporaryFailure),
        ((b"220 hi", b"250 mail.test", b"250 OK"), TemporaryFailure),
        ((b"220 hi", b"250 mail.test", b"250 OK", b"250 OK"), TemporaryFailure),
        ((b"220 hi", b"250 mail.test", b"250 OK", b"250 OK", b"354 go"), UncertainFailure),
        ((b"220 hi", b"250 mail.test", b"250 OK", b"250 OK", b"451 not now"), TemporaryFailure),
    ],
)
def test_line_lost_before_the_text_is_temporary(lines: tuple[bytes, ...], failure: type[Exception]) -> None:
    with script(*lines) as port:
        transport = SmtpTransport(f"smtp://127.0.0.1:{port}", timeout=3)
        with pytest.raises(failure) as caught:
            transport.send(PARCEL)
        transport.close()
    assert type(caught.value) is failure


def test_silent_server_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, pytest.raises(Unreachable):
        SmtpTransport(f"smtp://127.0.0.1:{listener.getsockname()[1]}", timeout=0.3).send(PARCEL)


def test_server_without_starttls_gets_nothing(mail_server: MailServer) -> None:
    with pytest.raises(Unreachable):
        SmtpTransport(mail_server.address.replace("smtp:", "smtp+starttls:")).send(PARCEL)
    assert mail_server.taken == []


Encrypted = Callable[[str, str], tuple[str, MailServer, ssl.SSLContext]]


@pytest.fixture
def encrypted(tmp_path: Path) -> Iterator[Encrypted]:
    """Starts a mail server with TLS that knows one account."""
    certificate, key = make_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def check(*args: Any) -> AuthResult:
        return AuthResult(success=args[4].password == b"right", handled=False)

    with ExitStack() as running:

        def start(scheme: str, password: str) -> tuple[str, MailServer, ssl.SSLContext]:
            handler = MailServer()
            options: dict[str, Any] = {"authenticator": check, "auth_required": True}
            if scheme == "smtps":
                serve = serving(handler, context, auth_require_tls=False, **options)
            else:
                serve = serving(handler, tls_context=context, require_starttls=True, **options)
            port = running.enter_context(serve)
            return f"{scheme}://rollcall:{password}@localhost:{port}", handler, trusting

        yield start


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_letter_travels_encrypted_and_signed_in(scheme: str, encrypted: Encrypted) -> None:
    url, handler, trusting = encrypted(scheme, "right")
    transport = SmtpTransport(url, context=trusting)
    transport.send(PARCEL)
    transport.close()
    assert len(handler.taken) == 1


@pytest.mark.filterwarnings("ignore:Requiring AUTH:UserWarning")
@pytest.mark.parametrize("scheme", ["smtps", "smtp+starttls"])
def test_wrong_mail_password_concerns_the_server_and_not_the_letter(scheme: str, encrypted: Encrypted) -> None:
    url, handler, trusting = encrypted(scheme, "wrong")
    with pytest.raises(Unreachable) as caught:
        SmtpTransport(url, context=trusting).send(PARCEL)
    assert "wrong" not in str(caught.value)
    assert handler.taken == []


def test_unknown_certificate_is_refused(encrypted: Encrypted) -> None:
    url, handler, _trusting = encrypted("smtp+starttls", "right")
    with pytest.raises(Unreachable):
        SmtpTransport(url).send(PARCEL)
    assert handler.taken == []


def test_folder_holds_whole_letters_named_by_message_id(tmp_path: Path) -> None:
    transport = FolderTransport(tmp_path / "mail", sender="Rollcall <rollcall@portland.test>")
    transport.send(PARCEL)
    transport.send(PARCEL)
    transport.close()
    files = list((tmp_path / "mail").iterdir())
    assert [file.name for file in files] == ["rollcall.1.eml"]
    read = message_from_bytes(files[0].read_bytes(), policy=policy.default)
    assert read["To"] == "dana@portland.test"


def test_folder_that_cannot_be_written_is_temporary(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file stands here")
    with pytest.raises(TemporaryFailure):
        FolderTransport(tmp_path / "mail").send(PARCEL)
