"""Keeping a contract: at every renewal a customer leaves with a probability of their own.

=============  =========================================================================================
θ              chance of leaving at the first renewal of one customer; θ ~ Beta(α, β) over customers
c              change of this chance with time: constant for c = 1, falling below, rising above
n, lost        renewals that have been due, and whether the last of them was not taken (periods, lost)
S(t)           share that takes t renewals: E[(1 - θ)^(t^c)] = B(α, β + t^c) / B(α, β)
=============  =========================================================================================
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special

from retention_kit.models.base.columns import Rule
from retention_kit.models.base.process import Process
from retention_kit.models.base.rows import Rows
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.numerics.gamma_ratio import log_beta_ratio

_RULES: tuple[Rule, ...] = (
    ("periods must be a whole number from 0", lambda c: (c["periods"] < 0) | (c["periods"] % 1 != 0)),
    ("lost must be true or false", lambda c: (c["lost"] != 0) & (c["lost"] != 1)),
    ("nobody can be lost before the first renewal", lambda c: (c["lost"] == 1) & (c["periods"] == 0)),
)
_ALIKE = "customers hardly differ, or nearly all renew; a constant retention rate will do"
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
"""Number of nodes that computes all digits of the decrease of log S from one renewal to the next."""


class RenewalProcess(Process):
    """The mathematics of both models of contracts: α and β, and for the beta-discrete-Weibull c."""

    columns = ("periods", "lost")
    rules = _RULES
    advice = {"alpha": _ALIKE, "beta": _ALIKE, "c": "try ShiftedBetaGeometric, which has c = 1"}
    takes_columns = True

    def __init__(self, **start: float) -> None:
        self.names, self.start = tuple(start), list(start.values())

    def log_likelihood(self, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        """log S(n) of a running contract; log(S(n-1) - S(n)) of a lost one."""
        n, lost = rows["periods"], rows["lost"] == 1
        earlier = np.maximum(n - 1, 0)
        now, before = self.log_survival(theta, n), self.log_survival(theta, earlier)
        drop = np.where(lost, np.minimum(_log_drop(theta, n, lost, now - before), -1e-100), -1.0)
        value = np.where(lost, before + np.log(-np.expm1(drop)), now)
        if not slopes:
            return value, value[:0]

        slope_now, slope_before = _slopes(theta, n), _slopes(theta, earlier)
        odds = 1 / np.expm1(np.minimum(-drop, 700.0))  # e^700 is near the largest float
        d_theta = np.where(lost, slope_before + odds * (slope_before - slope_now), slope_now)
        return value, d_theta[: len(theta)]

    def starts(self, rows: Rows) -> list[list[float]]:  # noqa: ARG002
        return [self.start, [0.2] * len(self.names), [3.0] * len(self.names)]

    def log_survival(self, theta: Array, t: Array) -> Array:
        """log S(t)."""
        alpha, beta, c = _three(theta)
        return log_beta_ratio(alpha, beta, _power(t, c))


def _slopes(theta: Array, t: Array) -> Array:
    """Gradient of log S(t) in α, β and c."""
    alpha, beta, c = _three(theta)
    psi, k = special.digamma, _power(t, c)
    fall = _digamma_rise(*np.broadcast_arrays(beta + k, alpha))
    d_alpha = psi(alpha + beta) - psi(alpha + beta + k)
    return np.stack([d_alpha, psi(beta + k) - psi(beta) + d_alpha, -fall * special.xlogy(k, t)])


def _power(t: Array, c: Any) -> Array:
    """t^c, limited to e^600 so that it stays finite."""
    with np.errstate(divide="ignore"):
        power: Array = np.exp(np.minimum(c * np.log(t), 600.0))
    return power


def _log_drop(theta: Array, n: Array, lost: Array, direct: Array) -> Array:
    """log S(n) - log S(n - 1): if it is small, the integral of the slope of log S, which avoids cancellation. Rows that
    are not lost do not need it and get 0."""
    alpha, beta, c = _three(theta)
    start = _power(np.maximum(n - 1, 0), c)
    half = (_power(n, c) - start) / 2
    z = np.expand_dims(beta, -1) + start[..., None] + half[..., None] * (1 + _NODES)
    a = np.broadcast_to(np.expand_dims(alpha, -1), z.shape)
    slope = np.zeros(z.shape)
    slope[..., lost, :] = _digamma_rise(z[..., lost, :], a[..., lost, :])
    integral = -half * (slope @ _WEIGHTS)
    return np.where(integral > -0.05, integral, direct)  # for larger drops the difference loses fewer than two digits


def _digamma_rise(z: Array, a: Array) -> Array:
    """ψ(z + a) - ψ(z); if z is so much larger that digits cancel, by ψ' at the midpoint."""
    rise: Array = special.digamma(a + z) - special.digamma(z)
    far = z > 1e4 * a
    if far.any():
        rise[far] = a[far] * special.polygamma(1, z[far] + a[far] / 2)
    return rise


def _three(theta: Array) -> tuple[Any, Any, Any]:
    """α, β and c, which is 1 if there is no third parameter; each may be a column."""
    return theta[0], theta[1], theta[2] if len(theta) > 2 else 1.0
