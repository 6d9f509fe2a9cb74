"""What a buy-till-you-die model says about customers, and what follows from it.

A model says three things about a customer with history (x, t_x, T): how likely it is that she is still there, and, if
she is, at which rate she will buy after a further time u and how many purchases that makes. Discounted purchases and
futures drawn at random follow for all models alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from scipy import special

from retention_kit.errors import ConfigError, FitError
from retention_kit.models.base.model import Model
from retention_kit.models.base.rows import PURCHASES, Array, Customers, Rows, read
from retention_kit.schema import DAYS_PER_YEAR, UNIT_DAYS

__all__: list[str] = []

_RULES = {n: special.roots_legendre(n) for n in (5, 14)}
MOST_DRAWN = 2**22
"""Purchases in one future drawn at random: about 64 bytes each."""
_GONE = 42.0
"""e^-42 is below the last digit: an endless horizon ends where discounting has come to that."""


@dataclass(frozen=True)
class BuyingProcess(Model):
    """Base below PurchaseModel: hooks for a model, for rows of history, and what follows from them."""

    _columns: ClassVar[tuple[str, ...]] = PURCHASES
    """What it must know of each customer."""

    # What a model supplies, for rows of history

    @classmethod
    def _starts(cls, rows: Rows) -> list[list[float]]:
        """Where the search begins, on the scale of the data."""
        raise NotImplementedError

    def _alive(self, rows: Rows) -> Array:
        """P(alive at T | x, t_x, T)."""
        raise NotImplementedError

    def _stay(self, rows: Rows, t: float) -> Array:
        """P(still there at T + t | alive at T)."""
        raise NotImplementedError

    def _while_alive(self, rows: Rows, t: Any) -> Array:
        """E[purchases in (T, T + t] | alive at T]."""
        raise NotImplementedError

    def _fading(self, rows: Rows) -> Array:
        """About how long after T the rate of purchases falls by half or so, given alive at T."""
        raise NotImplementedError

    def _weighted_purchases(self, rows: Rows, t: float, u: Array, weights: Array, rough: bool) -> Array:
        """weights[0] · E[purchases in (T, T + t]] + Σ weights[1:] · E[rate of purchases at T + u], given alive at T;
        `rough` where six digits will do. With columns of parameters, u and weights have a line for each."""
        raise NotImplementedError

    def _pmf(self, rows: Rows, n: int, t: Any) -> Array:
        """P(n purchases in (T, T + t] | alive at T); t may differ by row."""
        raise NotImplementedError

    def _draw(self, rows: Rows, rng: np.random.Generator) -> tuple[Array, Array, int]:
        """One draw per row, given alive at T: rate of purchases, rate of leaving, purchases at the moment of
        leaving."""
        raise NotImplementedError

    # What follows

    def _read(self, customers: Customers) -> Rows:
        return read(customers, unit=self.unit)

    # (`alive` is P(alive) where it is known already; with columns of parameters there is a line for each)

    def _expected(self, rows: Rows, t: float, alive: Array | None = None) -> Array:
        if not 0 <= t < np.inf:
            raise ConfigError(f"The time to predict must be 0 or more {self.unit}s, not endless; got {t}.")
        alive = self._alive(rows) if alive is None else alive
        return alive * self._per_pair(rows, lambda pairs: self._while_alive(pairs, t))

    def _expected_new(self, t: Array) -> Array:
        """Expected repeat purchases of new customers, each in a time of its own."""
        if not (t >= 0).all():
            raise ConfigError(f"The time to predict must be 0 or more {self.unit}s; got {t.min()}.")
        new = Rows({k: np.zeros(len(t)) for k in PURCHASES}, np.ones(len(t)))
        return self._alive(new) * self._while_alive(new, t)

    def _probability_of_n(self, rows: Rows, n: int, t: float) -> Array:
        alive = self._alive(rows)
        return (n == 0) * (1 - alive) + alive * self._per_pair(rows, lambda pairs: self._pmf(pairs, n, t))

    def _probability_of_n_new(self, n: int, t: Array) -> Array:
        """Of n repeat purchases of new customers, each in a time of its own."""
        new = Rows({k: np.zeros(len(t)) for k in PURCHASES}, np.ones(len(t)))
        alive = self._alive(new)
        return (n == 0) * (1 - alive) + alive * self._pmf(new, n, t)

    def _discounted(self, rows: Rows, t: float, force: float, rough: bool = False, alive: Array | None = None) -> Array:
        """∫ e^(-δu) rate(u) du over (0, t), in panels of equal log time.

        The part e^(-δt) that money still has at the end goes with the number of purchases, which is exact; the nodes
        only see what is beyond, a tenth or less over a year. The first panel is as long as the customer who fades
        fastest is there, or money keeps its worth; then 14 nodes per panel give the whole to 1e-10, and 5 (`rough`,
        for draws of the parameters) to 5e-5, at any horizon.
        """
        if not (t > 0 and force >= 0) or (np.isinf(t) and force == 0):
            raise ConfigError(
                f"Discounting needs t above 0 and a rate from 0, above 0 if t is endless; got t={t}, δ={force}."
            )
        t, alive = min(t, _GONE / force) if force else t, self._alive(rows) if alive is None else alive
        return alive * self._per_pair(rows, lambda pairs: self._discounted_while_alive(pairs, t, force, rough))

    def _discounted_while_alive(self, rows: Rows, t: float, force: float, rough: bool) -> Array:
        """Lines of parameters with as many panels are looked at together."""
        scale = np.minimum(self._fading(rows).min(axis=-1), 1 / force if force else np.inf)
        panels = np.ceil(np.log1p(t / scale) / 2).astype(int)
        if panels.ndim and (panels != panels[0]).any():
            out = np.empty((len(panels), len(rows)))
            for alike in (panels == k for k in np.unique(panels)):
                some = replace(self, **{k: getattr(self, k)[alike] for k in self._names})
                out[alike] = some._discounted_while_alive(rows, t, force, rough)
            return out
        u, weight = log_panels(t, scale, panels.max(), 5 if rough else 14)
        left = np.exp(-force * t)
        weights = np.insert(weight * (np.exp(-force * u) - left), 0, left, axis=-1)
        return self._weighted_purchases(rows, t, u, weights, rough)

    def _future(
        self, rows: Rows, t: float, rng: np.random.Generator, alive: Array | None = None
    ) -> tuple[Array, Array]:
        """One future per row drawn at random: for each purchase in the next t, whose it is and when."""
        there = np.flatnonzero(rng.random(len(rows)) < (self._alive(rows) if alive is None else alive))
        rate, leaving, last = self._draw(rows.take(there), rng)
        left = rng.exponential(size=len(there)) / np.maximum(leaving, 1e-300)
        stay = np.minimum(left, t)
        self._refuse_endless(float((rate * stay).sum()), t)
        owner = np.repeat(np.arange(len(there)), rng.poisson(rate * stay))
        when = rng.random(len(owner)) * stay[owner]
        ends = np.flatnonzero(left < t) if last else np.empty(0, dtype=int)
        return there[np.concatenate([owner, ends])], np.concatenate([when, left[ends]])

    def _refuse_endless(self, purchases: float, t: float) -> None:
        if not purchases <= MOST_DRAWN:
            raise FitError(
                f"One future of {type(self).__name__} would hold {purchases:.3g} purchases in {t:g} {self.unit}s, more "
                f"than the {MOST_DRAWN:,} that fit in a quarter of a gigabyte. Either the data do not settle how often "
                "customers buy, or the time is too long: ask for a shorter time, or fit more customers over a longer "
                "window."
            )

    def _force(self, annual_discount_rate: float) -> float:
        """Continuous discount rate per unit of time."""
        if not annual_discount_rate >= 0:
            raise ConfigError(f"annual_discount_rate must be 0 or more, as a fraction; got {annual_discount_rate}.")
        return float(np.log1p(annual_discount_rate)) * UNIT_DAYS[self.unit] / DAYS_PER_YEAR

    @staticmethod
    def _per_pair(rows: Rows, f: Any) -> Array:
        """f once per distinct (x, T): given alive, the last purchase no longer matters."""
        pairs, place_ = rows.pairs
        return f(pairs)[..., place_]


def log_panels(t: Any, scale: Array, panels: int, n: int) -> tuple[Array, Array]:
    """Nodes and weights on (0, t): n Gauss–Legendre nodes in each of so many equal panels of log(1 + u / scale)."""
    node, weight = _RULES[n]
    edges = np.linspace(0, np.log1p(t / scale), panels + 1, axis=-1)
    half = np.diff(edges)[..., None] / 2
    v = (edges[..., :-1, None] + half * (1 + node)).reshape(*scale.shape, -1)
    near = scale[..., None]
    return near * np.expm1(v), (half * weight).reshape(v.shape) * near * np.exp(v)
