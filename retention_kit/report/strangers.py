"""What no report wrote and would be overwritten: a run that meets any of it is refused before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from retention_kit.errors import ConfigError, join_faults
from retention_kit.report import archive, lock, place

__all__ = ["refuse"]


def refuse(output: Path, months: Sequence[str]) -> None:
    """Raise where something that no report wrote stands in the place of a month, of the archive or of the lock.

    Raises
    ------
    ConfigError
        All of it at once. Nothing was changed.
    """
    faults = [*place.faults(output, months), *archive.faults(output), *lock.faults(output)]
    if faults:
        raise ConfigError(join_faults(faults))
