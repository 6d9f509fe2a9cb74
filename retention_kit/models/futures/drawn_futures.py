"""Futures drawn at random, one for each draw of the parameters and each row: what is asked, and how it is worked off.

Rows are worked off in chunks, so memory does not grow with their number."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from retention_kit.models.base.posterior import at_once
from retention_kit.models.base.rows import Rows
from retention_kit.models.futures.buying import MOST_DRAWN, BuyingProcess
from retention_kit.models.futures.prediction_interval import caution_outside
from retention_kit.models.numerics.arrays import Array

_CELLS = 1_500_000
"""Rows × draws held at a time."""
TWINS = 30
"""Up to so many customers of a row are drawn one by one; the noise of more is scaled up from these."""
COLUMNS = ("expected", "expected_low", "expected_high", "predicted_low", "predicted_high")


@dataclass(frozen=True)
class Question(ABC):
    """What is asked of the parameters θ, or of many draws of them as columns.

    Where P(active) is known already, it is handed in. `rough` where six digits will do.
    """

    process: BuyingProcess

    @property
    def columns(self) -> Sequence[str]:
        """What must be known of each customer."""
        return self.process.columns

    def alive(self, theta: Array, rows: Rows) -> Array:
        """P(active) per row."""
        return self.process.alive(theta, rows)

    @abstractmethod
    def expected(self, theta: Array, rows: Rows, alive: Array | None = None, rough: bool = False) -> Array:
        """Expectation per row."""

    @abstractmethod
    def future(self, theta: Array, rows: Rows, rng: np.random.Generator, alive: Array | None = None) -> Array:
        """One future per row, drawn at random."""

    @abstractmethod
    def purchases(self, theta: Array, rows: Rows) -> Array:
        """Expected purchases per row: what a future has to hold."""


@dataclass(frozen=True)
class Purchases(Question):
    """How many purchases in the next t."""

    t: float

    def expected(self, theta: Array, rows: Rows, alive: Array | None = None, rough: bool = False) -> Array:  # noqa: ARG002
        return self.process.expected(theta, rows, self.t, alive)

    def future(self, theta: Array, rows: Rows, rng: np.random.Generator, alive: Array | None = None) -> Array:
        owner, _ = self.process.future(theta, rows, self.t, rng, alive)
        return np.bincount(owner, minlength=len(rows)).astype(float)

    def purchases(self, theta: Array, rows: Rows) -> Array:
        return self.expected(theta, rows)


def columns_of(process: BuyingProcess, drawn: Array, rows: int) -> Iterator[tuple[slice, Array]]:
    """Draws (lines of parameters) in blocks, each as the columns that a process takes: with few rows, a single draw
    would be all overhead."""
    size = at_once(process, rows)
    for i in range(0, len(drawn), size):
        lines = drawn[i : i + size]
        yield slice(i, i + size), lines[0] if len(lines) == 1 else lines.T[:, :, None]


def tails_of(level: float) -> list[float]:
    """The shares below the two ends of an interval."""
    return [(1 - level) / 2, (1 + level) / 2]


def for_rows_and_total(
    question: Question, best: Array, drawn: Array, rows: Rows, *, title: str, level: float, seed: int
) -> tuple[dict[str, Array], dict[str, float]]:
    """The five columns per row, and the five numbers of everybody together, from the same futures."""
    rng, tails = np.random.default_rng([seed, 1]), tails_of(level)
    each, total = np.empty((5, len(rows))), np.zeros((2, len(drawn)))
    for chunk in chunks(question, best, rows, len(drawn), TWINS):
        some = rows.take(chunk)
        alive, expected = expectations(question, drawn, some)
        twins = np.minimum(some.weights, TWINS).astype(int)
        cell, first = np.repeat(np.arange(len(twins)), twins), np.cumsum(twins) - twins
        people, grown = some.take(cell), np.sqrt(some.weights / twins)
        future = np.empty_like(expected)
        for d, theta in enumerate(drawn):
            bought = question.future(theta, people, rng, alive[d, cell])
            future[d] = bought[first]
            total[1, d] += grown @ np.bincount(cell, bought - expected[d][cell], len(twins))
        total += expected @ some.weights
        each[0, chunk] = question.expected(best, some)
        each[1:3, chunk] = np.quantile(expected, tails, axis=0)
        each[3:5, chunk] = np.quantile(future, tails, axis=0, method="inverted_cdf")
    sums = [float(each[0] @ rows.weights), *np.quantile(np.maximum(total, 0.0), tails, axis=1).T.ravel()]
    caution_outside(title, *np.array(sums[:3]).reshape(3, 1))
    return dict(zip(COLUMNS, each, strict=True)), dict(zip(COLUMNS, sums, strict=True))


def expectations(question: Question, drawn: Array, rows: Rows) -> tuple[Array, Array]:
    """P(active) and the expectation: draws × rows."""
    alive, expected = np.empty((2, len(drawn), len(rows)))
    for some, theta in columns_of(question.process, drawn, len(rows)):
        alive[some] = known = question.alive(theta, rows)
        expected[some] = question.expected(theta, rows, known, rough=True)
    return alive, expected


def chunks(question: Question, best: Array, rows: Rows, draws: int, twins: int = 1) -> Iterator[Any]:
    """Positions of rows, those with the same frequency and T next to each other, so many that a chunk fits in memory,
    with its futures: an eighth of what one may hold is expected, as some draws of the parameters see more."""
    order = np.lexsort(
        [*reversed([rows[k] for k in rows.values if k not in ("frequency", "T")]), rows["T"], rows["frequency"]]
    )
    size = max(_CELLS // draws, 1)
    purchases = np.cumsum(twins * question.purchases(best, rows)[order])
    first = 0
    while first < len(order):
        before = purchases[first - 1] if first else 0.0
        last = max(int(np.searchsorted(purchases, before + MOST_DRAWN / 8)), first + 1)
        chunk = order[first : min(last, first + size)]
        first += len(chunk)
        yield chunk
