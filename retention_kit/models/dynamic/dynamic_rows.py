"""Distinct histories of customers whose covariates change with time, in the order in which they are cheap to evaluate.

Customers who share the day of their first purchase and their covariates share a *path*. Those of a path with the same
number of purchases are a *cell*: they share the integral over the time of dropout, and each takes the piece of it that
begins at their own last purchase. Rows are worked off in chunks of neighbouring cells, so that memory stays small."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from retention_kit.models.base.rows import Rows
from retention_kit.models.dynamic.covariate_paths import CovariatePaths
from retention_kit.models.numerics.arrays import Array

_CELLS = 24_000
"""Cells × periods that are held at a time: a dozen arrays of them fit in a processor's cache."""

Positions = npt.NDArray[np.intp]


def purchases_of(covariate: str) -> str:
    """Name of the column with the sum of a covariate over the repeat purchases."""
    return f"{covariate} at purchases"


@dataclass(frozen=True)
class Chunk:
    """Some rows, and where their paths and cells are.

    Attributes
    ----------
    rows : slice
        Of all rows.
    paths : array
        The distinct paths.
    begin : int
        First period in which a customer of these rows is there.
    path : array
        By row, position among `paths`.
    last : array
        By row, position (from `begin`) of the period in which they last bought.
    cell : array
        By row, position of the cell.
    heads : array
        By cell, its first row: the one with the earliest last purchase.
    """

    rows: slice
    paths: Positions
    begin: int
    path: Positions
    last: Positions
    cell: Positions
    heads: Positions

    @property
    def shared(self) -> bool:
        """Whether any cell has several rows."""
        return len(self.heads) < len(self.cell)

    def alone(self) -> Chunk:
        """The same rows, each a cell of its own."""
        every = np.arange(len(self.cell))
        return Chunk(self.rows, self.paths, self.begin, self.path, self.last, every, every)


@dataclass(frozen=True)
class DynamicRows(Rows):
    """Distinct (path, frequency, recency), in this order; paths are sorted by the period of the first purchase."""

    paths: CovariatePaths = field(kw_only=True, repr=False)

    def take(self, chosen: Any) -> DynamicRows:
        """Some of the rows."""
        values = {k: v[chosen] for k, v in self.values.items()}
        return DynamicRows(values, self.weights[chosen], None, self.about, paths=self.paths)

    @cached_property
    def path(self) -> Positions:
        """By row, the position of its path."""
        return self.values["path"].astype(np.intp)

    @cached_property
    def last_day(self) -> Array:
        """By row, the day of the last purchase."""
        return self.paths.first[self.path] + self.values["recency"] * self.paths.days

    @cached_property
    def chunks(self) -> list[Chunk]:
        """The rows in chunks."""
        return list(self._chunks())

    @property
    def cost(self) -> int:
        """Cells × periods that one evaluation of the likelihood passes."""
        return sum(len(chunk.heads) * (self.paths.observed - chunk.begin) for chunk in self.chunks)

    def _chunks(self) -> Iterator[Chunk]:
        paths, path, x = self.paths, self.path, self.values["frequency"]
        observed = paths.observed
        # round: recency is a number of days divided by those of the unit, and multiplied by them again
        last = np.minimum(paths.period_after(np.round(self.last_day, 6)), observed - 1)
        begin = np.minimum(paths.period_after(paths.first), observed - 1)
        new_path = np.append(True, path[1:] != path[:-1])
        recency = self.values["recency"]
        new_cell = new_path | np.append(True, (x[1:] != x[:-1]) | (recency[1:] < recency[:-1]))
        cost = 3 + new_path * (observed - begin[path]) + new_cell * (observed - last)
        ends = np.flatnonzero(np.diff(np.cumsum(cost) // _CELLS)) + 1
        for start, stop in zip(np.append(0, ends), np.append(ends, len(path)), strict=True):
            some = slice(int(start), int(stop))
            distinct, position = np.unique(path[some], return_inverse=True)
            first = int(begin[distinct].min())
            heads = new_cell[some].copy()
            heads[0] = True
            cell = np.cumsum(heads) - 1
            yield Chunk(some, distinct, first, position, last[some] - first, cell, np.flatnonzero(heads))
