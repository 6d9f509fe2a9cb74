"""Forecasts with their uncertainty: what to expect, how sure that is, and what may be observed.

Every draw of the parameters from their posterior gives an expectation for each distinct row, and one future drawn at
random. The spread of the expectations is the interval of the expectation; the spread of the futures is the prediction
interval, which also has the chance of the single customer in it. Rows are worked off in chunks, so memory does not
grow with their number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from retention_kit.errors import ConfigError, caution
from retention_kit.formats import count, counted
from retention_kit.models.base.group_rows import Groups, group
from retention_kit.models.base.posterior import at_once
from retention_kit.models.base.rows import PURCHASE_RULES, PURCHASES, Array, Customers, Rows, place_many, read
from retention_kit.models.purchases.buying import MOST_DRAWN

__all__: list[str] = []

_CELLS = 1_500_000
"""Rows × draws held at a time."""
_TWINS = 30
"""Up to so many customers of a row are drawn one by one; the noise of more is scaled up from these."""
COLUMNS = ("expected", "expected_low", "expected_high", "predicted_low", "predicted_high")
_NEAR = 1e-9
"""Relative distance from an end of an interval that rounding alone can make."""


@dataclass(frozen=True)
class Question:
    """What is asked of one draw of the parameters; a subclass answers for purchases or for value.

    Where P(alive) is known already, it is handed in."""

    model: Any

    def together(self, questions: Sequence[Any]) -> Question:
        """One question about all their draws."""
        return replace(self, model=stack([q.model for q in questions]))

    def expected(self, rows: Rows, alive: Array | None = None) -> Array:
        """Expectation per row; where the parameters are columns, a line for each."""
        raise NotImplementedError

    def future(self, rows: Rows, rng: np.random.Generator, alive: Array | None = None) -> Array:
        """One future per row."""
        raise NotImplementedError

    def purchases(self, rows: Rows) -> Array:
        """Expected purchases per row: what a future has to hold."""
        raise NotImplementedError


@dataclass(frozen=True)
class Purchases(Question):
    """How many purchases in the next t."""

    t: float

    def expected(self, rows: Rows, alive: Array | None = None) -> Array:
        return self.model._expected(rows, self.t, alive)

    def future(self, rows: Rows, rng: np.random.Generator, alive: Array | None = None) -> Array:
        owner, _ = self.model._future(rows, self.t, rng, alive)
        return np.bincount(owner, minlength=len(rows)).astype(float)

    def purchases(self, rows: Rows) -> Array:
        return self.expected(rows)


def draws_of(model: Any, n: int, seed: int) -> list[Any]:
    """Models with parameters drawn from the posterior, without the evidence of the fit."""
    if not (isinstance(n, int | np.integer) and n >= 1):
        raise ConfigError(f"draws must be a whole number from 1; got {n}.")
    return [model._with(line) for line in model._draws(n, seed)]


def stack(models: Sequence[Any]) -> Any:
    """Models of one class as one whose parameters are columns; a single one stays as it is."""
    if len(models) == 1:
        return models[0]
    return models[0]._with(np.stack([model._theta for model in models], axis=1)[:, :, None])


def blocks(model: Any, draws: int, rows: int) -> Iterator[slice]:
    """Which draws to look at together: with few rows, a single one would be all overhead."""
    size = at_once(model, rows)
    return (slice(i, i + size) for i in range(0, draws, size))


def forecast(
    best: Question,
    drawn: Sequence[Question],
    customers: Customers,
    *,
    columns: Sequence[str] = PURCHASES,
    unit: str | None = None,
    by: str | Sequence[str] | None = None,
    level: float = 0.9,
    seed: int = 0,
) -> Any:
    """The five columns per customer (by=None), per group, or for everybody (by=[])."""
    rng, tails = np.random.default_rng([seed, 1]), _tails(level)
    if by is None:
        rows = read(customers, columns, PURCHASE_RULES, unit=unit)
        answer = _per_row(best, drawn, rows, tails, rng)
        caution_outside(best.model, answer["expected"], answer["expected_low"], answer["expected_high"], rows.weights)
        return place_many(customers, rows, answer)
    groups = group(customers, columns, PURCHASE_RULES, [by] if isinstance(by, str) else list(by), unit)
    answer = _per_group(best, drawn, groups, tails, rng)
    caution_outside(best.model, answer["expected"], answer["expected_low"], answer["expected_high"])
    return groups.labels.assign(n=groups.n, **answer)


def caution_outside(model: Any, best: Array, low: Array, high: Array, weights: Array | None = None) -> None:
    """Warn where an expectation lies outside its own interval.

    The expectation is taken where the likelihood is highest, the interval from draws that a weak prior holds within
    reason. Where the likelihood rises towards a boundary (nobody bought again: a rate of 0), no draw goes as far.
    """
    outside = (best < low - _NEAR * np.abs(low)) | (best > high + _NEAR * np.abs(high))
    if not outside.any():
        return
    weights = np.ones(len(best)) if weights is None else weights
    caution(
        f"{type(model).__name__}: the expectation is outside its own interval in {count(weights[outside].sum())} of "
        f"{counted(weights.sum(), 'row')}. It is taken where the likelihood is highest, the interval from draws of the "
        "parameters under a weak prior; the two lie apart where the data hardly settle the parameters. Trust neither: "
        "use more customers or a longer window."
    )


def _tails(level: float) -> list[float]:
    if not 0 < level < 1:
        raise ConfigError(f"level must be between 0 and 1; got {level}.")
    return [(1 - level) / 2, (1 + level) / 2]


def _per_row(
    best: Question, drawn: Sequence[Question], rows: Rows, tails: list[float], rng: np.random.Generator
) -> dict[str, Array]:
    out = np.empty((5, len(rows)))
    for chunk in _chunks(best, rows, len(drawn)):
        some = rows.take(chunk)
        alive, expected = _expectations(drawn, some)
        future = np.stack([q.future(some, rng, there) for q, there in zip(drawn, alive, strict=True)])
        out[0, chunk] = best.expected(some)
        out[1:3, chunk] = np.quantile(expected, tails, axis=0)
        out[3:5, chunk] = np.quantile(future, tails, axis=0, method="inverted_cdf")
    return dict(zip(COLUMNS, out, strict=True))


def for_rows_and_total(
    best: Question, drawn: Sequence[Question], rows: Rows, *, level: float, seed: int
) -> tuple[dict[str, Array], dict[str, float]]:
    """The five columns per row, and the five numbers of everybody together, from the same futures."""
    rng, tails = np.random.default_rng([seed, 1]), _tails(level)
    each, total = np.empty((5, len(rows))), np.zeros((2, len(drawn)))
    for chunk in _chunks(best, rows, len(drawn), _TWINS):
        some = rows.take(chunk)
        alive, expected = _expectations(drawn, some)
        twins = np.minimum(some.weights, _TWINS).astype(int)
        cell, first = np.repeat(np.arange(len(twins)), twins), np.cumsum(twins) - twins
        people, grown = some.take(cell), np.sqrt(some.weights / twins)
        future = np.empty_like(expected)
        for d, q in enumerate(drawn):
            seen = q.future(people, rng, alive[d, cell])
            future[d] = seen[first]
            total[1, d] += grown @ np.bincount(cell, seen - expected[d][cell], len(twins))
        total += expected @ some.weights
        each[0, chunk] = best.expected(some)
        each[1:3, chunk] = np.quantile(expected, tails, axis=0)
        each[3:5, chunk] = np.quantile(future, tails, axis=0, method="inverted_cdf")
    whole = [float(each[0] @ rows.weights), *np.quantile(np.maximum(total, 0.0), tails, axis=1).T.ravel()]
    caution_outside(best.model, *np.array(whole[:3]).reshape(3, 1))
    return dict(zip(COLUMNS, each, strict=True)), dict(zip(COLUMNS, whole, strict=True))


def _per_group(
    best: Question, drawn: Sequence[Question], groups: Groups, tails: list[float], rng: np.random.Generator
) -> dict[str, Array]:
    """Totals: expectations add up, and so do the futures of the single customers."""
    rows = groups.rows
    expected, future = np.zeros((2, len(drawn), len(groups.labels)))
    centre = np.zeros(len(groups.labels))
    for chunk in _chunks(best, rows, len(drawn), _TWINS):
        some, counts = rows.take(chunk), groups.counts[:, chunk].tocoo()
        centre += sparse.csr_matrix(counts) @ best.expected(some)
        alive, means = _expectations(drawn, some)
        twins = np.minimum(counts.data, _TWINS).astype(int)
        cell = np.repeat(np.arange(len(twins)), twins)
        whose = counts.col[cell]
        people, grown = some.take(whose), np.sqrt(counts.data / np.maximum(twins, 1))[cell]
        for d, (q, mean) in enumerate(zip(drawn, means, strict=True)):
            noise = grown * (q.future(people, rng, alive[d, whose]) - mean[whose])
            whole = np.bincount(counts.row, counts.data * mean[counts.col], len(centre))
            expected[d] += whole
            future[d] += whole + np.bincount(counts.row[cell], noise, len(centre))
    quantiles = [*np.quantile(expected, tails, axis=0), *np.quantile(np.maximum(future, 0.0), tails, axis=0)]
    return dict(zip(COLUMNS, [centre, *quantiles], strict=True))


def _expectations(drawn: Sequence[Question], rows: Rows) -> tuple[Array, Array]:
    """P(alive) and the expectation: draws × rows."""
    alive, expected = np.empty((2, len(drawn), len(rows)))
    for some in blocks(drawn[0].model, len(drawn), len(rows)):
        question = drawn[0].together(drawn[some])
        alive[some] = question.model._alive(rows)
        expected[some] = question.expected(rows, alive[some])
    return alive, expected


def _chunks(best: Question, rows: Rows, draws: int, twins: int = 1) -> Iterator[Any]:
    """Places of rows, those with the same frequency and T next to each other, so many that a chunk fits in memory, with
    its futures: an eighth of what one may hold is expected, as some draws of the parameters see more."""
    order = np.lexsort(
        [*reversed([rows[k] for k in rows.values if k not in ("frequency", "T")]), rows["T"], rows["frequency"]]
    )
    size = max(_CELLS // draws, 1)
    purchases = np.cumsum(twins * best.purchases(rows)[order])
    first = 0
    while first < len(order):
        before = purchases[first - 1] if first else 0.0
        last = max(int(np.searchsorted(purchases, before + MOST_DRAWN / 8)), first + 1)
        chunk = order[first : min(last, first + size)]
        first += len(chunk)
        yield chunk
