"""Which model of purchases the values of a shop rest on: chosen by the holdout, and kept unless clearly beaten."""

from __future__ import annotations

import datetime as dt
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError, FitError, RetentionKitWarning
from retention_kit.models.base.fitting import near_the_peak
from retention_kit.models.checks.holdout import known_model, outcome_rows, outcomes_of
from retention_kit.models.checks.holdout_forecasts import log_density
from retention_kit.models.checks.holdout_split import split_of
from retention_kit.models.futures.some_customers import PAIRS, pairs_of, some_customers
from retention_kit.models.numerics.arrays import Array
from retention_kit.models.purchases.purchase_model import PurchaseModel
from retention_kit.schema import UNIT_DAYS
from retention_kit.summarise.by_customer.customer_table import check_clock
from retention_kit.summarise.common.calendar_periods import as_day
from retention_kit.summarise.common.order_log import as_table, most_rows, orders_until, purchases

CANDIDATES: Final = ("MBGNBD", "ParetoNBD")
"""The first is in use until a month can be graded."""
_MOST_MONTHS: Final = 60
"""How many months the choice goes back at the most: five years of grades decide more than what lies before them."""
_MOST_JOINED: Final = 20_000_000
"""Rows × months that one query counts: each month of grades sees all purchases before it."""
_MANY: Final = 300_000
_SAMPLE: Final = 150_000
"""Of more customers than the first number about the second are graded: differences of the models have a standard error
of a few ten-thousandths then, which is part of the rule."""
_MANY_ROWS: Final = 5_000
"""Distinct rows above which a fit that is only compared is not refined to the last digit."""


@dataclass(frozen=True)
class ValueModel:
    """The model that values rest on, and how it came to be chosen.

    Attributes
    ----------
    model : str
        Its name.
    since : date or None
        The end of the month in which it took over; None: it is the one that the choice begins with.
    table : DataFrame
        One row per month that could be graded: as_of, model (in use from then on), rival (the best of the others),
        ahead (of the rival, in mean log density) and standard_error (of that difference).
    """

    model: str
    since: dt.date | None
    table: pd.DataFrame = field(repr=False, compare=False)


class ValueModels:
    """The choice at one day after another, on one order log; each month is graded once.

    Parameters are those of `value_model`.
    """

    def __init__(
        self,
        orders: Any,
        *,
        candidates: Sequence[str] = CANDIDATES,
        months: int = 6,
        unit: str = "week",
        grain: str = "day",
    ) -> None:
        refuse(months=(months, "size"))
        check_clock(unit, grain)
        named = [candidates] if isinstance(candidates, str) else candidates
        if not isinstance(named, Sequence) or not named:
            raise ConfigError(f"A model of value needs at least one candidate; got {candidates!r}.")
        self.orders, self.months, self.unit, self.grain = as_table(orders), months, unit, grain
        self._rows = max(most_rows(orders), 1)
        self.models = {model.__name__: model for model in map(known_model, named)}
        self._graded: dict[dt.date, tuple[dict[str, Array], Array] | None] = {}
        self._fits: dict[tuple[str, dt.date], PurchaseModel | None] = {}
        self._lock = threading.Lock()

    def at(self, as_of: str | dt.date) -> ValueModel:
        """The choice at a day."""
        current, since, lines = next(iter(self.models)), None, []
        with self._lock:
            ends = self._month_ends(as_day(as_of))
            self._grade([end for end in ends if end not in self._graded])
        for end in ends:
            if graded := self._graded[end]:
                rival, ahead, error = _rival(current, *graded)
                if rival and not -ahead <= error:
                    current, since, rival, ahead = rival, end, current, -ahead
                lines.append((end, current, rival, ahead, error))
        columns = ["as_of", "model", "rival", "ahead", "standard_error"]
        return ValueModel(current, since, pd.DataFrame(lines, columns=columns))

    @cached_property
    def _first(self) -> dt.date | None:
        """Day of the first purchase."""
        first = purchases(self.orders).ordered_at.min().to_pandas()
        return None if pd.isna(first) else pd.Timestamp(first).date()

    @cached_property
    def _log(self) -> tuple[ir.Table, float]:
        """The orders of the customers who are graded, and how many rows they can have."""
        customers = int(purchases(self.orders).customer_id.nunique().to_pandas())
        if customers <= _MANY:
            return self.orders, self._rows
        pairs = int(pairs_of(customers, _SAMPLE))
        return some_customers(self.orders, pairs), max(self._rows * pairs / PAIRS, 1)

    def _month_ends(self, as_of: dt.date) -> list[dt.date]:
        """Ends of the months from the first purchase up to a day, the last ones where they are many."""
        if self._first is None or self._first > as_of:
            return []
        return [end.date() for end in pd.date_range(self._first, as_of, freq="ME")][-_MOST_MONTHS:]

    def _grade(self, ends: Sequence[dt.date]) -> None:
        """Grade the models at the ends of months: log density of what each kind of customer did, by model, and how many
        customers each kind has; None where the log is too young."""
        splits = {end: split_of(self._first, end, self.months) for end in ends if self._first}
        self._graded |= dict.fromkeys(end for end, split in splits.items() if not split)
        periods = [(end, split, (end - split).days) for end, split in splits.items() if split]
        log, rows = self._log
        size = max(int(_MOST_JOINED / rows), 1)
        for i in range(0, len(periods), size):
            block = periods[i : i + size]
            parts = [(split, days) for _, split, days in block]
            gaps = any(model.process.sums for model in self.models.values())
            tables = outcomes_of(log, parts, self.unit, self.grain, gaps=gaps, rules=False)
            for (end, split, days), known in zip(block, tables, strict=True):
                self._graded[end] = self._densities(known, split, days)

    def _densities(self, known: pd.DataFrame, split: dt.date, days: int) -> tuple[dict[str, Array], Array] | None:
        densities, cells = {}, outcome_rows(known)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RetentionKitWarning)  # of fits that are only compared here
            for name in self.models:
                if fitted := self._fitted(name, known, split):
                    densities[name] = log_density(fitted, cells, days / UNIT_DAYS[self.unit])
        return densities, cells.weights

    def _fitted(self, name: str, known: pd.DataFrame, split: dt.date) -> PurchaseModel | None:
        """A model of what was known at a split, the same for all months that are split there; None without a fit."""
        if (name, split) not in self._fits:
            try:
                self._fits[name, split] = _fit(self.models[name], known)
            except FitError:
                self._fits[name, split] = None
        return self._fits[name, split]


def _fit(model: type[PurchaseModel], known: pd.DataFrame) -> PurchaseModel:
    """A fit; to very many rows one that is good enough to be compared."""
    if not model.fixed and len(known) > _MANY_ROWS:
        process = model.process
        rows = process.read(known, weights="n", fit=True)
        if len(rows) > _MANY_ROWS:
            theta = near_the_peak(process.log_likelihood, rows, process.starts(rows)[0])
            if theta is not None:
                named: dict[str, Any] = dict(zip(process.names, map(float, theta), strict=True))
                return model(**named, unit=rows.about["unit"])
    return model.fit(known, weights="n")


def value_model(
    orders: Any,
    *,
    as_of: str | dt.date,
    candidates: Sequence[str] = CANDIDATES,
    months: int = 6,
    unit: str = "week",
    grain: str = "day",
) -> ValueModel:
    r"""The one model of purchases that all values of a shop should rest on.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log.
    as_of : date
        Last day that counts.
    candidates : sequence of str
        Names of models; the choice begins with the first. BG/NBD is not among them unless named, because it calls every
        one-time buyer active for ever.
    months : int
        Length of each holdout, shorter while the shop is young (`holdout_split`).
    unit, grain : str
        As for `summarise.customers`.

    Returns
    -------
    ValueModel
        The model, since when, and the grades of each month.

    Notes
    -----
    At the end of every month the models are fitted on what was known `months` before, and graded by the log
    probability that they gave to what each customer did since. The model in use stays, unless another is ahead by more
    than the standard error of the difference,

    .. math:: \bar d > \sqrt{\frac{\sum_i (d_i - \bar d)^2}{N (N - 1)}}

    with :math:`d_i` the difference of a customer's log probabilities. The months begin with the first that can be
    graded, at the earliest sixty before `as_of`. So the choice follows from the log alone: not from which reports were
    made before, in which order, or whether they are still there. Where no month can be graded yet it is the first
    candidate.

    Examples
    --------
    >>> from retention_kit import load
    >>> value_model(load.sample("cdnow_sample"), as_of="1997-01-31").model
    'MBGNBD'
    """
    choices = ValueModels(orders, candidates=candidates, months=months, unit=unit, grain=grain)
    orders_until(choices.orders, as_day(as_of))  # which warns where the log ends long before
    return choices.at(as_of)


def _rival(current: str, densities: dict[str, Array], weights: Array) -> tuple[str, float, float]:
    """The best of the others; how far the current model is ahead of it, in mean log density; the standard error."""
    n = weights.sum()
    means = {name: float(weights @ density / n) for name, density in densities.items() if np.isfinite(density).all()}
    others = {name: mean for name, mean in means.items() if name != current}
    if not others:
        return "", np.nan, np.nan
    rival = max(others, key=lambda name: others[name])
    if current not in means:
        return rival, -np.inf, 0.0
    each = densities[current] - densities[rival]
    ahead = float(weights @ each / n)
    error = np.sqrt(weights @ (each - ahead) ** 2 / (n * (n - 1))) if n > 1 else np.inf
    return rival, ahead, float(error)
