"""Rules of the action lists: which customers belong on each, why, their expected value, and when to contact them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final

import ibis
import numpy as np
import pandas as pd

from retention_kit import summarise
from retention_kit.errors import ConfigError, DataError, FitError, RetentionKitWarning
from retention_kit.report.language import gettext_noop
from retention_kit.report.settings.config import Config

TITLES: Final = {
    "at_risk": gettext_noop("At risk: worth more than most, and going quiet"),
    "win_back": gettext_noop("Win back: good customers who are probably gone"),
    "champions": gettext_noop("Champions: bought recently, often and for large amounts"),
    "due_to_reorder": gettext_noop("Due to reorder: by their own rhythm"),
}
_BEST: Final = ("champions", "loyal", "can't lose", "at risk")
_MODELS: Final = ("MBGNBD", "ParetoNBD", "BGNBD")
_GONE: Final = 0.5
"""Below this probability of being active, a customer has more likely left than not."""
_GAPS: Final = 3
"""Least number of gaps between orders that shows a rhythm."""
_LEVEL: Final = 0.9
"""Level of the intervals of expected value on the lists."""
_ONE_DAY: Final = pd.Timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How customers are scored: with the report's parameters, as on its pages."""

    model: str = "auto"
    months: float = 12
    annual_discount_rate: float = 0.1
    margin: float = 1.0
    quiet_below: float = 0.8
    draws: int = 100
    due_within: int = 30

    @classmethod
    def of(cls, config: Config, model: str = "auto") -> Settings:
        """The settings of a report; its value model is used where none is set."""
        given: Mapping[str, Any] = {**config.parameters, **config.actions}
        chosen = {item.name: given[item.name] for item in fields(cls) if item.name in given}
        return cls(**(chosen if chosen.get("model", "auto") != "auto" else {**chosen, "model": model}))


class Customers:
    """Customers as of a day, with what the lists need; each table is computed once, when a list first asks for it."""

    def __init__(self, orders: Any, as_of: pd.Timestamp, settings: Settings) -> None:
        self.orders, self.as_of, self.settings = orders, as_of, settings

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row per customer with scores and segment, and with expected values where a model could be fitted."""
        from retention_kit.models import rfm  # takes a second to import, which a report without action lists saves

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RetentionKitWarning)  # the pages show them, where the reader looks
            customers = summarise.customers(self.orders, as_of=self.as_of).to_pandas()
            customers = customers.sort_values("customer_id", ignore_index=True)
            customers = rfm.segment(rfm.score(customers))
            try:
                return customers.assign(**self._worth(customers))
            except (ConfigError, DataError, FitError) as fault:
                self.unknown = str(fault)
                names = ["probability_alive", "expected_value", "low", "high"]
                return customers.assign(**dict.fromkeys(names, np.nan))

    unknown: str = ""
    """Why no expected values are known."""

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
            level=_LEVEL,
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
        table: pd.DataFrame = rhythms.filter(rhythms.gaps >= _GAPS).to_pandas()
        return table.assign(due=table["latest"] + pd.to_timedelta(table["usual"].round(), unit="D"))


def make(name: str, customers: Customers) -> pd.DataFrame:
    """One of `TITLES` as a list, the most expected value first.

    Columns customer_id, reason, expected_value, low, high, suggested_date.

    Raises
    ------
    FitError
        The list needs expected values, and no model could be fitted.
    """
    table = {"at_risk": _at_risk, "win_back": _win_back, "champions": _champions, "due_to_reorder": _due}[name](
        customers
    )
    table = table.sort_values(["expected_value", "customer_id"], ascending=[False, True], ignore_index=True)
    columns = ["customer_id", "reason", "expected_value", "low", "high", "suggested_date"]
    return table[columns]


def _valued(customers: Customers) -> pd.DataFrame:
    table = customers.table
    if customers.unknown:
        raise FitError(f"no expected values are known: {customers.unknown}")
    return table


def _at_risk(customers: Customers) -> pd.DataFrame:
    """Customers of the best segments who are less surely active than usual and worth more than the average."""
    table = _valued(customers)
    alive = table["probability_alive"]
    quiet = table[table["segment"].isin(_BEST) & (alive < customers.settings.quiet_below) & (alive >= _GONE)]
    quiet = quiet[quiet["expected_value"] > table["expected_value"].mean()]
    return _with_reasons(quiet, customers, "Going quiet: {orders}, the last {days}; still a customer: {alive} likely.")


def _win_back(customers: Customers) -> pd.DataFrame:
    """Customers who have more likely left than not, and are among the two fifths with the largest revenue."""
    table = _valued(customers)
    gone = table[(table["probability_alive"] < _GONE) & (table["M"] >= 4) & (table["orders"] > 1)]
    return _with_reasons(
        gone,
        customers,
        "Probably gone: {orders}, the last {days}; still a customer: only {alive} likely.",
    )


def _champions(customers: Customers) -> pd.DataFrame:
    best = customers.table[customers.table["segment"] == "champions"]
    return _with_reasons(best, customers, "Among the best: {orders}, the last {days}.")


def _due(customers: Customers) -> pd.DataFrame:
    """Customers who are due by the median of their own gaps and have not more likely left than not."""
    both = customers.table.merge(customers.rhythm, on="customer_id")
    near = both["due"] <= customers.as_of + customers.settings.due_within * _ONE_DAY
    here = both[near & ~(both["probability_alive"] < _GONE)]
    table = _with_reasons(
        here, customers, "Buys every {usual} days; {orders}, the last {days}; the next is due on {due}."
    )
    tomorrow = customers.as_of + _ONE_DAY
    return table.assign(suggested_date=here["due"].where(here["due"] > tomorrow, tomorrow))


def _with_reasons(chosen: pd.DataFrame, customers: Customers, sentence: str) -> pd.DataFrame:
    """The chosen customers with the reason in words; the suggested day of contact is the day after as_of."""
    reasons = [sentence.format(**_in_words(row)) for row in chosen.to_dict("records")]
    return chosen.assign(
        reason=pd.Series(reasons, chosen.index, dtype="str"), suggested_date=customers.as_of + _ONE_DAY
    )


def _in_words(row: Mapping[Any, Any]) -> dict[str, str]:
    orders, days = int(row["orders"]), int(row["days_since_last"])
    return {
        "orders": f"{orders:,} {'order' if orders == 1 else 'orders'} for {row['revenue']:,.2f}",
        "days": f"{days:,} {'day' if days == 1 else 'days'} ago",
        "alive": f"{100 * row['probability_alive']:.0f} %",
        "usual": f"{row.get('usual', 0):.0f}",
        "due": f"{row['due']:%Y-%m-%d}" if "due" in row else "",
    }
