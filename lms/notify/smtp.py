"""Delivery to a mail server (RFC 5321), with one connection for a batch of letters."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from config import SettingsError
from lms.notify.failures import PermanentFailure, TemporaryFailure, UncertainFailure, Unreachable
from lms.notify.letters import build_message
from lms.notify.rules import Parcel

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
TIMEOUT = 20.0
"""Seconds without an answer until a connection is given up."""
_LEADING_DOT = re.compile(rb"(?m)^\.")
"""A line that begins with a dot gets another one, since a lone dot ends the letter (RFC 5321, 4.5.2)."""
_LOST = (smtplib.SMTPServerDisconnected, OSError)


@dataclass(frozen=True, slots=True)
class Server:
    """Where and how to hand letters over."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)


def parse_url(url: str) -> Server:
    """Reads ``smtp://``, ``smtps://`` or ``smtp+starttls://`` ``[user:password@]host[:port]``.

    Raises SettingsError, also where a password would cross the network in the clear.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise SettingsError(f"LMS_SMTP_URL cannot be read: {error}.") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise SettingsError("LMS_SMTP_URL must look like smtp+starttls://user:password@mail.department.gov:587.")
    if parts.scheme == "smtp" and parts.username and parts.hostname not in {"localhost", "127.0.0.1", "::1"}:
        raise SettingsError("LMS_SMTP_URL would send the mail password in the clear. Use smtp+starttls:// or smtps://.")
    return Server(
        parts.scheme,
        parts.hostname,
        port or PORTS[parts.scheme],
        unquote(parts.username) if parts.username else None,
        unquote(parts.password or "") if parts.username else None,
    )


class SmtpTransport:
    """Hands letters to one mail server. Not for several threads at once."""

    def __init__(
        self,
        url: str,
        *,
        sender: str = "Rollcall <rollcall@localhost>",
        timeout: float = TIMEOUT,
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._server = parse_url(url)
        self._sender = sender
        self._timeout = timeout
        self._context = context
        self._connection: smtplib.SMTP | None = None

    def send(self, parcel: Parcel) -> None:
        """Hands one letter over.

        Raises Unreachable, TemporaryFailure (4xx), PermanentFailure (5xx), or UncertainFailure where the
        connection was lost after the letter's text began to leave.
        """
        message = build_message(parcel, self._sender)
        connection = self._connected()
        options, content = self._encoding(connection, parcel, message)
        try:
            self._step(lambda: connection.mail(parseaddr(self._sender)[1], options), good=(250,))
            self._step(lambda: connection.rcpt(parcel.to_address), good=(250, 251))
            self._hand_over(connection, content)
        except (TemporaryFailure, PermanentFailure):
            self._reset()
            raise

    def _hand_over(self, connection: smtplib.SMTP, content: bytes) -> None:
        """The letter's text; once it begins to leave, nobody can know its fate if the line is lost."""
        self._step(lambda: connection.docmd("DATA"), good=(354,))
        try:
            connection.send(_LEADING_DOT.sub(b"..", content) + b".\r\n")
            code, reply = connection.getreply()
        except (*_LOST, smtplib.SMTPResponseException) as error:
            self.close()
            raise UncertainFailure(f"The connection was lost while the letter was handed over: {error}") from error
        if code != 250:
            self._judge(code, reply)

    def _step(self, command: Callable[[], tuple[int, bytes]], *, good: tuple[int, ...]) -> None:
        """One command before the text of the letter: the letter has certainly not been taken yet."""
        try:
            code, reply = command()
        except _LOST as error:
            self.close()
            raise TemporaryFailure(f"The mail server ended the connection: {error}") from error
        if code not in good:
            self._judge(code, reply)

    @staticmethod
    def _judge(code: int, reply: bytes | str) -> None:
        words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        text = f"{code} {' '.join(words.split())}"[:500]
        if 500 <= code < 600:
            raise PermanentFailure(f"The mail server refused it: {text}")
        raise TemporaryFailure(f"The mail server asks to try later: {text}")

    @staticmethod
    def _encoding(connection: smtplib.SMTP, parcel: Parcel, message: EmailMessage) -> tuple[list[str], bytes]:
        """ASCII on the wire; UTF-8 headers only for an address that needs them (RFC 6531)."""
        if parcel.to_address.isascii():
            return [], message.as_bytes(policy=SMTP)
        if not connection.has_extn("smtputf8"):
            raise PermanentFailure("The mail server cannot take an address with letters outside ASCII.")
        return ["SMTPUTF8", "BODY=8BITMIME"], message.as_bytes(policy=SMTP.clone(utf8=True))

    def _connected(self) -> smtplib.SMTP:
        """The open connection, or a new one. Whatever fails here concerns the server, never the letter."""
        if self._connection is not None:
            try:
                if self._connection.noop()[0] == 250:
                    return self._connection
            except _LOST:
                pass
            self.close()
        try:
            self._connection = self._connect()
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Unreachable(f"The mail server {self._server.host} cannot be used now: {error}"[:500]) from error
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        context = self._context or ssl.create_default_context()
        connection: smtplib.SMTP
        if server.scheme == "smtps":
            connection = smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=context)
        else:
            connection = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        try:
            if server.scheme == "smtp+starttls":
                connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
            if server.user is not None:
                connection.login(server.user, server.password or "")
        except BaseException:
            connection.close()
            raise
        return connection

    def _reset(self) -> None:
        """Clears a half-done letter, so that the next one starts clean."""
        if self._connection is None:
            return
        try:
            self._connection.rset()
        except _LOST:
            self.close()

    def close(self) -> None:
        """Ends the connection politely, or just drops it."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if connection.sock is not None:
                connection.sock.settimeout(min(self._timeout, 5.0))
            connection.quit()
        except (smtplib.SMTPException, OSError):
            connection.close()
