"""One hierarchy of errors that people can act on.

An action raises one of these with a sentence that says what happened and what to do. ``lms.web.errors`` turns
each into a field error or the right HTTP status; ``lms.cli`` turns each into exit code 1 with the sentence.
"""

from __future__ import annotations


class RollcallError(Exception):
    """A refusal in plain words. ``field`` names the form field that it belongs to, if one does."""

    status = 400

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class NotFound(RollcallError):
    """There is no such thing, or not for this person."""

    status = 404


class NotAllowed(RollcallError):
    """The person may not do this."""

    status = 403


class Invalid(RollcallError):
    """The input cannot be used as it is."""

    status = 422


class Conflict(RollcallError):
    """The state has moved on, so the request no longer fits it."""

    status = 409


class Stale(Conflict):
    """What was shown is no longer the current version; the person must see the new one first."""


class IntegrityFault(RollcallError):
    """Stored evidence or published content is not what was recorded. Nothing is shown from it."""

    status = 500
