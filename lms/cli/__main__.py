"""``python -m lms.cli``: how one command starts another."""

from __future__ import annotations

from lms.cli import main

if __name__ == "__main__":
    main(prog_name="lms")
