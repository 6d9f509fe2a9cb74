"""What covariates did over time, by group of customers, and the clock on which customers live through it.

Time is counted in days since 1970, as the order log counts it: a purchase on day d is at the middle of its day, which
is the stretch (d - 1/2, d + 1/2]. So a period from its first day f to its last day l is (f - 1/2, l + 1/2], and a
customer lives from the middle of the day of the first purchase to the middle of the day as_of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from retention_kit.models.numerics.arrays import Array

_FARTHEST = 25.0
"""Rates are taken no farther from the average than e^25 times, so that no step of a search overflows."""


@dataclass(frozen=True)
class OperationalTime:
    """Time as a rate counts it: ∫ exp(effects · z) dt from the first purchase on, with z the covariates on their inner
    scale; by path and period.

    `start` is where each period begins, `step` how much it adds and `rate` how much per unit of time; `by_effect` are
    the derivatives of `start`, and `z` those of log rate, by effect.
    """

    rate: Array
    step: Array
    start: Array
    z: Sequence[Array]
    by_effect: Sequence[Array]

    @classmethod
    def of(cls, z: Sequence[Array], effects: Array, width: Array, slopes: bool) -> OperationalTime:
        """From the covariates (one array of paths × periods each), their effects and the time spent in each period."""
        log_rate = np.zeros_like(width)
        for e, values in zip(effects, z, strict=True):
            log_rate += e * values
        if len(z) and np.abs(log_rate).max(initial=0.0) > _FARTHEST:
            z = [values * (np.abs(log_rate) <= _FARTHEST) for values in z]
            np.clip(log_rate, -_FARTHEST, _FARTHEST, out=log_rate)
        rate = np.exp(log_rate) if len(z) else np.ones_like(width)
        step = rate * width
        return cls(rate, step, _before(step), z, [_before(values * step) for values in z] if slopes else [])

    @property
    def total(self) -> Array:
        """At the end of the last period, per path."""
        end: Array = self.start[:, -1] + self.step[:, -1]
        return end

    @property
    def total_by_effect(self) -> list[Array]:
        """Derivatives of the total."""
        return [
            start[:, -1] + (values * self.step)[:, -1] for start, values in zip(self.by_effect, self.z, strict=True)
        ]


def _before(steps: Array) -> Array:
    """Sums of all periods before each."""
    sums = np.zeros_like(steps)
    np.cumsum(steps[:, :-1], axis=1, out=sums[:, 1:])
    return sums


@dataclass(frozen=True)
class CovariatePaths:
    """Covariates by group of customers and period, and the paths of customers through them.

    Attributes
    ----------
    names : tuple of str
        Of the covariates.
    values : array
        (covariates, groups, periods).
    edges : array
        (periods + 1,), in days: period k is (edges[k], edges[k + 1]].
    group, first : array
        By path: its group, and the day of the first purchase.
    end : float
        The day as_of.
    days : float
        Of one unit of time.
    """

    names: tuple[str, ...]
    values: Array
    edges: Array
    group: npt.NDArray[np.intp]
    first: Array
    end: float
    days: float

    def period_after(self, day: Array) -> npt.NDArray[np.intp]:
        """Position of the period that goes on, or begins, at the end of a day."""
        return np.searchsorted(self.edges, day, side="right") - 1

    def period_of(self, day: Array) -> npt.NDArray[np.intp]:
        """Position of the period that a purchase on a day falls in."""
        return np.searchsorted(self.edges, day, side="left") - 1

    @property
    def observed(self) -> int:
        """How many periods have begun by the day as_of."""
        return int(np.searchsorted(self.edges, self.end, side="left"))

    def widths(self, after: Array, until: float, begin: int, stop: int) -> Array:
        """Time in the unit between the ends of two days in each period from `begin` to before `stop`: a line for each
        day `after`."""
        lower = np.maximum(self.edges[begin:stop], after[:, None])
        upper = np.minimum(self.edges[begin + 1 : stop + 1], until)
        width: Array = np.maximum(upper - lower, 0.0) / self.days
        return width

    def inner(self, name: str, centre: float, spread: float, paths: Array, begin: int, stop: int) -> Array:
        """A covariate on its inner scale, (paths, periods)."""
        values = self.values[self.names.index(name), self.group[paths], begin:stop]
        values -= centre
        values /= spread
        return values
