"""A month's folder is put in place when it is whole: at every moment the old one or the new one is there."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

__all__ = ["building", "put", "recover"]

_MONTH: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]"
_OLD: Final = "-old"
_HERE: Final = -100
_EXCHANGE: Final = 2


@contextmanager
def building(output: Path, month: str) -> Iterator[Path]:
    """A private folder to build a month in; what is still there at the end is removed."""
    built = Path(tempfile.mkdtemp(prefix=f".{month}-", dir=output))
    try:
        built.chmod(0o755)
        yield built
    finally:
        shutil.rmtree(built, ignore_errors=True)


def put(built: Path, place: Path) -> None:
    """Move a whole folder to its place; the one that was there goes."""
    if not place.exists():
        built.rename(place)
    elif not _exchanged(built, place):
        old = place.with_name(f".{place.name}{_OLD}")
        shutil.rmtree(old, ignore_errors=True)
        place.rename(old)
        built.rename(place)  # a run that is killed between the two lines leaves the old one to `recover`
        built = old
    shutil.rmtree(built, ignore_errors=True)


def _exchanged(one: Path, other: Path) -> bool:
    """Whether the two could change places in one step, which Linux offers on most file systems."""
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "renameat2"):
        return False
    return library.renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0


def recover(output: Path) -> None:
    """Tidy up after runs that were killed: put an old month back that has no successor, remove what is half-made."""
    for old in output.glob(f".{_MONTH}{_OLD}"):
        place = output / old.name.removeprefix(".").removesuffix(_OLD)
        if not place.exists():
            old.rename(place)
    for left in [*output.glob(f".{_MONTH}-*"), *output.glob(".run-*")]:
        shutil.rmtree(left, ignore_errors=True)
