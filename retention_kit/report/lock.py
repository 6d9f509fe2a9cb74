"""One run at a time writes into an output folder."""

from __future__ import annotations

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

__all__ = ["LOCK", "held"]

LOCK: Final = ".lock"
_HOLDER: Final = ".lock-holder"


@contextmanager
def held(output: Path) -> Iterator[None]:
    """Hold the lock of an output folder; the system gives it back however the process ends.

    Raises
    ------
    ConfigError
        Another run holds it; the message names the process.
    """
    lock, holder = FileLock(output / LOCK, timeout=0), output / _HOLDER
    try:
        lock.acquire()
    except Timeout:
        raise ConfigError(_refusal(output, holder)) from None
    try:
        holder.write_text(json.dumps({"process": os.getpid(), "computer": platform.node()}), encoding="utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _refusal(output: Path, holder: Path) -> str:
    try:
        told = json.loads(holder.read_text(encoding="utf-8"))
        since = datetime.fromtimestamp(holder.stat().st_mtime)  # when the other run wrote it
        who = f"process {told['process']} on {told['computer']}, since {since:%Y-%m-%d %H:%M:%S}"
    except (OSError, ValueError, KeyError):  # it is just being written or removed
        who = "a process that has only begun or is about to end"
    return (
        f"Another run is writing into {output}: {who}. Nothing was changed. "
        "Wait until it has ended, or end it; then run again, and months that are whole are not made twice."
    )
