"""Errors and warnings: of the data, of a fit, or of a request.

A wrong result raises an error; a doubtful result causes a `RetentionKitWarning`. Messages advise arguments in the
notation of Python, ``pass day_first=True``; the module `advice` converts them for the command and for report.toml.
"""

from __future__ import annotations

import contextlib
import inspect
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any


class DataError(ValueError):
    """The data cannot be read or are contradictory; the message says what to repair."""


class NoRowsError(DataError):
    """A source has headers and no rows."""


class SourcesError(DataError):
    """Several sources were read and some of them cannot be used; `faults` has the fault of each table.

    Examples
    --------
    >>> print(SourcesError({"orders": "orders.csv is empty"}))
    orders.csv is empty
    """

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(join_faults(list(faults.values())))
        self.faults = dict(faults)


class ConfigError(ValueError):
    """A request cannot be carried out as written: unknown parameter, unknown notebook, wrong type."""


class MissingExtraError(ConfigError, ImportError):
    """A part of the toolkit was requested whose packages are not installed; the message says what to install."""


class FitError(RuntimeError):
    """A model could not be fitted; the message says why and what to try."""


class RetentionKitWarning(UserWarning):
    """A warning about a result that may be correct but needs to be checked."""


def caution(message: str) -> None:
    """Warn with `RetentionKitWarning`, at the line that called the package.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as notes:
    ...     caution("Only 12 answers.")
    >>> str(notes[0].message)
    'Only 12 answers.'
    """
    frame, level = inspect.currentframe(), 0
    while frame is not None and frame.f_globals.get("__name__", "").startswith("retention_kit"):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, RetentionKitWarning, stacklevel=level + 1)


@contextlib.contextmanager
def one_line_warnings(spelled: Callable[[str], str] = str) -> Iterator[None]:
    """Show `RetentionKitWarning` as one line each, for a command: without a path of the machine or a line of code.

    `spelled` converts a message for display. Warnings of other libraries are shown as before.

    Examples
    --------
    >>> with one_line_warnings():
    ...     caution("Only 12 answers.")  # stderr: retention-kit: Only 12 answers.
    """
    before = warnings.showwarning

    def show(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if not issubclass(category, RetentionKitWarning):
            before(message, category, *where, **more)
            return
        from tqdm import tqdm  # writes the line above the progress bar, not into it

        tqdm.write(f"retention-kit: {' '.join(spelled(str(message)).split())}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.showwarning = show
        yield


def join_faults(faults: Sequence[str]) -> str:
    """All faults as one message: a single fault unchanged, several faults numbered in one line.

    Examples
    --------
    >>> join_faults(["no column amount", "no rows"])
    '2 faults: (1) no column amount; (2) no rows'
    """
    if len(faults) == 1:
        return faults[0]
    numbered = "; ".join(f"({i}) {fault}" for i, fault in enumerate(faults, start=1))
    return f"{len(faults)} faults: {numbered}"
