"""BG/NBD and MBG/NBD: customers buy at random until one of their purchases turns out to have been the last.

Story: while active, a customer buys at random at rate λ, and leaves for good after a purchase with probability p. Both
differ between customers. The two models differ in one thing: in MBG/NBD the first purchase can be the last.

=============  =========================================================================================
λ              purchases per unit of time of one customer; λ ~ Gamma(r, α) over customers
p              chance that a purchase is the last; p ~ Beta(a, b) over customers
x, t_x, T      repeat purchases, time of the last of them, time until now, all since the first purchase
k              chances of leaving so far: x in BG/NBD, x + 1 in MBG/NBD
R = r + x      λ ~ Gamma(R, A), given that the customer is active at T
A = α + T
p, given this  Beta(a, b + k), independent of λ
τ = t / A      the time t, measured in A
=============  =========================================================================================

Equation numbers are those of Fader, Hardie & Lee (2005)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from retention_kit.models.base.rows import Rows
from retention_kit.models.futures.buying import ActiveCustomers, BuyingProcess
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.numerics.beta_mean import beta_mean
from retention_kit.models.numerics.gamma_ratio import log_beta_ratio, log_rise
from retention_kit.models.purchases.purchase_model import PurchaseModel

_ALIKE = "customers hardly differ in their rate, or nearly all bought once; use more customers"
_NOBODY_LEAVES = "nobody seems to leave, or all leave alike; try ParetoNBD, or a longer window"


class BetaGeometric(BuyingProcess):
    """The mathematics of both, with `chances_before` chances of leaving before the first repeat purchase: 0 or 1."""

    names = ("r", "alpha", "a", "b")
    scales = {"alpha": "T"}
    advice = {"r": _ALIKE, "alpha": _ALIKE, "a": _NOBODY_LEAVES, "b": _NOBODY_LEAVES}
    takes_columns = True

    def __init__(self, chances_before: int) -> None:
        self.chances_before = chances_before

    def log_likelihood(self, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        r"""Eq. 6, arranged so that nothing overflows: 'active at T', times one plus the odds of 'left at t_x'.

        .. math:: \log L = \log\frac{\Gamma(r+x)}{\Gamma(r)} + \log\frac{B(a, b+k)}{B(a, b)}
                  + r \log α - (r+x) \log(α+T) + \log(1 + e^o), \quad
                  o = \log\frac{a}{b+k-1} + (r+x) \log\frac{α+T}{α+t_x}

        What depends on one column alone is computed once per value of it and brought back `to_rows`.
        """
        r, alpha, a, b = theta
        x, (counts, count_to_rows) = rows["frequency"], rows.levels("frequency")
        (t_x, last_to_rows), (T, end_to_rows) = rows.levels("recency"), rows.levels("T")
        k = counts + self.chances_before

        of_count = count_to_rows(log_rise(r, counts) + log_beta_ratio(a, b, k))
        age = end_to_rows(np.log1p(T / alpha))
        silence = age - last_to_rows(np.log1p(t_x / alpha))
        odds = count_to_rows(log_odds_of_leaving(a, b, k)) + (r + x) * silence
        left, log_total = share_and_total(odds)
        value = of_count - (r + x) * age - x * np.log(alpha) + log_total
        if not slopes:
            return value, value[:0]

        psi = special.digamma
        by_T, by_t_x = end_to_rows(1 / (alpha + T)), last_to_rows(1 / (alpha + t_x))
        both = psi(a + b) - psi(a + b + k)
        d_r = count_to_rows(psi(r + counts) - psi(r)) - age + left * silence
        d_alpha = r / alpha - (r + x) * (by_T + left * (by_t_x - by_T))
        d_a = count_to_rows(both) + left / a
        d_b = count_to_rows(both + psi(b + k) - psi(b)) - left * count_to_rows(1 / (b + (np.maximum(k, 1) - 1)))
        return value, np.stack([d_r, d_alpha, d_a, d_b])

    def starts(self, rows: Rows) -> list[list[float]]:
        span, mean = rows.mean("T") or 1.0, max(rows.mean("frequency"), 0.01)
        low = min(mean, 1.0)
        return [[low, span * low / mean, 0.5, 2.0], [1.0, span, 1.0, 1.0], [0.2, 0.2 * span, 0.1, 5.0]]

    def alive(self, theta: Array, rows: Rows) -> Array:
        """One over one plus the odds o of `log_likelihood` (Fader, Hardie & Lee 2008, note 021)."""
        r, alpha, a, b = theta
        x, t_x, T = rows["frequency"], rows["recency"], rows["T"]
        silence = np.log1p((T - t_x) / (alpha + t_x))
        active: Array = special.expit(-log_odds_of_leaving(a, b, x + self.chances_before) - (r + x) * silence)
        return active

    def active(self, theta: Array, rows: Rows) -> ActiveCustomers:
        r, alpha, a, b = theta
        x = rows["frequency"]
        return _Active(r + x, alpha + rows["T"], a, b + x + self.chances_before)


@dataclass(frozen=True)
class _Active(ActiveCustomers):
    """λ ~ Gamma(R, A) and p ~ Beta(a, b), independent."""

    R: Array
    A: Array
    a: Array
    b: Array

    def stay(self, t: Any) -> Array:
        """E[e^(-λpt)] = E[(1 + pτ)^-R]."""
        return self._mean(t, lambda R, tau, p: np.exp(-R * np.log1p(p * tau)))

    def purchases(self, t: Any) -> Array:
        """E[(1 - e^(-λpt)) / p] = E[(1 - (1 + pτ)^-R) / p]; eq. 10 is this mean as a hypergeometric function."""
        return self._mean(t, lambda R, tau, p: -np.expm1(-R * np.log1p(p * tau)) / p)

    def probability_of(self, n: int, t: Any) -> Array:
        """Eq. 8 for these customers; its sum is the tail of a negative binomial, an incomplete beta function."""
        R, A, a, b = self.R, self.A, self.a, self.b
        count = log_rise(R, n) - special.gammaln(n + 1.0) - R * np.log1p(t / A) + special.xlogy(n, t / (A + t))
        through: Array = np.exp(log_beta_ratio(a, b, n) + count)
        if n == 0:
            return through
        left = np.exp(log_beta_ratio(a, b, n - 1)) * a / (a + b + (n - 1))
        last: Array = left * special.betainc(n, R, t / (A + t))
        return through + last

    def fading(self) -> Array:
        """They leave at a rate of about λp with λ = R/A and p = a/(a + b), and their rate is known to about 1/A."""
        half: Array = self.A / (1 + self.R * self.a / (self.a + self.b))
        return half

    def weighted_purchases(self, t: float, u: Array, weights: Array, rough: bool) -> Array:
        """As one mean over p, with E[λ e^(-λpu)] = R/A · E[(1 + pu/A)^-(R+1)]: to find the nodes costs more than to
        evaluate a function at them."""
        each_R, each_A, n = self.R.ravel(), self.A.ravel(), self.R.shape[-1]
        u, weights = np.atleast_2d(u).T, np.atleast_2d(weights).T

        def f(p: Array, i: Array) -> Array:
            R, A, at_once, later = each_R[i], each_A[i], *np.split(weights[:, i // n], [1])
            rates = 1 + p[:, None] * (u[:, i // n] / A)  # and in place from here on, as this array is large
            np.log(rates, out=rates)
            rates *= -(R + 1)
            np.exp(rates, out=rates)
            by_t = -np.expm1(-R * np.log1p(p * (t / A))) / p
            value: Array = at_once * by_t + R / A * np.einsum("pui,ui->pi", rates, later)
            return value

        return beta_mean(f, self.a, self.b, self.R + 1, t / self.A, rough=rough)

    def draw(self, rng: np.random.Generator) -> tuple[Array, Array, int]:
        """Purchases that are not the last come at rate λ(1-p), the last one at rate λp."""
        rate, p = rng.gamma(self.R) / self.A, rng.beta(self.a, self.b)
        return rate * (1 - p), rate * p, 1

    def buy_between(self, start: Array, length: Array, rough: bool) -> Array:
        """E[e^(-λps) (1 - e^(-λh))] = E[(1 + ps/A)^-R - (1 + (ps + h)/A)^-R], for start s and length h."""
        cases = np.broadcast_arrays(self.R, self.A, start, length, self.b)[:4]
        each_R, each_A, s, h = (case.ravel() for case in cases)

        def f(p: Array, i: Array) -> Array:
            gone = 1 + p * s[i] / each_A[i]
            value: Array = np.exp(-each_R[i] * np.log(gone)) - np.exp(-each_R[i] * np.log(gone + h[i] / each_A[i]))
            return value

        return beta_mean(f, self.a, self.b, self.R + 1, start / self.A, rough=rough)

    def _mean(self, t: Any, f: Callable[[Array, Array, Array], Array]) -> Array:
        """E[f(R, τ, p)] over p."""
        tau = t / self.A
        each_R, each_tau = self.R.ravel(), tau.ravel()
        return beta_mean(lambda p, i: f(each_R[i], each_tau[i], p), self.a, self.b, self.R, tau)


def log_odds_of_leaving(a: Any, b: Any, k: Array) -> Array:
    """Log odds of leaving at the last of k chances against never; -inf where there has been none."""
    return np.where(k > 0, np.log(a) - np.log(b + (np.maximum(k, 1) - 1)), -np.inf)


def share_and_total(odds: Array) -> tuple[Array, Array]:
    """odds/(1 + odds) and log(1 + odds) from log odds, by the two functions that numpy vectorises."""
    e = np.exp(-np.abs(odds))
    return np.exp(np.minimum(odds, 0)) / (1 + e), np.maximum(odds, 0) + np.log1p(e)


@dataclass(frozen=True)
class BGNBD(PurchaseModel):
    """BG/NBD model of repeat purchases without a contract.

    A customer buys at random at their own rate λ while they are active. After every repeat purchase they leave for good
    with their own probability p. Rates differ between customers as a gamma distribution, probabilities as a beta
    distribution. Nobody tells us who has left; long silence of a frequent buyer does. A customer who never bought again
    has had no occasion to leave, so the model calls every one-time buyer alive: read it beside MBGNBD or ParetoNBD.

    Parameters
    ----------
    r : float
        Shape of the purchase rates: small means that customers differ much.
    alpha : float
        Rate parameter of the purchase rates, in units of time; r / alpha is the mean rate.
    a, b : float
        Of the dropout probabilities; a / (a + b) is their mean.
    unit : str
        Unit of time of recency and T; published parameters are those of weeks unless it says otherwise.

    References
    ----------
    Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2).

    Examples
    --------
    >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> round(model.expected_purchases_new(78), 2)
    1.86
    """

    r: float
    alpha: float
    a: float
    b: float

    process = BetaGeometric(chances_before=0)


@dataclass(frozen=True)
class MBGNBD(PurchaseModel):
    """MBG/NBD model of repeat purchases without a contract.

    The story of BGNBD with one change: a customer can leave right after the first purchase too. One-time buyers then
    are no longer certain to be active, and the longer they have been silent the less likely they are.

    Parameters
    ----------
    r, alpha : float
        Of the purchase rates, as in BGNBD.
    a, b : float
        Of the dropout probabilities; a / (a + b) of the new customers never come back.
    unit : str
        Unit of time of recency and T; published parameters are those of weeks unless it says otherwise.

    References
    ----------
    Batislam, Denizel & Filiztekin (2007), Intern. J. of Research in Marketing 24(3). Their appendix prints (b + x)/(a
    - 1) in the conditional expectation; correct is (a + b + x)/(a - 1), which the mean over p used here gives.

    Examples
    --------
    >>> import pandas as pd
    >>> model = MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614)
    >>> round(model.probability_alive(pd.DataFrame({"frequency": [0], "recency": [0], "T": [38.86]})).item(), 2)
    0.39
    """

    r: float
    alpha: float
    a: float
    b: float

    process = BetaGeometric(chances_before=1)
