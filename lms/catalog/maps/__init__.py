"""Maps: a scenario drawn as rooms and the ways between them.

``plan`` says which rooms and ways there are, ``order`` and ``place`` where they stand (a layered drawing after
Sugiyama, Tagawa and Toda, 1981), ``words`` how text fits, and ``svg`` writes it down. All of it is pure: the same
scenario gives the same bytes on every machine.
"""

from __future__ import annotations

from lms.catalog.maps.svg import RATINGS, STYLE, draw_scenario

__all__ = ["RATINGS", "STYLE", "draw_scenario"]
