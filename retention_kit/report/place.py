"""The output folder: what may be replaced in it, the private folder of a run, and how a finished month is put in place.

Only what a run of the report wrote is ever replaced or removed. A month is ours where its manifest says so, and in it
the files that the manifest lists, as they were written; a run's private folder is ours where it carries `MARK`.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from retention_kit.errors import ConfigError, RetentionKitWarning
from retention_kit.report import fingerprint, manifest
from retention_kit.report.dates import named

__all__ = ["MARK", "building", "faults", "put", "recover", "unused", "working"]

MARK: Final = ".retention-kit"
"""Name of the file that makes a folder ours."""
_CONTENT: Final = "This folder belongs to one run of retention-kit; the next run removes it.\n"
_PREFIX: Final = ".run-"
_TEMPORARY: Final = re.compile(re.escape(_PREFIX) + "[a-z0-9_]{8}")
"""Names that `tempfile.mkdtemp` gives."""
_REPLACED: Final = "replaced"
"""In a run's folder: months that are about to be replaced, or have just been."""
_TRIES: Final = 20
_PAUSE: Final = 0.05
"""Seconds between two tries to remove a folder in which a process that is ending still writes."""


def faults(output: Path, months: Sequence[str]) -> list[str]:
    """Why months cannot be put into a folder: what stands there was not written by a report.

    Parameters
    ----------
    output : Path
        Folder of the reports; it may be missing.
    months : sequence of str
        ``"YYYY-MM"``.

    Returns
    -------
    list of str
        A sentence for each kind of fault, with the months that have it.
    """
    if os.path.lexists(output) and not output.is_dir():
        return [f"{output} is not a folder; choose another one with --output."]
    strangers: dict[str, list[str]] = {}
    for month in months:
        if stranger := _stranger(output / month):
            strangers.setdefault(stranger, []).append(month)
    return [_refusal(output, months, stranger) for stranger, months in strangers.items()]


def _stranger(place: Path) -> str | None:
    """What stands in the place of a month and was not written by a report; None where nothing does."""
    if not os.path.lexists(place):
        return None
    if place.is_symlink():
        return "a symbolic link"
    if not place.is_dir():
        return "a file"
    return None if manifest.read(place) else f"a folder that no report wrote (it has no {manifest.NAME} of that month)"


def _refusal(output: Path, months: Sequence[str], stranger: str) -> str:
    verb = "is" if len(months) == 1 else "are each"
    return (
        f"{output}: {named(months)} {verb} {stranger} and cannot be replaced. "
        "Nothing was changed; move it away or choose another folder with --output."
    )


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
        _tidy(folder, output)


def building(working: Path, month: str) -> Path:
    """A new folder to build a month in, inside the run's."""
    built = working / "built" / month
    built.mkdir(parents=True)
    return built


def put(working: Path, built: Path, place: Path) -> None:
    """Move a finished month to its place; what stood there goes, but for what the user put or changed in it.

    Between two renames nothing stands there; a run that is killed at that moment leaves the old month to `recover`.

    Raises
    ------
    ConfigError
        Something else has been put there since the run began.

    Warns
    -----
    RetentionKitWarning
        Files were kept that no report wrote, or that were changed since.
    """
    if stranger := _stranger(place):
        raise ConfigError(_refusal(place.parent, [place.name], stranger))
    old = working / _REPLACED / place.name
    if place.exists():
        old.parent.mkdir(exist_ok=True)
        place.rename(old)
    built.rename(place)
    if old.exists():
        _settle(old, place)


def _settle(old: Path, place: Path) -> None:
    """Move what the user left in a replaced month into the new one, name it, and remove the rest."""
    kept = []
    for path in _of_the_user(old):
        relative = path.relative_to(old)
        target = unused(place, relative)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
        moved = target.relative_to(place)
        kept.append(relative.as_posix() if moved == relative else f"{relative.as_posix()} as {moved.as_posix()}")
    shutil.rmtree(old)
    if kept:
        text = (
            f"The report of {place.name} was replaced; files in it that no report wrote, or that were changed since, "
        )
        warnings.warn(f"{text}were kept: {', '.join(sorted(kept))}.", RetentionKitWarning, stacklevel=3)


def _of_the_user(old: Path) -> list[Path]:
    """Files, links and empty folders of a month that its manifest does not list, then those that are not as it says."""
    listed = (manifest.read(old) or {"files": {}})["files"]
    found = []
    for folder, folders, files in os.walk(old):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        found += [path for name in [*files, *links] if not _is_as_written(path := Path(folder, name), old, listed)]
        if not folders and not files and Path(folder) != old:
            found.append(Path(folder))
    return sorted(found, key=lambda path: (path.relative_to(old).as_posix() in listed, path))


def _is_as_written(path: Path, old: Path, listed: dict[str, str]) -> bool:
    name = path.relative_to(old).as_posix()
    if path.is_symlink() or not path.is_file():
        return False
    return name == manifest.NAME or (name in listed and fingerprint.sha256(path) == listed[name])


def unused(folder: Path, relative: Path) -> Path:
    """A path in a folder on which nothing stands: the one that is wanted, or one with ``.kept`` before its ending.

    Examples
    --------
    >>> unused(Path("nowhere"), Path("notes/mine.txt")).as_posix()
    'nowhere/notes/mine.txt'
    """
    for parent in relative.parts[:-1]:
        folder = next(path for path in _names(folder / parent) if path.is_dir() or not os.path.lexists(path))
    return next(path for path in _names(folder / relative.name) if not os.path.lexists(path))


def _names(path: Path) -> Iterator[Path]:
    yield path
    yield path.with_name(f"{path.stem}.kept{path.suffix}")
    number = 2
    while True:
        yield path.with_name(f"{path.stem}.kept-{number}{path.suffix}")
        number += 1


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
    _remove_inside(folder, but=(MARK, _REPLACED))
    for old in sorted(folder.glob(f"{_REPLACED}/*")):
        place = output / old.name
        if not os.path.lexists(place):
            old.rename(place)
        elif stranger := _stranger(place):
            raise ConfigError(f"{_refusal(output, [old.name], stranger)} The report that stood there is in {old}.")
        else:
            _settle(old, place)
    _remove_inside(folder, but=(MARK,))
    (folder / MARK).unlink(missing_ok=True)  # the last file: without it the next run would leave the others
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
