"""Correlation between spend per purchase and number of purchases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from retention_kit.errors import DataError
from retention_kit.models.base.columns import Customers, refuse_columns
from retention_kit.models.base.rows import read
from retention_kit.models.spend.same_money import same_money

UNDEFINED = "not defined: everybody spends the same"
"""Size of the correlation if money does not vary."""


def spend_independence(customers: Customers) -> pd.DataFrame:
    """Whether customers who buy more often spend more per purchase. Gamma-Gamma assumes that they do not.

    Parameters
    ----------
    customers : DataFrame or Ibis table
        Columns frequency and monetary_value.

    Returns
    -------
    DataFrame
        One row per measure, Pearson (on logarithms of value) and Spearman: n, correlation, low, high (95 %, Fisher's
        z), explained (squared correlation) and size: negligible below 0.1, small below 0.3, medium below 0.5, large.
        If all customers spend the same, the correlation is NaN, and size is "not defined: everybody spends the same".

    Notes
    -----
    With many customers a negligible correlation is significant too: judge its size, not its p-value.

    Examples
    --------
    >>> table = pd.DataFrame({"frequency": [1, 2, 3, 4, 5], "monetary_value": [10.0, 30, 20, 50, 40]})
    >>> spend_independence(table)[["measure", "correlation", "size"]].round(2).values.tolist()
    [['Pearson', 0.82, 'large'], ['Spearman', 0.8, 'large']]
    """
    refuse_columns(customers, ("frequency", "monetary_value"), None)
    kept = (customers["frequency"] > 0) & (customers["monetary_value"] > 0)
    chosen = customers[kept] if isinstance(customers, pd.DataFrame) else customers.filter(kept)
    rows = read(chosen, ("frequency", "monetary_value"), ())
    x, m = (np.repeat(rows[c], rows.weights.astype(int)) for c in ("frequency", "monetary_value"))
    m = same_money(m)
    if len(x) < 4 or len(np.unique(x)) < 2:
        raise DataError(f"Independence needs 4 repeat buyers with different frequencies; found {len(x)}.")
    if (m == m[0]).all():
        measured = dict.fromkeys(("Pearson", "Spearman"), np.nan)
    else:
        measured = {"Pearson": stats.pearsonr(x, np.log(m))[0], "Spearman": stats.spearmanr(x, m)[0]}
    return pd.DataFrame([{"measure": k, "n": len(x), **_size(float(v), len(x))} for k, v in measured.items()])


def _size(r: float, n: int) -> dict[str, Any]:
    if np.isnan(r):
        return {**dict.fromkeys(("correlation", "low", "high", "explained"), r), "size": UNDEFINED}
    spread = 1.959963984540054 / np.sqrt(max(n - 3, 1))
    low, high = np.tanh(np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12)) + np.array([-spread, spread]))
    name = ("negligible", "small", "medium", "large")[int(np.searchsorted([0.1, 0.3, 0.5], abs(r), side="right"))]
    return {"correlation": r, "low": float(low), "high": float(high), "explained": r * r, "size": name}
