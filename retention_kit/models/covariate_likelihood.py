"""The likelihood of a model whose parameters are shifted by covariates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from retention_kit.models.purchases import PurchaseModel
from retention_kit.models.rows import Array, Rows

__all__: list[str] = []

SHIFTED = {"BGNBD": ("alpha", -1, "a", 1), "ParetoNBD": ("alpha", -1, "beta", -1)}
"""Which parameter carries the purchase rate and which the dropout, and the sign of the effect in it."""


def kinds(rows: Rows, columns: Sequence[str]) -> list[tuple[Array, dict[str, float]]]:
    """Places of the rows with each distinct combination of covariates."""
    values, which = np.unique(np.stack([rows[c] for c in columns]), axis=1, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(which.ravel()))[:-1]
    return [
        (at, dict(zip(columns, map(float, kind), strict=True)))
        for at, kind in zip(np.split(order, ends), values.T, strict=True)
    ]


def shifted_likelihood(
    model: type[PurchaseModel], parts: list[Any], purchase: list[str], dropout: list[str], n: int
) -> Any:
    """The model's likelihood with shifted parameters, and its gradient in parameters and exp(effects)."""
    rate, sign_in, leave, sign_out = SHIFTED[model.__name__]
    k, i, j = len(model._names), model._names.index(rate), model._names.index(leave)

    def likelihood(theta: Array, rows: Rows, slopes: bool = True) -> tuple[Array, Array]:  # noqa: ARG001
        effects = np.log(theta[k:])
        ll, slope, start = np.empty(n), np.empty((len(theta), n)), 0
        for part, kind in parts:
            z_in, z_out = np.array([kind[c] for c in purchase]), np.array([kind[c] for c in dropout])
            own = theta[:k].copy()
            own[i] *= np.exp(sign_in * z_in @ effects[: len(purchase)])
            own[j] *= np.exp(sign_out * z_out @ effects[len(purchase) :])
            at = slice(start, start := start + len(part))
            ll[at], d = model._log_likelihood(own, part)
            slope[:k, at] = d * (own / theta[:k])[:, None]
            shifts = [np.outer(sign_in * z_in, d[i] * own[i]), np.outer(sign_out * z_out, d[j] * own[j])]
            slope[k:, at] = np.concatenate(shifts) / theta[k:, None]
        return ll, slope

    return likelihood
