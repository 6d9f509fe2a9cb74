"""The fit of a model with dynamic covariates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError, DataError
from retention_kit.models.base.fitting import maximise
from retention_kit.models.base.rows import PURCHASES, Rows
from retention_kit.models.covariates.covariate_fit import at_the_peak, named_columns
from retention_kit.models.covariates.covariate_model import CovariateModel
from retention_kit.models.dynamic.covariate_history import CovariateHistory
from retention_kit.models.dynamic.dynamic_model import DynamicCovariateModel
from retention_kit.models.dynamic.dynamic_rows import DynamicRows
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.purchases.pareto_nbd import ParetoNBD

_COLLINEAR = 1e-8
"""An eigenvalue of the correlation of the covariates below this says that one of them follows from the others."""
_CONSTANT = 1e-12
"""A covariate whose standard deviation is a smaller share of its mean than this is constant but for rounding."""


def fit_dynamic_covariates(
    history: CovariateHistory, *, purchase: str | Sequence[str] = (), dropout: str | Sequence[str] = ()
) -> DynamicCovariateModel:
    """Fit the Pareto/NBD with covariates that change with time, on the purchase rate, the dropout rate, or both.

    Parameters
    ----------
    history : CovariateHistory
        From `covariate_history`.
    purchase, dropout : str or sequence of str
        Covariates that shift the rate of buying, and that of being lost.

    Returns
    -------
    DynamicCovariateModel
        Effects with standard errors, the likelihood-ratio test, and predictions.

    Raises
    ------
    ConfigError
        If no covariate is named, one is named twice or is not in the history.
    DataError
        If a covariate is the same for every customer all the time, or follows from the others.
    FitError
        If no optimum is found.

    Notes
    -----
    Covariates are centred and scaled inside, by their mean and standard deviation over the observed time of all
    customers; another origin or unit changes no log-likelihood, p-value or prediction. Costs follow the number of
    distinct histories: covariates of the whole shop, or of groups of customers, are shared.

    In 500 simulated worlds with periods of eight weeks 90 % intervals of the parameters held in 89 to 92 %
    (`benchmarks/RESULTS.md`). With weekly periods and frequent buyers r and alpha came out too high, because a log that
    is counted by day merges purchases of the same day, and effects of short campaigns on leaving came out too strong:
    take those with caution.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import simulate
    >>> from retention_kit.models.dynamic.covariate_history import covariate_history
    >>> season = pd.DataFrame({"period": pd.date_range("2024-01-01", periods=104, freq="7D")})
    >>> season["sale"] = (np.arange(104) % 8 < 2).astype(float)
    >>> orders = simulate.dynamic_covariate_orders(
    ...     1500, season, r=0.8, alpha=8.0, s=0.7, beta=15.0, purchase={"sale": 0.7}, as_of="2025-06-30", seed=1
    ... )
    >>> history = covariate_history(orders, season, as_of="2025-06-30")
    >>> model = fit_dynamic_covariates(history, purchase="sale")
    >>> bool(abs(model.purchase["sale"] - 0.7) < 3 * model.standard_errors["purchase: sale"])
    True
    """
    purchase, dropout = named_columns("purchase", purchase), named_columns("dropout", dropout)
    with Arguments() as check:
        check.instance("history", history, CovariateHistory, "a CovariateHistory, from models.covariate_history")
    columns = list(dict.fromkeys([*purchase, *dropout]))
    if not columns:
        raise ConfigError("Name at least one covariate, in purchase or in dropout.")
    if unknown := [c for c in columns if c not in history.covariates]:
        raise ConfigError(f"No covariate {', '.join(unknown)}; the history has {', '.join(history.covariates)}.")
    rows = history.rows
    centre, spread = _centre_and_spread(rows, columns)
    plain = Rows({k: rows[k] for k in PURCHASES}, rows.weights, None, rows.about)
    without = CovariateModel(
        ParetoNBD.at_the_peak(plain),
        dict.fromkeys(purchase, 0.0),
        dict.fromkeys(dropout, 0.0),
        centre=centre,
        spread=spread,
    )
    process = DynamicCovariateModel(without).process
    peak = maximise(process.log_likelihood, rows, [list(without.theta)])
    return DynamicCovariateModel(at_the_peak(without, peak, rows, "ParetoNBD with dynamic covariates"))


def _centre_and_spread(rows: DynamicRows, columns: Sequence[str]) -> tuple[dict[str, float], dict[str, float]]:
    """Mean and standard deviation of the covariates over the time in which customers were observed."""
    total, sums, squares = 0.0, np.zeros(len(columns)), np.zeros((len(columns), len(columns)))
    for z, time in _observed(rows, columns, np.zeros(len(columns))):
        total, sums = total + time.sum(), sums + z @ time
    mean = sums / total
    for z, time in _observed(rows, columns, mean):
        squares += (z * time) @ z.T
    deviation = np.sqrt(np.diag(squares) / total)
    if (constant := deviation <= _CONSTANT * np.abs(mean)).any():
        same = ", ".join(f"{c} ({m:g})" for c, m, flat in zip(columns, mean, constant, strict=True) if flat)
        raise DataError(f"The same for all customers all the time, so without an effect that could be found: {same}.")
    values, vectors = np.linalg.eigh(squares / total / np.outer(deviation, deviation))
    if values[0] < _COLLINEAR:
        bound = [c for c, share in zip(columns, vectors[:, 0], strict=True) if abs(share) > 1e-3]
        raise DataError(f"Each of {', '.join(bound)} follows from the others; leave one of them out.")
    return dict(zip(columns, map(float, mean), strict=True)), dict(zip(columns, map(float, deviation), strict=True))


def _observed(rows: DynamicRows, columns: Sequence[str], centre: Array) -> Iterator[tuple[Array, Array]]:
    """Covariates, (columns, cells), and the time that customers spent in each cell of path and period, in chunks."""
    paths = rows.paths
    for chunk in rows.chunks:
        customers = np.bincount(chunk.path, rows.weights[chunk.rows], len(chunk.paths))
        periods = chunk.begin, paths.observed
        time = paths.widths(paths.first[chunk.paths], paths.end, *periods) * customers[:, None]
        z = [paths.inner(c, m, 1.0, chunk.paths, *periods).ravel() for c, m in zip(columns, centre, strict=True)]
        yield np.array(z), time.ravel()
