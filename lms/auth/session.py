"""The signed-in person behind each request: flask-login over sessions that can be revoked.

The signed cookie carries a random token and nothing else of the person. The session row decides: signing out,
running out or separation ends it, and a copied cookie is refused from then on (flask-login alone would accept
it).
"""

from __future__ import annotations

from typing import cast

from flask import Flask
from flask import session as cookie
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user, login_user, logout_user

from config import Settings
from lms import clock
from lms.auth import codes, passwords
from lms.auth.limits import limiter
from lms.auth.queries import Visitor, find_visitor
from lms.roster.models import Person
from lms.roster.permissions import permissions_of
from lms.roster.queries import get_person
from lms.web.context import EXTENSION, today


class SignedIn(UserMixin):
    """A person with a live session. What pages show is copied, so that a rollback does not empty it."""

    def __init__(self, visitor: Visitor, token: str) -> None:
        self.person_id = visitor.person_id
        self.roles = visitor.roles
        self.permissions = permissions_of(visitor.roles)
        self.session_id = visitor.session_id
        self.full_name = visitor.full_name
        self.badge = visitor.badge
        self._token = token

    @property
    def person(self) -> Person:
        """The person with the unit; asked for only by pages that need more than the name."""
        return get_person(self.person_id)

    def get_id(self) -> str:
        """The session's token, which is all that the cookie holds."""
        return self._token


class Nobody(AnonymousUserMixin):
    """A visitor who has not signed in."""

    person = None
    person_id = None
    roles: frozenset[str] = frozenset()
    permissions: frozenset[str] = frozenset()
    session_id = None
    full_name = ""
    badge = ""


def init_app(app: Flask) -> None:
    """Sets up the user loader, the limit on guesses and the password costs. Needs the app's settings bound."""
    settings: Settings = app.extensions[EXTENSION]
    manager = LoginManager()
    manager.session_protection = None
    manager.login_view = "auth.sign_in"
    manager.login_message = None
    manager.anonymous_user = Nobody

    def load(token: str) -> SignedIn | None:
        visitor = find_visitor(token, now=clock.now(), today=clock.today(settings.timezone))
        return None if visitor is None else SignedIn(visitor, token)

    manager.user_loader(load)
    manager.init_app(app)
    limiter.init_app(app)
    passwords.bind(app, settings)
    codes.bind(app, settings)


def begin(token: str) -> SignedIn:
    """Gives the browser the cookie of the session that ``lms.auth.actions.sign_in`` opened.

    Everything that the browser held before is dropped first, so that a planted cookie gains nothing.
    """
    visitor = find_visitor(token, now=clock.now(), today=today())
    if visitor is None:
        raise LookupError("The session that was just opened is not there.")
    user = SignedIn(visitor, token)
    cookie.clear()
    login_user(user)
    return user


def end() -> None:
    """Empties the browser's cookie. Revoke the session too: a copy of the cookie may be elsewhere."""
    logout_user()
    cookie.clear()


def current_session_id() -> int:
    """The session row of this request. Only for views behind ``access``."""
    return cast(int, current_user.session_id)
