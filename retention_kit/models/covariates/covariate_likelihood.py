"""The likelihood of a model whose parameters are shifted by covariates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from retention_kit.models.base.rows import Array, Rows
from retention_kit.models.purchases.purchase_model import PurchaseModel

__all__: list[str] = []

SHIFTED = {
    "BGNBD": ("alpha", -1, "a", 1),
    "MBGNBD": ("alpha", -1, "a", 1),
    "ParetoNBD": ("alpha", -1, "beta", -1),
}
"""Which parameter carries the purchase rate and which the dropout, and the sign of the effect in it."""

_FARTHEST = 25.0
"""The search takes no customer's parameter farther from the average customer's than e^25, so that no step overflows."""


class RowByRow(Rows):
    """Rows whose parameters differ, so that nothing can be computed once per level of a column."""

    def levels(self, column: str) -> tuple[Array, Callable[[Array], Array]]:
        """Every row is a level of its own."""
        return self.values[column], lambda values: values


def kinds(rows: Rows, columns: Sequence[str]) -> list[tuple[Array, dict[str, float]]]:
    """Positions of the rows with each distinct combination of covariates."""
    values, which = np.unique(np.stack([rows[c] for c in columns]), axis=1, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(which.ravel()))[:-1]
    return [
        (at, dict(zip(columns, map(float, kind), strict=True)))
        for at, kind in zip(np.split(order, ends), values.T, strict=True)
    ]


def shifted_log_likelihood(
    model: type[PurchaseModel], theta: Array, rows: Rows, purchase: Array, dropout: Array, slopes: bool
) -> tuple[Array, Array]:
    """The model's log-likelihood with shifted parameters, and its gradient in parameters and exp(effects).

    `theta` holds the model's parameters for covariates of 0, then exp(effect) of each covariate; `purchase` and
    `dropout` hold the covariates, one line each (columns × rows). Parameters may be columns, as in every model.
    """
    rate, sign_in, leave, sign_out = SHIFTED[model.__name__]
    k, i, j = len(model._names), model._names.index(rate), model._names.index(leave)
    shifts = [(i, sign_in * purchase), (j, sign_out * dropout)]
    own, moved, effects = list(theta[:k]), [], np.log(theta[k:])
    for at, lines in shifts:
        shift = sum((e * z for e, z in zip(effects, lines, strict=False)), np.zeros(len(rows)))
        effects = effects[len(lines) :]
        own[at] = own[at] * np.exp(np.clip(shift, -_FARTHEST, _FARTHEST))
        moved.append(np.abs(shift) < _FARTHEST)
    broadcast = np.stack(np.broadcast_arrays(*own, np.empty(len(rows)))[:k])
    ll, by_own = model._log_likelihood(broadcast, RowByRow(rows.values, rows.weights), slopes)
    if not slopes:
        return ll, ll[:0]
    by_log = by_own * broadcast
    by_effect = [lines * (by_log[at] * inside) for (at, lines), inside in zip(shifts, moved, strict=True)]
    return ll, np.concatenate([by_log, *by_effect]) / theta[:, None]
