"""What may be replaced in the output folder, and how a finished month is put in its place.

Only what a run of the report wrote is ever replaced or removed: a month is ours where its manifest says so, and in it
the files that the manifest lists, as they were written.
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

__all__ = ["faults", "finished", "in_place", "put", "settle", "unused"]


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
        return [f"{output} is not a folder; choose another one with output='…'."]
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
        "Nothing was changed; move it away or choose another folder with output='…'."
    )


def put(built: Path, place: Path, *, replaced: Path) -> None:
    """Move a finished month to its place; what stood there goes, but for what the user put or changed in it.

    Between two renames nothing stands there; a run that is killed at that moment leaves the old month in `replaced`.

    Parameters
    ----------
    built, place : Path
        The new folder and where it belongs.
    replaced : Path
        Where the old one is moved: it does not exist, and the next run looks there.

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
    if place.exists():
        replaced.parent.mkdir(exist_ok=True)
        place.rename(replaced)
    built.rename(place)
    if replaced.exists():
        settle(replaced, place)


def in_place(output: Path, months: Sequence[str]) -> dict[str, int | None]:
    """The number by which the file system knows the folder of each month: another one where it was replaced."""
    places = {month: output / month for month in months}
    return {month: place.stat().st_ino if place.exists() else None for month, place in places.items()}


def finished(output: Path, before: Mapping[str, int | None]) -> str:
    """What a run that was stopped leaves, in words; `before` is what was `in_place` when it began."""
    now = in_place(output, list(before))
    replaced = [month for month, number in now.items() if number not in (None, before[month])]
    others = [month for month in before if month not in replaced]
    said = [f"{named(replaced)} finished"] * bool(replaced) + [f"{named(others)} as before"] * bool(others)
    return "; ".join(said)


def settle(old: Path, place: Path) -> None:
    """Put a month that was being replaced back, or, where the new one is there, rescue the user's files and remove it.

    Raises
    ------
    ConfigError
        Something that no report wrote stands in its place.
    """
    if not os.path.lexists(place):
        old.rename(place)
        return
    if stranger := _stranger(place):
        raise ConfigError(f"{_refusal(place.parent, [old.name], stranger)} The report that stood there is in {old}.")
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
        which = "that no report wrote, or that were changed since"
        message = f"The report of {place.name} was replaced; files in it {which}, were kept: {', '.join(sorted(kept))}."
        warnings.warn(message, RetentionKitWarning, stacklevel=3)


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
