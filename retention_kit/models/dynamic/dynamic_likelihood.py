r"""The likelihood of histories with dynamic covariates, chunk by chunk (symbols as in `dynamic_process`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import special

from retention_kit.models.dynamic.covariate_paths import OperationalTime
from retention_kit.models.dynamic.dropout_panels import Stretches, panel_sums
from retention_kit.models.dynamic.dynamic_rows import Chunk, DynamicRows
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.numerics.gamma_ratio import log_rise

_DEEP = 500.0
"""Over the rows of a cell the integrand may fall by e^-500, so that the last of them stays in range."""


class ChunkLikelihood:
    """One chunk of rows at one θ, with its operational times up to T (A of buying, C of leaving) and, for each effect
    on buying, the sum S of its covariate over the purchases. Derivatives are taken in r, log α, s, log β and the
    effects."""

    def __init__(
        self,
        theta: Array,
        rows: DynamicRows,
        chunk: Chunk,
        times: tuple[OperationalTime, OperationalTime],
        S: Sequence[Array],
        slopes: bool,
    ) -> None:
        self.theta, self.chunk, self.S, self.slopes = theta, chunk, S, slopes
        self.r, self.alpha, self.s, self.beta = theta[:4]
        self.A, self.C = times
        self.x = rows["frequency"][chunk.rows]
        self.R = self.r + self.x
        paths, last_day, k = rows.paths, rows.last_day[chunk.rows], chunk.begin + chunk.last
        begin = np.maximum(paths.edges[k], paths.first[chunk.paths][chunk.path])
        self.since = (last_day - begin) / paths.days
        self.rest = np.maximum(np.minimum(paths.edges[k + 1], paths.end) - last_day, 0.0) / paths.days

    def result(self) -> Array:
        """Value, P(active), P(T), Q(T), then the gradient."""
        at = self.chunk.path, self.chunk.last
        P, Q = self._scaled(
            self.A.start[at] + self.A.rate[at] * self.since, self.C.start[at] + self.C.rate[at] * self.since
        )
        log_unit = -(self.R * np.log(P) + self.s * np.log(Q))
        chunk = self.chunk
        if chunk.shared and (log_unit[chunk.heads][chunk.cell] - log_unit).max() > _DEEP:
            chunk = self.chunk = chunk.alone()
        unit = log_unit[chunk.heads]
        P_T, Q_T = self._scaled(self.A.total[chunk.path], self.C.total[chunk.path])
        active = np.exp(-self.R * np.log(P_T) - self.s * np.log(Q_T) - unit[chunk.cell])
        lost = self._own_period(P, Q, unit) + self._later_periods(unit)
        total = active + self.s * lost[0]
        value = log_rise(self.r, self.x) - self.x * np.log(self.alpha) + unit[chunk.cell] + np.log(total)
        effects = np.log(self.theta[4:])
        for e, S in zip(effects, self.S, strict=False):
            value += e * S
        head = np.stack([value, active / total, P_T, Q_T])
        if not self.slopes:
            return head
        slopes = (active * self._while_active(P_T, Q_T) + self.s * lost[1:]) / total
        slopes[0] += special.digamma(self.R) - special.digamma(self.r)
        slopes[1] -= self.x
        slopes[2] += lost[0] / total
        for line, S in zip(slopes[4:], self.S, strict=False):
            line += S
        slopes[[1, 3]] /= self.theta[[1, 3], None]
        slopes[4:] /= self.theta[4:, None]
        return np.concatenate([head, slopes])

    def _scaled(self, A: Array, C: Array) -> tuple[Array, Array]:
        return 1 + A / self.alpha, 1 + C / self.beta

    def _while_active(self, P: Array, Q: Array) -> Array:
        """Derivatives of the logarithm of the story 'active at T'."""
        path = self.chunk.path
        plain = [-np.log(P), self.R * (1 - 1 / P), -np.log(Q), self.s * (1 - 1 / Q)]
        buying = [-self.R * d[path] / (self.alpha * P) for d in self.A.total_by_effect]
        leaving = [-self.s * d[path] / (self.beta * Q) for d in self.C.total_by_effect]
        return np.stack([*plain, *buying, *leaving])

    def _own_period(self, P: Array, Q: Array, unit: Array) -> Array:
        """From the last purchase to the end of its period, by row."""
        at = self.chunk.path, self.chunk.last
        step_A, step_C = self.A.rate[at] * self.rest, self.C.rate[at] * self.rest
        it = Stretches(P, step_A / self.alpha, Q, step_C / self.beta, self.R, self.s, unit[self.chunk.cell])
        z_A, z_C = [z[at] for z in self.A.z], [z[at] for z in self.C.z]
        A = [d[at] + z * self.A.rate[at] * self.since for d, z in zip(self.A.by_effect, z_A, strict=False)]
        C = [d[at] + z * self.C.rate[at] * self.since for d, z in zip(self.C.by_effect, z_C, strict=False)]
        return self._integral(it, z_A, z_C, A, C)

    def _later_periods(self, unit: Array) -> Array:
        """From the end of the period of the last purchase to T, by row: per cell and period, then summed up."""
        chunk = self.chunk
        last, path, R = chunk.last[chunk.heads], chunk.path[chunk.heads], self.R[chunk.heads]
        begin = int(last.min()) + 1
        columns = np.arange(begin, self.A.start.shape[1])
        if not len(columns):
            return np.zeros((1 + (len(self.theta) if self.slopes else 0), len(chunk.cell)))
        later = columns > last[:, None]
        alone = len(chunk.paths) == len(path)

        def block(values: Array) -> Array:
            return values[:, begin:] if alone else values[path, begin:]

        P, Q = self._scaled(block(self.A.start), block(self.C.start))
        p, q = block(self.A.step) / self.alpha, block(self.C.step) / self.beta * later
        it = Stretches(P, p, Q, q, R[:, None], self.s, unit[:, None])
        fields = (self.A.z, self.C.z, self.A.by_effect, self.C.by_effect)
        z_A, z_C, A, C = ([block(values) for values in some] for some in fields)

        def summed(values: Array) -> Array:
            if not chunk.shared:
                single: Array = values.sum(axis=1)
                return single
            upwards = np.zeros((len(values), len(columns) + 1))
            np.cumsum(values[:, ::-1], axis=1, out=upwards[:, -2::-1])
            of_rows: Array = upwards[chunk.cell, chunk.last + 1 - begin]
            return of_rows

        return self._integral(it, z_A, z_C, A, C, summed)

    def _integral(
        self,
        it: Stretches,
        z_A: list[Array],
        z_C: list[Array],
        A: list[Array],
        C: list[Array],
        summed: Callable[[Array], Array] = np.asarray,
    ) -> Array:
        """∫ f dQ over each stretch, and its derivatives, each `summed` by row; A and C are the derivatives of the
        operational times at the beginning of the stretch."""
        sums = panel_sums(it, self.slopes)
        if not self.slopes:
            return summed(sums[0])[None]
        f, f_log_P, f_log_Q, f_P, f_Q = sums
        s, R = self.s, it.R
        grown_P, moved = R * (f - it.P * f_P), f - (s + 1) * (f - it.Q * f_Q)
        plain = [f, -f_log_P, R * (f - f_P), -f_log_Q, s * f - (s + 1) * f_Q]
        f_P, f_Q = R / self.alpha * f_P, (s + 1) / self.beta * f_Q
        buying = (-(d * f_P + z * grown_P) for z, d in zip(z_A, A, strict=True))
        leaving = (z * moved - d * f_Q for z, d in zip(z_C, C, strict=True))
        return np.stack([summed(line) for some in (plain, buying, leaving) for line in some])
