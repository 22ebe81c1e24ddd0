"""``lms content``: the catalog's commands, and the workshop's preview beside them."""

from __future__ import annotations

from lms.catalog.cli import content
from lms.workshop.cli import serve

content.add_command(serve)

__all__ = ["content"]
