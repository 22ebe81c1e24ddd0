"""The components of ``templates/components``: every page finds them under one name each, without importing them.

An import costs Jinja about a hundred calls whenever a page is drawn, and a page has five or more. Macros that make
the same of the same arguments, wherever they stand (``ONCE``), are drawn once in a process for each of them.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from threading import Lock
from typing import Any

from flask import Flask, request, url_for
from flask.sansio.app import App
from jinja2 import Environment

NAMES = {
    "cards": "cards",
    "clause": "clause",
    "facts": "facts",
    "fields": "fields",
    "page": "page",
    "player": "scenario",
    "progress": "progress",
    "questions": "question",
    "status": "status",
    "table": "table",
}
"""The name on a page, and the file."""
ONCE: Mapping[str, Collection[str]] = {"cards": {"choice_radio"}, "fields": {"submit"}, "status": {"icon", "status"}}
"""Of a file, the macros that are the same wherever they stand."""
KEPT = 4096
"""How many drawn pieces of each kind a process keeps, the last used ones."""

Draw = Callable[..., Any]


def once(draw: Draw) -> Draw:
    """``draw``, called once for each set of its arguments; the prefix of the addresses counts as one of them."""

    @lru_cache(maxsize=KEPT, typed=True)
    def kept(_prefix: str, *args: Any, **named: Any) -> Any:
        return draw(*args, **named)

    def drawn(*args: Any, **named: Any) -> Any:
        return kept(request.root_path, *args, **named)

    return drawn


class Kept:
    """Pieces of pages that are the same whenever their key is the same, say of a published question; the last used."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: OrderedDict[tuple[object, ...], Any] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[object, ...], draw: Draw) -> Any:
        """The piece of this key, drawn where it is not kept; the prefix of the addresses is part of the key."""
        key = (request.root_path, *key)
        with self._lock:
            piece = self._pieces.get(key)
            if piece is not None:
                self._pieces.move_to_end(key)
                return piece
        piece = draw()
        with self._lock:
            self._pieces[key] = piece
            if len(self._pieces) > self._limit:
                self._pieces.popitem(last=False)
        return piece


class Component:
    """The macros of one file, which is read when a page first asks for one; those of ``kept`` are drawn once."""

    def __init__(self, environment: Environment, file: str, kept: Collection[str] = ()) -> None:
        self._environment, self._file, self._once = environment, file, kept

    def __getattr__(self, macro: str) -> Any:
        """The macro. Raises AttributeError, of which a strict page makes an error of its own."""
        if macro.startswith("_"):
            raise AttributeError(macro)
        found = getattr(self._environment.get_template(self._file).module, macro)
        if self._environment.auto_reload:
            return found
        ready = once(found) if macro in self._once else found
        setattr(self, macro, ready)
        return ready


def init_app(app: Flask) -> None:
    """Gives every page the components, ``icon``, and ``asset``: the address of a static file."""
    components = {
        name: Component(app.jinja_env, f"components/{file}.html", ONCE.get(file, ())) for name, file in NAMES.items()
    }

    def icon(name: str, label: str | None = None) -> Any:
        return components["status"].icon(name, label)

    app.jinja_env.globals.update(components, icon=icon, asset=once(_asset))


def add(app: App, name: str, file: str) -> None:
    """Gives every page the macros of one more file, which a feature shares among its own pages, under a name."""
    app.jinja_env.globals[name] = Component(app.jinja_env, file)


def _asset(filename: str) -> str:
    return url_for("static", filename=filename)
