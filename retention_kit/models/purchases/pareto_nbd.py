"""Pareto/NBD: buying goes on until the customer is lost, at a moment that nobody sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from retention_kit.models.base.rows import Array, Rows
from retention_kit.models.numerics.gamma_ratio import log_rise
from retention_kit.models.purchases.buying import log_panels
from retention_kit.models.purchases.dropout_table import two_stories
from retention_kit.models.purchases.purchase_model import PurchaseModel

__all__ = ["ParetoNBD"]

_NODES, _STEEP = (8, 16, 20, 36), (1.0, 5.0, 12.0)
_RULES = {n: special.roots_legendre(n) for n in _NODES}
_SAME_FOR_ALL = "nobody seems to leave, or all leave alike, and no other model could say more; use a longer window"
_CHUNK = 512
_MOST_PANELS, _PANEL_CELLS = 500, 100_000
_DROPPED = 46.0
"""Where the integrand has fallen by e^-46 the integral may end."""


@dataclass(frozen=True)
class ParetoNBD(PurchaseModel):
    """Pareto/NBD model of repeat purchases without a contract.

    A customer buys at random at her own rate λ until she is lost, and she is lost at random at her own rate μ, whether
    she buys or not. Both rates differ between customers as gamma distributions, independently. One-time buyers can have
    been lost like anybody else, so long silence makes them doubtful too.

    Parameters
    ----------
    r, alpha : float
        Shape, and rate parameter in units of time, of the purchase rates; r / alpha is their mean.
    s, beta : float
        Shape, and rate parameter in units of time, of the rates of being lost; s / beta is their mean.
    unit : str
        Unit of time of recency and T; published parameters are those of weeks unless it says otherwise.

    References
    ----------
    Schmittlein, Morrison & Colombo (1987), Management Science 33(1); Fader & Hardie (2005), note 009.

    Examples
    --------
    >>> model = ParetoNBD(r=0.55, alpha=10.56, s=0.61, beta=11.64)
    >>> model.expected_purchases_new([1, 9]).round(8)
    array([0.05077821, 0.38909211])
    """

    r: float
    alpha: float
    s: float
    beta: float

    _names = ("r", "alpha", "s", "beta")
    _scales = {"alpha": "T", "beta": "T"}
    _broadcasts = True
    _advice = {
        "r": "customers hardly differ in their rate, or nearly all bought once; use more customers",
        "alpha": "customers hardly differ in their rate, or nearly all bought once; use more customers",
        "s": _SAME_FOR_ALL,
        "beta": _SAME_FOR_ALL,
    }

    @classmethod
    def _log_likelihood(cls, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        r"""Either alive at T, or lost at some y between t_x and T, with that y integrated out:

        .. math:: L = \frac{\Gamma(r+x)}{\Gamma(r)} α^r β^s \Big[(α+T)^{-(r+x)} (β+T)^{-s}
                  + s \int_{t_x}^{T} (α+y)^{-(r+x)} (β+y)^{-(s+1)} dy\Big]

        One pass over the nodes gives the integral and, as means over the dropout time y, its derivatives.
        """
        r, alpha, s, beta = theta
        x, t_x, T = rows["frequency"], rows["recency"], rows["T"]
        counts, at = rows.levels("frequency")
        gammas = log_rise(r, counts)
        alive, total, means = _stories(theta, rows, slopes)
        a_x, b_x = np.log1p(t_x / alpha), np.log1p(t_x / beta)
        ll = at(gammas) - x * np.log(alpha + t_x) - r * a_x - s * b_x + np.log(total)
        if not slopes:
            return ll, ll[:0]
        lost, (a_y, b_y, inv_a, inv_b) = 1 - alive, means
        d_count = special.digamma(r + counts) - special.digamma(r)
        a_T, b_T = np.log1p((T - t_x) / (alpha + t_x)), np.log1p((T - t_x) / (beta + t_x))
        d_r = at(d_count) - a_x - alive * a_T - lost * a_y
        d_alpha = r / alpha - (r + x) * (alive / (alpha + T) + lost * inv_a)
        d_s = -b_x - alive * b_T + lost * (1 / s - b_y)
        d_beta = s / beta - alive * s / (beta + T) - lost * (s + 1) * inv_b
        return ll, np.stack([d_r, d_alpha, d_s, d_beta])

    @classmethod
    def _starts(cls, rows: Rows) -> list[list[float]]:
        span, mean = rows.mean("T") or 1.0, max(rows.mean("frequency"), 0.01)
        low = min(mean, 1.0)
        return [[low, span * low / mean, 0.7, span / 2], [1.0, span, 1.0, span], [0.3, 0.2 * span, 0.2, span]]

    def _alive(self, rows: Rows) -> Array:
        """Weight of the story 'alive at T' in the likelihood."""
        return _stories(self._theta, rows, slopes=False)[0]

    # Given alive at T: λ ~ Gamma(r + x, α + T), μ ~ Gamma(s, β + T), independent

    def _stay(self, rows: Rows, t: Any) -> Array:
        """((β + T) / (β + T + t))^s."""
        return np.exp(-self.s * np.log1p(t / (self.beta + rows["T"])))

    def _while_alive(self, rows: Rows, t: Any) -> Array:
        """Note 009: (r+x)(β+T) / ((α+T)(s-1)) [1 - ((β+T)/(β+T+t))^(s-1)], written so that s = 1 is no special case."""
        R, A, B = self._posterior(rows)
        v = np.log1p(t / B)
        return R / A * B * v * special.exprel((1 - self.s) * v)

    def _fading(self, rows: Rows) -> Array:
        return (self.beta + rows["T"]) / (1 + self.s)

    def _weighted_purchases(self, rows: Rows, t: float, u: Array, weights: Array, rough: bool) -> Array:  # noqa: ARG002
        """With E[rate] = (r+x)/(α+T) · ((β + T) / (β + T + u))^s."""
        R, A, B = self._posterior(rows)
        rates = np.exp(-np.expand_dims(self.s, -1) * np.log(1 + u[..., None, :] / B[..., None]))
        later = (rates @ weights[..., 1:, None])[..., 0]
        return weights[..., :1] * self._while_alive(rows, t) + R / A * later

    def _pmf(self, rows: Rows, n: int, t: Any) -> Array:
        """n purchases and still there, or lost at y after n purchases, with y integrated out.

        The panels in log time begin at the scale on which customers buy or leave, and are as fine as the peak that n
        purchases make."""
        R, A, B = self._posterior(rows)
        t, near = np.broadcast_to(t, len(R)).astype(float), np.minimum(A / (1 + R), B / (1 + self.s))
        fine = np.log1p(t / near).max() * (1 + np.sqrt(min(n, R.max()))) / 3
        panels = int(np.clip(np.ceil(fine), 1, _MOST_PANELS))
        if len(R) * panels > _PANEL_CELLS and len(R) > 1:
            halves = np.array_split(np.arange(len(R)), 2)
            return np.concatenate([self._pmf(rows.take(half), n, t[half]) for half in halves])
        z, weight = log_panels(t, near, panels, 14)
        A, B, R = A[:, None], B[:, None], R[:, None]
        log_n = log_rise(R, n) - special.gammaln(n + 1.0)

        def count(y: Any) -> Array:
            return np.exp(log_n - R * np.log1p(y / A) + special.xlogy(n, y / (A + y)))

        lost = (weight * self.s / B * np.exp(-(self.s + 1) * np.log1p(z / B)) * count(z)).sum(axis=1)
        return count(t[:, None])[:, 0] * self._stay(rows, t) + lost

    def _draw(self, rows: Rows, rng: np.random.Generator) -> tuple[Array, Array, int]:
        """λ, μ, and no purchase at the moment of leaving."""
        R, A, B = self._posterior(rows)
        return rng.gamma(R) / A, rng.gamma(self.s, size=len(R)) / B, 0

    def _posterior(self, rows: Rows) -> tuple[Array, Array, Array]:
        return self.r + rows["frequency"], self.alpha + rows["T"], self.beta + rows["T"]


def _stories(theta: Array, rows: Rows, slopes: bool) -> tuple[Array, Array, Array]:
    """As `_two_stories`, for parameters that may be columns; many rows on the same days share one table of the
    integral."""
    shared = two_stories(theta, rows, slopes) if np.ndim(theta) == 1 else None
    if shared:
        return shared
    r, alpha, s, beta = theta
    t_x = rows["recency"]
    cases = np.broadcast_arrays(r + rows["frequency"], alpha + t_x, s, beta + t_x, rows["T"] - t_x)
    R, A, s, B, gap = (case.ravel() for case in cases)
    alive, total, means = _two_stories(R, A, s, B, gap, slopes)
    return alive.reshape(cases[0].shape), total.reshape(cases[0].shape), means


def _two_stories(R: Array, A: Array, s: Array, B: Array, gap: Array, slopes: bool) -> tuple[Array, Array, Array]:
    """P(alive); both stories together, relative to their value at t_x; means over the dropout time y, if lost.

    A = α + t_x, B = β + t_x. The means are of log((α+y)/A), log((β+y)/B), 1/(α+y), 1/(β+y). What lost customers add is
    s/B ∫ exp(-R log1p(z/A) - (s+1) log1p(z/B)) dz over (0, gap). The variable is v = log(1 + z/near) with near =
    min(A, B): both factors are smooth in it at any scale. The faster the integrand falls or grows, the more nodes: the
    relative error stays below 1e-10.
    """
    first, near, far = A <= B, np.minimum(A, B), np.maximum(A, B)
    p_near, p_far = np.where(first, R, s + 1), np.where(first, s + 1, R)
    reach = [scale * np.expm1(np.minimum(_DROPPED / power, 300)) for scale, power in ((near, p_near), (far, p_far))]
    half = np.log1p(np.minimum(gap, np.minimum(*reach)) / near) / 2
    staying = np.log1p(gap / B)
    fall = R * np.log1p(gap / A) + (s + 1) * staying
    growth = 3 * half * (1 - p_near)  # of the integrand in v, where R is small beside it
    kind, cases = np.searchsorted(_STEEP, np.maximum(fall, growth)), np.stack([near, far, p_near, p_far, half])
    sums = np.empty((5 if slopes else 1, len(fall)))
    for k, n in enumerate(_NODES):
        found = np.flatnonzero(kind == k)
        for i in np.split(found, range(_CHUNK, len(found), _CHUNK)):
            if len(i):
                sums[:, i] = _integral(cases[:, i, None], n, slopes)
    there, lost = np.exp(staying - fall), s / B * sums[0]
    means = np.where(first, sums[1:], sums[[2, 1, 4, 3]]) if slopes else sums[1:]
    return there / (there + lost), there + lost, means


def _integral(cases: Array, n: int, slopes: bool) -> Array:
    """∫ exp(-p_near log1p(z/near) - p_far log1p(z/far)) dz per case; and the means under it of both logarithms and of
    1/(near + z), 1/(far + z)."""
    near, far, p_near, p_far, half = cases
    node, weight = _RULES[n]
    v = half * (1 + node)
    z = near * np.expm1(v)
    log_far = np.log1p(z / far)
    weight = half * weight * near * np.exp((1 - p_near) * v - p_far * log_far)
    whole = weight.sum(axis=1)
    if not slopes:
        return whole
    weight /= np.where(whole > 0, whole, 1)[:, None]
    means = [(weight * part).sum(axis=1) for part in (v, log_far)]
    return np.stack([whole, *means, (weight / (near + z)).sum(axis=1), (weight / (far + z)).sum(axis=1)])
