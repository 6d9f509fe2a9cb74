"""What can go wrong, in three words: the data, the fit, or the request.

A result that is wrong raises; one that is doubtful warns with `RetentionKitWarning`.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["ConfigError", "DataError", "FitError", "RetentionKitWarning", "join_faults"]


class DataError(ValueError):
    """The data cannot be read or contradict themselves; the message says what to repair."""


class ConfigError(ValueError):
    """A request cannot be carried out as written: unknown parameter, unknown notebook, wrong type."""


class FitError(RuntimeError):
    """A model could not be fitted; the message says why and what to try."""


class RetentionKitWarning(UserWarning):
    """A result that stands but needs a second look."""


def join_faults(faults: Sequence[str]) -> str:
    """All faults as one message: a single fault as it is, several numbered in one line.

    Examples
    --------
    >>> join_faults(["no column amount", "no rows"])
    '2 faults: (1) no column amount; (2) no rows'
    """
    if len(faults) == 1:
        return faults[0]
    numbered = "; ".join(f"({i}) {fault}" for i, fault in enumerate(faults, start=1))
    return f"{len(faults)} faults: {numbered}"
