"""What a process of purchases supplies, and what follows from it for all of them.

A buy-till-you-die process says two things about a customer with history (x, t_x, T): how likely it is that they are
still active, and, if they are, what is known of their rates.
Expected purchases, discounted purchases and futures drawn at random follow for all processes alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from retention_kit.errors import ConfigError, FitError
from retention_kit.models.base.columns import Customers, Rule
from retention_kit.models.base.discounting import GONE
from retention_kit.models.base.process import Process
from retention_kit.models.base.rows import PURCHASE_RULES, PURCHASES, Rows, newcomers, read
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.numerics.log_panels import log_panels

MOST_DRAWN = 2**22
"""Purchases in one future drawn at random: about 64 bytes each."""


class ActiveCustomers(ABC):
    """Customers of a process who are active at T: what is known of their rates, and what they will do.

    Answers have one value per row; with columns of parameters, a line of them for every draw. Times count from T.
    """

    @abstractmethod
    def stay(self, t: Any) -> Array:
        """P(still active at T + t)."""

    @abstractmethod
    def purchases(self, t: Any) -> Array:
        """E[purchases in (T, T + t]]; t may differ by row."""

    @abstractmethod
    def probability_of(self, n: int, t: Any) -> Array:
        """P(n purchases in (T, T + t]); t may differ by row."""

    def fading(self) -> Array:
        """About how long after T the rate of purchases falls by half or so."""
        raise NotImplementedError

    def weighted_purchases(self, t: float, u: Array, weights: Array, rough: bool) -> Array:
        """weights[0] · E[purchases in (T, T + t]] + Σ weights[1:] · E[rate of purchases at T + u].

        `rough` where six digits will do. With columns of parameters, u and weights have a line for every draw.
        """
        raise NotImplementedError

    def draw(self, rng: np.random.Generator) -> tuple[Array, Array, int]:
        """One draw per row: rate of purchases, rate of leaving, and purchases at the moment of leaving (0 or 1)."""
        raise NotImplementedError

    def buy_between(self, start: Array, length: Array, rough: bool) -> Array:  # noqa: ARG002
        """P(any purchase in (T + start, T + start + length]), one pair of times per row."""
        raise ConfigError(
            "expected_cohorts needs BGNBD, MBGNBD, BGCNBD, MBGCNBD or ParetoNBD; other models have no such curve."
        )


class BuyingProcess(Process):
    """A process of purchases: the two things that it supplies, and what follows from them."""

    columns: tuple[str, ...] = PURCHASES
    rules = PURCHASE_RULES
    rules_of_sums: tuple[Rule, ...] = ()
    """What a row with the columns of `sums` must not be, beside `rules`."""
    counts_opportunities: bool = False
    """Whether time is counted in whole opportunities, as in BG/BB."""
    last_purchase_matters: bool = False
    """Whether what active customers will do depends on when they last bought, as it does for regular buyers. Where it
    does not, answers are computed once per distinct (x, T)."""

    # What a process supplies beside `log_likelihood` and `starts`

    @abstractmethod
    def alive(self, theta: Array, rows: Rows) -> Array:
        """P(active at T | x, t_x, T)."""

    @abstractmethod
    def active(self, theta: Array, rows: Rows) -> ActiveCustomers:
        """The customers of these rows, given that they are active at T."""

    # What follows (`alive` is P(active), where it is known already)

    def read(
        self, customers: Customers, *, weights: str | None = None, unit: str | None = None, fit: bool = False
    ) -> Rows:
        """The distinct rows of a customer table; for a fit with the sums that it needs, where the table has them."""
        sums = [column for column in self.sums if fit and column in getattr(customers, "columns", ())]
        rules = (*self.rules, *(self.rules_of_sums if sums else ()))
        return read(customers, self.columns, rules, weights=weights, unit=unit, fit=fit, means=sums)

    def horizon(self, t: float, unit: str) -> float:  # noqa: ARG002
        """The time that a horizon in days or months gives the process."""
        return t

    def stay(self, theta: Array, rows: Rows, t: float) -> Array:
        """P(still active at T + t | active at T)."""
        return self.active(theta, rows).stay(t)

    def expected(self, theta: Array, rows: Rows, t: float, alive: Array | None = None) -> Array:
        """E[purchases in (T, T + t]]."""
        if not 0 <= t < np.inf:
            raise ConfigError(f"The time to predict must be 0 or more, not endless; got {t}.")
        alive = self.alive(theta, rows) if alive is None else alive
        return alive * self._once(theta, rows, lambda active: active.purchases(t))

    def expected_new(self, theta: Array, t: Array) -> Array:
        """Expected repeat purchases of new customers, each in a time of their own."""
        new = newcomers(len(t))
        return self.alive(theta, new) * self.active(theta, new).purchases(t)

    def probability_of_n(self, theta: Array, rows: Rows, n: int, t: float) -> Array:
        """P(n purchases in (T, T + t])."""
        alive = self.alive(theta, rows)
        return _bought(n, alive, self._once(theta, rows, lambda active: active.probability_of(n, t)))

    def probability_of_n_new(self, theta: Array, n: int, t: Array) -> Array:
        """P(n repeat purchases) of new customers, each in a time of their own."""
        new = newcomers(len(t))
        return _bought(n, self.alive(theta, new), self.active(theta, new).probability_of(n, t))

    def alike(self, theta: Array, rows: Rows) -> list[tuple[Array, BuyingProcess, Array]]:
        """Positions of the rows whose customers follow one process, with that process and its parameters: all of them,
        unless covariates tell them apart."""
        return [(np.arange(len(rows)), self, theta)]

    def buy_between(self, theta: Array, start: Array, length: Array, rough: bool = False) -> Array:
        """P(a new customer buys between `start` and `start + length` after the first purchase)."""
        new = newcomers(len(start))
        return self.alive(theta, new) * self.active(theta, new).buy_between(start, length, rough)

    def discounted(
        self, theta: Array, rows: Rows, t: float, force: float, rough: bool = False, alive: Array | None = None
    ) -> Array:
        """∫ e^(-δu) rate(u) du over (0, t), in panels of equal log time.

        The part e^(-δt) that money still has at the end goes with the number of purchases, which is exact; the nodes
        only see what is beyond, a tenth or less over a year. The first panel is as long as the customer who fades
        fastest stays active, or money keeps its worth; then 14 nodes per panel give the sum to 1e-10, and 5 (`rough`,
        for draws of the parameters) to 5e-5, at any horizon.
        """
        if not (t > 0 and force >= 0) or (np.isinf(t) and force == 0):
            raise ConfigError(
                f"Discounting needs t above 0 and a rate from 0, above 0 if t is endless; got t={t}, δ={force}."
            )
        if force == 0:
            return self.expected(theta, rows, t, alive)
        t, alive = min(t, GONE / force), self.alive(theta, rows) if alive is None else alive
        few, position = self._alike(rows)
        return alive * self._discounted_while_active(theta, few, t, force, rough)[..., position]

    def _discounted_while_active(self, theta: Array, rows: Rows, t: float, force: float, rough: bool) -> Array:
        """Draws of the parameters that need equally many panels are evaluated together."""
        active = self.active(theta, rows)
        scale = np.minimum(active.fading().min(axis=-1), 1 / force)
        panels = np.ceil(np.log1p(t / scale) / 2).astype(int)
        if panels.ndim and (panels != panels[0]).any():
            values = np.empty((len(panels), len(rows)))
            for alike in (panels == k for k in np.unique(panels)):
                values[alike] = self._discounted_while_active(theta[:, alike], rows, t, force, rough)
            return values
        u, weight = log_panels(t, scale, panels.max(), 5 if rough else 14)
        left = np.exp(-force * t)
        weights = np.insert(weight * (np.exp(-force * u) - left), 0, left, axis=-1)
        return active.weighted_purchases(t, u, weights, rough)

    def future(
        self, theta: Array, rows: Rows, t: float, rng: np.random.Generator, alive: Array | None = None
    ) -> tuple[Array, Array]:
        """One future per row drawn at random: for each purchase in the next t, the position of its row, and when."""
        alive = self.alive(theta, rows) if alive is None else alive
        active = np.flatnonzero(rng.random(len(rows)) < alive)
        rate, leaving, last = self.active(theta, rows.take(active)).draw(rng)
        left = rng.exponential(size=len(active)) / np.maximum(leaving, 1e-300)
        stay = np.minimum(left, t)
        refuse_endless(float((rate * stay).sum()), t)
        owner = np.repeat(np.arange(len(active)), rng.poisson(rate * stay))
        when = rng.random(len(owner)) * stay[owner]
        ends = np.flatnonzero(left < t) if last else np.empty(0, dtype=int)
        return active[np.concatenate([owner, ends])], np.concatenate([when, left[ends]])

    def _once(self, theta: Array, rows: Rows, answer: Callable[[ActiveCustomers], Array]) -> Array:
        """The answer once for active customers who are alike, back to the rows."""
        few, position = self._alike(rows)
        return answer(self.active(theta, few))[..., position]

    def _alike(self, rows: Rows) -> tuple[Rows, Array]:
        """Rows that differ for active customers, and the position of each row among them."""
        return (rows, np.arange(len(rows))) if self.last_purchase_matters else rows.pairs


def _bought(n: int, alive: Array, if_active: Array) -> Array:
    """P(n purchases), where those who have left make none."""
    chance: Array = (n == 0) * (1 - alive) + alive * if_active
    return chance


def refuse_endless(purchases: float, t: float) -> None:
    """Refuse a future that would not fit in memory."""
    if not purchases <= MOST_DRAWN:
        raise FitError(
            f"One future would hold {purchases:.3g} purchases in a time of {t:g}, more than the {MOST_DRAWN:,} that "
            "fit in a quarter of a gigabyte. Either the data do not settle how often customers buy, or the time is too "
            "long: ask for a shorter time, or fit more customers over a longer window."
        )
