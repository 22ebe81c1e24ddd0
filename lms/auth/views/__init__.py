"""The pages of sign-in, of one's own account, and of the accounts desk."""

from __future__ import annotations

from lms.auth.views import accounts, changes, own, sign_in, ways
from lms.auth.views.blueprint import bp

__all__ = ["accounts", "bp", "changes", "own", "sign_in", "ways"]
