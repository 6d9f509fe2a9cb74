r"""Regular buyers while they are active: every purchase takes k stages, and who is active stands in one of them.

Erlang-k gaps are those of a customer who passes stages at random, at rate λ, and buys at every k-th of them. Silence
since the last purchase says how many stages j = 0 … k - 1 of the next gap are behind an active customer; given j, what
they will do depends on nothing else. So answers are computed for each stage of each distinct (x, T), and each customer
gets the mean of their stages.

===============  =======================================================================================
λ                stages per unit of time of one customer; λ ~ Gamma(R + j, A), given that they are in stage j
p                chance that a purchase is the last; p ~ Beta(a, b), independent of λ
q = 1 - p        chance to stay at a purchase
N                stages passed in the time t; with λ integrated out a negative binomial number
τ = t / A        the time t, measured in A
n = ⌊(N + j)/k⌋  chances to buy in the time t
z_l = q^(1/k) e^(2πil/k)   the k-th roots of q
===============  =======================================================================================

Given p, a customer is still active with probability E[q^n]. As q^⌊m/k⌋ is a sum of k geometric sequences z_l^m, and
E[z^N] = (1 + τ(1 - z))^-(R + j), that is a sum of k terms; with k = 1 it is the (1 + pτ)^-R of BG/NBD. The mean over p
is `numerics.beta_mean`; probabilities of n purchases are ratios of beta functions times binomial tails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from retention_kit.models.futures.buying import ActiveCustomers
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.numerics.beta_mean import beta_mean
from retention_kit.models.numerics.gamma_ratio import log_beta_ratio, log_rise

_SMALLEST_Q = 1e-9
"""Stands for q = 0, where the k terms cancel: answers change by less than this share, and keep eight digits."""


def stage_terms(k: int, R: Array, z: Array) -> Iterator[Array]:
    """P(stage j at T | λ's posterior) over P(stage 0), for j = 0 … k - 1: Γ(R + j) / Γ(R) z^j / j!."""
    term = np.ones(np.broadcast_shapes(R.shape, z.shape))
    yield term
    for j in range(1, k):
        term = term * ((R + (j - 1)) * z) / j
        yield term


@dataclass(frozen=True)
class RegularCustomers(ActiveCustomers):
    """Active customers: distinct (R, A, b), which of them each row is, and how likely each stage is for each row.

    R, A and b have one value per distinct pair (x, T), `position` leads from the rows to these; `stages` is
    (stages, rows), with a line of it for every draw before, where parameters are columns.
    """

    k: int
    R: Array
    A: Array
    a: Array
    b: Array
    position: Array
    stages: Array

    def stay(self, t: Any) -> Array:
        """E[q^n], with 1 - q^n = p times the purchases."""
        return self._mean(t, lambda p, case: 1 - p * self._by_roots(p, case, _BOUGHT))

    def purchases(self, t: Any) -> Array:
        """E[(1 - q^n) / p]: the purchase at every chance, as long as the customer stays."""
        return self._mean(t, lambda p, case: self._by_roots(p, case, _BOUGHT))

    def probability_of(self, n: int, t: Any) -> Array:
        """n chances and a stay at each, or more chances and the n-th purchase was the last."""
        case = self._cases(t)
        b, tau, last = case.b, case.tau, self.k * (n + 1) - case.j
        first = np.maximum(last - self.k, 0)
        through = np.zeros(np.broadcast_shapes(case.R.shape, tau.shape))
        for i in range(self.k):
            m = first + i
            log_m = log_rise(case.R, m) - special.gammaln(m + 1.0) - case.R * np.log1p(tau)
            through += (m < last) * np.exp(log_m + special.xlogy(m, tau / (1 + tau)))
        chance = np.exp(log_beta_ratio(self.a, b, n)) * through
        if n > 0:
            leaves = np.exp(log_beta_ratio(self.a, b, n - 1)) * self.a / (self.a + b + (n - 1))
            chance = chance + leaves * special.betainc(last - self.k, case.R, tau / (1 + tau))
        return self._to_rows(chance, case)

    def fading(self) -> Array:
        """A purchase takes k stages, and they leave at a share a/(a + b) of them; within a gap the rate of purchases
        changes as fast as stages pass."""
        by_leaving = self.A / (1 + self.R * self.a / (self.a + self.b) / self.k)
        half: Array = by_leaving if self.k == 1 else np.minimum(by_leaving, self.k * self.A / (1 + self.R))
        return half

    def weighted_purchases(self, t: float, u: Array, weights: Array, rough: bool) -> Array:
        """As one mean over p, with the rate of purchases at T + u from its roots."""
        case, (u, weights) = self._cases(t), (np.atleast_2d(v).T for v in (u, weights))
        lines = self.A.shape[-1] * self._used

        def f(p: Array, i: Array) -> Array:
            chosen, line = case.take(i), i // lines
            at_once, later = np.split(weights[:, line], [1])
            rates = self._by_roots(p[:, None], chosen.at(u[:, line] / chosen.A), _RATE)
            value: Array = at_once * self._by_roots(p, chosen, _BOUGHT) + np.einsum("pui,ui->pi", rates, later)
            return value

        values = beta_mean(f, self.a, case.b, case.R + 1, case.fall(self.k), rough=rough)
        return self._to_rows(values, case)

    def buy_between(self, start: Array, length: Array, rough: bool) -> Array:
        """P(active at T + start) less the same without a purchase until T + start + length, by stage at the start."""
        case = self._cases(start)
        eta = self._cases(length).tau

        def f(p: Array, i: Array) -> Array:
            return self._some_purchase(p, case.take(i), eta.ravel()[i])

        values = beta_mean(f, self.a, case.b, case.R + 1, case.fall(self.k), rough=rough)
        return self._to_rows(values, case)

    @property
    def _used(self) -> int:
        """Stages that any customer may stand in: only the first right after a purchase."""
        return int(self.stages.shape[-2])

    def _cases(self, t: Any) -> _Cases:
        """Every stage of every pair; where t differs by row, of every row."""
        at = self.position if np.ndim(t) else slice(None)
        R, A, b = (np.tile(v[..., at], self._used) for v in (self.R, self.A, self.b))
        t = np.tile(t, self._used) if np.ndim(t) else t
        j = np.repeat(np.arange(self._used), A.shape[-1] // self._used)
        return _Cases(j, R + j, A, b, t / A, bool(np.ndim(t)))

    def _to_rows(self, values: Array, case: _Cases) -> Array:
        by_stage = values.reshape(*values.shape[:-1], self._used, -1)
        each = by_stage if case.by_row else by_stage[..., self.position]
        mean: Array = (self.stages * each).sum(axis=-2)
        return mean

    def _mean(self, t: Any, f: Callable[[Array, _Cases], Array]) -> Array:
        case = self._cases(t)
        values = beta_mean(lambda p, i: f(p, case.take(i)), self.a, case.b, case.R, case.fall(self.k))
        return self._to_rows(values, case)

    def _by_roots(self, p: Array, case: _Cases, term: _Term) -> Array:
        """Σ over the roots of z^(j+1) / (kq) · term(1 - z); but for those on the axis roots come in conjugate pairs."""
        log_rho = np.log1p(-np.minimum(p, 1 - _SMALLEST_Q)) / self.k
        rho, scale = np.exp(log_rho), np.exp((case.j + 1 - self.k) * log_rho) / self.k
        total = term.on_axis(-np.expm1(log_rho), case)
        if self.k % 2 == 0:
            total = total + np.where(case.j % 2, 1, -1) * term.on_axis(1 + rho, case)
        for angle in 2 * np.pi / self.k * np.arange(1, (self.k + 1) // 2):
            total = total + 2 * term.turned(1 - rho * np.cos(angle), -rho * np.sin(angle), angle * (case.j + 1), case)
        value: Array = scale * total
        return value

    def _some_purchase(self, p: Array, case: _Cases, eta: Array) -> Array:
        """P(active at the start, and a purchase within eta · A of it), given p."""
        active = 1 - p * self._by_roots(p, case, _BOUGHT)
        silent = np.zeros_like(active)
        for i in range(self.k):  # stage at the start
            inner = _Cases(case.j - i - 1, case.R, case.A, case.b, case.tau, case.by_row)
            silent = silent + self._by_roots(p, inner, _silence(eta, self.k - i))
        value: Array = active - (1 - np.minimum(p, 1 - _SMALLEST_Q)) * silent
        return value


@dataclass(frozen=True)
class _Cases:
    """Customers in a known stage j: λ ~ Gamma(R, A), p ~ Beta(a, b), and the time asked for."""

    j: Array
    R: Array
    A: Array
    b: Array
    tau: Array
    by_row: bool

    def take(self, i: Array) -> _Cases:
        """Some of them, as `beta_mean` numbers them: with columns of parameters, one draw after the other."""
        j, R, A, b, tau = (
            np.broadcast_to(v, self.b.shape).ravel()[i] for v in (self.j, self.R, self.A, self.b, self.tau)
        )
        return _Cases(j, R, A, b, tau, self.by_row)

    def fall(self, k: int) -> Array:
        """τ of a (1 + pτ)^-R that falls in p at least as fast as E[q^n]: E[n] is at most (Rτ + j) / k."""
        fall: Array = (self.tau + self.j / self.R) / k
        return fall

    def at(self, tau: Array) -> _Cases:
        """The same customers at other times."""
        return _Cases(self.j, self.R, self.A, self.b, tau, self.by_row)


class _Term(NamedTuple):
    """A function of 1 - z: for a real z, and for z in the plane, where its product with e^(i phase) has this real part;
    there 1 - z = u + iv."""

    on_axis: Callable[[Array, _Cases], Array]
    turned: Callable[[Array, Array, Array, _Cases], Array]


def _bought(rest: Array, case: _Cases) -> Array:
    """(1 - E[z^N]) / (1 - z)."""
    bought: Array = -np.expm1(-case.R * np.log1p(case.tau * rest)) / rest
    return bought


def _bought_turned(u: Array, v: Array, phase: Array, case: _Cases) -> Array:
    """The same by real functions, which numpy computes many times faster than complex ones; as 1 - e^(-2ih) =
    2 sin h (sin h + i cos h), nothing is lost where t is short."""
    size = u * u + v * v
    power, half = _power(u, v, size, case.R, case.tau)
    kept, sin, cos = np.exp(power), np.sin(half), np.cos(half)
    real, imaginary = 2 * kept * sin * sin - np.expm1(power), 2 * kept * sin * cos
    c, s = np.cos(phase), np.sin(phase)
    bought: Array = (real * (c * u + s * v) + imaginary * (c * v - s * u)) / size
    return bought


def _rate(rest: Array, case: _Cases) -> Array:
    """The derivative of these by t: R/A (1 + τ(1 - z))^-(R+1)."""
    rate: Array = case.R / case.A * np.exp(-(case.R + 1) * np.log1p(case.tau * rest))
    return rate


def _rate_turned(u: Array, v: Array, phase: Array, case: _Cases) -> Array:
    power, half = _power(u, v, u * u + v * v, case.R + 1, case.tau)
    rate: Array = case.R / case.A * np.exp(power) * np.cos(phase - 2 * half)
    return rate


def _power(u: Array, v: Array, size: Array, R: Array, tau: Array) -> tuple[Array, Array]:
    """(1 + τ(u + iv))^-R as e^(power - 2i half), with size = |u + iv|²."""
    along = tau * u
    return -0.5 * R * np.log1p(2 * along + tau * tau * size), 0.5 * R * np.arctan(tau * v / (1 + along))


def _silence(eta: Array, stages: int) -> _Term:
    """E[z^N; fewer than so many stages in the time ηA that follows]."""

    def silence(rest: Array, case: _Cases) -> Array:
        until = 1 + case.tau * rest + eta
        term: Array = np.exp(-case.R * np.log(until))
        total = term
        for d in range(1, stages):
            term = term * (case.R + (d - 1)) * eta / (d * until)
            total = total + term
        return total

    return _Term(silence, lambda u, v, phase, case: np.real(np.exp(1j * phase) * silence(u + 1j * v, case)))


_BOUGHT, _RATE = _Term(_bought, _bought_turned), _Term(_rate, _rate_turned)
