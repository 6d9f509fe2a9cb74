"""The value of a purchase: the protocol of spend processes, and the model of a shop with one price."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Any, ClassVar

import ibis
import numpy as np
import pandas as pd

from retention_kit.errors import DataError, FitError, join_faults
from retention_kit.formats import counted
from retention_kit.models.base.columns import Customers, numbers, refuse_columns
from retention_kit.models.base.model import Model
from retention_kit.models.base.process import Process
from retention_kit.models.base.rows import Rows
from retention_kit.models.numerics.arrays import Array

COLUMNS = ("frequency", "monetary_value")
"""Columns that models of spend read."""


class SpendProcess(Process):
    """A process of spend: what it supplies besides `log_likelihood` and `starts`.

    Of each customer x repeat purchases of mean value m are known; m may be missing or not above 0.
    """

    columns = COLUMNS

    @abstractmethod
    def has_mean(self, theta: Array) -> Any:
        """Whether the expected value is finite; for theta of shape (parameters, draws), one result per draw."""

    @abstractmethod
    def expected(self, theta: Array, x: Array, m: Array) -> Array:
        """Expected value of a purchase, given x and m."""

    @abstractmethod
    def expected_in_engine(self, theta: Array, x: Any, spent: Any) -> Any:
        """The same as an Ibis expression, given x and the sum of these purchases."""

    @abstractmethod
    def purchases(self, theta: Array, x: Array, m: Array, owner: Array, rng: np.random.Generator) -> Array:
        """The value of one future purchase of each owner (positions in x and m), drawn at random."""


@dataclass(frozen=True)
class SpendModel(Model):
    """Base of GammaGamma and ConstantSpend: the expected value of a purchase, for each customer and for a new one."""

    unit: str = field(default="", kw_only=True)

    process: ClassVar[SpendProcess]
    timed: ClassVar[bool] = False

    @property
    def mean(self) -> float:
        """Expected value of a purchase of a customer without a history."""
        return float(self.process.expected(self.theta, np.zeros(1), np.zeros(1))[0])

    def expected_value(self, customers: Customers) -> Any:
        """Expected value of each customer's future purchases.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            Columns frequency and monetary_value; without repeat purchases monetary_value may be empty.

        Returns
        -------
        Series or Ibis table
            Money per purchase.

        Raises
        ------
        FitError
            If the mean over customers is infinite (Gamma-Gamma with q ≤ 1).
        """
        refuse_values(customers)
        x, m = customers["frequency"], customers["monetary_value"]
        if isinstance(customers, pd.DataFrame):
            value = self.process.expected(self.theta, np.asarray(x, dtype=float), np.asarray(m, dtype=float))
            return pd.Series(value, index=customers.index, name="expected_value")
        own = x.cast("float64")
        spent = ibis.ifelse((x > 0) & (m > 0), own * m.cast("float64"), 0.0)
        return customers.mutate(expected_value=self.process.expected_in_engine(self.theta, own, spent))


class _Constant(SpendProcess):
    """One value for everybody."""

    names = ("value",)
    takes_columns = True

    def log_likelihood(self, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:  # noqa: ARG002
        raise FitError("ConstantSpend is not fitted; GammaGamma.fit gives one where all purchases cost the same.")

    def starts(self, rows: Rows) -> list[list[float]]:
        return [[rows.mean("monetary_value")]]

    def has_mean(self, theta: Array) -> Any:
        return theta[0] > 0

    def expected(self, theta: Array, x: Array, m: Array) -> Array:  # noqa: ARG002
        value: Array = theta[0] + np.zeros(np.shape(x))
        return value

    def expected_in_engine(self, theta: Array, x: Any, spent: Any) -> Any:  # noqa: ARG002
        return ibis.literal(float(theta[0]))

    def purchases(self, theta: Array, x: Array, m: Array, owner: Array, rng: np.random.Generator) -> Array:  # noqa: ARG002
        return np.full(len(owner), theta[0])


@dataclass(frozen=True)
class ConstantSpend(SpendModel):
    """Every purchase has the same value for all customers.

    `GammaGamma.fit` returns it for a shop with one price, for which no distribution can be fitted: a single product, a
    box, a fixed donation. It has the methods of Gamma-Gamma, and its verdict gives the reason.

    Parameters
    ----------
    value : float
        Money per purchase.

    Examples
    --------
    >>> customers = pd.DataFrame({"frequency": [0, 2], "monetary_value": [None, 19.99]})
    >>> ConstantSpend(value=19.99).expected_value(customers).tolist()
    [19.99, 19.99]
    """

    value: float

    process = _Constant()
    fitted_by = "GammaGamma.fit(customers), of a shop with one price"

    def sample(self, n: int = 1000, seed: int = 0, *, prior: str = "weak") -> pd.DataFrame:  # noqa: ARG002
        """n times the constant, which has no uncertainty.

        Parameters
        ----------
        n : int
            Draws.
        seed, prior
            Without effect.

        Returns
        -------
        DataFrame
            The column value.
        """
        table = pd.DataFrame({"value": np.full(n, self.value)})
        table.attrs = {"ess": float(n), "pareto_k": float("nan"), "prior": "none"}
        return table

    def draws(self, n: int, seed: int) -> Array:
        return self.sample(n, seed).to_numpy()


def refuse_values(customers: Customers) -> None:
    """Refuse invalid counts, and customers with repeat purchases but no value; an engine counts them in one pass."""
    refuse_columns(customers, COLUMNS, None)
    if isinstance(customers, pd.DataFrame):
        table = pd.DataFrame({c: numbers(customers[c]) for c in COLUMNS})
        counts = {text: int(bad.sum()) for text, bad in _wrong(table, table.isna()).items()}
    else:
        table = customers.select(**{c: customers[c].cast("float64") for c in COLUMNS})
        empty = {c: table[c].isnull() | table[c].isnan() for c in COLUMNS}
        sums = {text: bad.fill_null(False).sum() for text, bad in _wrong(table, empty).items()}
        counts = table.agg(**sums).to_pandas().iloc[0].fillna(0).astype(int).to_dict()
    if faults := [f"{text} (wrong for {counted(n, 'customer')})" for text, n in counts.items() if n]:
        raise DataError(f"{join_faults(faults)}.")


def _wrong(table: Any, empty: Any) -> dict[str, Any]:
    """Faults, as conditions on the columns of a DataFrame or an Ibis table."""
    x, m = (table[c] for c in COLUMNS)
    return {
        "frequency must be a whole number from 0": (x < 0) | (x % 1 != 0) | empty["frequency"],
        "monetary_value must be finite": m.abs() == np.inf,
        "monetary_value is empty though frequency is above 0": (x > 0) & empty["monetary_value"],
    }
