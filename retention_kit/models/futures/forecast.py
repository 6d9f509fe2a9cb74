"""Forecasts with their uncertainty: what to expect, how sure that is, and what may be observed.

Every draw of the parameters from their posterior gives an expectation for each distinct row, and one future drawn at
random. The spread of the expectations is the interval of the expectation; the spread of the futures is the prediction
interval, which also has the chance of the single customer in it. With very many rows totals come from a sample of the
customers (`sampled_futures`), and intervals of single expectations from how these change with the parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from retention_kit.models.base.columns import Customers
from retention_kit.models.base.rows import PURCHASE_RULES, Rows, all_to_customers, read
from retention_kit.models.futures.drawn_futures import COLUMNS, TWINS, Question, chunks, expectations, tails_of
from retention_kit.models.futures.group_rows import Groups, group
from retention_kit.models.futures.prediction_interval import caution_outside
from retention_kit.models.futures.sampled_futures import (
    MANY_ROWS,
    forecast_sample,
    sample_customers,
    sampling_note,
)
from retention_kit.models.futures.slopes_of_expectations import ends_by_slopes
from retention_kit.models.numerics.arrays import Array


def forecast(
    question: Question,
    best: Array,
    drawn: Array,
    customers: Customers,
    *,
    title: str,
    unit: str | None = None,
    by: str | Sequence[str] | None = None,
    level: float = 0.9,
    seed: int = 0,
    futures: bool = True,
) -> Any:
    """The five columns per customer (by=None), per group, or for everybody (by=[]).

    `best` holds the parameters of the model called `title`, `drawn` draws of them, one per line. Without `futures`,
    customers have no prediction interval. Where groups come from a sample, `.attrs["sampling"]` says of what size.
    """
    rng, tails = np.random.default_rng([seed, 1]), tails_of(level)
    if by is None:
        rows = read(customers, question.columns, PURCHASE_RULES, unit=unit)
        answer = (
            _per_row(question, best, drawn, rows, tails, rng) if futures else _ends(question, best, drawn, rows, tails)
        )
        caution_outside(title, answer["expected"], answer["expected_low"], answer["expected_high"], rows.weights)
        return all_to_customers(customers, rows, answer)
    groups = group(customers, question.columns, PURCHASE_RULES, [by] if isinstance(by, str) else list(by), unit)
    many, sampling = len(groups.rows) > MANY_ROWS, ""
    if many:
        answer, sampling = _per_sampled_group(question, best, drawn, groups, tails, rng)
    else:
        answer = _per_group(question, best, drawn, groups, tails, rng)
    caution_outside(title, answer["expected"], answer["expected_low"], answer["expected_high"])
    table = groups.labels.assign(n=groups.n, **answer)
    table.attrs = {"sampling": sampling} if sampling else {}
    return table


def _per_row(
    question: Question, best: Array, drawn: Array, rows: Rows, tails: list[float], rng: np.random.Generator
) -> dict[str, Array]:
    out = np.empty((5, len(rows)))
    for chunk in chunks(question, best, rows, len(drawn)):
        some = rows.take(chunk)
        alive, expected = expectations(question, drawn, some)
        future = np.stack([question.future(theta, some, rng, a) for theta, a in zip(drawn, alive, strict=True)])
        out[0, chunk] = question.expected(best, some)
        out[1:3, chunk] = np.quantile(expected, tails, axis=0)
        out[3:5, chunk] = np.quantile(future, tails, axis=0, method="inverted_cdf")
    return dict(zip(COLUMNS, out, strict=True))


def _ends(question: Question, best: Array, drawn: Array, rows: Rows, tails: list[float]) -> dict[str, Array]:
    """The expectation with its interval, per row."""
    out = np.empty((3, len(rows)))
    out[0] = question.expected(best, rows)
    ends = ends_by_slopes(question, best, drawn, rows, tails) if len(rows) > MANY_ROWS else None
    if ends is not None:
        out[1:] = ends * out[0]
        return dict(zip(COLUMNS[:3], out, strict=True))
    for chunk in chunks(question, best, rows, len(drawn)):
        out[1:, chunk] = np.quantile(expectations(question, drawn, rows.take(chunk))[1], tails, axis=0)
    return dict(zip(COLUMNS[:3], out, strict=True))


def _per_group(
    question: Question, best: Array, drawn: Array, groups: Groups, tails: list[float], rng: np.random.Generator
) -> dict[str, Array]:
    """Totals: expectations add up, and so do the futures of the single customers."""
    rows = groups.rows
    expected, future = np.zeros((2, len(drawn), len(groups.labels)))
    centre = np.zeros(len(groups.labels))
    for chunk in chunks(question, best, rows, len(drawn), TWINS):
        some, counts = rows.take(chunk), groups.counts[:, chunk].tocoo()
        centre += sparse.csr_matrix(counts) @ question.expected(best, some)
        alive, means = expectations(question, drawn, some)
        twins = np.minimum(counts.data, TWINS).astype(int)
        cell = np.repeat(np.arange(len(twins)), twins)
        whose = counts.col[cell]
        people, grown = some.take(whose), np.sqrt(counts.data / np.maximum(twins, 1))[cell]
        for d, (theta, mean) in enumerate(zip(drawn, means, strict=True)):
            noise = grown * (question.future(theta, people, rng, alive[d, whose]) - mean[whose])
            sums = np.bincount(counts.row, counts.data * mean[counts.col], len(centre))
            expected[d] += sums
            future[d] += sums + np.bincount(counts.row[cell], noise, len(centre))
    quantiles = [*np.quantile(expected, tails, axis=0), *np.quantile(np.maximum(future, 0.0), tails, axis=0)]
    return dict(zip(COLUMNS, [centre, *quantiles], strict=True))


def _per_sampled_group(
    question: Question, best: Array, drawn: Array, groups: Groups, tails: list[float], rng: np.random.Generator
) -> tuple[dict[str, Array], str]:
    """Totals from a sample of the customers of each group, and a sentence on it."""
    expected, cells = question.expected(best, groups.rows), groups.counts.tocoo()
    sample = sample_customers(cells.row, cells.col, cells.data, expected)
    centre = groups.counts @ expected
    sampled = forecast_sample(question, best, drawn, groups.rows, sample, centre, tails, rng)
    return sampled.answer, sampling_note(sample, float(groups.n.sum()), sampled.answer, sampled.error)
