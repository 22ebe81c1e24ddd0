"""A group of commands that are imported when they are called, and the one place where a refusal becomes exit code 1."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from importlib import import_module
from typing import Any

import click

from config import SettingsError
from lms.errors import RollcallError


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command is (``module:attribute``), and its line in the help.

    ``in_app`` names the sub-commands that need the application, or is True for all of them; a command that opens
    it itself says nothing here.
    """

    target: str
    summary: str
    in_app: bool | frozenset[str] = False


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of ``lms --help`` with its commands."""

    title: str
    commands: dict[str, Place]


class LazyGroup(click.Group):
    """Knows its commands by name, and imports one when it is called."""

    def __init__(self, *args: Any, sections: Sequence[Section] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = tuple(sections)
        self._places = {name: place for section in sections for name, place in section.commands.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in the order of the help."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Imports one command."""
        place = self._places.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.target.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return _with_app(command, place.in_app) if place.in_app else command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Writes one block for each section, from the table alone."""
        for section in self.sections:
            with formatter.section(section.title):
                formatter.write_dl([(name, place.summary) for name, place in section.commands.items()])

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; a refusal is printed in its own words, without a traceback."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            reasons = _refusal(error)
            if reasons is None:
                raise
            click.echo("\n".join(reasons), err=True)
            return ctx.exit(1)


def _refusal(error: Exception) -> list[str] | None:
    """What to print for an error that people can act on; None for a fault of the program."""
    if isinstance(error, RollcallError):
        return [*(str(fault) for fault in getattr(error, "faults", ())), error.message]
    if isinstance(error, SettingsError):
        return [str(error)]
    if type(error).__module__.startswith("sqlalchemy") and hasattr(error, "orig"):
        return [f"The database refused: {error.orig}", "Run “lms doctor” to see what is wrong."]
    return None


def _with_app(command: click.Command, wanted: bool | frozenset[str]) -> click.Command:
    """A copy of a feature's command that runs inside the application."""
    made = copy.copy(command)
    if isinstance(made, click.Group):
        made.commands = {
            name: _with_app(inner, True) if wanted is True or (wanted and name in wanted) else inner
            for name, inner in made.commands.items()
        }
    elif made.callback is not None:
        made.callback = _in_app(made.callback)
    return made


def _in_app(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def run(*args: Any, **kwargs: Any) -> Any:
        from lms.cli.apps import open_app

        with open_app():
            return callback(*args, **kwargs)

    return run
