"""The sign-ins of the cast: passwords at full cost, and the file that tells them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from config import Settings

if TYPE_CHECKING:
    from flask import Flask

    from lms.demo.office import Office

_WORDS = """
anchor bramble canyon drizzle ember fathom gravel harbor island juniper kettle lantern meadow nickel orchard
pebble quarry ripple saddle thicket umbrella velvet walnut yonder zephyr copper ferry granite lobster maple
"""
WORDS = tuple(_WORDS.split())
FILE = "demo-accounts.json"


@dataclass(frozen=True, slots=True)
class Account:
    """One sign-in that is printed."""

    role: str
    email: str
    password: str
    name: str
    shows: str


def open_accounts(app: Flask, settings: Settings, office: Office) -> list[Account]:
    """Sets the cast's passwords with the hashing that the pages use; everybody else keeps one that nobody knows."""
    from lms.auth import passwords
    from lms.auth.actions import set_password
    from lms.db import db

    passwords.bind(app, settings)
    accounts = []
    for member in office.members:
        if member.part is None:
            continue
        password = password_for(office.seed, member.part.role)
        person = office.person(member)
        set_password(person, password, by=None, department=settings.department)
        accounts.append(Account(member.part.role, person.email, password, person.full_name, member.part.shows))
    db.session.commit()
    order = [member.part.role for member in sorted(office.members, key=lambda m: m.number) if member.part is not None]
    return sorted(accounts, key=lambda account: order.index(account.role))


def password_for(seed: int, role: str) -> str:
    """Three words and a number; always the same for a role, so that notes on the demonstration stay true."""
    random = Random(f"{seed}:{role}:password")  # noqa: S311
    return f"{'-'.join(random.sample(WORDS, 3))}-{random.randrange(10, 100)}"


def accounts_text(accounts: list[Account]) -> str:
    """The content of ``demo-accounts.json``."""
    return json.dumps([asdict(account) for account in accounts], indent=2, ensure_ascii=False) + "\n"


def read_accounts(folder: Path) -> list[Account]:
    """The accounts of a prepared folder."""
    return [Account(**row) for row in json.loads((folder / FILE).read_text(encoding="utf-8"))]
