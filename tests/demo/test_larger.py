"""A department of forty over two years: every fate leaves its trace."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from lms import create_app
from lms.assessment.queries import list_waiting_conversations
from lms.attestation.queries import list_questions
from lms.db import db
from lms.demo.prepare import prepare
from lms.ledger.verify import snapshot, verify_log
from lms.notify.queries import MessageFilter, count_messages
from lms.notify.rules import State as LetterState
from lms.roster.models import Person
from lms.training.models import Assignment
from lms.training.queries import state_expression
from tests.demo.conftest import NOW
from tests.demo.test_prepared import TODAY


@pytest.mark.slow
def test_every_fate_leaves_its_trace(tmp_path: Path) -> None:
    prepared = prepare(tmp_path / "demo", lambda _: None, people=48, years=2, now=NOW)
    app = create_app(prepared.settings)
    with app.app_context():
        states = set(db.session.scalars(select(state_expression(TODAY)).select_from(Assignment)))
        assert {
            "completed", "declined", "awaiting_witnesses", "due_soon", "overdue", "on_leave", "waived",
        } <= states  # fmt: skip
        assert len(list_waiting_conversations()) == 1
        assert len(list_questions(answered=False)) >= 1
        assert db.session.scalar(select(Person.id).where(Person.rehired_on.is_not(None))) is not None
        assert db.session.scalar(select(Person.id).where(Person.former_names != "")) is not None
        assert count_messages(MessageFilter(state=LetterState.SENT)) == len(list((tmp_path / "demo/mail").iterdir()))
        with snapshot():
            assert list(verify_log()) == []
        db.session.remove()
        db.engine.dispose()
