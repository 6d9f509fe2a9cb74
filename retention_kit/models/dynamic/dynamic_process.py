r"""Pareto/NBD with covariates that change with time (Bachmann, Meierer & Näf 2021).

Story: a customer buys at random at rate λ exp(γ'z(t)) until they are lost, and is lost at random at rate
μ exp(δ'z(t)). Covariates z are constant within a period. λ and μ differ between customers as in the Pareto/NBD.

=============  =========================================================================================
λ, μ           rates of one customer where z is at its centre; λ ~ Gamma(r, α), μ ~ Gamma(s, β)
γ, δ           effects of covariates on buying and on leaving
A(t), C(t)     operational times ∫ exp(γ'z) du and ∫ exp(δ'z) du from the first purchase to t
x, t_x, T      repeat purchases, time of the last of them, time until now, all since the first purchase
S              Σ z over the x repeat purchases, each in its own period
R = r + x      λ ~ Gamma(R, α + A(T)), given that the customer is active at T
P, Q           1 + A/α and 1 + C/β
y              the moment at which a customer was lost
=============  =========================================================================================
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from retention_kit.errors import ConfigError
from retention_kit.models.base.columns import Customers
from retention_kit.models.base.rows import Rows
from retention_kit.models.covariates.shifted import ShiftedProcess
from retention_kit.models.dynamic.covariate_paths import OperationalTime
from retention_kit.models.dynamic.dynamic_future import Future
from retention_kit.models.dynamic.dynamic_likelihood import ChunkLikelihood
from retention_kit.models.dynamic.dynamic_rows import DynamicRows, purchases_of
from retention_kit.models.futures.buying import ActiveCustomers, BuyingProcess
from retention_kit.models.numerics.arrays import Array


@dataclass(frozen=True)
class Histories:
    """What the histories of rows amount to: log-likelihood of one customer, its gradient (parameters × rows, empty
    without slopes), P(active at T), and both operational times at T as P and Q."""

    value: Array
    gradient: Array
    alive: Array
    P: Array
    Q: Array


class DynamicProcess(BuyingProcess):
    """The mathematics; `constant` is the process of customers whose covariates never change, which names the effects
    and knows their inner scale."""

    def __init__(self, constant: ShiftedProcess) -> None:
        self.constant = constant
        self.names, self.scales, self.advice = constant.names, constant.scales, constant.central.advice

    def log_likelihood(self, theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:
        r"""Either active at T, or lost at some y between t_x and T, with that y integrated out:

        .. math:: L = \frac{\Gamma(R)}{\Gamma(r)} α^{-x} e^{γ'S} \Big[P(T)^{-R} Q(T)^{-s}
                  + s \int_{t_x}^{T} P(y)^{-R} Q(y)^{-(s+1)} dQ(y)\Big]

        It follows from the likelihood given λ and μ, whose purchases contribute λ exp(γ'z), by integrating both rates
        out. Within a period P and Q grow linearly.
        """
        every = self.histories(theta, rows, slopes)
        return every.value, every.gradient

    def starts(self, rows: Rows) -> list[list[float]]:
        """Those of the Pareto/NBD, without effects."""
        return self.constant.starts(rows)

    def histories(self, theta: Array, rows: Rows, slopes: bool) -> Histories:
        """Chunk by chunk."""
        rows = _dynamic(rows)
        out = np.empty((4 + (len(theta) if slopes else 0), len(rows)))
        for chunk in rows.chunks:
            here = rows.paths.first[chunk.paths], rows.paths.end
            times = self.times(theta, rows, chunk.paths, here, (chunk.begin, rows.paths.observed), slopes)
            sums = self._sums(rows, chunk.rows)
            out[:, chunk.rows] = ChunkLikelihood(theta, rows, chunk, times, sums, slopes).result()
        return Histories(out[0], out[4:], *out[1:4])

    def alive(self, theta: Array, rows: Rows) -> Array:
        """Weight of the story 'active at T' in the likelihood."""
        return self.histories(theta, rows, slopes=False).alive

    def stay(self, theta: Array, rows: Rows, t: float) -> Array:
        """E[exp(-μ ΔC)] = (1 + ΔC / (β Q))^-s, where ΔC is what the operational time of leaving grows by."""
        values = np.empty(len(rows))
        for some, future in self._futures(theta, rows, t):
            values[some] = future.stay()
        return values

    def expected(self, theta: Array, rows: Rows, t: float, alive: Array | None = None) -> Array:
        """P(active) R / (α P) · ∫ exp(γ'z) (1 + ΔC / (β Q))^-s du over (T, T + t), period by period in closed form."""
        alive = self.alive(theta, rows) if alive is None else alive
        values = np.empty(len(rows))
        for some, future in self._futures(theta, rows, t):
            values[some] = future.purchases()
        return alive * values

    def future(
        self, theta: Array, rows: Rows, t: float, rng: np.random.Generator, alive: Array | None = None
    ) -> tuple[Array, Array]:
        """λ, μ and the moment of leaving are drawn, then purchases, evenly over the operational time that is left."""
        alive = self.alive(theta, rows) if alive is None else alive
        owners, moments = [], []
        for some, future in self._futures(theta, rows, t):
            owner, when = future.draw(alive[some], t, rng)
            owners.append(owner + some.start)
            moments.append(when)
        return np.concatenate(owners), np.concatenate(moments)

    def read(self, customers: Customers, **options: Any) -> NoReturn:  # noqa: ARG002
        self._refuse_table()

    def active(self, theta: Array, rows: Rows) -> ActiveCustomers:  # noqa: ARG002
        self._refuse_table()

    def times(
        self,
        theta: Array,
        rows: DynamicRows,
        paths: Array,
        days: tuple[Array, float],
        periods: tuple[int, int],
        slopes: bool = False,
    ) -> tuple[OperationalTime, OperationalTime]:
        """Operational times of buying and of leaving from the end of a day (one for each path) to that of another, in
        the periods from the one to before the other."""
        known, constant, effects = rows.paths, self.constant, np.log(theta[4:])
        width = known.widths(*days, *periods)
        z = {k: known.inner(k, constant.centre[k], constant.spread[k], paths, *periods) for k in constant.covariates}
        n = len(constant.purchase)
        return (
            OperationalTime.of([z[k] for k in constant.purchase], effects[:n], width, slopes),
            OperationalTime.of([z[k] for k in constant.dropout], effects[n:], width, slopes),
        )

    def _sums(self, rows: DynamicRows, some: slice) -> list[Array]:
        """For each effect on buying, the sum of its covariate, on the inner scale, over a customer's purchases."""
        x, known = rows["frequency"][some], self.constant
        return [(rows[purchases_of(k)][some] - x * known.centre[k]) / known.spread[k] for k in known.purchase]

    def _futures(self, theta: Array, rows: Rows, t: float) -> Iterator[tuple[slice, Future]]:
        """Chunk by chunk, what customers will do if they are active at T."""
        rows = _dynamic(rows)
        r, alpha, s, beta = theta[:4]
        known = rows.paths
        until = known.end + t * known.days
        begin = int(known.period_after(np.array(known.end)))
        ahead = begin, max(int(np.searchsorted(known.edges, round(until, 6), side="left")), begin + 1)
        for chunk in rows.chunks:
            here = known.first[chunk.paths], known.end
            A, C = self.times(theta, rows, chunk.paths, here, (chunk.begin, known.observed))
            now = np.full(len(chunk.paths), known.end), until
            dA, dC = self.times(theta, rows, chunk.paths, now, ahead)
            width = known.widths(*now, *ahead)
            scales = (alpha + A.total)[chunk.path], (beta + C.total)[chunk.path]
            yield chunk.rows, Future(r + rows["frequency"][chunk.rows], s, *scales, chunk.path, dA, dC, width)

    def _refuse_table(self) -> NoReturn:
        raise ConfigError(_NEEDS)


_NEEDS = (
    "A model with dynamic covariates needs a CovariateHistory (models.covariate_history), as it answers for customers "
    "together with what the covariates were and will be; ask the model itself, or its `at` for constant covariates."
)


def _dynamic(rows: Rows) -> DynamicRows:
    if not isinstance(rows, DynamicRows):
        raise ConfigError(_NEEDS)
    return rows
