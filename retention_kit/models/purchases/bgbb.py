"""BG/BB: buying or not at each of a row of opportunities, until the customer is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from scipy import special

from retention_kit.errors import ConfigError
from retention_kit.models.base.columns import refuse_more
from retention_kit.models.base.fitting import evidence, maximise
from retention_kit.models.base.rows import PURCHASE_RULES, PURCHASES, Array, Customers, Rows, Rule, read, single
from retention_kit.models.numerics.gamma_ratio import log_beta_ratio, log_rise
from retention_kit.models.numerics.long_sums import steps
from retention_kit.models.purchases.opportunities import refuse_grain
from retention_kit.models.purchases.purchase_model import PurchaseModel

__all__ = ["BGBB"]

_RULES: tuple[Rule, ...] = (
    *PURCHASE_RULES,
    ("recency and T must be whole opportunities", lambda c: (c["recency"] % 1 != 0) | (c["T"] % 1 != 0)),
    ("frequency must not exceed recency", lambda c: c["frequency"] > c["recency"]),
)


@dataclass(frozen=True)
class BGBB(PurchaseModel):
    """BG/BB model of purchases at discrete opportunities, such as yearly donations or monthly boxes.

    At the start of each opportunity a customer is lost for good with her own probability θ; if she is still there she
    buys with her own probability p. Both differ between customers as beta distributions, independently. T counts the
    opportunities so far, recency is the last one used, frequency how many were used.

    Parameters
    ----------
    alpha, beta : float
        Of the purchase probabilities; alpha / (alpha + beta) is their mean.
    gamma, delta : float
        Of the dropout probabilities; gamma / (gamma + delta) is their mean.
    unit : str
        Time between two opportunities.

    References
    ----------
    Fader, Hardie & Shang (2010), Marketing Science 29(6).

    Examples
    --------
    >>> model = BGBB(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783, unit="year")
    >>> model.expected_purchases_new([1, 2, 3]).round(2)
    array([0.5 , 0.92, 1.3 ])
    """

    alpha: float
    beta: float
    gamma: float
    delta: float

    _names = ("alpha", "beta", "gamma", "delta")
    _discrete = True
    _advice = {
        "gamma": "nobody seems to leave, or all leave alike; use more opportunities",
        "delta": "nobody seems to leave, or all leave alike; use more opportunities",
    }

    @classmethod
    def fit(
        cls, customers: Customers, *columns: Any, weights: str | None = None, unit: str | None = None, **options: Any
    ) -> Self:
        """Maximum likelihood on the distinct rows of a customer table that counts opportunities.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency, recency and T as whole numbers of opportunities: from `summarise.customers` with grain and
            unit alike, so that a month with a purchase is one month's opportunity used.
        *columns, **options
            Nothing more is taken, as in the fits of all models of purchases.
        weights : str, optional
            Column that says how many customers a row stands for.
        unit : {"day", "week", "month", "year"}, optional
            Time from one opportunity to the next, where the table has no column unit.

        Returns
        -------
        BGBB
            The fitted model.
        """
        refuse_more(cls.__name__, PURCHASES, columns, options)
        rows = read(customers, PURCHASES, _RULES, weights=weights, unit=unit, fit=True)
        refuse_grain(rows)
        peak = maximise(cls._log_likelihood, rows, cls._starts(rows))
        fit = evidence(cls.__name__, cls._names, peak, rows, cls._advice)
        return cls(*map(float, peak.theta), unit=rows.about["unit"], evidence=fit)

    @classmethod
    def _log_likelihood(cls, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        r"""Eq. 5: alive at n, or lost before opportunity t_x + i + 1 for one of the i.

        .. math:: L = \frac{B(α+x, β+n-x)}{B(α,β)} \frac{B(γ, δ+n)}{B(γ,δ)}
                  + \sum_{i=0}^{n-t_x-1} \frac{B(α+x, β+t_x-x+i)}{B(α,β)} \frac{B(γ+1, δ+t_x+i)}{B(γ,δ)}
        """
        return _stories(theta, rows, slopes)[1:]

    @classmethod
    def _starts(cls, rows: Rows) -> list[list[float]]:
        share = min(max(rows.mean("frequency") / max(rows.mean("T"), 1), 0.05), 0.9)
        return [[2 * share, 2 * (1 - share), 0.5, 2.0], [1.0, 1.0, 1.0, 1.0], [0.5, 0.5, 0.2, 4.0]]

    def _read(self, customers: Customers) -> Rows:
        rows = read(customers, PURCHASES, _RULES, unit=self.unit)
        refuse_grain(rows)
        return rows

    def _horizon(self, t: float) -> float:
        """The opportunities that end within t."""
        whole = np.floor(t + 1e-9)
        if whole < 1:
            raise ConfigError(f"BGBB counts whole opportunities, one a {self.unit}; {t:.3g} {self.unit}s hold none.")
        return float(whole)

    def _probability_of_n_new(self, n: int, t: Array) -> Array:
        spans, place = np.unique(t, return_inverse=True)
        new = single(frequency=0, recency=0, T=0)
        return np.array([self._probability_of_n(new, n, span)[0] for span in spans])[place]

    def _alive(self, rows: Rows) -> Array:
        """Weight of the story 'alive at n' in the likelihood."""
        return _stories(self._theta, rows, False)[0]

    # Given alive at n: p ~ Beta(α + x, β + n - x), θ ~ Beta(γ, δ + n), independent

    def _stay(self, rows: Rows, t: float) -> Array:
        """E[(1-θ)^t]."""
        return self._survival(rows, np.array([_whole(t)]))[:, 0]

    def _expected_new(self, t: Array) -> Array:
        new = single(frequency=0, recency=0, T=0)
        return np.array([self._expected(new, u)[0] for u in t])

    def _while_alive(self, rows: Rows, t: Any) -> Array:
        """E[p] Σ E[(1-θ)^k]: a sum of positive terms, so γ = 1 is no special case."""
        return self._share(rows) * self._sum(rows, _whole(t), 0.0)

    def _discounted(
        self,
        rows: Rows,
        t: float,
        force: float,
        rough: bool = False,  # noqa: ARG002
        alive: Array | None = None,
    ) -> Array:
        """Σ e^(-δk) E[p] E[(1-θ)^k]; an endless sum ends where discounting has come to e^-42."""
        if np.isinf(t) and force == 0:
            raise ConfigError("An endless horizon needs a discount rate above 0.")
        alive = self._alive(rows) if alive is None else alive
        last = _whole(min(t, np.ceil(42 / force)) if force else t)
        return alive * self._share(rows) * self._sum(rows, last, force)

    def _sum(self, rows: Rows, last: int, force: float) -> Array:
        """Σ e^(-δk) E[(1-θ)^k] for k from 1, once per distinct T and in parts that fit in memory."""
        T, at = np.unique(rows["T"], return_inverse=True)
        total = np.zeros(len(T))
        for k in steps(last, len(T)):
            total += self._left_after(T, k) @ np.exp(-force * k)
        return total[at]

    def _pmf(self, rows: Rows, n: int, t: float) -> Array:
        """n of the next t used and still there, or lost before opportunity i + 1 after n of i."""
        t = _whole(t)
        if n > t:
            return np.zeros(len(rows))
        x, T = rows["frequency"][:, None], rows["T"][:, None]
        a, b, d = self.alpha + x, self.beta + T - x, self.delta + T
        i = np.arange(n, t + 1)
        choose = log_rise(i - n + 1, n) - special.gammaln(n + 1)
        used = choose + log_rise(a, n) + log_rise(b, i - n) - log_rise(a + b, i)
        end = log_beta_ratio(self.gamma, d, i) + np.log(self.gamma / (self.gamma + d + i))
        end[:, -1:] = log_beta_ratio(self.gamma, d, t)
        return np.exp(used + end).sum(axis=1)

    def _future(
        self, rows: Rows, t: float, rng: np.random.Generator, alive: Array | None = None
    ) -> tuple[Array, Array]:
        """One future per row drawn at random: for each opportunity used, whose it is and when."""
        there = np.flatnonzero(rng.random(len(rows)) < (self._alive(rows) if alive is None else alive))
        x, T = rows["frequency"][there], rows["T"][there]
        p, theta = rng.beta(self.alpha + x, self.beta + T - x), rng.beta(self.gamma, self.delta + T)
        stay = np.minimum(rng.geometric(np.maximum(theta, 1e-12)) - 1, _whole(t))
        self._refuse_endless(float(stay.sum()), t)
        owner = np.repeat(np.arange(len(there)), stay)
        when = np.arange(len(owner)) - np.repeat(np.cumsum(stay) - stay, stay) + 1.0
        used = rng.random(len(owner)) < p[owner]
        return there[owner[used]], when[used]

    def _share(self, rows: Rows) -> Array:
        return (self.alpha + rows["frequency"]) / (self.alpha + self.beta + rows["T"])

    def _survival(self, rows: Rows, k: Any) -> Array:
        return self._left_after(rows["T"], k)

    def _left_after(self, T: Array, k: Array) -> Array:
        """E[(1-θ)^k] given alive at T: T × k."""
        return np.exp(log_beta_ratio(self.gamma, (self.delta + T)[:, None], k))


def _whole(t: float) -> int:
    if not 0 <= t < np.inf or t != int(t):
        raise ConfigError(f"BGBB counts whole opportunities; got t = {t}.")
    return int(t)


def _stories(theta: Array, rows: Rows, slopes: bool) -> tuple[Array, Array, Array]:
    """P(alive at n), log-likelihood, gradient: log weights of all stories of a row, the last column 'alive at n'."""
    alpha, beta, gamma, delta = theta
    x, t_x, n = (rows[c][:, None] for c in PURCHASES)
    i = np.arange(int((n - t_x).max()) + 1)[None, :]
    end = np.minimum(t_x + i, n)
    alive = t_x + i == n
    g = np.where(alive, gamma, gamma + 1)
    log_p = log_rise(alpha, x) + log_rise(beta, end - x) - log_rise(alpha + beta, end)
    log_d = log_beta_ratio(gamma, delta, end) + np.where(alive, 0.0, np.log(gamma) - np.log(gamma + delta + end))
    log_weight = np.where(t_x + i <= n, log_p + log_d, -np.inf)
    ll = special.logsumexp(log_weight, axis=1)
    share = np.exp(log_weight - ll[:, None])
    there = (share * alive).sum(axis=1)
    if not slopes:
        return there, ll, ll[:0]
    psi = special.digamma
    both, all_ = psi(alpha + beta + end) - psi(alpha + beta), psi(g + delta + end) - psi(gamma + delta)
    parts = (
        psi(alpha + x) - psi(alpha) - both,
        psi(beta + end - x) - psi(beta) - both,
        psi(g) - psi(gamma) - all_,
        psi(delta + end) - psi(delta) - all_,
    )
    return there, ll, np.stack([(share * d).sum(axis=1) for d in parts])
