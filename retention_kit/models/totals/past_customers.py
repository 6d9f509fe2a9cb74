"""What was known of the customers on many past days, counted by the engine in one pass over the log.

A customer's history only changes on days on which they buy or get a refund. So each such day is a state that lasts
until the next one, and a past day (an origin) finds every customer in exactly one state. The engine counts the distinct
states per origin; what happened afterwards follows from purchases counted by first day and day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.errors import DataError
from retention_kit.models.futures.some_customers import pairs_of, some_customers, some_of_groups
from retention_kit.models.numerics.arrays import Array
from retention_kit.schema import UNIT_DAYS
from retention_kit.summarise.by_customer.customer_table import GRAIN_DAYS, numbered, rows_of
from retention_kit.summarise.common.calendar_periods import day_number, day_of, number_of, period_number
from retention_kit.summarise.common.first_values import first_rows
from retention_kit.summarise.common.order_log import purchases

Result = TypeVar("Result")
GROUP = "group"
"""The column of a customer's segment; "" for everybody where no segments are asked for."""
_BINS = 50
"""Mean values are counted in classes of a fiftieth of their logarithm (2 %), each with its own mean: customers differ
by so much more that the fit of their spend is the same."""

MANY, _SAMPLE = 300_000, 150_000
"""Of more customers than the first number about the second serve the past origins. A total is then off by about 0.4 %
(one standard error; their numbers of repeat purchases are made exact), while forecasts that are over were off by some
per cent."""
_FEWEST_OF_SEGMENT = 10_000
_STATES = ["origin", GROUP, "frequency", "recency", "T", "n", "spent", "log_gaps"]
_SPEND = ["origin", "frequency", "monetary_value", "n"]


@dataclass(frozen=True)
class PastCustomers:
    """Customers as they were known at each origin, and what happened on every day.

    Attributes
    ----------
    start : int
        Day of the first purchase, as days since 1970.
    origins : array
        Days, in order.
    states : DataFrame
        origin, group, frequency, recency, T, n (customers), spent (money of their repeat purchases, together), log_gaps
        (mean over them).
    spend : DataFrame
        origin, frequency, monetary_value, n: repeat buyers with a positive mean value.
    days : DataFrame
        group, first (day of the customers' first purchase), day, purchases, money (refunds taken off), new; in order of
        day.

    The column group is categorical in both.
    """

    start: int
    origins: Array
    states: pd.DataFrame
    spend: pd.DataFrame
    days: pd.DataFrame
    unit: str
    grain: str

    @cached_property
    def groups(self) -> list[str]:
        """All segments, in order."""
        return [str(group) for group in self.days[GROUP].cat.categories]

    @cached_property
    def _by_origin(self) -> dict[str, dict[int, pd.DataFrame]]:
        tables = {"states": self.states, "spend": self.spend}
        groups: Any = {name: table.groupby("origin") for name, table in tables.items()}
        return {name: {int(day): rows for day, rows in grouped} for name, grouped in groups.items()}

    @cached_property
    def everybody(self) -> PastCustomers:
        """The same customers without segments, counted once."""
        return self if self.groups == [""] else self.of_everybody()

    @cached_property
    def _results(self) -> dict[Any, Any]:
        return {}

    def once(self, key: tuple[Any, ...], compute: Callable[[], Result]) -> Result:
        """A result that rests on these customers alone, computed at the first time only."""
        if key not in self._results:
            self._results[key] = compute()
        result: Result = self._results[key]
        return result

    def of_everybody(self) -> PastCustomers:
        """The same customers without segments: what segments add up to."""
        group = pd.CategoricalDtype([""])
        states = self.states.assign(
            youngest_first=-self.states["T"], all_gaps=self.states["log_gaps"] * self.states["n"]
        )
        keys = ["origin", "frequency", "youngest_first", "recency"]
        sums = states.groupby(keys)[["n", "spent", "all_gaps"]].sum().reset_index()
        sums["T"], sums["log_gaps"], sums[GROUP] = -sums["youngest_first"], sums["all_gaps"] / sums["n"], ""
        days = self.days.groupby(["day", "first"], sort=True)[["purchases", "money", "new"]].sum().reset_index()
        return replace(
            self,
            states=sums[list(self.states.columns)].astype({GROUP: group}),
            days=days.assign(**{GROUP: ""})[list(self.days.columns)].astype({GROUP: group}),
        )

    def known_at(self, origin: int) -> pd.DataFrame:
        """The states of one origin, as a customer table that models read."""
        return self._table("states", origin)

    def spend_at(self, origin: int) -> pd.DataFrame:
        """Repeat buyers at one origin by what they spend."""
        return self._table("spend", origin)

    def _table(self, name: str, origin: int) -> pd.DataFrame:
        table = self._by_origin[name].get(origin)
        table = getattr(self, name).iloc[:0] if table is None else table
        day = day_of(origin).isoformat()
        return table.reset_index(drop=True).assign(unit=self.unit, grain=self.grain, as_of=day)

    def sums(self, column: str, after: int, until: int, known: int) -> Array:
        """Purchases or money per segment in (after, until], of customers who came until `known`."""
        between = slice(*np.searchsorted(self._day, [after, until], side="right"))
        table = self.days.iloc[between]
        chosen = (table["first"] <= known).to_numpy()
        return self._per_group(table[GROUP].cat.codes[chosen], table[column].to_numpy()[chosen])

    def sums_of(self, states: pd.DataFrame, values: Array) -> Array:
        """Values of single customers, summed per segment over the states of an origin."""
        return self._per_group(states[GROUP].cat.codes, states["n"].to_numpy() * values)

    def newcomers(self, until: int) -> tuple[Array, Array]:
        """Days up to one day on which new customers came, and how many."""
        first = self.days[(self.days["new"] > 0) & (self.days["first"] <= until)].groupby("first")["new"].sum()
        return first.index.to_numpy(), first.to_numpy()

    @cached_property
    def _day(self) -> Array:
        return self.days["day"].to_numpy()

    def _per_group(self, codes: Any, values: Array) -> Array:
        return np.bincount(codes, values, len(self.groups))


def first_day(log: ir.Table, as_of: dt.date) -> int:
    """The day of the first purchase, as days since 1970."""
    day = day_number(purchases(log).ordered_at).min().to_pandas()
    if pd.isna(day):
        raise DataError(f"There is no purchase until {as_of}: a forecast needs customers who have bought.")
    return int(day)


def past_customers(
    log: ir.Table, origins: Array, *, by: str | None, unit: str, grain: str, money: bool
) -> PastCustomers:
    """Customers at each origin, and all days of the log; spend only where `money` is asked for.

    Of very many customers a sample serves the origins before the last one.
    """
    segments = first_rows(purchases(log), [by], "ordered_at").rename(**{GROUP: by}).cache() if by is not None else None
    if int(purchases(log).customer_id.nunique().to_pandas()) <= MANY:
        held = _states(_daily(log, grain, segments)).cache()
        days, states, spend = _days(held), *_counted_at(held, origins, unit, grain, money=money)
    else:
        days = _days(_daily(log, grain, segments))
        some, chosen = _sample(log, days, segments)
        held = _states(_daily(some, grain, chosen)).cache()
        before, spend = _counted_at(held, origins[:-1], unit, grain, money=money)
        now, spend_now = _counted_now(log, int(origins[-1]), segments, unit, grain, money=money)
        states = pd.concat([_calibrated(before, days), now], ignore_index=True)
        spend = pd.concat([spend, spend_now], ignore_index=True)
    kinds = {GROUP: pd.CategoricalDtype(sorted(days[GROUP].unique()))}
    return PastCustomers(
        int(days["first"].min()), origins, states.astype(kinds), spend, days.astype(kinds), unit, grain
    )


def _days(daily: ir.Table) -> pd.DataFrame:
    """What happened on every day, by segment and first day of the customers."""
    days = daily.filter(daily["first"].notnull()).group_by(GROUP, "first", "day")
    sums = {
        "purchases": (daily["rank"].notnull() & daily.opens).sum(),
        "money": daily.money.sum(),
        "new": (daily["rank"] == 0).sum(),
    }
    table: pd.DataFrame = days.agg(**{name: total.cast("float64") for name, total in sums.items()}).to_pandas()
    return table.fillna(dict.fromkeys(sums, 0.0)).sort_values(["day", "first", GROUP], ignore_index=True)


def _counted_at(
    states: ir.Table, origins: Array, unit: str, grain: str, *, money: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """States and spend of the origins."""
    at = _at_origins(states, origins, grain)
    spend = _spend(at).to_pandas() if money else pd.DataFrame(columns=_SPEND)
    return _states_in_units(_counted(at).to_pandas(), unit, grain), spend


def _sample(log: ir.Table, days: pd.DataFrame, segments: ir.Table | None) -> tuple[ir.Table, ir.Table | None]:
    """Orders and segments of a sample of the customers: of small segments all of them."""
    sizes = days.groupby(GROUP)["new"].sum()
    pairs = pairs_of(sizes, max(_SAMPLE / len(sizes), _FEWEST_OF_SEGMENT))
    if segments is None:
        return some_customers(log, int(pairs[0])), None
    chosen = some_of_groups(segments, GROUP, dict(zip(sizes.index, pairs, strict=True))).cache()
    return log.semi_join(chosen, "customer_id"), chosen


def _calibrated(states: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """States of a sample, so weighted that each segment has its number of customers and of repeat purchases."""
    keys, often = ["origin", GROUP], states["frequency"] > 0
    counts = states[keys].assign(
        n=states["n"], repeaters=states["n"].where(often, 0.0), repeats=states["n"] * states["frequency"]
    )
    sampled = counts.groupby(keys).sum().reset_index()
    upto = days.groupby([GROUP, "day"])[["new", "purchases"]].sum().groupby(GROUP).cumsum().reset_index()
    sampled = pd.merge_asof(
        sampled.sort_values("origin"), upto.sort_values("day"), left_on="origin", right_on="day", by=GROUP
    )
    plain = sampled["new"] / sampled["n"]
    repeater = ((sampled["purchases"] - sampled["new"]) / sampled["repeats"]).where(sampled["repeats"] > 0, plain)
    others = sampled["n"] - sampled["repeaters"]
    other = ((sampled["new"] - repeater * sampled["repeaters"]) / others).where(others > 0, plain)
    settled = (other > 0) & (repeater > 0)
    factors = sampled[keys].assign(repeater=repeater.where(settled, plain), other=other.where(settled, plain))
    factors = states[keys].merge(factors, on=keys, how="left")
    factor = np.where(often, factors["repeater"], factors["other"])
    return states.assign(n=states["n"] * factor, spent=states["spent"] * factor)


def _counted_now(
    log: ir.Table, origin: int, segments: ir.Table | None, unit: str, grain: str, *, money: bool
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """States and spend of the last origin, of all customers: their rows of `summarise.customers`."""
    table = rows_of(log, day_of(origin), unit, grain, log_gaps=True)
    table = table.mutate(**{GROUP: ibis.literal("")}) if segments is None else table.join(segments, "customer_id")
    spent = (table.frequency > 0).ifelse(table.monetary_value * table.frequency, 0.0).fill_null(0.0)
    origins = ibis.literal(origin, type="int64")
    table = table.select(GROUP, "frequency", "recency", "T", "log_gaps", spent=spent, origin=origins).cache()
    keys = [GROUP, "frequency", ibis.desc("T"), "recency"]
    counted = table.group_by("origin", GROUP, "frequency", "recency", "T").agg(
        n=table.count().cast("float64"),
        spent=table.spent.sum(where=table.spent > 0).fill_null(0.0),
        log_gaps=table.log_gaps.mean(),
    )
    states: pd.DataFrame = counted.order_by(keys).to_pandas().astype({"frequency": "float64", "origin": "int64"})
    return states[_STATES], _spend(table).to_pandas() if money else pd.DataFrame(columns=_SPEND)


def _daily(log: ir.Table, grain: str, segments: ir.Table | None) -> ir.Table:
    """One row per customer and day with purchases or refunds: rank of the purchase event (empty on days of refunds
    alone), whether the event begins on that day, money, and what of it belongs to repeat purchases."""
    bought = numbered(purchases(log), grain)
    refunds = log.filter(log.amount < 0)
    orders = bought.select("customer_id", "event", "rank", "amount", day=day_number(bought.ordered_at))
    returned = refunds.select(
        "customer_id",
        event=period_number(refunds.ordered_at, grain),
        rank=ibis.null("int64"),
        amount=refunds.amount,
        day=day_number(refunds.ordered_at),
    )
    both = orders.cast({"rank": "int64"}).union(returned)
    isbought = both["rank"].notnull()
    daily = both.group_by("customer_id", "day").agg(
        event=both.event.max(),
        rank=both["rank"].max(),
        money=both.amount.sum(),
        repeats=both.amount.sum(where=both["rank"] > 0),
        refunds=both.amount.sum(where=~isbought),
    )
    customer = ibis.window(group_by="customer_id")
    bought_on = daily["rank"].notnull()
    daily = daily.mutate(
        first=bought_on.ifelse(daily.day, ibis.null("int64")).min().over(customer),
        second=(daily["rank"] == 1).ifelse(daily.event, ibis.null("int64")).min().over(customer),
        opens=daily.day == daily.day.min().over(ibis.window(group_by=["customer_id", "event", bought_on])),
    )
    if segments is None:
        return daily.mutate(**{GROUP: ibis.literal("")})
    groups = segments.rename(who="customer_id")
    return daily.left_join(groups, daily.customer_id == groups.who).drop("who")


def _states(daily: ir.Table) -> ir.Table:
    """What is known of each customer from one of these days until the next."""
    so_far = ibis.cumulative_window(group_by="customer_id", order_by="day")
    order = ibis.window(group_by="customer_id", order_by="day")
    bought_event = daily["rank"].notnull().ifelse(daily.event, ibis.null("int64"))
    late = (daily.event >= daily.second).fill_null(False).ifelse(daily.refunds, 0)
    table = daily.mutate(
        frequency=daily["rank"].max().over(so_far),
        opening=bought_event.min().over(so_far),
        last=bought_event.max().over(so_far),
        spent=(daily.repeats.fill_null(0) + late.fill_null(0)).cast("float64").sum().over(so_far),
        until=daily.day.lead().over(order),
    )
    before = table.last.lag().over(order)
    gap = (table.last > before).fill_null(False).ifelse((table.last - before).cast("float64"), 1.0)
    table = table.mutate(log_gap=gap.ln())
    return table.mutate(log_gaps=table.log_gap.sum().over(so_far))


def _at_origins(states: ir.Table, origins: Array, grain: str) -> ir.Table:
    """The state of each customer at each origin."""
    numbers = [number_of(day_of(day), grain) for day in origins]
    table = ibis.memtable(pd.DataFrame({"origin": origins.astype("int64"), "now": np.array(numbers, dtype="int64")}))
    states = states.filter(states.frequency.notnull())
    lasting = [states.day <= table.origin, states.until.isnull() | (states.until > table.origin)]
    return states.inner_join(table, lasting)


def _counted(at: ir.Table) -> ir.Table:
    keys = ["origin", "now", GROUP, "frequency", "opening", "last"]
    return (
        at.group_by(keys)
        .agg(n=at.count(), spent=at.spent.sum(where=at.spent > 0).fill_null(0.0), log_gaps=at.log_gaps.mean())
        .order_by(keys)
    )


def _spend(at: ir.Table) -> ir.Table:
    """Repeat buyers by frequency and class of their mean value, each class with its mean."""
    paid = at.filter((at.frequency > 0) & (at.spent > 0))
    value = paid.spent / paid.frequency
    paid = paid.mutate(value=value, level=(value.ln() * _BINS).floor().cast("int64"))
    keys = ["origin", "frequency", "level"]
    table = paid.group_by(keys).agg(monetary_value=paid.value.mean(), n=paid.count()).order_by(keys)
    return table.drop("level")


def _states_in_units(table: pd.DataFrame, unit: str, grain: str) -> pd.DataFrame:
    """Times in the unit, as `summarise.customers` measures them."""
    units = GRAIN_DAYS[grain] / UNIT_DAYS[unit]
    events = table["frequency"].astype(float)
    counted = {
        "origin": table["origin"].astype(int),
        GROUP: table[GROUP].astype(str),
        "frequency": events,
        "recency": (table["last"] - table["opening"]) * units,
        "T": (table["now"] - table["opening"]) * units,
        "n": table["n"].astype(float),
        "spent": table["spent"].astype(float),
        "log_gaps": table["log_gaps"].astype(float) + events * np.log(units),
    }
    return pd.DataFrame(counted, columns=_STATES)
