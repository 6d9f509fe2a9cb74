"""Pareto/NBD: customers buy until they are lost, at a moment that nobody sees.

Story: a customer buys at random at rate λ, and is lost at random at rate μ, whether they buy or not. Both rates differ
between customers, independently.

=============  =========================================================================================
λ              purchases per unit of time of one customer; λ ~ Gamma(r, α) over customers
μ              rate of being lost; μ ~ Gamma(s, β) over customers
x, t_x, T      repeat purchases, time of the last of them, time until now, all since the first purchase
R = r + x      λ ~ Gamma(R, A), given that the customer is active at T
A = α + T
B = β + T      μ ~ Gamma(s, B), given the same, independent of λ
y              the moment at which a customer was lost
=============  =========================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from retention_kit.models.base.rows import Rows
from retention_kit.models.futures.buying import ActiveCustomers, BuyingProcess
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.numerics.gamma_ratio import log_rise
from retention_kit.models.numerics.log_panels import log_panels
from retention_kit.models.purchases.dropout_integral import two_stories
from retention_kit.models.purchases.purchase_model import PurchaseModel

_ALIKE = "customers hardly differ in their rate, or nearly all bought once; use more customers"
_NOBODY_LEAVES = "nobody seems to leave, or all leave alike, and no other model could say more; use a longer window"
_MOST_PANELS, _PANEL_CELLS = 500, 100_000
"""Panels of an integral at the most, and panels × customers held at a time."""


class ParetoProcess(BuyingProcess):
    """The mathematics of the Pareto/NBD."""

    names = ("r", "alpha", "s", "beta")
    scales = {"alpha": "T", "beta": "T"}
    advice = {"r": _ALIKE, "alpha": _ALIKE, "s": _NOBODY_LEAVES, "beta": _NOBODY_LEAVES}
    takes_columns = True

    def log_likelihood(self, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        r"""Either active at T, or lost at some y between t_x and T, with that y integrated out:

        .. math:: L = \frac{\Gamma(r+x)}{\Gamma(r)} α^r β^s \Big[(α+T)^{-(r+x)} (β+T)^{-s}
                  + s \int_{t_x}^{T} (α+y)^{-(r+x)} (β+y)^{-(s+1)} dy\Big]

        One pass over the nodes gives the integral and, as means over the dropout time y, its derivatives.
        """
        r, alpha, s, beta = theta
        x, t_x, T = rows["frequency"], rows["recency"], rows["T"]
        counts, count_to_rows = rows.levels("frequency")

        alive, total, means = two_stories(theta, rows, slopes)
        a_x, b_x = np.log1p(t_x / alpha), np.log1p(t_x / beta)
        of_count = count_to_rows(log_rise(r, counts))
        value = of_count - x * np.log(alpha + t_x) - r * a_x - s * b_x + np.log(total)
        if not slopes:
            return value, value[:0]

        lost, (a_y, b_y, inverse_a, inverse_b) = 1 - alive, means
        a_T, b_T = np.log1p((T - t_x) / (alpha + t_x)), np.log1p((T - t_x) / (beta + t_x))
        d_count = count_to_rows(special.digamma(r + counts) - special.digamma(r))
        d_r = d_count - a_x - alive * a_T - lost * a_y
        d_alpha = r / alpha - (r + x) * (alive / (alpha + T) + lost * inverse_a)
        d_s = -b_x - alive * b_T + lost * (1 / s - b_y)
        d_beta = s / beta - alive * s / (beta + T) - lost * (s + 1) * inverse_b
        return value, np.stack([d_r, d_alpha, d_s, d_beta])

    def starts(self, rows: Rows) -> list[list[float]]:
        span, mean = rows.mean("T") or 1.0, max(rows.mean("frequency"), 0.01)
        low = min(mean, 1.0)
        return [[low, span * low / mean, 0.7, span / 2], [1.0, span, 1.0, span], [0.3, 0.2 * span, 0.2, span]]

    def alive(self, theta: Array, rows: Rows) -> Array:
        """Weight of the story 'active at T' in the likelihood."""
        return two_stories(theta, rows, slopes=False)[0]

    def active(self, theta: Array, rows: Rows) -> ActiveCustomers:
        r, alpha, s, beta = theta
        return _Active(r + rows["frequency"], alpha + rows["T"], s, beta + rows["T"])


@dataclass(frozen=True)
class _Active(ActiveCustomers):
    """λ ~ Gamma(R, A) and μ ~ Gamma(s, B), independent."""

    R: Array
    A: Array
    s: Array
    B: Array

    def stay(self, t: Any) -> Array:
        """E[e^(-μt)] = (B / (B + t))^s."""
        staying: Array = np.exp(-self.s * np.log1p(t / self.B))
        return staying

    def purchases(self, t: Any) -> Array:
        """Note 009: R B / (A (s-1)) [1 - (B/(B+t))^(s-1)], written so that s = 1 is no special case."""
        v = np.log1p(t / self.B)
        expected: Array = self.R / self.A * self.B * v * special.exprel((1 - self.s) * v)
        return expected

    def probability_of(self, n: int, t: Any) -> Array:
        """n purchases and still active, or lost at y after n purchases, with y integrated out.

        The panels in log time begin at the scale on which customers buy or leave, and are as fine as the peak that n
        purchases make.
        """
        R, A, s, B = self.R, self.A, self.s, self.B
        t, near = np.broadcast_to(t, len(R)).astype(float), np.minimum(A / (1 + R), B / (1 + s))
        fine = np.log1p(t / near).max() * (1 + np.sqrt(min(n, R.max()))) / 3
        panels = int(np.clip(np.ceil(fine), 1, _MOST_PANELS))
        if len(R) * panels > _PANEL_CELLS and len(R) > 1:
            halves = np.array_split(np.arange(len(R)), 2)
            return np.concatenate([_Active(R[i], A[i], s, B[i]).probability_of(n, t[i]) for i in halves])
        z, weight = log_panels(t, near, panels, 14)
        A, B, R = A[:, None], B[:, None], R[:, None]
        log_n = log_rise(R, n) - special.gammaln(n + 1.0)

        def count(y: Any) -> Array:
            """P(n purchases in a time y)."""
            alone: Array = np.exp(log_n - R * np.log1p(y / A) + special.xlogy(n, y / (A + y)))
            return alone

        lost = (weight * s / B * np.exp(-(s + 1) * np.log1p(z / B)) * count(z)).sum(axis=1)
        chance: Array = count(t[:, None])[:, 0] * self.stay(t) + lost
        return chance

    def fading(self) -> Array:
        half: Array = self.B / (1 + self.s)
        return half

    def weighted_purchases(self, t: float, u: Array, weights: Array, rough: bool) -> Array:  # noqa: ARG002
        """With E[rate at T + u] = R/A · (B / (B + u))^s."""
        rates = np.exp(-np.expand_dims(self.s, -1) * np.log(1 + u[..., None, :] / self.B[..., None]))
        later = (rates @ weights[..., 1:, None])[..., 0]
        value: Array = weights[..., :1] * self.purchases(t) + self.R / self.A * later
        return value

    def draw(self, rng: np.random.Generator) -> tuple[Array, Array, int]:
        """λ, μ, and no purchase at the moment of leaving."""
        return rng.gamma(self.R) / self.A, rng.gamma(self.s, size=len(self.R)) / self.B, 0

    def buy_between(self, start: Array, length: Array, rough: bool) -> Array:  # noqa: ARG002
        r"""∫ E[λ e^(-λu)] E[e^(-μ(start+u))] du over u from 0 to length."""
        R, A, s, B = self.R, self.A, self.s, self.B
        scale = np.minimum(A / (1 + R), (B + start) / (1 + s))
        panels = int(np.clip(np.ceil(np.log1p(length / scale).max() / 2), 1, 200))
        z, weight = log_panels(length, scale, panels, 14)
        R, A, s, B = (np.expand_dims(v, -1) for v in (R, A, s, B))
        buys = R / A * np.exp(-(R + 1) * np.log1p(z / A) - s * np.log1p((start[:, None] + z) / B))
        chance: Array = (weight * buys).sum(axis=-1)
        return chance


@dataclass(frozen=True)
class ParetoNBD(PurchaseModel):
    """Pareto/NBD model of repeat purchases without a contract.

    A customer buys at random at their own rate λ until they are lost, and is lost at random at their own rate μ,
    whether they buy or not. Both rates differ between customers as gamma distributions, independently. One-time buyers
    can have been lost like anybody else, so long silence makes them doubtful too.

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

    process = ParetoProcess()
