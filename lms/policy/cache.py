"""What an immutable version holds, read once in a process.

A version never changes, so its content may be kept by its id. Two dangers are met here: two applications in one
process have each their own database, so that the cache belongs to the engine; and a version that is published
but not yet committed may be rolled back, after which another one can get its id, so that such a version is not
kept until its transaction has been committed.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from lms.db import db

UNCOMMITTED = "rollcall.uncommitted_versions"

Content = TypeVar("Content")


class VersionCache(Generic[Content]):
    """Keeps the content of the ``limit`` versions that were read last, for each engine."""

    def __init__(self, name: str, limit: int = 16) -> None:
        self._name = name
        self._limit = limit
        self._kept: WeakKeyDictionary[Engine, dict[int, Content]] = WeakKeyDictionary()
        self._lock = Lock()

    def get(self, version_id: int, load: Callable[[int], Content]) -> Content:
        """The kept content, or what ``load`` gives, which is kept from now on."""
        with self._lock:
            kept = self._kept.setdefault(db.engine, {})
            if version_id in kept:
                kept[version_id] = content = kept.pop(version_id)
                return content
        content = load(version_id)
        if (self._name, version_id) not in db.session.info.get(UNCOMMITTED, ()):
            with self._lock:
                kept[version_id] = content
                while len(kept) > self._limit:
                    kept.pop(next(iter(kept)))
        return content

    def hold_back(self, version_id: int) -> None:
        """Keeps nothing of this version until the current transaction has been committed."""
        db.session.info.setdefault(UNCOMMITTED, set()).add((self._name, version_id))


@event.listens_for(Session, "after_commit")
def _release(session: Any) -> None:
    """A committed version may be kept; the release of a savepoint commits nothing."""
    if not session.in_nested_transaction():
        session.info.pop(UNCOMMITTED, None)
