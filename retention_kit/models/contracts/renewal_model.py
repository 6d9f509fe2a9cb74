"""Contracts that come up for renewal: what the two models of keeping them share.

A customer table for them has two columns: `periods`, how often the contract has come up for renewal so far, and
`lost`, whether the last of these was not taken. `renewal_rows.renewals` makes one from a survival curve."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from scipy import special

from retention_kit.arguments import Arguments, plain
from retention_kit.errors import ConfigError
from retention_kit.models.base.fitting import evidence, maximise
from retention_kit.models.base.model import Model
from retention_kit.models.base.rows import Array, Customers, Rows, Rule, place, read
from retention_kit.models.numerics.gamma_ratio import log_beta_ratio
from retention_kit.models.numerics.long_sums import steps
from retention_kit.schema import DAYS_PER_YEAR, UNIT_DAYS

__all__ = ["RenewalModel"]

_COLUMNS = ("periods", "lost")
_RULES: tuple[Rule, ...] = (
    ("periods must be a whole number from 0", lambda c: (c["periods"] < 0) | (c["periods"] % 1 != 0)),
    ("lost must be true or false", lambda c: (c["lost"] != 0) & (c["lost"] != 1)),
    ("nobody can be lost before the first renewal", lambda c: (c["lost"] == 1) & (c["periods"] == 0)),
)
_GONE = 42.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)


@dataclass(frozen=True)
class RenewalModel(Model):
    """Base of ShiftedBetaGeometric and BetaDiscreteWeibull: S(t) = B(α, β + t^c) / B(α, β)."""

    unit: str = field(default="", kw_only=True)

    _timed = False
    _advice: ClassVar[dict[str, str]] = {
        "alpha": "customers hardly differ, or nearly all renew; a constant retention rate will do",
        "beta": "customers hardly differ, or nearly all renew; a constant retention rate will do",
        "c": "try ShiftedBetaGeometric, which has c = 1",
    }
    _start: ClassVar[tuple[float, ...]] = ()
    _broadcasts = True

    @classmethod
    def fit(cls, customers: Customers, *, weights: str | None = None, unit: str | None = None) -> Self:
        """Maximum likelihood on the distinct rows (periods, lost); contracts still running are censored.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With periods and lost.
        weights : str, optional
            Column that says how many customers a row stands for.
        unit : {"day", "week", "month", "year"}, optional
            Time from one renewal to the next, where the table has no column unit. Only discounting needs it; without
            it `expected_renewals` refuses a discount rate.

        Returns
        -------
        model
            The fitted model.
        """
        rows = read(customers, _COLUMNS, _RULES, weights=weights, unit=unit)
        peak = maximise(cls._log_likelihood, rows, [list(cls._start), [0.2] * len(cls._names), [3.0] * len(cls._names)])
        fit = evidence(cls.__name__, cls._names, peak, rows, cls._advice)
        return cls(*map(float, peak.theta), unit=rows.about.get("unit", ""), evidence=fit)

    def survival(self, t: npt.ArrayLike) -> Any:
        """Share of a new cohort that is still there after t renewals.

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
            If t is negative, fractional, endless or no number.
        """
        with Arguments() as check:
            times = check.array("t", t, least=0, whole=True)
        values = np.exp(self._log_survival(times))
        return float(values) if times.ndim == 0 else values

    def retention_rate(self, t: npt.ArrayLike) -> Any:
        """Share of those up for renewal t who renew: S(t) / S(t - 1). It rises, as the less loyal leave first.

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
            With periods and lost.
        after : int
            Renewals to come.

        Returns
        -------
        Series or Ibis table
            Probabilities, aligned to the customers.
        """
        with Arguments() as check:
            after = check.whole("after", after, least=0)
        rows = read(customers, _COLUMNS, _RULES, unit=self.unit)
        n = rows["periods"]
        ahead = np.exp(self._log_survival(n + after) - self._log_survival(n))
        return place(customers, rows, np.where(rows["lost"] == 1, 0.0, ahead), "probability_alive")

    def expected_renewals(self, customers: Customers, t: float = np.inf, *, annual_discount_rate: float = 0.0) -> Any:
        r"""Expected number of the next t renewals that each customer takes, discounted; the first is due now.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With periods and lost.
        t : int
            Renewals to come; without it, for ever: the residual lifetime, which needs a discount rate.
        annual_discount_rate : float
            0.1 for 10 % a year; 0 or more.

        Returns
        -------
        Series or Ibis table
            Discounted renewals, aligned to the customers.

        Notes
        -----
        .. math:: DERL = \sum_{k=1}^{t} \frac{S(n + k)}{S(n)} (1 + d)^{-(k-1)}

        Fader & Hardie (2010); an endless sum ends where discounting has come to e^-42.
        """
        with Arguments() as check:
            rate = check.discount_rate("annual_discount_rate", annual_discount_rate)
            t = t if plain(t) == np.inf else check.whole("t", t, least=0)
        if rate and not self.unit:
            raise ConfigError(
                "Discounting needs the time from one renewal to the next; state it: fit(..., unit='month'), "
                f"or {type(self).__name__}(..., unit='month')."
            )
        force = float(np.log1p(rate)) * UNIT_DAYS.get(self.unit, 0.0) / DAYS_PER_YEAR
        if np.isinf(t) and not force > 0:
            raise ConfigError("A residual lifetime without end needs annual_discount_rate above 0; or give t.")
        rows = read(customers, _COLUMNS, _RULES, unit=self.unit)
        last = min(t, np.ceil(_GONE / force) + 1) if force else t
        n = rows["periods"]
        total, so_far = np.zeros(len(rows)), self._log_survival(n)[:, None]
        for k in steps(last, len(rows)):
            total += np.exp(self._log_survival(n[:, None] + k) - so_far) @ np.exp(-force * (k - 1))
        return place(customers, rows, (rows["lost"] == 0) * total, "expected_renewals")

    @classmethod
    def _log_likelihood(cls, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        """log S(n) of a running contract; log(S(n-1) - S(n)) of a lost one, and derivatives."""
        n, lost = rows["periods"], rows["lost"] == 1
        earlier = np.maximum(n - 1, 0)
        now, before = _log_survival(theta, n), _log_survival(theta, earlier)
        drop = np.where(lost, np.minimum(_log_drop(theta, n, lost, now - before), -1e-100), -1.0)
        ll = np.where(lost, before + np.log(-np.expm1(drop)), now)
        if not slopes:
            return ll, ll[:0]
        slope_now, slope_before, odds = (
            _slopes(theta, n),
            _slopes(theta, earlier),
            1 / np.expm1(np.minimum(-drop, 700.0)),
        )
        d_theta = np.where(lost, slope_before + odds * (slope_before - slope_now), slope_now)
        return ll, d_theta[: len(theta)]

    def _log_survival(self, t: Array) -> Array:
        return _log_survival(self._theta, t)


def _log_survival(theta: Array, t: Array) -> Array:
    """log B(α, β + t^c) - log B(α, β); c = 1 if there is no third parameter."""
    alpha, beta, c = _three(theta)
    return log_beta_ratio(alpha, beta, _power(t, c))


def _slopes(theta: Array, t: Array) -> Array:
    """Gradient of `_log_survival` in α, β and c."""
    alpha, beta, c = _three(theta)
    psi, k = special.digamma, _power(t, c)
    fall = _digamma_rise(*np.broadcast_arrays(beta + k, alpha))
    d_alpha = psi(alpha + beta) - psi(alpha + beta + k)
    return np.stack([d_alpha, psi(beta + k) - psi(beta) + d_alpha, -fall * special.xlogy(k, t)])


def _power(t: Array, c: Any) -> Array:
    """t^c, which stays a number: it ends at e^600."""
    with np.errstate(divide="ignore"):
        return np.exp(np.minimum(c * np.log(t), 600.0))


def _log_drop(theta: Array, n: Array, lost: Array, direct: Array) -> Array:
    """log S(n) - log S(n - 1): where it is small, the integral of the slope of log S, in which nothing cancels. Rows
    that are not lost do not ask for it and get 0."""
    alpha, beta, c = _three(theta)
    start = _power(np.maximum(n - 1, 0), c)
    half = (_power(n, c) - start) / 2
    z = np.expand_dims(beta, -1) + start[..., None] + half[..., None] * (1 + _NODES)
    a = np.broadcast_to(np.expand_dims(alpha, -1), z.shape)
    slope = np.zeros(z.shape)
    slope[..., lost, :] = _digamma_rise(z[..., lost, :], a[..., lost, :])
    integral = -half * (slope @ _WEIGHTS)
    return np.where(integral > -0.05, integral, direct)


def _digamma_rise(z: Array, a: Array) -> Array:
    """ψ(z + a) - ψ(z)."""
    rise, far = special.digamma(a + z) - special.digamma(z), z > 1e4 * a
    if far.any():
        rise[far] = a[far] * special.polygamma(1, z[far] + a[far] / 2)
    return rise


def _three(theta: Array) -> tuple[Any, Any, Any]:
    """α, β and c, which is 1 if there is no third parameter; each may be a column."""
    return theta[0], theta[1], theta[2] if len(theta) > 2 else 1.0
