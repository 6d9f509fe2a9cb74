"""BG/NBD: buying goes on until one purchase turns out to have been the last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import special

from retention_kit.models.beta_geometric import BetaGeometric
from retention_kit.models.fitting import evidence, maximise
from retention_kit.models.rows import Array, Customers, Rows, read

__all__ = ["BGNBD"]

_ADVICE = {
    "r": "buyers hardly differ in their rate; use more customers",
    "alpha": "buyers hardly differ in their rate; use more customers",
    "a": "nobody seems to leave, or everybody alike; compare ParetoNBD and a longer window",
    "b": "nobody seems to leave, or everybody alike; compare ParetoNBD and a longer window",
}


@dataclass(frozen=True)
class BGNBD(BetaGeometric):
    """Fitted BG/NBD model of repeat purchases without a contract.

    A customer buys at random at her own rate λ while she is there. After every repeat purchase she leaves for good
    with her own probability p. Rates differ between customers as a gamma distribution, probabilities as a beta
    distribution. Nobody tells us who has left; long silence of a frequent buyer does. A customer who never bought
    again has had no occasion to leave, so the model calls every one-time buyer alive: read it beside MBGNBD or
    ParetoNBD.

    Parameters
    ----------
    r : float
        Shape of the purchase rates: small means that customers differ much.
    alpha : float
        Rate parameter of the purchase rates, in units of time; r / alpha is the mean rate.
    a, b : float
        Of the dropout probabilities; a / (a + b) is their mean.
    unit : str
        Unit of time of recency and T.

    References
    ----------
    Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2).

    Examples
    --------
    >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> round(model.expected_purchases_new(78), 2)
    1.86
    """

    @classmethod
    def fit(cls, customers: Customers, *, weights: str | None = None) -> Self:
        """Maximum likelihood on the distinct rows of a customer table.

        Parameters
        ----------
        customers : DataFrame or Ibis table
            With frequency, recency and T; unit, grain and as_of are taken over.
        weights : str, optional
            Column that says how many customers a row stands for.

        Returns
        -------
        BGNBD
            The fitted model.
        """
        rows = read(customers, weights=weights)
        peak = maximise(log_likelihood, rows, _starts(rows))
        fit = evidence(cls.__name__, cls._names, peak, rows, _ADVICE)
        return cls(*map(float, peak.theta), unit=rows.about.get("unit", "week"), evidence=fit)

    def _survived(self, x: Array) -> Array:
        return self.b + x

    def _alive(self, rows: Rows) -> Array:
        """Fader, Hardie & Lee (2008), "Computing P(alive)", note 021."""
        return special.expit(-_log_odds_lost(self._theta, rows["frequency"], rows["recency"], rows["T"]))


def log_likelihood(theta: Array, rows: Rows) -> tuple[Array, Array]:
    """Log-likelihood of each row and its gradient in (r, α, a, b): eq. 6, rearranged so that nothing overflows."""
    r, alpha, a, b = theta
    x, t_x, T = rows["frequency"], rows["recency"], rows["T"]
    levels, at = rows.levels
    base = _of_the_count(r, a, b, levels)[:, at]
    lost = _log_odds_lost(theta, x, t_x, T)
    gone = special.expit(lost)
    silence = np.log1p((T - t_x) / (alpha + t_x))
    ll = base[0] - r * np.log1p(T / alpha) - x * np.log(alpha + T) + np.logaddexp(0, lost)
    d_r = base[1] - np.log1p(T / alpha) + gone * silence
    d_alpha = r * T / (alpha * (alpha + T)) - x / (alpha + T) + gone * (r + x) * (1 / (alpha + T) - 1 / (alpha + t_x))
    d_a = base[2] + gone / a
    d_b = base[3] - gone / (b + np.maximum(x, 1) - 1)
    return ll, np.stack([d_r, d_alpha, d_a, d_b])


def _log_odds_lost(theta: Array, x: Array, t_x: Array, T: Array) -> Array:
    """Log of 'left with the purchase at t_x' against 'still buying at T'; -inf for one-time buyers, who cannot have
    left."""
    r, alpha, a, b = theta
    odds = np.log(a) - np.log(b + np.maximum(x, 1) - 1) + (r + x) * np.log1p((T - t_x) / (alpha + t_x))
    return np.where(x > 0, odds, -np.inf)


def _of_the_count(r: float, a: float, b: float, x: Array) -> Array:
    """The terms of eq. 6 with gamma functions, and their derivatives in r, a, b: they depend on x alone."""
    ln, psi = special.gammaln, special.digamma
    value = ln(r + x) - ln(r) + ln(a + b) - ln(a + b + x) + ln(b + x) - ln(b)
    d_r = psi(r + x) - psi(r)
    d_a = psi(a + b) - psi(a + b + x)
    d_b = d_a + psi(b + x) - psi(b)
    return np.stack([value, d_r, d_a, d_b])


def _starts(rows: Rows) -> list[list[float]]:
    """Rates on the scale of the data: α about the mean time observed."""
    span = float(rows.weights @ rows["T"]) / rows.n or 1.0
    mean = max(float(rows.weights @ rows["frequency"]) / rows.n, 0.01)
    return [
        [min(mean, 1.0), span * min(mean, 1.0) / mean, 0.5, 2.0],
        [1.0, span, 1.0, 1.0],
        [0.2, 0.2 * span, 0.1, 5.0],
    ]
