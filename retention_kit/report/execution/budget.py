"""The memory of a run, shared by its processes, and how many notebooks run at the same time."""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass
from typing import Final

import duckdb

from retention_kit.errors import ConfigError
from retention_kit.formats import counted

_UNITS: Final = {"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_SIZE: Final = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([kmgt]i?b)\s*", re.IGNORECASE)
_MB: Final = 10**6
_RUN: Final = 650 * _MB
"""Memory of the process of the run and of the one that kernels are forked from, without what its engine holds."""
_KERNEL: Final = 250 * _MB
"""Memory of a kernel, apart from what it shares with the others and from what its engine holds."""
_LEAST: Final = 125 * _MB
"""Least memory of an engine: with less DuckDB cannot sort millions of orders, however much it writes to the disk."""
_GOOD: Final = 600 * _MB
"""Memory of an engine that summarises 10 million orders; more notebooks at a time than this allows are run only where
they are asked for."""
LEAST: Final = _RUN + _KERNEL + 2 * _LEAST
"""Least memory of a run: one notebook at a time, and its engine beside that of the run."""


@dataclass(frozen=True)
class Budget:
    """How a run shares the machine.

    Attributes
    ----------
    memory : int
        Bytes that all processes of the run may use together.
    jobs : int
        Notebooks at a time.
    engine : int
        Bytes that the DuckDB of each process may use; beyond that it writes to the disk.
    processors : int
        Processors of the machine.
    """

    memory: int
    jobs: int
    engine: int
    processors: int

    def seconds_of(self, timeout: float) -> float:
        """Time limit of a cell whose limit on a processor of its own is `timeout`: notebooks that share processors
        take longer."""
        return timeout * max(1.0, self.jobs / self.processors)


def plan(memory: str | int | None = None, jobs: int | None = None) -> Budget:
    """Share memory and processors.

    Parameters
    ----------
    memory : str or int, optional
        ``"2GB"`` or a number of bytes for all processes together; by default four fifths of the memory of the machine
        or the container.
    jobs : int, optional
        Notebooks at a time; by default two more than processors, because usually one is starting and another is saving
        its results, or fewer where the memory is small.

    Returns
    -------
    Budget

    Raises
    ------
    ConfigError
        The memory cannot be read, is less than one notebook needs, or less than so many jobs need.

    Examples
    --------
    >>> plan("2GB", jobs=2).engine // 10**6
    283
    """
    size = _four_fifths() if memory is None else read_size(memory)
    processors = os.cpu_count() or 1
    most = (size - _RUN - _LEAST) // (_KERNEL + _LEAST)
    if most < 1 and memory is None:
        most = 1
    if most < (jobs or 1):
        needed = _RUN + _LEAST + (jobs or 1) * (_KERNEL + _LEAST)
        raise ConfigError(
            f"{counted(jobs or 1, 'notebook')} at a time need {_in_words(needed)} of memory, not {_in_words(size)}; "
            + (f"give more, or at most --jobs {most}" if most >= 1 else f"the least is {_in_words(LEAST)}")
        )
    chosen = jobs or max(min(processors + 2, (size - _RUN - _GOOD) // (_KERNEL + _GOOD)), 1)
    engine = max((size - _RUN - chosen * _KERNEL) // (chosen + 1), _LEAST)
    return Budget(size, chosen, engine, processors)


def read_size(text: str | int) -> int:
    """Bytes of a size such as "2GB".

    Examples
    --------
    >>> read_size("1.5 GiB")
    1610612736
    """
    if isinstance(text, int) and not isinstance(text, bool) and text > 0:
        return text
    match = _SIZE.fullmatch(text) if isinstance(text, str) else None
    if not match or not float(match[1]):
        raise ConfigError(f"memory is a size such as 2GB or 1500MB; got {text!r}")
    return math.floor(float(match[1]) * _UNITS[match[2].lower()])


def _four_fifths() -> int:
    """DuckDB's own default, which counts the memory of a container where there is one."""
    with duckdb.connect() as engine:
        rows = engine.sql("SELECT current_setting('memory_limit')").fetchall()
    return read_size(str(rows[0][0]))


def _in_words(size: int) -> str:
    return f"{size / 1e9:.3g} GB"
