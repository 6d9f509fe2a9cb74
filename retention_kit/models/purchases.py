"""Predictions that every buy-till-you-die model in continuous time answers in the same way.

A model says three things about a customer with history (x, t_x, T): how likely it is that she is still there, and, if
she is, at which rate she will buy after a further time u and how many purchases that makes. Everything below follows
from these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from retention_kit.errors import ConfigError
from retention_kit.models.contract import Model
from retention_kit.models.rows import Array, Customers, Rows, place, read, single
from retention_kit.schema import DAYS_PER_YEAR, UNIT_DAYS

__all__ = ["PurchaseModel"]

_NODES, _WEIGHTS = special.roots_legendre(16)
_GONE = 42.0
"""e^-42 is below the last digit: an endless horizon ends where discounting has come to that."""


@dataclass(frozen=True)
class PurchaseModel(Model):
    """Base of BGNBD, MBGNBD and ParetoNBD: predictions per customer and for a new one."""

    def probability_alive(self, customers: Customers, after: float = 0.0) -> Any:
        """Probability that each customer is still there at as_of, or a time `after` later.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency, recency and T in the model's unit.
        after : float
            Time after as_of, in the model's unit.

        Returns
        -------
        Series or Ibis table
            Probabilities, aligned to the customers.
        """
        rows = self._read(customers)
        alive = self._alive(rows)
        return place(customers, rows, alive * self._stay(rows, after) if after else alive, "probability_alive")

    def expected_purchases(self, customers: Customers, t: float) -> Any:
        """Expected number of purchases of each customer in the time t after as_of.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency, recency and T in the model's unit.
        t : float
            Length of the future, in the model's unit.

        Returns
        -------
        Series or Ibis table
            Expected purchases, aligned to the customers.
        """
        rows = self._read(customers)
        return place(customers, rows, self._expected(rows, t), "expected_purchases")

    def expected_purchases_new(self, t: npt.ArrayLike) -> Any:
        """Expected repeat purchases of a customer who has just made the first purchase, in time t.

        Parameters
        ----------
        t : float or array
            In the model's unit.

        Returns
        -------
        float or array
            As t.
        """
        new = single(frequency=0, recency=0, T=0)
        values = np.array([self._expected(new, float(u))[0] for u in np.ravel(np.asarray(t, dtype=float))])
        return float(values[0]) if np.ndim(t) == 0 else values.reshape(np.shape(t))

    def probability_of_n_purchases(self, n: npt.ArrayLike, t: float, customers: Customers | None = None) -> Any:
        """Probability of exactly n purchases in the next t, for a new customer or for each of a table.

        Parameters
        ----------
        n : int or array of int
            Number of purchases; a single one if customers are given.
        t : float
            Length of the future, in the model's unit.
        customers : DataFrame or Ibis table, optional
            Without it, a new customer.

        Returns
        -------
        float, array, Series or Ibis table
            Probabilities.
        """
        if customers is not None:
            if np.ndim(n) != 0:
                raise ConfigError("For a table of customers n must be one number; call once for each.")
            rows = self._read(customers)
            return place(customers, rows, self._probability_of_n(rows, int(n), t), "probability_of_n_purchases")  # type: ignore[arg-type]
        new = single(frequency=0, recency=0, T=0)
        values = np.array([self._probability_of_n(new, int(k), t)[0] for k in np.ravel(np.asarray(n))])
        return float(values[0]) if np.ndim(n) == 0 else values.reshape(np.shape(n))

    def discounted_purchases(self, customers: Customers, t: float = np.inf, *, annual_discount_rate: float) -> Any:
        """Expected purchases in the next t, each worth what its own moment is discounted to.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency, recency and T in the model's unit.
        t : float
            Length of the future, in the model's unit; without it, for ever (the residual transactions, DERT).
        annual_discount_rate : float
            0.1 for 10 % a year.

        Returns
        -------
        Series or Ibis table
            Discounted expected purchases, aligned to the customers.

        Notes
        -----
        Gauss–Legendre panels in log time over the purchase rate; relative error below 1e-8.
        """
        rows = self._read(customers)
        values = self._discounted(rows, t, self._force(annual_discount_rate))
        return place(customers, rows, values, "discounted_purchases")

    # What a model supplies, for rows of history

    def _alive(self, rows: Rows) -> Array:
        """P(alive at T | x, t_x, T)."""
        raise NotImplementedError

    def _stay(self, rows: Rows, t: float) -> Array:
        """P(still there at T + t | alive at T)."""
        raise NotImplementedError

    def _while_alive(self, rows: Rows, t: float) -> Array:
        """E[purchases in (T, T + t] | alive at T]."""
        raise NotImplementedError

    def _rate(self, rows: Rows, u: Array) -> Array:
        """Expected purchases per unit of time at T + u, given alive at T; one column per u."""
        raise NotImplementedError

    def _pmf(self, rows: Rows, n: int, t: float) -> Array:
        """P(n purchases in (T, T + t] | alive at T)."""
        raise NotImplementedError

    # What follows

    def _read(self, customers: Customers) -> Rows:
        return read(customers, unit=self.unit)

    def _expected(self, rows: Rows, t: float) -> Array:
        if not t >= 0:
            raise ConfigError(f"The time to predict must be 0 or more {self.unit}s; got {t}.")
        return self._alive(rows) * self._per_pair(rows, lambda pairs: self._while_alive(pairs, t))

    def _probability_of_n(self, rows: Rows, n: int, t: float) -> Array:
        alive = self._alive(rows)
        return (n == 0) * (1 - alive) + alive * self._per_pair(rows, lambda pairs: self._pmf(pairs, n, t))

    def _discounted(self, rows: Rows, t: float, force: float) -> Array:
        """∫ e^(-δu) rate(u) du over (0, t), in panels of equal log time."""
        if not (t > 0 and force >= 0) or (np.isinf(t) and force == 0):
            raise ConfigError(
                f"Discounting needs t above 0 and a rate from 0, above 0 if t is endless; got t={t}, δ={force}."
            )
        u, weight = _log_panels(min(t, _GONE / force) if force else t, float(np.median(rows["T"])) + 1e-9)
        present = weight * np.exp(-force * u)
        return self._alive(rows) * self._per_pair(rows, lambda pairs: self._rate(pairs, u) @ present)

    def _force(self, annual_discount_rate: float) -> float:
        """Continuous discount rate per unit of time."""
        if not annual_discount_rate >= 0:
            raise ConfigError(f"annual_discount_rate must be 0 or more, as a fraction; got {annual_discount_rate}.")
        return float(np.log1p(annual_discount_rate)) * UNIT_DAYS[self.unit] / DAYS_PER_YEAR

    @staticmethod
    def _per_pair(rows: Rows, f: Any) -> Array:
        """f once per distinct (x, T): given alive, the last purchase no longer matters."""
        code = rows["frequency"] + 1j * rows["T"]
        place_, found = pd.factorize(code)
        pairs = Rows({"frequency": found.real.copy(), "T": found.imag.copy()}, np.ones(len(found)))
        return f(pairs)[place_]


def _log_panels(t: float, scale: float) -> tuple[Array, Array]:
    """Nodes and weights on (0, t): 16 Gauss–Legendre nodes in each panel of log(1 + u / scale) about 1 long."""
    end = np.log1p(t / scale)
    edges = np.linspace(0, end, int(np.ceil(end)) + 1)
    half = np.diff(edges)[:, None] / 2
    v = (edges[:-1, None] + half * (1 + _NODES)).ravel()
    return scale * np.expm1(v), ((half * _WEIGHTS).ravel()) * scale * np.exp(v)
