"""Letters to send, and a mail server that can be told how to answer."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from lms.db import db
from lms.notify.actions import enqueue
from lms.notify.models import OutboxMessage


class MailServer:
    """A handler of aiosmtpd. ``answers`` are given to the letters in turn; then every letter is taken."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.rcpt_answers: list[str] = []
        self.data_answers: list[str] = []
        self.connections = 0
        self.address = ""

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt_answers:
            return self.rcpt_answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.data_answers.pop(0) if self.data_answers else "250 OK"
        if answer.startswith("250") or answer == "drop":
            self.taken.append(envelope)
        if answer == "drop":
            assert server.transport is not None
            server.transport.close()
            await asyncio.sleep(0.01)
        return answer


@contextmanager
def serving(handler: MailServer, context: ssl.SSLContext | None = None, **options: Any) -> Iterator[int]:
    """Runs a mail server on a free port of this machine, in a thread of its own."""
    loop = asyncio.new_event_loop()

    async def begin() -> asyncio.Server:
        return await loop.create_server(
            lambda: SMTP(handler, hostname="mail.test", loop=loop, **options), "127.0.0.1", 0, ssl=context
        )

    async def finish() -> None:
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(begin(), loop).result(5)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(finish(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server that takes every letter until it is told otherwise."""
    handler = MailServer()
    with serving(handler, enable_SMTPUTF8=True) as port:
        handler.address = f"smtp://127.0.0.1:{port}"
        yield handler


@pytest.fixture
def letter(app: Flask) -> Callable[..., OutboxMessage]:
    """Puts a letter into the outbox and commits it."""

    def put(key: str = "one", **given: Any) -> OutboxMessage:
        values: dict[str, Any] = {
            "person_id": None,
            "to_address": f"{key}@portland.test",
            "topic": "assignment",
            "topic_id": 1,
            "stage": "opens",
            "subject": "Your training is open",
            "body_text": "Hello\n\nPlease begin.\n",
            "dedupe_key": key,
        }
        message = enqueue(**{**values, **given})
        assert message is not None
        db.session.commit()
        return message

    return put
