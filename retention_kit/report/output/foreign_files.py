"""Files that no report wrote and a run would overwrite: such a run is refused before anything is written."""

from __future__ import annotations

import errno
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from retention_kit.errors import ConfigError, join_faults
from retention_kit.report.execution.execute import NO_ROOM
from retention_kit.report.output import archive, lock, publish


def refuse(output: Path, months: Sequence[str]) -> None:
    """Raise if files that no report wrote have the name of a month, the archive or the lock; nothing is changed."""
    faults = [*publish.faults(output, months), *archive.faults(output), *lock.faults(output)]
    if faults:
        raise ConfigError(join_faults(faults))


@contextmanager
def unwritable_in_one_line(output: Path) -> Iterator[None]:
    """Report a disk that cannot be written in one line, with the consequence for the report."""
    try:
        yield
    except OSError as error:
        if error.errno not in (*NO_ROOM, errno.EACCES, errno.EPERM, errno.EEXIST, errno.ENOTDIR):
            raise
        kept = "finished months are unchanged, the month that was being made is missing"
        raise OSError(f"Cannot write into {output}: {error.strerror}; {kept}.") from error
