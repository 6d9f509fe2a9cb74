"""The private folder of a run: copies of the data, files of kernels, months that are being built or replaced.

It contains a mark by which the next run recognises what a killed run left; folders without it belong to the user.
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

MARK: Final = ".retention-kit"
"""Name of the file that marks a folder as written by a run."""
_CONTENT: Final = "This folder belongs to one run of retention-kit; the next run removes it.\n"
_PREFIX: Final = ".run-"
_TEMPORARY: Final = re.compile(re.escape(_PREFIX) + "[a-z0-9_]{8}")
"""Names that `tempfile.mkdtemp` creates."""
_REPLACED: Final = "replaced"
"""Subfolder with months that are about to be replaced or have just been replaced."""
_KERNELS: Final = "kernels"
_LONGEST: Final = 80
"""Most bytes of the path of a folder with sockets: their paths may have 107 bytes in all, on macOS 103."""
_TRIES: Final = 20
_PAUSE: Final = 0.05
"""How often, and with how many seconds in between, a folder is removed in which a process that is ending still
writes."""


@contextmanager
def working(output: Path) -> Iterator[Path]:
    """A private folder for the duration of a run, with the mark by which the next run can remove it after a kill.

    The folder has mode 0700.
    """
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=output)).resolve()
    try:
        (folder / MARK).write_text(_CONTENT, encoding="ascii")
        yield folder
    finally:
        try:
            _tidy(folder, output)
        except KeyboardInterrupt:  # private files are removed first
            _tidy(folder, output)
            raise


def for_kernels(working: Path) -> Path:
    """A new folder for the connection files of kernels; it is removed with the run's folder.

    It is inside the run's folder or, if the names of sockets would be too long there, in the system's temporary folder.
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
    """Path to which the old folder of a month is moved before it is replaced."""
    return working / _REPLACED / month


def recover(output: Path) -> None:
    """Clean up after killed runs: put back a month that was not replaced, and remove the runs' folders.

    Folders without the mark are kept, whatever their names are.
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
    """Remove the folder of a run: private files first, months that were being replaced once they are safe."""
    _remove_linked(folder / _KERNELS)
    _remove_inside(folder, but=(MARK, _REPLACED))
    for old in sorted(folder.glob(f"{_REPLACED}/*")):
        publish.settle(old, output / old.name)
    _remove_marked(folder)


def _remove_linked(link: Path) -> None:
    """Remove the folder of kernels outside the run's folder."""
    folder = link.readlink() if link.is_symlink() else link
    if folder != link and folder.is_dir() and (_is_marked(folder) or not any(folder.iterdir())):
        _remove_marked(folder)


def _remove_marked(folder: Path) -> None:
    """Remove a marked folder, the mark as its last file: without it the next run would keep the others."""
    _remove_inside(folder, but=(MARK,))
    (folder / MARK).unlink(missing_ok=True)
    folder.rmdir()


def _remove_inside(folder: Path, *, but: Sequence[str]) -> None:
    """Remove the content of a marked folder; a kernel that is ending may still write into it for a moment."""
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
