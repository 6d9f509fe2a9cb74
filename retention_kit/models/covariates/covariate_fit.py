"""The fit of a model with covariates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from retention_kit.errors import ConfigError, DataError, join_faults
from retention_kit.models.base.columns import Customers
from retention_kit.models.base.fitting import Peak, evidence_of, maximise
from retention_kit.models.base.rows import PURCHASE_RULES, PURCHASES, Rows, read
from retention_kit.models.covariates.covariate_model import CovariateModel
from retention_kit.models.covariates.shifted import FAMILY, ShiftedProcess, kinds
from retention_kit.models.purchases.purchase_model import PurchaseModel

_MOST = 5_000
"""Distinct combinations: predictions take time for each of them."""
_OUTCOMES = {*PURCHASES, "monetary_value", "orders", "revenue", "first_order", "last_order", "days_since_last"}
"""What models explain, or what is made of it: no covariate, as it is not known from the start."""
_CONSTANT = 1e-12
"""A column whose standard deviation is a smaller share of its mean than this is constant but for rounding."""


def fit_covariates(
    model: type[PurchaseModel],
    customers: Customers,
    *,
    purchase: str | Sequence[str] = (),
    dropout: str | Sequence[str] = (),
    weights: str | None = None,
    unit: str | None = None,
) -> CovariateModel:
    """Fit BGNBD, MBGNBD or ParetoNBD with covariates on the purchase rate, the dropout, or both.

    Parameters
    ----------
    model : BGNBD, MBGNBD or ParetoNBD
        The class.
    customers : DataFrame or Ibis table
        With frequency, recency, T and numeric covariates (0/1 for categories), on any scale.
    purchase, dropout : str or sequence of str
        Columns that shift the purchase rate, and the dropout. They must be known from the start: what the model
        explains (frequency, recency, T, orders, revenue …) is refused.
    weights : str, optional
        Column that says how many customers a row stands for.
    unit : {"day", "week", "month", "year"}, optional
        What recency and T count, where the table has no column unit.

    Returns
    -------
    CovariateModel
        Effects with standard errors, the likelihood-ratio test, and predictions with each customer's covariates.

    Raises
    ------
    ConfigError
        If no covariate is named, one is named twice or is an outcome, the model takes none, or there are more than
        5,000 distinct combinations.
    DataError
        If a covariate is the same for every customer, is not a number or is missing.

    Notes
    -----
    Covariates are centred and scaled inside. Another origin or unit of a covariate changes its effect accordingly
    (income in thousands: a thousand times the effect), and no log-likelihood, p-value or prediction. The fit takes as
    long as one without covariates; predictions, and `forecast` above all, take time for each distinct combination, so
    band a column that differs from customer to customer.

    Examples
    --------
    >>> import pandas as pd
    >>> from retention_kit import simulate
    >>> from retention_kit.models import BGNBD
    >>> plain = simulate.bgnbd_customers(2000, r=0.5, alpha=8.0, a=0.8, b=2.5, T=40, seed=1).assign(club=0)
    >>> club = simulate.bgnbd_customers(2000, r=0.5, alpha=4.0, a=0.8, b=2.5, T=40, seed=2).assign(club=1)
    >>> fit = fit_covariates(BGNBD, pd.concat([plain, club]), purchase=["club"])
    >>> bool(abs(fit.purchase["club"] - np.log(2)) < 3 * fit.summary().loc["purchase: club", "standard_error"])
    True
    """
    purchase, dropout = named_columns("purchase", purchase), named_columns("dropout", dropout)
    if not any(model is known for known in FAMILY.values()) or not [*purchase, *dropout]:
        got = f"{getattr(model, '__name__', repr(model))} with {len([*purchase, *dropout])} columns"
        raise ConfigError(f"Covariates need {', '.join(FAMILY)} and at least one column; got {got}.")
    columns = list(dict.fromkeys([*purchase, *dropout]))
    _refuse_outcomes(columns, weights)
    rows = read(customers, (*PURCHASES, *columns), PURCHASE_RULES, weights=weights, unit=unit, fit=True)
    if (combinations := len(kinds(rows, columns))) > _MOST:
        raise ConfigError(f"{combinations} distinct combinations of {', '.join(columns)}; round or band them first.")
    centre, spread = _centre_and_spread(rows, columns)
    alone = model.fit(customers, weights=weights, unit=unit)
    process = ShiftedProcess(model.process, purchase, dropout, centre, spread)
    peak = maximise(process.log_likelihood, rows, [[*alone.theta, *np.ones(len(purchase) + len(dropout))]])
    without = CovariateModel(
        alone, dict.fromkeys(purchase, 0.0), dict.fromkeys(dropout, 0.0), centre=centre, spread=spread
    )
    return at_the_peak(without, peak, rows, f"{model.__name__} with covariates")


def at_the_peak(without: CovariateModel, peak: Peak, rows: Rows, title: str) -> CovariateModel:
    """The model at an optimum with the evidence for it, from the one without effects."""
    process, alone = without.process, without.central
    k, best = len(alone.theta), without.with_parameters(peak.theta)
    advice = {**alone.process.advice, **dict.fromkeys(process.names[k:], _OPEN)}
    shown = [*peak.theta[:k], *best.purchase.values(), *best.dropout.values()]
    evidence = evidence_of(title, process.names, peak, rows, advice, shown)
    scale = np.append(np.ones(k), 1 / (peak.theta[k:] * process.units))  # from exp(effect) to the user's scale
    covariance = np.array(evidence.covariance) * np.outer(scale, scale)
    lines = tuple(tuple(map(float, line)) for line in covariance)
    return replace(best, log_likelihood_without=alone.log_likelihood, evidence=replace(evidence, covariance=lines))


_OPEN = (
    "the other covariates may say the same (money in two currencies, a dummy for every weekday; leave one out), or it "
    "separates customers who bought again from those who did not; else use more customers"
)
"""What may be behind an effect that the data do not settle."""


def named_columns(argument: str, given: str | Sequence[str]) -> list[str]:
    """Names of columns as a list, each once."""
    names = [given] if isinstance(given, str) or not isinstance(given, Iterable) else list(given)
    faults = [f"{name!r} is not the name of a column" for name in names if not isinstance(name, str)]
    faults += [f"{name!r} is named {times} times" for name, times in Counter(map(str, names)).items() if times > 1]
    if faults:
        raise ConfigError(f"{argument} needs names of columns, each once: {join_faults(faults)}.")
    return names


def _refuse_outcomes(columns: Sequence[str], weights: str | None) -> None:
    wrong = [c for c in columns if c in _OUTCOMES or c == weights]
    if wrong:
        raise ConfigError(
            f"A covariate must be known from the start, but {', '.join(wrong)} is what the model explains, or is made "
            "of it; leave it out."
        )


def _centre_and_spread(rows: Rows, columns: Sequence[str]) -> tuple[dict[str, float], dict[str, float]]:
    centre = {c: rows.mean(c) for c in columns}
    spread = {c: float(np.sqrt(np.average((rows[c] - centre[c]) ** 2, weights=rows.weights))) for c in columns}
    constant = [c for c in columns if spread[c] <= _CONSTANT * abs(centre[c])]
    if constant:
        same = ", ".join(f"{c} ({rows[c][0]:g})" for c in constant)
        raise DataError(f"The same for every customer, so without an effect that could be found: {same}. Leave it out.")
    return centre, spread
