"""A lock, so that one run at a time writes into an output folder."""

from __future__ import annotations

import contextlib
import json
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from retention_kit.errors import ConfigError

LOCK: Final = ".lock"
_HOLDER: Final = ".lock-holder"


def faults(output: Path) -> list[str]:
    """Why the lock of a folder cannot be used: files with its names exist that no report wrote."""
    strangers = [output / LOCK] if not _is_lock(output / LOCK) else []
    strangers += [output / _HOLDER] if not _is_holder(output / _HOLDER) else []
    return [
        f"{path} is not the lock of a report: move it away or choose another folder with output='…'."
        for path in strangers
    ]


def _is_lock(path: Path) -> bool:
    """Whether the path is missing, or the empty file that is locked."""
    return not os.path.lexists(path) or (not path.is_symlink() and path.is_file() and path.stat().st_size == 0)


def _is_holder(path: Path) -> bool:
    """Whether the path is missing, or names the process that holds the lock; it is empty while it is being written."""
    try:
        text = path.read_text(encoding="utf-8")
        return not path.is_symlink() and (not text or set(json.loads(text)) == {"process", "computer"})
    except (FileNotFoundError, NotADirectoryError):
        return not path.is_symlink()
    except (OSError, ValueError, TypeError):
        return False


@contextmanager
def held(output: Path) -> Iterator[None]:
    """Make an output folder and hold its lock; the system releases it however the process ends.

    If the run fails, a lock file and folders that were made for it are removed again, unless they contain something.
    """
    missing = [folder for folder in (output, *output.parents) if not folder.exists()]
    output.mkdir(parents=True, exist_ok=True)
    lock, holder, fresh = FileLock(output / LOCK, timeout=0), output / _HOLDER, not (output / LOCK).exists()
    try:
        lock.acquire()
    except Timeout:
        raise ConfigError(_refusal(output, holder)) from None
    try:
        holder.write_text(json.dumps({"process": os.getpid(), "computer": platform.node()}), encoding="utf-8")
        yield
    except BaseException:
        if fresh:
            # removed while it is held: a run that has opened it meanwhile opens a new one
            (output / LOCK).unlink(missing_ok=True)
        raise
    finally:
        holder.unlink(missing_ok=True)
        lock.release()
        with contextlib.suppress(OSError):  # stop at the first folder that is not empty
            for folder in missing:
                folder.rmdir()


def _refusal(output: Path, holder: Path) -> str:
    try:
        owner = json.loads(holder.read_text(encoding="utf-8"))
        since = datetime.fromtimestamp(holder.stat().st_mtime)  # when the other run wrote it
        who = f"process {owner['process']} on {owner['computer']}, since {since:%Y-%m-%d %H:%M:%S}"
    except (OSError, ValueError, KeyError):  # it is being written or removed at this moment
        who = "a process that has just begun or is about to end"
    return (
        f"Another run is writing into {output}: {who}. Nothing was changed. "
        "Wait until it has ended, or end it; then run again: finished months are not made twice."
    )
