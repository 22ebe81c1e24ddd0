"""How long a look lasts."""

from __future__ import annotations

from datetime import timedelta

LOOK_LASTS = timedelta(hours=8)
"""A look opens a person's pages for one working shift; then the purpose is asked again."""
