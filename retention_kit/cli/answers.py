"""Shared by all commands: errors as one line, with advice for the command line or for report.toml."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

import click

from retention_kit.advice import COMMAND, Place, said
from retention_kit.errors import ConfigError, DataError, SourcesError, join_faults, one_line_warnings

REFUSED = 2
"""Exit status for a request or data that cannot be used; nothing was written."""


def one_line_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return one_line_warnings(spelled)(command)(*args, **kwargs)
        except SourcesError as error:
            faults = [said(fault, _reader(), table) for table, fault in error.faults.items()]
            _refuse(join_faults(faults))
        except (ConfigError, DataError, OSError) as error:
            _refuse(spelled(str(error)))

    return wrapped


def _refuse(message: str) -> NoReturn:
    click.echo(f"retention-kit: {' '.join(message.split())}", err=True)
    sys.exit(REFUSED)


def spelled(message: str, table: str = "orders") -> str:
    """A message with its advice in the notation that the reader uses."""
    return said(message, _reader(), table)


def _reader() -> Place:
    """The notation of the reader: report.toml if the request came from one, otherwise the command line."""
    noted = click.get_current_context().obj
    return noted if isinstance(noted, Place) else COMMAND


def pairs(values: tuple[str, ...], option: str) -> dict[str, str]:
    """Names and values, from NAME=VALUE."""
    wrong = [value for value in values if "=" not in value]
    if wrong:
        raise ConfigError(f"{option} needs NAME=VALUE; got {', '.join(wrong)}.")
    return dict(value.split("=", 1) for value in values)
