"""What customers did in several periods or in the same days of them: sums, products, and the same step a year ago."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from retention_kit.metrics.changes.change_errors import two_sided
from retention_kit.summarise.by_period.product_sums import products_of


@dataclass(frozen=True)
class Windows:
    """One row per customer, columns by (periods back, figure): from `summarise.customer_windows`."""

    rows: pd.DataFrame

    @cached_property
    def products(self) -> pd.DataFrame:
        """The sums of products that errors are made of."""
        return products_of(self.rows)

    @cached_property
    def _sums(self) -> pd.Series:
        return self.rows.sum()

    def sums(self, back: int) -> dict[str, float]:
        """The sums of a period over all customers."""
        return {str(figure): float(x) for figure, x in self._sums[back].items()}

    def customers(self, back: int) -> int:
        """Customers with an order or refund in the last period, that one, or both."""
        columns: list[Any] = [(k, figure) for k in (0, back) for figure in ("orders", "refunds")]
        return int(np.count_nonzero(self.rows[columns].to_numpy().any(axis=1)))

    def step_a_year_ago(self, figure: str, year: int, expected: Mapping[int, float]) -> tuple[float, float]:
        """The relative change of a sum over the same step a year ago, and the chance that this one differs as much.

        `expected` are the orders to be expected from the days of each period. The logarithms of both steps are
        compared, each beside what its days let expect, with the error of independent customers over all four periods.
        NaN where a sum is not above 0, or a period is missing.

        Examples
        --------
        >>> orders = {0: [3.0, 1.0], 1: [1.0, 1.0], 12: [6.0, 2.0], 13: [3.0, 1.0]}
        >>> rows = pd.DataFrame({(k, "orders"): values for k, values in orders.items()})
        >>> step, p = Windows(rows).step_a_year_ago("orders", 12, {0: 1.0, 1: 1.0, 12: 1.0, 13: 1.0})
        >>> step, round(p, 2)
        (1.0, 1.0)
        """
        signs = {0: 1.0, 1: -1.0, year: -1.0, year + 1: 1.0}
        if not signs.keys() <= expected.keys():
            return math.nan, math.nan
        sums = {k: float(self._sums[k, figure]) for k in signs}
        if min(sums.values()) <= 0:
            return math.nan, math.nan
        difference = sum(sign * math.log(sums[k] / expected[k]) for k, sign in signs.items())
        gradient = sum(self.rows[k, figure].to_numpy() * (sign / sums[k]) for k, sign in signs.items())
        error = float(np.sqrt(np.sum(np.square(gradient))))
        step = sums[year] / sums[year + 1] - 1
        return step, two_sided(difference / error) if error > 0 else 1.0
