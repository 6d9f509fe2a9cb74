"""Gamma-Gamma: expected spend per purchase, drawn towards the mean of all customers if few purchases are known.

Story: the purchases of a customer vary around their own mean; the means differ between customers, independently of how
often they buy.

=============  =========================================================================================
p, ν           a customer's purchases ~ Gamma(p, ν): p shared, ν their own
q, γ           ν ~ Gamma(q, γ) over customers, γ in units of money
x, m           repeat purchases of a customer, and their mean value
ν, given this  Gamma(p x + q, γ + x m)
=============  =========================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from retention_kit.errors import DataError, FitError, caution
from retention_kit.models.base.calls import takes_one_table
from retention_kit.models.base.columns import Customers, NoCustomersError, Rule, refuse_columns
from retention_kit.models.base.evidence import Evidence
from retention_kit.models.base.fitting import evidence_of, maximise, settled
from retention_kit.models.base.rows import Rows, read
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.numerics.gamma_ratio import log_rise
from retention_kit.models.spend.same_money import same_money
from retention_kit.models.spend.spend_model import COLUMNS, ConstantSpend, SpendModel, SpendProcess

_RULES: tuple[Rule, ...] = (
    ("frequency must be a whole number", lambda c: c["frequency"] % 1 != 0),
    ("monetary_value must be above 0", lambda c: c["monetary_value"] <= 0),
)
_ALIKE = "customers hardly differ in what they spend; the mean of all will do"
_NEARLY_ALIKE = 0.05
"""Relative difference of customers' means below which, if no optimum is found, the mean of all is used for
everybody."""


class _GammaGamma(SpendProcess):
    """The mathematics of the Gamma-Gamma."""

    names = ("p", "q", "gamma")
    rules = _RULES
    scales = {"gamma": "monetary_value"}
    advice = {
        "p": "every customer spends nearly the same each time; the customer's own mean will do",
        "q": _ALIKE,
        "gamma": _ALIKE,
    }
    takes_columns = True

    def log_likelihood(self, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        r"""Eq. 1a of note 025:

        .. math:: \log L = \log\frac{\Gamma(px+q)}{\Gamma(px)\,\Gamma(q)} + q \log\frac{γ}{γ + mx}
                  + px \log\frac{mx}{γ + mx} - \log m
        """
        p, q, gamma = theta
        x, m, (counts, count_to_rows) = rows["frequency"], rows["monetary_value"], rows.levels("frequency")
        ln, psi = special.gammaln, special.digamma

        total = np.log(gamma + m * x)
        own = -np.log1p(gamma / (m * x))
        of_count = count_to_rows(log_rise(p * counts, q) - ln(q))
        value = of_count + q * (np.log(gamma) - total) + p * x * own - np.log(m)
        if not slopes:
            return value, value[:0]

        tail = psi(p * counts + q)
        d_p = x * (count_to_rows(tail - psi(p * counts)) + own)
        d_q = count_to_rows(tail - psi(q)) + np.log(gamma) - total
        d_gamma = q / gamma - (p * x + q) / (gamma + m * x)
        return value, np.stack([d_p, d_q, d_gamma])

    def starts(self, rows: Rows) -> list[list[float]]:
        mean = float(rows.weights @ rows["monetary_value"]) / rows.n
        return [[6.0, 4.0, mean / 2], [2.0, 2.0, mean], [20.0, 10.0, mean / 2]]

    def has_mean(self, theta: Array) -> Any:
        return theta[1] > 1

    def expected(self, theta: Array, x: Array, m: Array) -> Array:
        """p (γ + m x) / (p x + q - 1), with m = 0 if the repeat purchases were all refunded."""
        _refuse_without_mean(theta)
        p, q, gamma = theta
        spent = np.where((x > 0) & (m > 0), x * m, 0.0)
        value: Array = p * (gamma + spent) / (p * x + q - 1)
        return value

    def expected_in_engine(self, theta: Array, x: Any, spent: Any) -> Any:
        _refuse_without_mean(theta)
        p, q, gamma = map(float, theta)
        return p * (gamma + spent) / (p * x + q - 1)

    def purchases(self, theta: Array, x: Array, m: Array, owner: Array, rng: np.random.Generator) -> Array:
        p, q, gamma = theta
        nu = rng.gamma(p * x + q) / (gamma + x * m)
        value: Array = rng.gamma(p, size=len(owner)) / nu[owner]
        return value


@dataclass(frozen=True)
class GammaGamma(SpendModel):
    """Fitted Gamma-Gamma model of the value of a purchase.

    The purchases of a customer vary around their own mean as a gamma distribution of shape p; the means differ between
    customers. Value is assumed to be independent of how often customers buy (`models.spend_independence` checks that).
    The fit uses repeat buyers with positive value; the prediction covers everybody: customers who never came back are
    expected to spend the mean of all, and customers whose repeat purchases were all refunded count as having spent 0 in
    each of them.

    Parameters
    ----------
    p : float
        Shape of a customer's purchases: large means that they are alike.
    q, gamma : float
        Shape and rate of the distribution between customers, gamma in units of money.

    References
    ----------
    Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value", note 025.

    Examples
    --------
    >>> model = GammaGamma(p=6.25, q=3.74, gamma=15.44)
    >>> round(model.mean, 2)
    35.22
    """

    p: float
    q: float
    gamma: float

    process = _GammaGamma()

    @classmethod
    @takes_one_table
    def fit(cls, customers: Customers, *, weights: str | None = None, unit: str | None = None) -> SpendModel:
        """Maximum likelihood on the repeat buyers whose mean value is positive.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            Columns frequency and monetary_value (mean revenue per repeat event).
        weights : str, optional
            Column with the number of customers that each row stands for.
        unit : {"day", "week", "month", "year"}, optional
            Stored in the model, as for all models; this model does not use time, so it may be left out.

        Returns
        -------
        GammaGamma, or ConstantSpend
            The fitted model; a ConstantSpend, with a warning, if all customers spend the same, or so similar amounts
            that no distribution can be found.

        Raises
        ------
        DataError
            If nobody made a repeat purchase of positive value.
        FitError
            If no optimum is found although customers differ.
        """
        buyers = _repeat_buyers(customers, weights)
        try:
            rows = read(buyers, COLUMNS, cls.process.rules, weights=weights, unit=unit)
        except NoCustomersError:
            raise DataError(
                "GammaGamma needs customers with a repeat purchase of positive value; found none."
            ) from None
        mean = float(rows.weights @ rows["monetary_value"]) / rows.n
        if len(prices := np.unique(same_money(rows["monetary_value"]))) == 1:
            return _constant(float(prices[0]), rows)
        peak = maximise(cls.process.log_likelihood, rows, cls.process.starts(rows))
        if not settled(peak, rows.n) and (spread := _spread(rows)) < _NEARLY_ALIKE:
            return _constant(mean, rows, spread)
        evidence = evidence_of(cls.__name__, cls.process.names, peak, rows, cls.process.advice)
        return cls(*map(float, peak.theta), unit=rows.about.get("unit", ""), evidence=evidence)


def _refuse_without_mean(theta: Array) -> None:
    heavy = np.extract(theta[1] <= 1, theta[1])
    if heavy.size:
        raise FitError(
            f"q = {heavy[0]:.3g} is not above 1, so expected spend is infinite: the repeat buyers are too few, or "
            "spend too differently, to say what everybody will spend. Wait for more, or trim extreme values."
        )


def _constant(value: float, rows: Rows, spread: float = 0.0) -> ConstantSpend:
    """One value for everybody, with the reason."""
    if spread:
        verdict = (
            f"repeat purchases cost {value:.6g} on average and differ so little (standard deviation between customers "
            f"{100 * spread:.2g} %) that customers cannot be distinguished; everybody is expected to spend the mean"
        )
    else:
        who = "the only repeat buyer spends" if rows.n == 1 else f"all {rows.n:,.0f} repeat buyers spend"
        verdict = f"{who} {value:.10g} per purchase, so this constant is expected of everybody"
    caution(f"GammaGamma: {verdict}.")
    grain, as_of = rows.about.get("grain", ""), rows.about.get("as_of", "")
    error = value * spread / np.sqrt(rows.n)
    fit = Evidence(rows.n, float("nan"), ((error**2,),), verdict, 0.0, grain, as_of, rows)
    return ConstantSpend(value, unit=rows.about.get("unit", ""), evidence=fit)


def _spread(rows: Rows) -> float:
    """Standard deviation between customers of the logarithm of their mean value, which is nearly the relative one."""
    logs = np.log(rows["monetary_value"])
    return float(np.sqrt(np.average((logs - np.average(logs, weights=rows.weights)) ** 2, weights=rows.weights)))


def _repeat_buyers(customers: Customers, weights: str | None) -> Customers:
    refuse_columns(customers, COLUMNS, weights)
    kept = (customers["frequency"] > 0) & (customers["monetary_value"] > 0)
    return customers[kept] if isinstance(customers, pd.DataFrame) else customers.filter(kept)
