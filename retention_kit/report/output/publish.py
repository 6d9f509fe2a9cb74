"""Publishing: what may be replaced in the output folder, and how a finished month is moved to its place.

Only what a run of the report wrote is ever replaced or removed: a month with a valid manifest, and in it the unchanged
files that the manifest lists.
"""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from retention_kit.errors import ConfigError, RetentionKitWarning
from retention_kit.report.output import fingerprint, manifest
from retention_kit.report.settings.months import named


def faults(output: Path, months: Sequence[str]) -> list[str]:
    """Why months cannot be written into a folder: files or folders with their names exist that no report wrote.

    A sentence for each kind of fault, with the months that have it.
    """
    if os.path.lexists(output) and not output.is_dir():
        return [f"{output} is not a folder; choose another one with output='…'."]
    strangers: dict[str, list[str]] = {}
    for month in months:
        if stranger := _stranger(output / month):
            strangers.setdefault(stranger, []).append(month)
    return [_refusal(output, months, stranger) for stranger, months in strangers.items()]


def _stranger(path: Path) -> str | None:
    """Description of a file or folder with the name of a month that no report wrote; None if there is none."""
    if not os.path.lexists(path):
        return None
    if path.is_symlink():
        return "a symbolic link"
    if not path.is_dir():
        return "a file"
    return None if manifest.read(path) else f"a folder that no report wrote (it has no {manifest.NAME} of that month)"


def _refusal(output: Path, months: Sequence[str], stranger: str) -> str:
    verb = "is" if len(months) == 1 else "are each"
    return (
        f"{output}: {named(months)} {verb} {stranger} and cannot be replaced. "
        "Nothing was changed; move it away or choose another folder with output='…'."
    )


def put(built: Path, target: Path, *, replaced: Path) -> None:
    """Move a finished month to its place; the old month is removed, except for files that the user added or changed.

    The place is empty between two renames; a run that is killed at that moment leaves the old month in `replaced`.

    Parameters
    ----------
    built, place : Path
        The new folder and its place in the output folder.
    replaced : Path
        Path to which the old month is moved; it must not exist, and the next run searches it.

    Raises
    ------
    ConfigError
        Something else has been written to the place since the run began.

    Warns
    -----
    RetentionKitWarning
        Files were kept that no report wrote, or that were changed since.
    """
    if stranger := _stranger(target):
        raise ConfigError(_refusal(target.parent, [target.name], stranger))
    if target.exists():
        replaced.parent.mkdir(exist_ok=True)
        target.rename(replaced)
    built.rename(target)
    if replaced.exists():
        settle(replaced, target)


def in_place(output: Path, months: Sequence[str]) -> dict[str, int | None]:
    """The inode number of the folder of each month, which changes when it is replaced."""
    folders = {month: output / month for month in months}
    return {month: folder.stat().st_ino if folder.exists() else None for month, folder in folders.items()}


def finished(output: Path, before: Mapping[str, int | None]) -> str:
    """What a stopped run leaves, in words; `before` is the result of `in_place` when it began."""
    now = in_place(output, list(before))
    replaced = [month for month, number in now.items() if number not in (None, before[month])]
    others = [month for month in before if month not in replaced]
    said = [f"{named(replaced)} finished"] * bool(replaced) + [f"{named(others)} as before"] * bool(others)
    return "; ".join(said)


def settle(old: Path, target: Path) -> None:
    """Put a month back that was being replaced; if the new one exists, keep the user's files and remove the old one."""
    if not os.path.lexists(target):
        old.rename(target)
        return
    if stranger := _stranger(target):
        raise ConfigError(f"{_refusal(target.parent, [old.name], stranger)} The earlier report is in {old}.")
    kept = []
    for path in _of_the_user(old):
        relative = path.relative_to(old)
        kept_path = unused(target, relative)
        kept_path.parent.mkdir(parents=True, exist_ok=True)
        path.rename(kept_path)
        moved = kept_path.relative_to(target)
        kept.append(relative.as_posix() if moved == relative else f"{relative.as_posix()} as {moved.as_posix()}")
    shutil.rmtree(old)
    if kept:
        which = "that no report wrote, or that were changed since"
        message = (
            f"The report of {target.name} was replaced; files in it {which}, were kept: {', '.join(sorted(kept))}."
        )
        warnings.warn(message, RetentionKitWarning, stacklevel=3)


def _of_the_user(old: Path) -> list[Path]:
    """Files, links and empty folders of a month that its manifest does not list, then files that were changed."""
    listed = (manifest.read(old) or {"files": {}})["files"]
    own_files = []
    for folder, folders, files in os.walk(old):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        own_files += [path for name in [*files, *links] if not _is_as_written(path := Path(folder, name), old, listed)]
        if not folders and not files and Path(folder) != old:
            own_files.append(Path(folder))
    return sorted(own_files, key=lambda path: (path.relative_to(old).as_posix() in listed, path))


def _is_as_written(path: Path, old: Path, listed: dict[str, str]) -> bool:
    name = path.relative_to(old).as_posix()
    if path.is_symlink() or not path.is_file():
        return False
    return name == manifest.NAME or (name in listed and fingerprint.sha256(path) == listed[name])


def unused(folder: Path, relative: Path) -> Path:
    """A free path in a folder: the requested one, or one with ``.kept`` before its ending.

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
