"""Static covariates: purchase rates and dropout that depend on what is known of a customer from the start.

Customers with the same covariates follow the same model with shifted parameters, so the likelihood is the model's
own, once per distinct combination. Fader & Hardie (2007), note 019."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from retention_kit.errors import ConfigError
from retention_kit.models.contract import Evidence
from retention_kit.models.covariate_likelihood import SHIFTED, kinds, shifted_likelihood
from retention_kit.models.fitting import evidence, maximise
from retention_kit.models.purchases import PurchaseModel
from retention_kit.models.rows import PURCHASE_RULES, PURCHASES, Customers, place, read

__all__ = ["CovariateModel", "fit_covariates"]

_MOST = 5_000


@dataclass(frozen=True)
class CovariateModel:
    """A model of purchases whose rates depend on columns of the customer table.

    Attributes
    ----------
    base : fitted model
        For customers whose covariates are all 0.
    purchase, dropout : dict
        Effects by column: one unit more multiplies the purchase rate by exp(effect); and, for dropout, the rate of
        leaving (ParetoNBD) or a, so the odds a / b of leaving after a purchase (BGNBD).
    evidence : Evidence
        Of the whole fit; the covariance is that of all parameters and effects.
    log_likelihood_without : float
        Of the same model without covariates.

    Examples
    --------
    >>> from retention_kit.models import BGNBD
    >>> base = BGNBD(r=0.5, alpha=8.0, a=0.8, b=2.5)
    >>> nothing = Evidence(n=0, log_likelihood=0, covariance=(), verdict="", gradient=0)
    >>> club = CovariateModel(base, {"club": 0.5}, {}, nothing, 0.0)
    >>> round(club.at(club=1).alpha, 2)
    4.85
    """

    base: PurchaseModel
    purchase: dict[str, float]
    dropout: dict[str, float]
    evidence: Evidence
    log_likelihood_without: float

    @property
    def log_likelihood(self) -> float:
        """Log-likelihood at the optimum."""
        return self.evidence.log_likelihood

    def summary(self) -> pd.DataFrame:
        """Parameters and effects with standard errors; effects with z and p-value of 'no effect' and exp(effect)."""
        effects = [*self.purchase.values(), *self.dropout.values()]
        names = [f"purchase: {k}" for k in self.purchase] + [f"dropout: {k}" for k in self.dropout]
        table = pd.DataFrame({"value": [*self.base.params, *effects]}, index=[*self.base._names, *names])
        table["standard_error"] = np.sqrt(np.diag(np.array(self.evidence.covariance)))
        z = (table["value"] / table["standard_error"]).where(np.arange(len(table)) >= len(self.base._names))
        return table.assign(z=z, p_value=2 * stats.norm.sf(z.abs()), multiplier=np.exp(table["value"]).where(z.notna()))

    def likelihood_ratio(self) -> dict[str, float]:
        """Test of all effects together against none: statistic, degrees of freedom, p-value."""
        statistic = 2 * (self.log_likelihood - self.log_likelihood_without)
        degrees = len(self.purchase) + len(self.dropout)
        return {"statistic": statistic, "degrees": degrees, "p_value": float(stats.chi2.sf(max(statistic, 0), degrees))}

    def at(self, **values: float) -> PurchaseModel:
        """The model of customers with these covariates.

        Parameters
        ----------
        **values : float
            Covariates by name; what is not named is 0.

        Returns
        -------
        model
            With the parameters of these customers.
        """
        shift_in = sum(self.purchase.get(k, 0.0) * v for k, v in values.items())
        shift_out = sum(self.dropout.get(k, 0.0) * v for k, v in values.items())
        unknown = set(values) - set(self.purchase) - set(self.dropout)
        if unknown:
            raise ConfigError(f"No covariate {', '.join(sorted(unknown))}; there are {', '.join(self._columns)}.")
        rate, sign_in, leave, sign_out = SHIFTED[type(self.base).__name__]
        changed: dict[str, Any] = {
            rate: float(getattr(self.base, rate) * np.exp(sign_in * shift_in)),
            leave: float(getattr(self.base, leave) * np.exp(sign_out * shift_out)),
        }
        return replace(self.base, evidence=None, **changed)

    def probability_alive(self, customers: Customers, after: float = 0.0) -> Any:
        """Probability of being there at as_of, or a time `after` later, with each customer's covariates.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency, recency, T and the covariates.
        after : float
            Time after as_of, in the model's unit.

        Returns
        -------
        Series or Ibis table
            Probabilities, aligned to the customers.
        """
        return self._each(customers, "probability_alive", lambda m, rows: m._alive(rows) * m._stay(rows, after))

    def expected_purchases(self, customers: Customers, t: float) -> Any:
        """Expected purchases in the time t after as_of, with each customer's covariates.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency, recency, T and the covariates.
        t : float
            Length of the future, in the model's unit.

        Returns
        -------
        Series or Ibis table
            Expected purchases, aligned to the customers.
        """
        return self._each(customers, "expected_purchases", lambda m, rows: m._expected(rows, t))

    @property
    def _columns(self) -> list[str]:
        return list(dict.fromkeys([*self.purchase, *self.dropout]))

    def _each(self, customers: Customers, name: str, answer: Any) -> Any:
        rows = read(customers, (*PURCHASES, *self._columns), PURCHASE_RULES, unit=self.base.unit)
        values = np.empty(len(rows))
        for at, kind in kinds(rows, self._columns):
            values[at] = answer(self.at(**kind), rows.take(at))
        return place(customers, rows, values, name)


def fit_covariates(
    model: type[PurchaseModel],
    customers: Customers,
    *,
    purchase: Sequence[str] = (),
    dropout: Sequence[str] = (),
    weights: str | None = None,
    unit: str | None = None,
) -> CovariateModel:
    """Fit BGNBD or ParetoNBD with covariates on the purchase rate, the dropout, or both.

    Parameters
    ----------
    model : BGNBD or ParetoNBD
        The class.
    customers : DataFrame or Ibis table
        With frequency, recency, T and numeric covariates (0/1 for categories).
    purchase, dropout : sequence of str
        Columns that shift the purchase rate, and the dropout.
    weights : str, optional
        Column that says how many customers a row stands for.
    unit : {"day", "week", "month", "year"}, optional
        What recency and T count, where the table has no column unit.

    Returns
    -------
    CovariateModel
        Base model, effects with standard errors, and the likelihood-ratio test.

    Raises
    ------
    ConfigError
        If no covariate is named, the model has none, or there are more than 5,000 distinct combinations.

    Examples
    --------
    >>> from retention_kit import simulate
    >>> from retention_kit.models import BGNBD
    >>> plain = simulate.bgnbd_customers(2000, r=0.5, alpha=8.0, a=0.8, b=2.5, T=40, seed=1).assign(club=0)
    >>> club = simulate.bgnbd_customers(2000, r=0.5, alpha=4.0, a=0.8, b=2.5, T=40, seed=2).assign(club=1)
    >>> fit = fit_covariates(BGNBD, pd.concat([plain, club]), purchase=["club"])
    >>> bool(abs(fit.purchase["club"] - np.log(2)) < 3 * fit.summary().loc["purchase: club", "standard_error"])
    True
    """
    if model.__name__ not in SHIFTED or not [*purchase, *dropout]:
        raise ConfigError(f"Covariates need BGNBD or ParetoNBD and at least one column; got {model.__name__}.")
    columns = list(dict.fromkeys([*purchase, *dropout]))
    rows = read(customers, (*PURCHASES, *columns), PURCHASE_RULES, weights=weights, unit=unit, fit=True)
    parts = [(rows.take(at), kind) for at, kind in kinds(rows, columns)]
    if len(parts) > _MOST:
        raise ConfigError(f"{len(parts)} distinct combinations of {', '.join(columns)}; round or band them first.")
    alone = model.fit(customers, weights=weights, unit=unit)
    likelihood = shifted_likelihood(model, parts, list(purchase), list(dropout), len(rows))
    ordered = rows.take(np.concatenate([at for at, _ in kinds(rows, columns)]))
    peak = maximise(likelihood, ordered, [[*alone._theta, *np.ones(len(purchase) + len(dropout))]])
    names = [*model._names, *(f"purchase: {k}" for k in purchase), *(f"dropout: {k}" for k in dropout)]
    fit = evidence(f"{model.__name__} with covariates", names, peak, ordered, model._advice)
    k = len(model._names)
    effects = np.log(peak.theta[k:])
    scale = np.append(np.ones(k), 1 / peak.theta[k:])
    covariance = np.array(fit.covariance) * np.outer(scale, scale)
    base = model(*map(float, peak.theta[:k]), unit=alone.unit)
    return CovariateModel(
        base,
        dict(zip(purchase, map(float, effects[: len(purchase)]), strict=True)),
        dict(zip(dropout, map(float, effects[len(purchase) :]), strict=True)),
        replace(fit, covariance=tuple(tuple(map(float, line)) for line in covariance)),
        alone.log_likelihood,
    )
