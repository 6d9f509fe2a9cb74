"""Gamma-Gamma: what a customer spends per purchase, pulled towards everybody's mean while few purchases are known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import ibis
import numpy as np
import pandas as pd
from scipy import special

from retention_kit.errors import DataError, FitError, join_faults
from retention_kit.models.columns import numbers, refuse_columns, refuse_more
from retention_kit.models.contract import Model
from retention_kit.models.fitting import evidence, maximise
from retention_kit.models.rows import Array, Customers, Rows, Rule, read

__all__ = ["GammaGamma"]

_COLUMNS = ("frequency", "monetary_value")
_RULES: tuple[Rule, ...] = (
    ("frequency must be a whole number", lambda c: c["frequency"] % 1 != 0),
    ("monetary_value must be above 0", lambda c: c["monetary_value"] <= 0),
)
_ADVICE = {
    "p": "every customer spends nearly the same each time; the customer's own mean will do",
    "q": "customers hardly differ in what they spend; the mean of all will do",
    "gamma": "customers hardly differ in what they spend; the mean of all will do",
}


@dataclass(frozen=True)
class GammaGamma(Model):
    """Fitted Gamma-Gamma model of the value of a purchase.

    A customer's purchases scatter around her own mean as a gamma distribution of shape p; the means differ between
    customers. Value is taken to be independent of how often somebody buys (`models.spend_independence` checks that).
    The fit uses repeat buyers with positive value; the prediction covers everybody: who never came back is expected
    to spend the mean of all, and who had all repeat purchases refunded counts as having spent 0 in each of them.

    Parameters
    ----------
    p : float
        Shape of a customer's purchases: large means that they are alike.
    q, gamma : float
        Of the distribution between customers, gamma in units of money.

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
    unit: str = field(default="", kw_only=True)

    _timed = False
    _names = ("p", "q", "gamma")
    _scales = {"gamma": "monetary_value"}
    _broadcasts = True

    @classmethod
    def fit(
        cls, customers: Customers, *columns: Any, weights: str | None = None, unit: str | None = None, **options: Any
    ) -> Self:
        """Maximum likelihood on the repeat buyers whose mean value is positive.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency and monetary_value (mean revenue per repeat event).
        *columns, **options
            Nothing more is taken: columns come in one table, and no penalizer_coef is needed.
        weights : str, optional
            Column that says how many customers a row stands for.
        unit : {"day", "week", "month", "year"}, optional
            Kept in the model, as the fits of all models take it; no time enters this one, so it may be left out.

        Returns
        -------
        GammaGamma
            The fitted model.
        """
        refuse_more(cls.__name__, _COLUMNS, columns, options)
        rows = read(_repeat_buyers(customers, weights), _COLUMNS, _RULES, weights=weights, unit=unit)
        mean = float(rows.weights @ rows["monetary_value"]) / rows.n
        peak = maximise(cls._log_likelihood, rows, [[6.0, 4.0, mean / 2], [2.0, 2.0, mean], [20.0, 10.0, mean / 2]])
        fit = evidence(cls.__name__, cls._names, peak, rows, _ADVICE)
        return cls(*map(float, peak.theta), unit=rows.about.get("unit", ""), evidence=fit)

    @classmethod
    def _log_likelihood(cls, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        """Log-likelihood of each row and its gradient in (p, q, γ): note 025, eq. 1a."""
        p, q, gamma = theta
        x, m, (counts, at) = rows["frequency"], rows["monetary_value"], rows.levels("frequency")
        ln, psi = special.gammaln, special.digamma
        total = np.log(gamma + m * x)
        own = np.log(m * x) - total
        of_the_count = at(ln(p * counts + q) - ln(p * counts) - ln(q))
        ll = of_the_count + q * (np.log(gamma) - total) + p * x * own - np.log(m)
        if not slopes:
            return ll, ll[:0]
        tail = psi(p * counts + q)
        d_p = x * (at(tail - psi(p * counts)) + own)
        d_q = at(tail - psi(q)) + np.log(gamma) - total
        d_gamma = q / gamma - (p * x + q) / (gamma + m * x)
        return ll, np.stack([d_p, d_q, d_gamma])

    @property
    def mean(self) -> float:
        """Expected value of a purchase of a customer about whom nothing is known, pγ / (q - 1)."""
        return float(self._expected(np.zeros(1), np.zeros(1))[0])

    def expected_value(self, customers: Customers) -> Any:
        """Expected value of each customer's future purchases (eq. 5).

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency and monetary_value; without repeat purchases monetary_value may be empty.

        Returns
        -------
        Series or Ibis table
            Money per purchase: the weighted mean of the customer's own and everybody's.

        Raises
        ------
        FitError
            If q ≤ 1: then the mean over customers is infinite.
        """
        self._refuse_without_mean()
        refuse_values(customers)
        x, m = customers["frequency"], customers["monetary_value"]
        if isinstance(customers, pd.DataFrame):
            value = self._expected(np.asarray(x, dtype=float), np.asarray(m, dtype=float))
            return pd.Series(value, index=customers.index, name="expected_value")
        own = x.cast("float64")
        spent = ibis.ifelse((x > 0) & (m > 0), own * m.cast("float64"), 0.0)
        return customers.mutate(expected_value=self.p * (self.gamma + spent) / (self.p * own + self.q - 1))

    def _expected(self, x: Array, m: Array) -> Array:
        """p (γ + m x) / (p x + q - 1), with m = 0 where refunds have taken all that the repeat purchases brought."""
        self._refuse_without_mean()
        spent = np.where((x > 0) & (m > 0), x * m, 0.0)
        return self.p * (self.gamma + spent) / (self.p * x + self.q - 1)

    def _refuse_without_mean(self) -> None:
        heavy = np.extract(np.asarray(self.q) <= 1, self.q)
        if heavy.size:
            raise FitError(
                f"q = {heavy[0]:.3g} is not above 1, so expected spend is infinite: the repeat buyers are too few, or "
                "spend too differently, to say what everybody will spend. Wait for more, or trim extreme values."
            )


def _repeat_buyers(customers: Customers, weights: str | None) -> Customers:
    refuse_columns(customers, _COLUMNS, weights)
    kept = (customers["frequency"] > 0) & (customers["monetary_value"] > 0)
    chosen = customers[kept] if isinstance(customers, pd.DataFrame) else customers.filter(kept)
    if isinstance(chosen, pd.DataFrame) and chosen.empty:
        raise DataError("GammaGamma needs customers with a repeat purchase of positive value; found none.")
    return chosen


def refuse_values(customers: Customers) -> None:
    """Refuse counts that are none, and a customer who came back and has no value; an engine counts them in one pass."""
    refuse_columns(customers, _COLUMNS, None)
    if isinstance(customers, pd.DataFrame):
        table = pd.DataFrame({c: numbers(customers[c]) for c in _COLUMNS})
        counts = {text: int(bad.sum()) for text, bad in _wrong(table, table.isna()).items()}
    else:
        table = customers.select(**{c: customers[c].cast("float64") for c in _COLUMNS})
        empty = {c: table[c].isnull() | table[c].isnan() for c in _COLUMNS}
        sums = {text: bad.fill_null(False).sum() for text, bad in _wrong(table, empty).items()}
        counts = table.agg(**sums).to_pandas().iloc[0].fillna(0).astype(int).to_dict()
    if faults := [f"{text} (wrong for {n:,} customers)" for text, n in counts.items() if n]:
        raise DataError(f"{join_faults(faults)}.")


def _wrong(table: Any, empty: Any) -> dict[str, Any]:
    """What may not be, as conditions on the columns of a DataFrame or an Ibis table."""
    x, m = (table[c] for c in _COLUMNS)
    return {
        "frequency must be a whole number from 0": (x < 0) | (x % 1 != 0) | empty["frequency"],
        "monetary_value must be finite": m.abs() == np.inf,
        "monetary_value is empty though frequency is above 0": (x > 0) & empty["monetary_value"],
    }
