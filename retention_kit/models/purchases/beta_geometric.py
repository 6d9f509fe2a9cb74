"""BG/NBD and MBG/NBD in one: a customer who is there buys at a gamma rate and leaves after a purchase with beta chance.

The two differ in how many chances of leaving a customer with x repeat purchases has had: k = x, or k = x + 1 when the
first purchase was a chance too. Equation numbers are those of Fader, Hardie & Lee (2005)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy import special

from retention_kit.models.base.rows import Array, Rows
from retention_kit.models.numerics.beta_mean import beta_mean
from retention_kit.models.numerics.gamma_ratio import log_beta_ratio, log_rise
from retention_kit.models.purchases.purchase_model import PurchaseModel

__all__: list[str] = []


@dataclass(frozen=True)
class BetaGeometric(PurchaseModel):
    """Likelihood and predictions; a subclass says whether the first purchase can be the last."""

    r: float
    alpha: float
    a: float
    b: float

    _names = ("r", "alpha", "a", "b")
    _scales = {"alpha": "T"}
    _broadcasts = True
    _chances_before: ClassVar[int] = 0
    _advice = {
        "r": "customers hardly differ in their rate, or nearly all bought once; use more customers",
        "alpha": "customers hardly differ in their rate, or nearly all bought once; use more customers",
        "a": "nobody seems to leave, or all leave alike; try ParetoNBD, or a longer window",
        "b": "nobody seems to leave, or all leave alike; try ParetoNBD, or a longer window",
    }

    @classmethod
    def _log_likelihood(cls, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        """Eq. 6, arranged so that nothing overflows: 'still there at T', times one plus the odds of 'left at t_x'."""
        r, alpha, a, b = theta
        x, (counts, at) = rows["frequency"], rows.levels("frequency")
        k = counts + cls._chances_before
        base = [at(v) for v in _of_the_count(r, a, b, counts, k)]
        (t_x, at_last), (T, at_end) = rows.levels("recency"), rows.levels("T")
        age, upto_T = at_end(np.log1p(T / alpha)), at_end(1 / (alpha + T))
        silence = age - at_last(np.log1p(t_x / alpha))
        odds = at(_log_chance(a, b, k)) + (r + x) * silence
        lost, log_total = _share_and_total(odds)
        ll = base[0] - (r + x) * age - x * np.log(alpha) + log_total
        if not slopes:
            return ll, ll[:0]
        d_r = base[1] - age + lost * silence
        d_alpha = r / alpha - (r + x) * (upto_T + lost * (at_last(1 / (alpha + t_x)) - upto_T))
        d_a = base[2] + lost / a
        d_b = base[3] - lost * at(1 / (b + (np.maximum(k, 1) - 1)))
        return ll, np.stack([d_r, d_alpha, d_a, d_b])

    @classmethod
    def _starts(cls, rows: Rows) -> list[list[float]]:
        span, mean = rows.mean("T") or 1.0, max(rows.mean("frequency"), 0.01)
        low = min(mean, 1.0)
        return [[low, span * low / mean, 0.5, 2.0], [1.0, span, 1.0, 1.0], [0.2, 0.2 * span, 0.1, 5.0]]

    def _alive(self, rows: Rows) -> Array:
        """Fader, Hardie & Lee (2008), note 021: one over one plus the odds."""
        t_x, T = rows["recency"], rows["T"]
        silence = np.log1p((T - t_x) / (self.alpha + t_x))
        x = rows["frequency"]
        return special.expit(-_log_chance(self.a, self.b, x + self._chances_before) - (self.r + x) * silence)

    # Given alive at T: λ ~ Gamma(r + x, α + T), p ~ Beta(a, b + k), independent

    def _stay(self, rows: Rows, t: float) -> Array:
        """E[e^(-λpt)] = E[(1 + pτ)^-(r+x)] with τ = t / (α + T)."""
        return self._mean(rows, t, lambda R, tau, p: np.exp(-R * np.log1p(p * tau)))

    def _while_alive(self, rows: Rows, t: Any) -> Array:
        """E[(1 - e^(-λpt)) / p] = E[(1 - (1 + pτ)^-(r+x)) / p]; eq. 10 is this mean as a hypergeometric function."""
        return self._mean(rows, t, lambda R, tau, p: -np.expm1(-R * np.log1p(p * tau)) / p)

    def _fading(self, rows: Rows) -> Array:
        R, A, b = self._posterior(rows)
        return A / (1 + R * self.a / (self.a + b))

    def _weighted_purchases(self, rows: Rows, t: float, u: Array, weights: Array, rough: bool) -> Array:
        """As one mean, with E[λ e^(-λpu)] = (r+x)/(α+T) · E[(1 + pu/(α+T))^-(r+x+1)]: finding the nodes costs more than
        what is asked at them."""
        R, A, b = self._posterior(rows)
        own_R, own_A, u, weights = R.ravel(), A.ravel(), np.atleast_2d(u).T, np.atleast_2d(weights).T

        def f(p: Array, i: Array) -> Array:
            r, a, at_once, later = own_R[i], own_A[i], *np.split(weights[:, i // len(rows)], [1])
            rates = 1 + p[:, None] * (u[:, i // len(rows)] / a)
            np.log(rates, out=rates)
            rates *= -(r + 1)
            np.exp(rates, out=rates)
            by_t = -np.expm1(-r * np.log1p(p * (t / a))) / p
            return at_once * by_t + r / a * np.einsum("pui,ui->pi", rates, later)

        return beta_mean(f, self.a, b, R + 1, t / A, rough=rough)

    def _pmf(self, rows: Rows, n: int, t: Any) -> Array:
        """Eq. 8 with the posterior's parameters; its sum is the tail of a negative binomial, an incomplete beta
        function."""
        R, A, b = self._posterior(rows)
        count = log_rise(R, n) - special.gammaln(n + 1.0) - R * np.log1p(t / A) + special.xlogy(n, t / (A + t))
        through = np.exp(log_beta_ratio(self.a, b, n) + count)
        if n == 0:
            return through
        left = np.exp(log_beta_ratio(self.a, b, n - 1)) * self.a / (self.a + b + (n - 1))
        return through + left * special.betainc(n, R, t / (A + t))

    def _draw(self, rows: Rows, rng: np.random.Generator) -> tuple[Array, Array, int]:
        """Purchases that are not the last come at rate λ(1-p), the last one at rate λp."""
        R, A, b = self._posterior(rows)
        rate, p = rng.gamma(R) / A, rng.beta(self.a, b)
        return rate * (1 - p), rate * p, 1

    def _posterior(self, rows: Rows) -> tuple[Array, Array, Array]:
        x = rows["frequency"]
        return self.r + x, self.alpha + rows["T"], self.b + x + self._chances_before

    def _mean(self, rows: Rows, t: Any, f: Any) -> Array:
        R, A, b = self._posterior(rows)
        own_R, own_tau = R.ravel(), (t / A).ravel()
        return beta_mean(lambda p, i: f(own_R[i], own_tau[i], p), self.a, b, R, t / A)


def _log_chance(a: float, b: float, k: Array) -> Array:
    """Log odds of leaving at the last of k chances against never; -inf where there has been none."""
    return np.where(k > 0, np.log(a) - np.log(b + (np.maximum(k, 1) - 1)), -np.inf)


def _share_and_total(odds: Array) -> tuple[Array, Array]:
    """odds/(1 + odds) and log(1 + odds) from log odds, by the two functions that numpy vectorises."""
    e = np.exp(-np.abs(odds))
    return np.exp(np.minimum(odds, 0)) / (1 + e), np.maximum(odds, 0) + np.log1p(e)


def _of_the_count(r: Any, a: Any, b: Any, x: Array, k: Array) -> Array:
    """The factors of eq. 6 with gamma functions, and their derivatives in r, a, b: they depend on the count alone."""
    psi = special.digamma
    value = log_rise(r, x) + log_beta_ratio(a, b, k)
    d_a = psi(a + b) - psi(a + b + k)
    return np.stack([value, psi(r + x) - psi(r), d_a, d_a + psi(b + k) - psi(b)])
