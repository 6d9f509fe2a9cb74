"""The customer table of a month: who they are, what they did, what to expect of them. Every list is made of it.

Pages compute it (the customers `behind` their tables of segments, value at stake and overdue customers); the report
only joins it. What a page did not compute is computed here in the same way, when a list needs it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import ibis
import numpy as np
import pandas as pd

from retention_kit import load, summarise
from retention_kit.errors import ConfigError, DataError, FitError, RetentionKitWarning
from retention_kit.load.dataset import is_saved
from retention_kit.report.execution.execute import Executed
from retention_kit.report.notebooks.splitting import Part
from retention_kit.report.settings.config import Config

SEGMENTS: Final = "segments"
STAKE: Final = "stake"
OVERDUE: Final = "overdue"
"""Ids of the tables of pages whose customers are joined."""
_MODELS: Final = ("MBGNBD", "ParetoNBD", "BGNBD")
_WORTH: Final = {
    "probability_alive": "probability_alive",
    "lifetime_value": "expected_value",
    "lifetime_value_low": "low",
    "lifetime_value_high": "high",
}
"""Columns of value at stake, and their names on lists."""
GAPS: Final = 3
"""Least number of gaps between orders that shows a rhythm."""
LEVEL: Final = 0.9
"""Level of the intervals of expected value."""
_DRAWS: Final = 100
"""Number of draws for these intervals, as on the page of segments."""
_ONE_DAY: Final = pd.Timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How customers are scored: with the report's parameters, as on its pages."""

    model: str = "auto"
    months: float = 12
    annual_discount_rate: float = 0.1
    margin: float = 1.0
    quiet_below: float = 0.8
    draws: int = _DRAWS
    due_within: int = 30
    groups: int = 5
    segment_map: str = "ten_segments"

    @classmethod
    def of(cls, config: Config, model: str = "auto") -> Settings:
        """The settings of a report; its value model is used where none is set."""
        given: Mapping[str, Any] = {**config.parameters, **config.actions}
        chosen = {item.name: given[item.name] for item in fields(cls) if item.name in given}
        return cls(**(chosen if chosen.get("model", "auto") != "auto" else {**chosen, "model": model}))

    @property
    def are_those_of_pages(self) -> bool:
        """Whether the lists can use the scores and values of the pages: they name the ten segments of five groups."""
        return (self.groups, self.segment_map, self.draws) == (5, "ten_segments", _DRAWS)


@dataclass(frozen=True)
class OfPages:
    """What the pages of a month know about its customers: tables by the id of the table that they are behind."""

    tables: Mapping[str, pd.DataFrame]

    @classmethod
    def read(cls, executed: Sequence[Executed]) -> OfPages:
        """The customers behind the tables of finished pages."""
        files: dict[str, Path] = {}
        for page in executed:
            files |= page.behind if page.failure is None else {}
        return cls({id: pd.read_parquet(path) for id, path in files.items() if id in (SEGMENTS, STAKE, OVERDUE)})

    @property
    def customers(self) -> pd.DataFrame | None:
        """Customers with scores, segment and expected values; None if no page scored them. Without a fitted model the
        values are missing."""
        scored = self.tables.get(SEGMENTS)
        if scored is None:
            return None
        scored = scored.astype({"revenue": "float64", "customer_id": "str"})
        worth = self.tables.get(STAKE)
        if worth is None:
            return scored.assign(**dict.fromkeys(_WORTH.values(), np.nan)).sort_values("customer_id", ignore_index=True)
        worth = worth[["customer_id", *_WORTH]].rename(columns=_WORTH).astype({"customer_id": "str"})
        worth[["expected_value", "low", "high"]] = worth[["expected_value", "low", "high"]].round(2)
        return scored.merge(worth, on="customer_id", how="left").sort_values("customer_id", ignore_index=True)

    @property
    def has_values(self) -> bool:
        """Whether the customers have expected values."""
        return SEGMENTS in self.tables and STAKE in self.tables

    @property
    def overdue(self) -> pd.DataFrame | None:
        """Overdue customers, as `summarise.overdue` gives them; None if no page looked for them."""
        late = self.tables.get(OVERDUE)
        return None if late is None else late.astype({"revenue": "float64", "customer_id": "str"})

    def of_stake(self, name: str) -> str:
        """The fitted model ("model") or the cut points ("cuts") behind the values, as JSON; empty without them."""
        return str(self.tables[STAKE].attrs.get(name, "")) if STAKE in self.tables else ""


def of_day(
    as_of: date, config: Config, workspace: Path, model: str = "auto", executed: Sequence[Executed] = ()
) -> Customers:
    """The customers at the end of a day, from the orders in a folder and from executed pages."""
    dimension = str(config.parameters.get("dimension") or "country")
    orders, pages = load.orders(str(workspace)), OfPages.read(executed)
    return Customers(orders, pd.Timestamp(as_of), Settings.of(config, model), pages, dimension)


def by_folder(
    month: str, parts: Sequence[Part], executed: Mapping[str, Sequence[Executed]], config: Config, model: str
) -> dict[str, Customers]:
    """The customers of each part with orders, by its folder; nothing is computed before a list needs it."""
    return {
        part.folder: of_day(part.data.last_counted(month), config, part.data.folder, model, executed[part.folder])
        for part in parts
        if is_saved(part.data.folder, "orders")
    }


class Customers:
    """Customers as of a day, with what the lists need; each table is made once, when a list first asks for it."""

    def __init__(
        self, orders: Any, as_of: pd.Timestamp, settings: Settings, pages: OfPages | None = None, dimension: str = ""
    ) -> None:
        self.orders, self.as_of, self.settings = orders, as_of, settings
        self.pages = pages or OfPages({})
        self.dimension = dimension if dimension in orders.table.columns else ""

    unknown: str = ""
    """Why no expected values are known."""

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per customer with scores and segment, and with expected values where a model could be fitted."""
        known = self.pages.customers
        if known is not None and self.pages.has_values and self.settings.are_those_of_pages:
            return known
        from retention_kit.models import rfm  # takes a second to import, which a report without action lists saves

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RetentionKitWarning)  # the pages show them, where the reader looks
            customers = summarise.customers(self.orders, as_of=self.as_of).to_pandas()
            customers = customers.sort_values("customer_id", ignore_index=True)
            customers = rfm.segment(rfm.score(customers, cuts=self._cuts(customers)))
            try:
                return customers.assign(**self._worth(customers))
            except (ConfigError, DataError, FitError) as fault:
                self.unknown = str(fault)
                return customers.assign(**dict.fromkeys(_WORTH.values(), np.nan))

    def _cuts(self, customers: pd.DataFrame) -> Any:
        """Cut points of the end of the month before, as on the page of segments, if anybody had bought by then."""
        from retention_kit.models import rfm

        before = summarise.customers(self.orders, as_of=self.as_of - pd.offsets.MonthEnd(1)).to_pandas()
        return rfm.cut_points(before if len(before) else customers)

    def _worth(self, customers: pd.DataFrame) -> dict[str, Any]:
        from retention_kit import models

        chosen = self.settings
        if chosen.model not in ("auto", *_MODELS):
            raise ConfigError(f"model must be auto or one of {', '.join(_MODELS)}; got {chosen.model!r}.")
        is_open = chosen.model == "auto"
        name = models.value_model(self.orders, as_of=self.as_of).model if is_open else chosen.model
        purchases, spend = getattr(models, name).fit(customers), models.GammaGamma.fit(customers)
        value = models.lifetime_value(
            purchases,
            spend,
            customers,
            months=chosen.months,
            annual_discount_rate=chosen.annual_discount_rate,
            margin=chosen.margin,
            level=LEVEL,
            draws=chosen.draws,
            seed=0,
            futures=False,
        )
        names = {"expected_value": "expected", "low": "expected_low", "high": "expected_high"}
        return {
            "probability_alive": purchases.probability_alive(customers),
            **{name: value[column].round(2) for name, column in names.items()},
        }

    @cached_property
    def rhythm(self) -> pd.DataFrame:
        """For each repeat customer the number and the median of the gaps between order days, and the next due day."""
        log = self.orders.table
        bought = log.filter(log.amount > 0, log.ordered_at < self.as_of + _ONE_DAY)
        days = bought.select("customer_id", day=bought.ordered_at.truncate("D")).distinct()
        last = days.day.lag().over(ibis.window(group_by="customer_id", order_by="day"))
        gaps = days.mutate(gap=days.day.epoch_seconds() / 86400 - last.epoch_seconds() / 86400)
        rhythms = gaps.group_by("customer_id").agg(
            gaps=gaps.gap.count(), usual=gaps.gap.median(), latest=gaps.day.max()
        )
        table: pd.DataFrame = rhythms.filter(rhythms.gaps >= GAPS).to_pandas()
        return table.assign(due=table["latest"] + pd.to_timedelta(table["usual"].round(), unit="D"))

    @cached_property
    def origin(self) -> pd.Series:
        """The value of the dimension in each customer's last order; empty without a dimension."""
        log = self.orders.table
        if not self.dimension:
            return pd.Series([], pd.Index([], dtype="str"), dtype="str")
        until = log.filter(log.ordered_at < self.as_of + _ONE_DAY)
        value = until[self.dimension].cast("string").argmax(until.ordered_at)
        table = until.group_by("customer_id").agg(value=value).to_pandas()
        origins: pd.Series = table.set_index(table["customer_id"].astype("str"))["value"]
        return origins
