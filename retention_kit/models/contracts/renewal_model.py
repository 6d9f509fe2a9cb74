"""Predictions of both models of contracts with renewals.

Their customer table has two columns: `periods`, the number of renewals that have been due so far, and `lost`, whether
the customer did not take the last of them. `renewal_rows.renewals` makes one from a survival curve."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from retention_kit.arguments import Arguments, plain
from retention_kit.errors import ConfigError
from retention_kit.models.base.calls import takes_one_table
from retention_kit.models.base.columns import Customers
from retention_kit.models.base.discounting import GONE, force_of_interest, periods_in_parts
from retention_kit.models.base.model import Model
from retention_kit.models.base.rows import read, to_customers
from retention_kit.models.contracts.renewal_process import RenewalProcess


@dataclass(frozen=True)
class RenewalModel(Model):
    """Base of ShiftedBetaGeometric and BetaDiscreteWeibull: S(t) = B(α, β + t^c) / B(α, β)."""

    unit: str = field(default="", kw_only=True)

    process: ClassVar[RenewalProcess]
    timed: ClassVar[bool] = False

    @classmethod
    @takes_one_table
    def fit(cls, customers: Customers, *, weights: str | None = None, unit: str | None = None) -> Self:
        """Maximum likelihood on the distinct rows (periods, lost); contracts still running are censored.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            Columns periods and lost.
        weights : str, optional
            Column with the number of customers that each row stands for.
        unit : {"day", "week", "month", "year"}, optional
            Time from one renewal to the next, if the table has no column unit. Only discounting needs it; without
            it `expected_renewals` refuses a discount rate.

        Returns
        -------
        model
            The fitted model.
        """
        return cls.at_the_peak(read(customers, cls.process.columns, cls.process.rules, weights=weights, unit=unit))

    def survival(self, t: npt.ArrayLike) -> Any:
        """Share of a new cohort that is still active after t renewals.

        Parameters
        ----------
        t : int or array of int
            Renewals, from 0.

        Returns
        -------
        float or array
            As t.

        Raises
        ------
        ConfigError
            If t is negative, fractional, infinite or not a number.
        """
        with Arguments() as check:
            times = check.array("t", t, least=0, whole=True)
        values = np.exp(self.process.log_survival(self.theta, times))
        return float(values) if times.ndim == 0 else values

    def retention_rate(self, t: npt.ArrayLike) -> Any:
        """Share of customers due for renewal t who renew: S(t) / S(t - 1). It rises, because less loyal customers leave
        first.

        Parameters
        ----------
        t : int or array of int
            Renewals, from 1.

        Returns
        -------
        float or array
            As t.
        """
        with Arguments() as check:
            times = check.array("t", t, least=1, whole=True)
        return self.survival(times) / self.survival(times - 1)

    def probability_alive(self, customers: Customers, after: float = 0) -> Any:
        """Probability that each customer takes the next `after` renewals too; 0 for those already lost.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            Columns periods and lost.
        after : int
            Renewals to come.

        Returns
        -------
        Series or Ibis table
            Probabilities, aligned to the customers.
        """
        with Arguments() as check:
            after = check.whole("after", after, least=0)
        rows = read(customers, self.process.columns, self.process.rules, unit=self.unit)
        n = rows["periods"]
        ahead = np.exp(self.process.log_survival(self.theta, n + after) - self.process.log_survival(self.theta, n))
        return to_customers(customers, rows, np.where(rows["lost"] == 1, 0.0, ahead), "probability_alive")

    def expected_renewals(self, customers: Customers, t: float = np.inf, *, annual_discount_rate: float = 0.0) -> Any:
        r"""Expected number of the next t renewals that each customer takes, discounted; the first is due now.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            Columns periods and lost.
        t : int
            Number of renewals; by default without end: the residual lifetime, which needs a discount rate.
        annual_discount_rate : float
            0.1 for 10 % a year; 0 or more.

        Returns
        -------
        Series or Ibis table
            Discounted renewals, aligned to the customers.

        Notes
        -----
        .. math:: DERL = \sum_{k=1}^{t} \frac{S(n + k)}{S(n)} (1 + d)^{-(k-1)}

        Fader & Hardie (2010); an infinite sum ends where discounting has reached e^-42.
        """
        with Arguments() as check:
            rate = check.discount_rate("annual_discount_rate", annual_discount_rate)
            t = t if plain(t) == np.inf else check.whole("t", t, least=0)
        if rate and not self.unit:
            raise ConfigError(
                "Discounting needs the time from one renewal to the next; state it: fit(..., unit='month'), "
                f"or {type(self).__name__}(..., unit='month')."
            )
        force = force_of_interest(rate, self.unit)
        if np.isinf(t) and not force > 0:
            raise ConfigError("A residual lifetime without end needs annual_discount_rate above 0; or give t.")
        rows = read(customers, self.process.columns, self.process.rules, unit=self.unit)
        last = min(t, np.ceil(GONE / force) + 1) if force else t
        n = rows["periods"]
        total, so_far = np.zeros(len(rows)), self.process.log_survival(self.theta, n)[:, None]
        for k in periods_in_parts(last, len(rows)):
            total += np.exp(self.process.log_survival(self.theta, n[:, None] + k) - so_far) @ np.exp(-force * (k - 1))
        return to_customers(customers, rows, (rows["lost"] == 0) * total, "expected_renewals")


@dataclass(frozen=True)
class ShiftedBetaGeometric(RenewalModel):
    """Shifted beta-geometric (sBG) model of how long contracts are kept.

    At every renewal a customer leaves with their own constant probability θ; the probabilities differ between customers
    as a beta distribution. Nobody becomes more loyal, and yet the retention rate of a cohort rises, because customers
    with high probabilities leave first.

    Parameters
    ----------
    alpha, beta : float
        Beta distribution of the probabilities of leaving; alpha / (alpha + beta) is the share lost at the first
        renewal.
    unit : str
        Time from one renewal to the next; only discounting needs it.

    References
    ----------
    Fader & Hardie (2007), How to Project Customer Retention, J. of Interactive Marketing 21(1).

    Examples
    --------
    >>> model = ShiftedBetaGeometric(alpha=0.668, beta=3.806, unit="year")
    >>> model.survival([8, 12]).round(3)
    array([0.46 , 0.378])
    """

    alpha: float
    beta: float

    process = RenewalProcess(alpha=1.0, beta=2.0)


@dataclass(frozen=True)
class BetaDiscreteWeibull(RenewalModel):
    """Beta-discrete-Weibull (BdW) model of how long contracts are kept.

    Like ShiftedBetaGeometric, but each customer's probability of leaving changes with time: it falls for c below 1 and
    rises for c above 1. With c = 1 it is the sBG.

    Parameters
    ----------
    alpha, beta : float
        Beta distribution of the probabilities of leaving at the first renewal.
    c : float
        Shape of the duration dependence.
    unit : str
        Time from one renewal to the next; only discounting needs it.

    References
    ----------
    Fader, Hardie, Liu, Davin & Steenburgh (2018), J. of Interactive Marketing 43.

    Examples
    --------
    >>> model = BetaDiscreteWeibull(alpha=0.668, beta=3.806, c=1, unit="year")
    >>> model.survival([8, 12]).round(3)
    array([0.46 , 0.378])
    """

    alpha: float
    beta: float
    c: float

    process = RenewalProcess(alpha=1.0, beta=2.0, c=1.0)
