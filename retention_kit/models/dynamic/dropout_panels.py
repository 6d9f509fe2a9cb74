"""The integral over the time of dropout, within stretches of time in which the covariates stay as they are.

In such a stretch the operational times grow linearly: P = 1 + A/α from P to P + p, and Q = 1 + C/β from Q to Q + q. It
adds ∫ P^-R Q^-(s+1) dQ to the story 'lost'. Gauss–Legendre nodes give that with a relative error below 1e-10; the more
of them, the more steeply the integrand falls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from retention_kit.models.numerics.arrays import Array

_NODES = (3, 4, 6, 10)
_STEEP = (0.22, 0.75, 2.4, 8.0)
"""Nodes, and how steep the integrand may be for them (see `Stretches.steepness`)."""
_FINEST = 36
"""Nodes where the integrand is steeper still."""
_RULES = {n: ((node + 1) / 2, weight / 2) for n in (*_NODES, _FINEST) for node, weight in [special.roots_legendre(n)]}
_DROPPED = 46.0
"""Where the integrand has fallen by e^-46 the integral may end."""


@dataclass(frozen=True)
class Stretches:
    """Stretches of time, in arrays that broadcast: P and Q where each begins, p and q by how much they grow in it;
    R = r + x; and the logarithm of the integrand's unit, so that no value leaves the range of numbers."""

    P: Array
    p: Array
    Q: Array
    q: Array
    R: Array
    s: float
    unit: Array

    @property
    def steepness(self) -> Array:
        """A bound of how fast the integrand falls within each stretch, with what the nodes' error needs beyond R and
        s: the derivatives of P^-R grow as R (R + 1) (R + 2) …"""
        bound: Array = (self.R + 4) * (self.p / self.P) + (self.s + 5) * (self.q / self.Q)
        return np.where(self.q > 0, bound, 0.0)

    def take(self, chosen: npt.NDArray[np.bool_]) -> Stretches:
        """Some of them, in one line."""
        every = (np.broadcast_to(v, chosen.shape)[chosen] for v in (self.P, self.p, self.Q, self.q, self.R))
        P, p, Q, q, R = every
        return Stretches(P, p, Q, q, R, self.s, np.broadcast_to(self.unit, chosen.shape)[chosen])


def panel_sums(stretches: Stretches, slopes: bool) -> Array:
    """Per stretch ∫ dQ of the integrand f; with `slopes` also of f log P, f log Q, f / P and f / Q: (1 or 5, …)."""
    sums = _by_nodes(stretches, _NODES[0], slopes)
    steepness = stretches.steepness
    if steepness.max(initial=0.0) <= _STEEP[0]:
        return sums
    kind = np.searchsorted(_STEEP, steepness)
    for k, n in enumerate((*_NODES[1:], 0), start=1):
        if (chosen := kind == k).any():
            alike = stretches.take(chosen)
            sums[:, chosen] = _by_nodes(alike, n, slopes) if n else _steep(alike, slopes)
    return sums


def _by_nodes(it: Stretches, n: int, slopes: bool) -> Array:
    """Node by node, so that a stretch needs a few numbers at a time."""
    sums, room = _room(it, slopes)
    for u, weight in zip(*_RULES[n], strict=True):
        np.multiply(it.p, u, out=room[0])
        np.multiply(it.q, u, out=room[1])
        _add(it, weight * it.q, sums, room)
    return sums


def _steep(it: Stretches, slopes: bool) -> Array:
    """With the variable v = log(1 + u / near), in which both factors are smooth however near their singularity is, up
    to where the integrand has dropped."""
    sums, room = _room(it, slopes)
    scales = ((it.P / it.p, it.R), (it.Q / it.q, it.s + 1))
    near = np.minimum(it.P / it.p, it.Q / it.q)
    reach = [scale * np.expm1(np.minimum(_DROPPED / power, 300.0)) for scale, power in scales]
    end = np.log1p(np.minimum(1.0, np.minimum(*reach)) / near)
    for node, weight in zip(*_RULES[_FINEST], strict=True):
        v = end * node
        u = near * np.expm1(v)
        np.multiply(it.p, u, out=room[0])
        np.multiply(it.q, u, out=room[1])
        _add(it, weight * it.q * end * (near + u), sums, room)
    return sums


def _room(it: Stretches, slopes: bool) -> tuple[Array, Array]:
    """Sums at 0, and room for what a node needs."""
    shape = np.broadcast_shapes(it.P.shape, it.R.shape)
    return np.zeros((5 if slopes else 1, *shape)), np.empty((6, *shape))


def _add(it: Stretches, weight: Array, sums: Array, room: Array) -> None:
    """Add one node to the sums; the first two arrays of the room hold by how much P and Q have grown."""
    P, Q, log_P, log_Q, f, log_g = room
    P += it.P
    Q += it.Q
    np.log(P, out=log_P)
    np.log(Q, out=log_Q)
    np.multiply(log_P, -it.R, out=f)
    np.multiply(log_Q, it.s + 1, out=log_g)
    f -= log_g
    f -= it.unit
    np.minimum(f, 0.0, out=f)
    np.exp(f, out=f)
    f *= weight
    sums[0] += f
    if len(sums) == 1:
        return
    log_P *= f
    log_Q *= f
    np.divide(f, P, out=P)
    np.divide(f, Q, out=Q)
    for part, added in zip(sums[1:], (log_P, log_Q, P, Q), strict=True):
        part += added
