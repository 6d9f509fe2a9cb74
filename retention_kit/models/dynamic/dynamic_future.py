"""What customers will do after T if they are active then, with the covariates that are known for that time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from retention_kit.models.dynamic.covariate_paths import OperationalTime
from retention_kit.models.futures.buying import refuse_endless
from retention_kit.models.numerics.arrays import Array


@dataclass(frozen=True)
class Future:
    """λ ~ Gamma(R, A) and μ ~ Gamma(s, C) by row, independent, in the operational times at T.

    `path` is the position of each row among the paths, `buying` and `leaving` are the operational times from T on by
    path and period, and `width` is the time in each period.
    """

    R: Array
    s: float
    A: Array
    C: Array
    path: npt.NDArray[np.intp]
    buying: OperationalTime
    leaving: OperationalTime
    width: Array

    def stay(self) -> Array:
        """P(still active at the end)."""
        staying: Array = np.exp(-self.s * np.log1p(self.leaving.total[self.path] / self.C))
        return staying

    def purchases(self) -> Array:
        """E[purchases]: in each period rate × time × mean of (C / (C + ΔC))^s, written so that s = 1 is no special
        case."""
        s, C = self.s, self.C[:, None]
        before = C + self.leaving.start[self.path]
        growth = self.leaving.step[self.path] / before
        v = np.log1p(growth)
        mean = v * special.exprel((1 - s) * v) / np.where(growth > 0, growth, 1.0)
        rates = self.buying.step[self.path] * np.exp(-s * np.log(before / C)) * np.where(growth > 0, mean, 1.0)
        expected: Array = self.R / self.A * rates.sum(axis=1)
        return expected

    def draw(self, alive: Array, t: float, rng: np.random.Generator) -> tuple[npt.NDArray[np.intp], Array]:
        """One future per row drawn at random: for each purchase in the next t the position of its row, and when."""
        active = np.flatnonzero(rng.random(len(alive)) < alive)
        path = self.path[active]
        rate = rng.gamma(self.R[active]) / self.A[active]
        leaving = rng.gamma(self.s, size=len(active)) / self.C[active]
        left = self._moment(self.leaving, path, rng.exponential(size=len(active)) / np.maximum(leaving, 1e-300))
        stretch = self._grown(self.buying, path, left)
        refuse_endless(float((rate * stretch).sum()), t)
        owner = np.repeat(np.arange(len(active)), rng.poisson(rate * stretch))
        when = self._moment(self.buying, path[owner], rng.random(len(owner)) * stretch[owner])
        return active[owner], when

    def _moment(self, clock: OperationalTime, path: npt.NDArray[np.intp], target: Array) -> Array:
        """Time after T at which an operational time has grown by `target`; the end where it never does."""
        period = np.zeros(len(path), dtype=np.intp)
        ends = clock.start + clock.step
        for k in range(self.width.shape[1] - 1):
            period += target > ends[path, k]
        begin = np.cumsum(self.width, axis=1) - self.width
        into = (target - clock.start[path, period]) / clock.rate[path, period]
        moment: Array = begin[path, period] + np.minimum(into, self.width[path, period])
        return moment

    def _grown(self, clock: OperationalTime, path: npt.NDArray[np.intp], moment: Array) -> Array:
        """By how much an operational time has grown at a time after T."""
        end = np.cumsum(self.width, axis=1)
        period = np.zeros(len(path), dtype=np.intp)
        for k in range(self.width.shape[1] - 1):
            period += moment > end[path, k]
        into = moment - (end - self.width)[path, period]
        grown: Array = clock.start[path, period] + clock.rate[path, period] * into
        return grown
