"""Forecasts of very many customers from a sample of them.

The expectation of a total at the best parameters is exact. How much it changes with the parameters is a mean over
customers, and so is the variance by chance: both are nearly the same in a sample of some thousands (ratio estimator). A
customer who stands for f others has √f times the noise, so that the variance is that of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retention_kit.formats import count
from retention_kit.models.base.rows import Rows
from retention_kit.models.futures.drawn_futures import COLUMNS, Question, chunks, expectations
from retention_kit.models.numerics.arrays import Array

MANY_ROWS = 20_000
"""Above this many distinct rows futures are drawn for a sample of the customers."""
_CUSTOMERS, _LEAST = 10_000, 2_000
"""Customers in the sample, shared evenly by groups, of whom each has at least so many, or all that it has."""
_PARTS = 8
"""Parts of the sample whose differences say how far off it is."""

Positions = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Sample:
    """Customers of some groups: the position of each one's row and group, and how many customers it stands for."""

    row: Positions
    group: Positions
    stands_for: Array

    def __len__(self) -> int:
        return len(self.row)


@dataclass(frozen=True)
class SampledForecast:
    """The five columns per group, and what is known of the sample.

    Attributes
    ----------
    answer : dict
        By column of the forecast, one value per group.
    error : array
        Per group, standard error of the ends of the expectation by sampling.
    low, high : array
        Prediction interval of each customer of the sample.
    """

    answer: dict[str, Array]
    error: Array
    low: Array
    high: Array


def sample_customers(group: Positions, row: Positions, n: Array, expected: Array) -> Sample:
    """Customers of cells of a group and a row, each with n customers and an expectation per row.

    Within a group they are taken evenly along the cells; those of whom more is expected are taken more often.
    """
    groups = int(group.max()) + 1
    order = np.lexsort([row, group])
    group, row, n = group[order], row[order], n[order]
    people = np.bincount(group, n, groups)
    mean = np.bincount(group, n * expected[row], groups) / people
    taken = np.minimum(np.rint(people), max(_CUSTOMERS // groups, _LEAST)).astype(int)
    every = people <= taken + 0.5
    size = np.where(every[group], n, n * (expected[row] + mean[group]))
    size = np.where(size > 0, size, n)
    upto, total = np.cumsum(size), np.bincount(group, size, groups)
    before = np.cumsum(total) - total
    owner = np.repeat(np.arange(groups), taken)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(taken) - taken, taken)
    moment = before[owner] + (rank + 0.5) / taken[owner] * total[owner]
    cell = np.minimum(np.searchsorted(upto, moment), len(row) - 1)
    stands_for = (n / size)[cell] * (total / taken)[owner]
    return Sample(row[cell], owner, stands_for)


def forecast_sample(
    question: Question,
    best: Array,
    drawn: Array,
    rows: Rows,
    sample: Sample,
    centre: Array,
    tails: Sequence[float],
    rng: np.random.Generator,
) -> SampledForecast:
    """The five columns of groups whose expectations at the best parameters are `centre`."""
    people, f, groups = rows.take(sample.row), sample.stands_for, len(centre)
    part = np.arange(len(sample)) % _PARTS
    place, size = part * groups + sample.group, _PARTS * groups
    at_best = np.bincount(place, f * question.expected(best, people, rough=True), size)
    at_draws, noise = np.zeros((2, len(drawn), size))
    low, high = np.empty((2, len(sample)))
    for chunk in chunks(question, best, people, len(drawn)):
        some, where, share = people.take(chunk), place[chunk], f[chunk]
        alive, expected = expectations(question, drawn, some)
        futures = np.stack([question.future(theta, some, rng, a) for theta, a in zip(drawn, alive, strict=True)])
        for d in range(len(drawn)):
            at_draws[d] += np.bincount(where, share * expected[d], size)
            noise[d] += np.bincount(where, np.sqrt(share) * (futures[d] - expected[d]), size)
        low[chunk], high[chunk] = np.quantile(futures, tails, axis=0, method="inverted_cdf")
    parts, best_parts = at_draws.reshape(-1, _PARTS, groups), at_best.reshape(_PARTS, groups)
    expected = _ratio(parts.sum(axis=1), best_parts.sum(axis=0)) * centre
    future = np.maximum(expected + noise.reshape(-1, _PARTS, groups).sum(axis=1), 0.0)
    ends = np.quantile(_ratio(parts, best_parts), tails, axis=0) * centre
    error = ends.std(axis=1, ddof=1).max(axis=0) / np.sqrt(_PARTS)
    values = [centre, *np.quantile(expected, tails, axis=0), *np.quantile(future, tails, axis=0)]
    return SampledForecast(dict(zip(COLUMNS, values, strict=True)), error, low, high)


def sampling_note(sample: Sample, customers: float, answer: dict[str, Array], error: Array) -> str:
    """How large the sample was, and how far the ends may be off by it."""
    centre = answer["expected"]
    off = float((error / np.where(centre > 0, centre, np.inf)).max())
    return (
        f"The ends are estimated from {count(len(sample))} of {count(customers)} customers, which makes those of the "
        f"expectation uncertain by {100 * off:.2g} % of it (one standard error)."
    )


def _ratio(value: Array, base: Array) -> Array:
    """value / base; 1 where nothing is expected."""
    ratio: Array = np.where(base > 0, value / np.where(base > 0, base, 1.0), 1.0)
    return ratio
