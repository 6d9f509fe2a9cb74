"""BG/BB: buying or not at each of a row of opportunities, until the customer is lost.

Story: at each opportunity a customer is lost for good with probability θ; if not, they buy with probability p.

=============  =========================================================================================
p              chance of buying at an opportunity; p ~ Beta(α, β) over customers
θ              chance of being lost before an opportunity; θ ~ Beta(γ, δ) over customers
x, t_x, n      opportunities used, the last one used, opportunities so far (frequency, recency, T)
p, θ           Beta(α + x, β + n - x) and Beta(γ, δ + n), independent, given active at n
=============  =========================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from retention_kit.errors import ConfigError, DataError
from retention_kit.models.base.columns import Customers, Rule
from retention_kit.models.base.discounting import GONE, periods_in_parts
from retention_kit.models.base.rows import PURCHASE_RULES, PURCHASES, Rows, newcomers
from retention_kit.models.futures.buying import ActiveCustomers, BuyingProcess, refuse_endless
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.numerics.gamma_ratio import log_beta_ratio, log_rise
from retention_kit.models.purchases.purchase_model import PurchaseModel

_RULES: tuple[Rule, ...] = (
    *PURCHASE_RULES,
    ("recency and T must be whole opportunities", lambda c: (c["recency"] % 1 != 0) | (c["T"] % 1 != 0)),
    ("frequency must not exceed recency", lambda c: c["frequency"] > c["recency"]),
)
_NOBODY_LEAVES = "nobody seems to leave, or all leave alike; use more opportunities"


class BetaGeometricBetaBernoulli(BuyingProcess):
    """The mathematics of the BG/BB."""

    names = ("alpha", "beta", "gamma", "delta")
    rules = _RULES
    advice = {"gamma": _NOBODY_LEAVES, "delta": _NOBODY_LEAVES}
    counts_opportunities = True

    def log_likelihood(self, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        r"""Eq. 5: active at n, or lost before opportunity t_x + i + 1 for one of the i.

        .. math:: L = \frac{B(α+x, β+n-x)}{B(α,β)} \frac{B(γ, δ+n)}{B(γ,δ)}
                  + \sum_{i=0}^{n-t_x-1} \frac{B(α+x, β+t_x-x+i)}{B(α,β)} \frac{B(γ+1, δ+t_x+i)}{B(γ,δ)}
        """
        return _stories(theta, rows, slopes)[1:]

    def starts(self, rows: Rows) -> list[list[float]]:
        share = min(max(rows.mean("frequency") / max(rows.mean("T"), 1), 0.05), 0.9)
        return [[2 * share, 2 * (1 - share), 0.5, 2.0], [1.0, 1.0, 1.0, 1.0], [0.5, 0.5, 0.2, 4.0]]

    def alive(self, theta: Array, rows: Rows) -> Array:
        """Weight of the story 'active at n' in the likelihood."""
        return _stories(theta, rows, False)[0]

    def active(self, theta: Array, rows: Rows) -> _Active:
        alpha, beta, gamma, delta = theta
        x, n = rows["frequency"], rows["T"]
        return _Active(alpha + x, beta + n - x, gamma, delta, n, (alpha + x) / (alpha + beta + n))

    def read(
        self, customers: Customers, *, weights: str | None = None, unit: str | None = None, fit: bool = False
    ) -> Rows:
        rows = super().read(customers, weights=weights, unit=unit, fit=fit)
        _refuse_grain(rows)
        return rows

    def horizon(self, t: float, unit: str) -> float:
        """The opportunities that end within t."""
        opportunities = np.floor(t + 1e-9)  # a year of months is 12, whatever the last bit says
        if opportunities < 1:
            raise ConfigError(f"BGBB counts whole opportunities, one a {unit}; {t:.3g} {unit}s hold none.")
        return float(opportunities)

    def expected_new(self, theta: Array, t: Array) -> Array:
        new = newcomers(1)
        return np.array([self.expected(theta, new, u)[0] for u in t])

    def probability_of_n_new(self, theta: Array, n: int, t: Array) -> Array:
        spans, position = np.unique(t, return_inverse=True)
        new = newcomers(1)
        return np.array([self.probability_of_n(theta, new, n, span)[0] for span in spans])[position]

    def discounted(
        self,
        theta: Array,
        rows: Rows,
        t: float,
        force: float,
        rough: bool = False,  # noqa: ARG002
        alive: Array | None = None,
    ) -> Array:
        """E[p] Σ e^(-δk) E[(1-θ)^k]."""
        if np.isinf(t) and force == 0:
            raise ConfigError("An endless horizon needs a discount rate above 0.")
        alive = self.alive(theta, rows) if alive is None else alive
        last = _whole(min(t, np.ceil(GONE / force)) if force else t)
        active = self.active(theta, rows)
        return alive * active.share * active.sum_of_stays(last, force)

    def future(
        self, theta: Array, rows: Rows, t: float, rng: np.random.Generator, alive: Array | None = None
    ) -> tuple[Array, Array]:
        """One future per row drawn at random: for each opportunity used, the position of its row, and when."""
        alive = self.alive(theta, rows) if alive is None else alive
        chosen = np.flatnonzero(rng.random(len(rows)) < alive)
        active = self.active(theta, rows.take(chosen))
        p, lost = rng.beta(active.a, active.b), rng.beta(active.gamma, active.delta + active.n)
        stay = np.minimum(rng.geometric(np.maximum(lost, 1e-12)) - 1, _whole(t))  # numpy refuses chances of 0
        refuse_endless(float(stay.sum()), t)
        owner = np.repeat(np.arange(len(chosen)), stay)
        when = np.arange(len(owner)) - np.repeat(np.cumsum(stay) - stay, stay) + 1.0
        used = rng.random(len(owner)) < p[owner]
        return chosen[owner[used]], when[used]


@dataclass(frozen=True)
class _Active(ActiveCustomers):
    """p ~ Beta(a, b) with mean `share`, and θ ~ Beta(γ, δ + n), independent."""

    a: Array
    b: Array
    gamma: float
    delta: float
    n: Array
    share: Array

    def stay(self, t: Any) -> Array:
        """E[(1-θ)^t]."""
        return self._stays(self.n, np.array([_whole(t)]))[:, 0]

    def purchases(self, t: Any) -> Array:
        """E[p] Σ E[(1-θ)^k]: a sum of positive terms, so γ = 1 is no special case."""
        return self.share * self.sum_of_stays(_whole(t), 0.0)

    def probability_of(self, n: int, t: Any) -> Array:
        """n of the next t used and still active, or lost before opportunity i + 1 after n of i."""
        t = _whole(t)
        if n > t:
            return np.zeros(len(self.n))
        a, b, d = self.a[:, None], self.b[:, None], self.delta + self.n[:, None]
        i = np.arange(n, t + 1)
        choose = log_rise(i - n + 1, n) - special.gammaln(n + 1)
        used = choose + log_rise(a, n) + log_rise(b, i - n) - log_rise(a + b, i)
        end = log_beta_ratio(self.gamma, d, i) + np.log(self.gamma / (self.gamma + d + i))
        end[:, -1:] = log_beta_ratio(self.gamma, d, t)
        chance: Array = np.exp(used + end).sum(axis=1)
        return chance

    def sum_of_stays(self, last: int, force: float) -> Array:
        """Σ e^(-δk) E[(1-θ)^k] for k from 1 to the last, once per distinct n."""
        n, position = np.unique(self.n, return_inverse=True)
        total = np.zeros(len(n))
        for k in periods_in_parts(last, len(n)):
            total += self._stays(n, k) @ np.exp(-force * k)
        return total[position]

    def _stays(self, n: Array, k: Array) -> Array:
        """E[(1-θ)^k] given active at n: n × k."""
        stays: Array = np.exp(log_beta_ratio(self.gamma, (self.delta + n)[:, None], k))
        return stays


def _refuse_grain(rows: Rows) -> None:
    """An opportunity is one unit of time, and so must be what makes purchases one event."""
    grain, unit = rows.about.get("grain"), rows.about["unit"]
    if grain not in (None, "", unit):
        raise DataError(
            f"BGBB needs a table whose grain is its unit; it has grain {grain!r} and unit {unit!r}. Use "
            f"summarise.customers(..., unit={unit!r}, grain={unit!r})."
        )


def _whole(t: float) -> int:
    if not 0 <= t < np.inf or t != int(t):
        raise ConfigError(f"BGBB counts whole opportunities; got t = {t}.")
    return int(t)


def _stories(theta: Array, rows: Rows, slopes: bool) -> tuple[Array, Array, Array]:
    """P(active at n), log-likelihood, gradient: log weights of all stories of a row, the last one 'active at n'."""
    alpha, beta, gamma, delta = theta
    x, t_x, n = (rows[c][:, None] for c in PURCHASES)
    i = np.arange(int((n - t_x).max()) + 1)[None, :]
    end = np.minimum(t_x + i, n)
    alive = t_x + i == n  # lines × stories
    g = np.where(alive, gamma, gamma + 1)
    log_p = log_rise(alpha, x) + log_rise(beta, end - x) - log_rise(alpha + beta, end)
    log_d = log_beta_ratio(gamma, delta, end) + np.where(alive, 0.0, np.log(gamma) - np.log(gamma + delta + end))
    log_weight = np.where(t_x + i <= n, log_p + log_d, -np.inf)
    ll = special.logsumexp(log_weight, axis=1)
    share = np.exp(log_weight - ll[:, None])
    active = (share * alive).sum(axis=1)
    if not slopes:
        return active, ll, ll[:0]

    psi = special.digamma
    both, all_ = psi(alpha + beta + end) - psi(alpha + beta), psi(g + delta + end) - psi(gamma + delta)
    by_parameter = (
        psi(alpha + x) - psi(alpha) - both,
        psi(beta + end - x) - psi(beta) - both,
        psi(g) - psi(gamma) - all_,
        psi(delta + end) - psi(delta) - all_,
    )
    return active, ll, np.stack([(share * d).sum(axis=1) for d in by_parameter])


@dataclass(frozen=True)
class BGBB(PurchaseModel):
    """BG/BB model of purchases at discrete opportunities, such as yearly donations or monthly boxes.

    At the start of each opportunity a customer is lost for good with their own probability θ; if they are still active
    they buy with their own probability p. Both differ between customers as beta distributions, independently.

    frequency, recency and T are whole numbers of opportunities: how many were used, the last one used, and how many
    there have been. `summarise.customers` gives them with grain and unit alike, so that a month with a purchase is one
    month's opportunity used.

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

    process = BetaGeometricBetaBernoulli()
