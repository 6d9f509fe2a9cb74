"""What BG/NBD and MBG/NBD share: a customer who is alive buys at a gamma rate and leaves after a purchase with beta
chance.

Given alive at T, λ ~ Gamma(r + x, α + T) and p ~ Beta(a, b'), independently, where b' counts the purchases survived
so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from retention_kit.models.beta_mean import beta_mean
from retention_kit.models.purchases import PurchaseModel
from retention_kit.models.rows import Array, Rows

__all__: list[str] = []


@dataclass(frozen=True)
class BetaGeometric(PurchaseModel):
    """Predictions given alive; a subclass says how p has been updated and how likely alive is."""

    r: float
    alpha: float
    a: float
    b: float

    _names = ("r", "alpha", "a", "b")

    def _survived(self, x: Array) -> Array:
        """b': second parameter of the beta distribution of p, given alive after x repeat purchases."""
        raise NotImplementedError

    def _stay(self, rows: Rows, t: float) -> Array:
        """E[e^(-λpt)] = E[(1 + pτ)^-(r+x)] with τ = t / (α + T)."""
        return self._mean(rows, t, lambda R, tau, p: np.exp(-R * np.log1p(p * tau)))

    def _while_alive(self, rows: Rows, t: float) -> Array:
        """E[(1 - e^(-λpt)) / p] = E[(1 - (1 + pτ)^-(r+x)) / p]."""
        return self._mean(rows, t, lambda R, tau, p: -np.expm1(-R * np.log1p(p * tau)) / p)

    def _rate(self, rows: Rows, u: Array) -> Array:
        """E[λ e^(-λpu)] = (r+x)/(α+T) · E[(1 + pu/(α+T))^-(r+x+1)]."""
        R, A, b = self._posterior(rows)

        def f(p: Array, i: Any) -> Array:
            return np.exp(-(R[i] + 1)[:, None, None] * np.log1p(p[:, :, None] * (u / A[i, None])[:, None, :]))

        return (R / A)[:, None] * beta_mean(f, self.a, b, R + 1, u.max() / A)

    def _pmf(self, rows: Rows, n: int, t: float) -> Array:
        """Fader, Hardie & Lee (2005), eq. 8, with the posterior's parameters.

        Their sum over j is the upper tail of a negative binomial, an incomplete beta function.
        """
        R, A, b = self._posterior(rows)
        through = np.exp(
            special.betaln(self.a, b + n) - special.betaln(self.a, b)
            + special.gammaln(R + n) - special.gammaln(R) - special.gammaln(n + 1)
            - R * np.log1p(t / A) + special.xlogy(n, t / (A + t))
        )  # fmt: skip
        if n == 0:
            return through
        left = np.exp(special.betaln(self.a + 1, b + n - 1) - special.betaln(self.a, b))
        return through + left * special.betainc(n, R, t / (A + t))

    def _posterior(self, rows: Rows) -> tuple[Array, Array, Array]:
        x, T = rows["frequency"], rows["T"]
        return self.r + x, self.alpha + T, self._survived(x)

    def _mean(self, rows: Rows, t: float, f: Any) -> Array:
        R, A, b = self._posterior(rows)
        tau = t / A
        return beta_mean(lambda p, i: f(R[i, None], tau[i, None], p), self.a, b, R, tau)
