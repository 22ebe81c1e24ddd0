"""Who may open an endpoint: every view says so with one decorator, and the app refuses to start without it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

from flask import Flask, current_app, g
from flask_login import current_user
from werkzeug.wrappers import Response

from lms.errors import NotAllowed
from lms.roster.models import Person
from lms.roster.permissions import PERMISSIONS

View = TypeVar("View", bound=Callable[..., Any])
PUBLIC = "public"


class SignedInPerson(Protocol):
    """What the user loader of ``lms.auth`` puts behind ``current_user``."""

    person: Person
    person_id: int
    roles: frozenset[str]
    permissions: frozenset[str]


def visitor() -> Any:
    """Whoever sent the request, signed in or not.

    flask-login keeps the person it loaded here; its own ``current_user`` looks that up anew at every attribute,
    which is a sixth of a page's time.
    """
    known = getattr(g, "_login_user", None)
    return current_user._get_current_object() if known is None else known


def public(view: View) -> View:
    """Marks a view that anybody may open, signed in or not."""
    view.permission = PUBLIC  # type: ignore[attr-defined]
    return view


def access(permission: str) -> Callable[[View], View]:
    """Lets only people with ``permission`` (of ``lms.roster.permissions``) open the view."""
    if permission not in PERMISSIONS:
        raise ValueError(f"{permission!r} is not in the table of permissions.")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            asking = visitor()
            if not asking.is_authenticated:
                return cast(Response, current_app.login_manager.unauthorized())  # type: ignore[attr-defined]
            if permission not in asking.permissions:
                raise NotAllowed("Your account may not open this page. If you need it, ask an administrator.")
            return view(*args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return cast(View, guarded)

    return decorate


def current_person() -> Person:
    """The signed-in person, with their unit loaded. Only for views behind ``access``."""
    return cast(SignedInPerson, visitor()).person


def current_person_id() -> int:
    """The signed-in person's id, without asking the database again."""
    return cast(SignedInPerson, visitor()).person_id


def can(permission: str) -> bool:
    """Whether the visitor holds ``permission``; for templates."""
    if permission not in PERMISSIONS:
        raise ValueError(f"{permission!r} is not in the table of permissions.")
    return permission in visitor().permissions


def require_declared(app: Flask) -> None:
    """Refuses to start an app in which an endpoint does not say who may open it."""
    silent = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint.rsplit(".", 1)[-1] != "static" and not hasattr(app.view_functions[rule.endpoint], "permission")
    ]
    if silent:
        raise RuntimeError(f"These endpoints do not say who may open them: {', '.join(sorted(set(silent)))}")
