"""The floor: what a bare Flask 3 and SQLAlchemy program does on this machine, under the same gunicorn settings.

A GET with a session check, three indexed queries and a 20 KB template; a POST with the same check that inserts an
attempt of ten answers and commits. SQLite runs in WAL with full synchronization, PostgreSQL as it is.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from datetime import UTC, datetime
from typing import Any

from flask import Flask, redirect, render_template, request, session
from jinja2 import DictLoader
from sqlalchemy import Engine, ForeignKey, String, create_engine, event, insert, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, scoped_session, sessionmaker
from werkzeug.wrappers import Response

PEOPLE = 2000
TASKS = 3
ANSWERS = 10
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ person.name }}</title></head><body>
<nav>{% for place in places %}<a href="{{ place[0] }}">{{ place[1] }}</a>{% endfor %}</nav>
<h1>{{ person.name }}</h1>
{% for task in tasks %}<section><h2>{{ task.title }}</h2><dl>
<dt>Due</dt><dd>{{ task.due }}</dd>
<dt>State</dt><dd>{{ "done" if task.done else "open" }}</dd></dl></section>{% endfor %}
<table>{% for row in rows %}<tr class="{{ loop.cycle('odd', 'even') }}"><th>{{ loop.index }}</th>
<td>{{ row.title }}</td><td><a href="/rows/{{ row.id }}">{{ row.note }}</a></td>
<td>{{ person.name }}</td></tr>{% endfor %}</table>
<p>{{ words }}</p>
</body></html>
"""
WORDS = "The quick brown fox jumps over the lazy dog and writes it down in the log of the day. " * 155


class Base(DeclarativeBase):
    """Base of the tables."""


class Member(Base):
    """A person."""

    __tablename__ = "member"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))


class Login(Base):
    """A signed-in browser."""

    __tablename__ = "login"
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    member: Mapped[Member] = relationship()


class Task(Base):
    """Something to do."""

    __tablename__ = "task"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    title: Mapped[str] = mapped_column(String(80))
    due: Mapped[str] = mapped_column(String(10))
    done: Mapped[bool]


class Line(Base):
    """A line of the table on the page."""

    __tablename__ = "line"
    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    title: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(80))


class Sitting(Base):
    """An attempt."""

    __tablename__ = "sitting"
    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    at: Mapped[datetime]


class Reply(Base):
    """An answer of an attempt."""

    __tablename__ = "reply"
    id: Mapped[int] = mapped_column(primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sitting.id"), index=True)
    place: Mapped[int]
    choice: Mapped[str] = mapped_column(String(20))


def make_engine(url: str) -> Engine:
    """The engine, with SQLite set up as ours is."""
    engine = create_engine(url, pool_size=5, max_overflow=5)

    @event.listens_for(engine, "connect")
    def _durable(connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=20000"):
                connection.execute(f"PRAGMA {pragma}")

    return engine


def seed(url: str) -> None:
    """Tables and people. The tokens of their browsers are ``t1`` to ``t2000``."""
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    numbers = range(1, PEOPLE + 1)
    with engine.begin() as connection:
        connection.execute(insert(Member), [{"id": n, "name": f"Officer {n}"} for n in numbers])
        connection.execute(insert(Login), [{"id": n, "token": f"t{n}", "member_id": n} for n in numbers])
        tasks = [(n, part) for n in numbers for part in range(TASKS)]
        rows = [
            {"id": place, "member_id": n, "title": f"Training {part}", "due": "2026-12-31", "done": part > 0}
            for place, (n, part) in enumerate(tasks, start=1)
        ]
        connection.execute(insert(Task), rows)
        lines = [
            {"task_id": row["id"], "title": f"Step {part} of the way", "note": f"Note {part} on task {row['id']}"}
            for row in rows
            for part in range(16)
        ]
        connection.execute(insert(Line), lines)
    with engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()
    engine.dispose()


def make_app() -> Flask:
    """The program, on the database that ``BENCH_FLOOR_DATABASE`` names."""
    app = Flask("floor")
    app.secret_key = secrets.token_hex(16)
    app.jinja_loader = DictLoader({"page.html": PAGE})
    engine = make_engine(os.environ["BENCH_FLOOR_DATABASE"])
    store: scoped_session[Session] = scoped_session(sessionmaker(engine))

    @app.teardown_appcontext
    def _close(_error: BaseException | None) -> None:
        store.remove()

    def visitor() -> Member | None:
        found = store.scalar(select(Login).where(Login.token == session.get("token", "")))
        return None if found is None else store.get(Member, found.member_id)

    @app.get("/in/<token>")
    def enter(token: str) -> Response:
        session["token"] = token
        return redirect("/")

    @app.get("/")
    def page() -> str | tuple[str, int]:
        person = visitor()
        if person is None:
            return "no", 403
        tasks = store.scalars(select(Task).where(Task.member_id == person.id).order_by(Task.id)).all()
        rows = store.scalars(select(Line).where(Line.task_id.in_([task.id for task in tasks]))).all()
        places = [("/", "Home"), ("/record", "My record"), ("/policy", "Policy")]
        return render_template("page.html", person=person, tasks=tasks, rows=rows, places=places, words=WORDS)

    @app.post("/attempts")
    def save() -> Response | tuple[str, int]:
        person = visitor()
        if person is None:
            return "no", 403
        sitting = Sitting(member_id=person.id, at=datetime.now(UTC).replace(tzinfo=None))
        store.add(sitting)
        store.flush()
        choices = [request.form[f"choice{n}"] for n in range(ANSWERS)]
        store.add_all(Reply(sitting_id=sitting.id, place=n, choice=choice) for n, choice in enumerate(choices))
        store.commit()
        return "saved", 201

    return app
