"""What single customers did and what a model made of it, day by day: for a few customers with one query and no fit."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from retention_kit.errors import ConfigError, RetentionKitWarning
from retention_kit.schema import UNIT_DAYS

_DRAWS: Final = 30
"""Number of draws of the parameters for the interval of P(active)."""
_POINTS: Final = 60
"""Most moments of a curve, apart from the days with orders."""


@dataclass(frozen=True)
class CustomerHistory:
    """One customer up to a day.

    Parameters
    ----------
    customer_id : str
        The customer.
    as_of : Timestamp
        Last day that counts.
    orders : DataFrame
        Orders and refunds (negative) in their order: ordered_at, amount and what else the log has.
    alive : DataFrame
        day, probability_alive, low, high: the probability of being active as the model reads it on that day, with the
        interval of its parameters; on a day with an order twice, before and after it. Empty without a model.
    segments : DataFrame
        end (of each month, the last one as_of) and segment, by the cut points of as_of. Empty without them.
    subscriptions : DataFrame
        started_at, ended_at, mrr and what else is known of the stretches.
    answers : DataFrame
        answered_at, kind, score; the score is missing where nothing was answered.
    value : mapping
        expected with expected_low and expected_high, predicted_low and predicted_high, as far as they are known.
    currency : str
        Currency of the amounts; empty if it is not known.
    """

    customer_id: str
    as_of: pd.Timestamp
    orders: pd.DataFrame
    alive: pd.DataFrame
    segments: pd.DataFrame
    subscriptions: pd.DataFrame
    answers: pd.DataFrame
    value: Mapping[str, float] = field(default_factory=dict)
    currency: str = ""

    @cached_property
    def days(self) -> pd.DatetimeIndex:
        """The days with orders."""
        return _days(self.orders)

    @cached_property
    def gaps(self) -> np.ndarray[Any, Any]:
        """Whole days between one day with orders and the next."""
        return np.diff(self.days.to_numpy()).astype("timedelta64[D]").astype(int)

    @cached_property
    def usual_gap(self) -> float:
        """Median of the gaps, in days; NaN for fewer than three."""
        return float(np.median(self.gaps)) if len(self.gaps) >= 3 else float("nan")

    @cached_property
    def silence(self) -> int:
        """Whole days from the last order to as_of."""
        return int((self.as_of - self.days[-1]).days)

    @property
    def longer_gaps(self) -> int:
        """Number of gaps that were longer than the silence."""
        return int((self.gaps > self.silence).sum())

    @property
    def number_of_orders(self) -> int:
        """Number of orders, refunds not counted."""
        return int((self.orders["amount"] >= 0).sum())

    @property
    def revenue(self) -> float:
        """Money so far, refunds taken off."""
        return float(self.orders["amount"].sum())

    @property
    def probability_alive(self) -> float:
        """Probability of being active at as_of; NaN without a model."""
        return float(self.alive["probability_alive"].iloc[-1]) if len(self.alive) else float("nan")


def histories(
    orders: Any,
    ids: Sequence[str],
    *,
    as_of: pd.Timestamp,
    model: Any = None,
    cuts: Any = None,
    segments: Any = None,
    subscriptions: Any = None,
    surveys: Any = None,
    level: float = 0.9,
) -> dict[str, CustomerHistory]:
    """The histories of a few customers, by id; customers who had not bought by then are left out.

    `orders`, `subscriptions` and `surveys` are Ibis tables, each asked once; `model` is a fitted model of purchases,
    `cuts` and `segments` are those of `models.rfm`.
    """
    chosen = list(ids)
    log = _rows(orders, chosen, "ordered_at", as_of)
    log["amount"] = log["amount"].astype("float64")
    bought = {str(id): rows for id, rows in log.groupby("customer_id") if (rows["amount"] >= 0).any()}
    curves = _curves(bought, model, as_of, level) if model is not None else {}
    names = _segments(bought, cuts, segments, as_of) if cuts is not None else {}
    stretches = _by_customer(subscriptions, chosen, "started_at", as_of)
    answers = _by_customer(surveys, chosen, "answered_at", as_of)
    return {
        id: CustomerHistory(
            id,
            as_of,
            bought[id].drop(columns="customer_id").reset_index(drop=True),
            curves.get(id, pd.DataFrame(columns=["day", "probability_alive", "low", "high"])),
            names.get(id, pd.DataFrame(columns=["end", "segment"])),
            stretches.get(id, pd.DataFrame(columns=["started_at", "ended_at", "mrr"])),
            answers.get(id, pd.DataFrame(columns=["answered_at", "kind", "score"])),
        )
        for id in chosen
        if id in bought
    }


def _rows(table: Any, ids: Sequence[str], moment: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """The rows of the customers up to a day, in order of time."""
    after = as_of.to_pydatetime() + dt.timedelta(days=1)
    rows: pd.DataFrame = table.filter(table.customer_id.isin(list(ids)), table[moment] < after).to_pandas()
    return rows.sort_values(moment, kind="stable", ignore_index=True)


def _by_customer(table: Any, ids: Sequence[str], moment: str, as_of: pd.Timestamp) -> dict[str, pd.DataFrame]:
    if table is None or "customer_id" not in table.columns:
        return {}
    rows = _rows(table, ids, moment, as_of)
    return {str(id): own.drop(columns="customer_id").reset_index(drop=True) for id, own in rows.groupby("customer_id")}


def _days(orders: pd.DataFrame) -> pd.DatetimeIndex:
    moments = orders["ordered_at"].to_numpy()[orders["amount"].to_numpy() >= 0]
    return pd.DatetimeIndex(np.unique(moments.astype("datetime64[D]")).astype("datetime64[s]"))


def _curves(
    bought: Mapping[str, pd.DataFrame], model: Any, as_of: pd.Timestamp, level: float
) -> dict[str, pd.DataFrame]:
    """P(active) of all customers at their moments, in one question to the model, with the interval of its draws."""
    moments = _joined([_moments(id, _days(rows), as_of) for id, rows in bought.items()])
    length = UNIT_DAYS[model.unit]
    asked = pd.DataFrame(
        {
            "frequency": moments["frequency"],
            "recency": moments["recency"] / length,
            "T": moments["time"] / length,
        }
    )
    moments["probability_alive"] = model.probability_alive(asked)
    moments["low"], moments["high"] = _ends(model, asked, level)
    columns = ["day", "probability_alive", "low", "high"]
    return {str(id): rows[columns].reset_index(drop=True) for id, rows in moments.groupby("customer_id")}


def _ends(model: Any, asked: pd.DataFrame, level: float) -> Any:
    """The ends of the interval of P(active); NaN where the data do not settle the parameters, as in a first month."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RetentionKitWarning)  # the page of the model says how it draws
            thetas = model.draws(_DRAWS, 0)
    except ConfigError:  # a model from JSON whose covariance has gaps
        return float("nan"), float("nan")
    drawn = np.stack([model.with_parameters(theta).probability_alive(asked) for theta in thetas])
    return np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)


def _moments(id: str, days: pd.DatetimeIndex, as_of: pd.Timestamp) -> dict[str, Any]:
    """Moments of a curve: in even steps, and each day with an order before and after it."""
    at = (days - days[0]).days.to_numpy()
    end = int((as_of - days[0]).days)
    grid = np.unique(np.append(np.arange(0, end, max(1, end // _POINTS)), end))
    time = np.concatenate([grid, at[1:], at[1:]])
    before = np.concatenate([np.zeros(len(grid)), np.ones(len(at) - 1), np.zeros(len(at) - 1)])
    order = np.lexsort((-before, time))
    time, before = time[order], before[order]
    frequency = np.searchsorted(at, time, side="right") - 1
    frequency = np.where((before == 1) & (at[frequency] == time), frequency - 1, frequency)
    new = np.append(True, (np.diff(time) > 0) | (np.diff(frequency) > 0))
    time, frequency = time[new], frequency[new]
    day = days.to_numpy()[0] + time.astype("timedelta64[D]")
    return {"customer_id": [id] * len(time), "time": time, "frequency": frequency, "recency": at[frequency], "day": day}


def _joined(parts: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """One DataFrame of the columns of several customers."""
    return pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})


def _segments(
    bought: Mapping[str, pd.DataFrame], cuts: Any, segments: Any, as_of: pd.Timestamp
) -> dict[str, pd.DataFrame]:
    """The segment of all customers at the end of each month since their first order, in one question to the engine."""
    from retention_kit.models import rfm

    states = _joined([_states(id, rows, as_of) for id, rows in bought.items()])
    scored = rfm.score(states, cuts=cuts)
    named = rfm.segment(scored, rfm.ten_segments if segments is None else segments)
    return {str(id): rows[["end", "segment"]].reset_index(drop=True) for id, rows in named.groupby("customer_id")}


def _states(id: str, rows: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, Any]:
    """Days since the last order, number of orders and revenue at the end of each month."""
    moments, amounts = rows["ordered_at"].to_numpy(), rows["amount"].to_numpy()
    bought = moments[amounts >= 0]
    first, last = bought[0].astype("datetime64[M]"), np.datetime64(as_of, "M")
    ends = np.arange(first + 1, last + 1).astype("datetime64[D]") - 1
    ends = np.append(ends, np.datetime64(as_of, "D"))
    after = (ends + 1).astype(moments.dtype)
    number = np.searchsorted(bought, after)
    return {
        "customer_id": [id] * len(ends),
        "end": ends.astype("datetime64[s]"),
        "days_since_last": (ends - bought[number - 1].astype("datetime64[D]")).astype("int64"),
        "orders": number,
        "revenue": amounts.cumsum()[np.searchsorted(moments, after) - 1].round(4),
    }


def months_of(history: CustomerHistory) -> Iterator[pd.Timestamp]:
    """First days of the months from the first order to as_of."""
    yield from pd.date_range(history.days[0].replace(day=1), history.as_of, freq="MS")
