"""The private folder of a run: copies of the data, files of kernels, months that are being built or replaced.

It carries a mark of ours, by which the next run knows what a killed one left; folders without it are the user's.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from retention_kit.report.output import publish

__all__ = ["MARK", "building", "for_kernels", "recover", "replaced", "working"]

MARK: Final = ".retention-kit"
"""Name of the file that makes a folder ours."""
_CONTENT: Final = "This folder belongs to one run of retention-kit; the next run removes it.\n"
_PREFIX: Final = ".run-"
_TEMPORARY: Final = re.compile(re.escape(_PREFIX) + "[a-z0-9_]{8}")
"""Names that `tempfile.mkdtemp` gives."""
_REPLACED: Final = "replaced"
"""In a run's folder: months that are about to be replaced, or have just been."""
_KERNELS: Final = "kernels"
_LONGEST: Final = 80
"""Bytes of a folder's path in which a socket can still have a name: the system takes 107 in all, macOS 103."""
_TRIES: Final = 20
_PAUSE: Final = 0.05
"""Seconds between two tries to remove a folder in which a process that is ending still writes."""


@contextmanager
def working(output: Path) -> Iterator[Path]:
    """A private folder for the time of a run, with the mark that lets the next run remove what a killed one left.

    Returns
    -------
    context manager
        Gives the folder, mode 0700.
    """
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=output)).resolve()
    try:
        (folder / MARK).write_text(_CONTENT, encoding="ascii")
        yield folder
    finally:
        try:
            _tidy(folder, output)
        except KeyboardInterrupt:  # what is private goes first
            _tidy(folder, output)
            raise


def for_kernels(working: Path) -> Path:
    """A new folder for the files through which kernels are spoken to; it goes with the run's folder.

    It is inside that one, or, where the names of sockets would be too long there, in the system's temporary folder.
    """
    inside = working / _KERNELS
    if len(os.fsencode(inside)) <= _LONGEST:
        inside.mkdir(mode=0o700)
        return inside
    elsewhere = Path(tempfile.gettempdir(), f"retention-kit-{secrets.token_hex(4)}").resolve()
    inside.symlink_to(elsewhere)  # first the link, so that the next run finds what a killed one left
    elsewhere.mkdir(mode=0o700)
    (elsewhere / MARK).write_text(_CONTENT, encoding="ascii")
    return elsewhere


def building(working: Path, month: str) -> Path:
    """A new folder to build a month in, inside the run's."""
    built = working / "built" / month
    built.mkdir(parents=True)
    return built


def replaced(working: Path, month: str) -> Path:
    """Where the old folder of a month is moved before the new one takes its place."""
    return working / _REPLACED / month


def recover(output: Path) -> None:
    """Tidy up after runs that were killed: put a month back that has no successor, remove the runs' folders.

    Folders that do not carry our mark stay, whatever their names are.
    """
    for folder in sorted(output.glob(f"{_PREFIX}*")):
        if folder.is_symlink() or not folder.is_dir():
            continue
        if _is_marked(folder):
            _tidy(folder, output)
        elif _TEMPORARY.fullmatch(folder.name) and not any(folder.iterdir()):
            folder.rmdir()  # killed before the mark was written


def _is_marked(folder: Path) -> bool:
    mark = folder / MARK
    return not mark.is_symlink() and mark.is_file() and mark.read_bytes() == _CONTENT.encode("ascii")


def _tidy(folder: Path, output: Path) -> None:
    """Remove the folder of a run: what is private first, the months that were being replaced when they are safe."""
    _remove_linked(folder / _KERNELS)
    _remove_inside(folder, but=(MARK, _REPLACED))
    for old in sorted(folder.glob(f"{_REPLACED}/*")):
        publish.settle(old, output / old.name)
    _remove_marked(folder)


def _remove_linked(link: Path) -> None:
    """Remove the folder of kernels that stands elsewhere."""
    folder = link.readlink() if link.is_symlink() else link
    if folder != link and folder.is_dir() and (_is_marked(folder) or not any(folder.iterdir())):
        _remove_marked(folder)


def _remove_marked(folder: Path) -> None:
    """Remove a folder of ours, the mark as the last file: without it the next run would leave the others."""
    _remove_inside(folder, but=(MARK,))
    (folder / MARK).unlink(missing_ok=True)
    folder.rmdir()


def _remove_inside(folder: Path, *, but: Sequence[str]) -> None:
    """Remove what is in a folder of ours; a kernel that is ending may still write into it for a moment."""
    for _ in range(_TRIES):
        for path in _inside(folder, but):
            _remove(path, ignore_errors=True)
        if not _inside(folder, but):
            return
        time.sleep(_PAUSE)
    for path in _inside(folder, but):
        _remove(path)  # raises the reason why it cannot be removed


def _inside(folder: Path, but: Sequence[str]) -> list[Path]:
    return [path for path in folder.iterdir() if path.name not in but]


def _remove(path: Path, *, ignore_errors: bool = False) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=ignore_errors)
    else:
        path.unlink(missing_ok=True)
