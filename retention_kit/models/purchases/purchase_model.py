"""Predictions that every buy-till-you-die model in continuous time answers in the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from retention_kit.arguments import Arguments
from retention_kit.errors import ConfigError
from retention_kit.models.base.calls import takes_one_table
from retention_kit.models.base.columns import Customers
from retention_kit.models.base.discounting import force_of_interest
from retention_kit.models.base.model import Model
from retention_kit.models.base.rows import newcomers, to_customers
from retention_kit.models.futures.buying import BuyingProcess
from retention_kit.models.futures.drawn_futures import Purchases
from retention_kit.models.futures.forecast import forecast


@dataclass(frozen=True)
class PurchaseModel(Model):
    """Base of all models of purchases: the fit, and predictions per customer and for a new one."""

    process: ClassVar[BuyingProcess]

    @classmethod
    @takes_one_table
    def fit(cls, customers: Customers, *, weights: str | None = None, unit: str | None = None) -> Self:
        """Maximum likelihood on the distinct rows of a customer table.

        No penalizer_coef is needed: the search runs on logarithms and names what the data do not settle; `sample` has a
        weak prior.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency, recency and T; unit, grain and as_of are taken over.
        weights : str, optional
            Column that says how many customers a row stands for.
        unit : {"day", "week", "month", "year"}, optional
            What recency and T count, where the table has no column unit; a table from `summarise.customers` has one.

        Returns
        -------
        model
            The fitted model.

        Raises
        ------
        DataError
            If the table has no customers, lacks columns or contradicts itself, or if neither it nor `unit` says what
            recency and T count.
        FitError
            If no optimum is found.
        """
        return cls.at_the_peak(cls.process.read(customers, weights=weights, unit=unit, fit=True))

    def probability_alive(self, customers: Customers, after: float = 0.0) -> Any:
        """Probability that each customer is active at as_of, or a time `after` later.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency, recency and T in the model's unit.
        after : float
            Time after as_of, in the model's unit, 0 or more.

        Returns
        -------
        Series or Ibis table
            Probabilities, aligned to the customers.

        Raises
        ------
        ConfigError
            If the time is negative, endless or no number.
        DataError
            If the table lacks columns, contradicts itself or comes in another unit.
        """
        after = self._time("after", after)
        rows = self.process.read(customers, unit=self.unit)
        alive = self.process.alive(self.theta, rows)
        values = alive * self.process.stay(self.theta, rows, after) if after else alive
        return to_customers(customers, rows, values, "probability_alive")

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
        t = self._time("t", t)
        rows = self.process.read(customers, unit=self.unit)
        return to_customers(customers, rows, self.process.expected(self.theta, rows, t), "expected_purchases")

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
        with Arguments() as check:
            times = check.array(f"t (in {self.unit}s)", t, least=0)
        values = self.process.expected_new(self.theta, times.ravel()) if times.size else times
        return float(values[0]) if times.ndim == 0 else values.reshape(times.shape)

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
        with Arguments() as check:
            counts = check.array("n", n, least=0, whole=True)
            t = check.number(f"t (in {self.unit}s)", t, least=0)
        if customers is not None:
            if counts.ndim:
                raise ConfigError("For a table of customers n must be one number; call once for each.")
            rows = self.process.read(customers, unit=self.unit)
            values = self.process.probability_of_n(self.theta, rows, int(counts), t)
            return to_customers(customers, rows, values, "probability_of_n_purchases")
        new = newcomers(1)
        values = np.array([self.process.probability_of_n(self.theta, new, int(k), t)[0] for k in counts.ravel()])
        return float(values[0]) if counts.ndim == 0 else values.reshape(counts.shape)

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
        with Arguments() as check:
            t = check.number(f"t (in {self.unit}s)", t, above=0, endless=True)
            rate = check.discount_rate("annual_discount_rate", annual_discount_rate)
        rows = self.process.read(customers, unit=self.unit)
        values = self.process.discounted(self.theta, rows, t, force_of_interest(rate, self.unit))
        return to_customers(customers, rows, values, "discounted_purchases")

    def forecast(
        self,
        customers: Customers,
        t: float,
        *,
        by: str | Sequence[str] | None = None,
        level: float = 0.9,
        draws: int = 400,
        seed: int = 0,
    ) -> Any:
        """Purchases in the next t with the uncertainty of the parameters and of chance.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency, recency and T in the model's unit.
        t : float
            Length of the future, in the model's unit.
        by : str or list of str, optional
            Totals per group of these columns; an empty list is the total of everybody; without it per customer.
        level : float
            Of both intervals.
        draws, seed : int
            Of the parameters and futures.

        Returns
        -------
        DataFrame or Ibis table
            expected; expected_low, expected_high: interval of the expectation; predicted_low, predicted_high: of the
            number that will be observed. Per group also n. A warning says where expected lies outside its interval, as
            it can where the likelihood is highest at a boundary.

        See Also
        --------
        models.forecast_total : the total of everybody or of segments, with the error of the model in its interval.

        Notes
        -----
        Intervals hold chance and the uncertainty of the parameters, but not the error of the model: seasons, campaigns,
        habits that change. For one customer chance is much larger than that; for a total it is much smaller, and nine
        tenths of outcomes lie within the interval only where the model is true. On CDNOW it held 14 % of them, on
        Online Retail II 29 % (benchmarks/RESULTS.md), so take `models.forecast_total` for a total.
        """
        with Arguments() as check:
            t = check.number(f"t (in {self.unit}s)", t, least=0)
            level = check.level("level", level)
            draws, seed = check.whole("draws", draws, least=1), check.whole("seed", seed, least=0)
        question, drawn = Purchases(self.process, t), self.draws(draws, seed)
        title, unit = type(self).__name__, self.unit
        return forecast(question, self.theta, drawn, customers, title=title, unit=unit, by=by, level=level, seed=seed)

    def _time(self, name: str, value: Any) -> float:
        with Arguments() as check:
            return check.number(f"{name} (in {self.unit}s)", value, least=0)
