"""The forecast of monthly recurring revenue: what is new, what is lost, and what it comes to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from retention_kit.arguments import Arguments
from retention_kit.errors import DataError, caution
from retention_kit.formats import count, count_of_three_digits, counted, percent, three_digits
from retention_kit.models.outlook.own_record import graded, graded_rule, own_record_sentence
from retention_kit.models.outlook.recurring_parts import BEGIN, END, MONTH, MOVEMENTS, SIGNS, Recurring, recurring
from retention_kit.models.totals.track_record import interval_name, summary_of, too_few_held
from retention_kit.summarise import SubscriptionRules, periods

_ORIGINS, _LONGEST = 12, 60
_LEVELS = (0.5, 0.8, 0.9)
_NO_CHANGE, _SAME_CHANGE = "no change", "same change as before"


@dataclass(frozen=True)
class MrrForecast:
    """Monthly recurring revenue at the end of the horizon, by its movements, and what the forecast rests on.

    Attributes
    ----------
    table : DataFrame
        One row per part ("start", "new", "expansion", "reactivation", "contraction", "churn", "end"): expected, low,
        high. Start plus gains less losses is the end; their intervals do not add up.
    months : DataFrame
        One row per month: end (its last day), start, the movements in the month, and mrr (at its end). The last one has
        the table's end.
    path : DataFrame
        One row per month and level (0.5, 0.8, 0.9 and the one asked for): end, expected, level, low, high, of the
        revenue at the end of the month.
    history : DataFrame
        One row per complete month of the books: end, value (revenue at its end).
    past : DataFrame
        Past forecasts of the revenue at month ends that are over: origin, end, expected, low, high, value.
    record : DataFrame
        Past forecasts of the horizon: horizon (in months), origin, end, forecast (a movement, "end", or the naive "no
        change" and "same change as before" for the end), expected, low, high, actual, error (expected / actual - 1),
        inside. The naive ones have no interval.
    summary : DataFrame
        One row per forecast of the record: horizon, forecast, n, held, mean_error, mean_absolute_error.
    horizon : int
        Months.
    as_of : date
        Last day of the last complete month, from which the forecast starts.

    Examples
    --------
    >>> plans = pd.DataFrame({"customer_id": ["ada", "bo"], "subscription_id": ["s1", "s2"], "mrr": [90, 30]})
    >>> plans = plans.assign(started_at=pd.to_datetime(["2024-01-05", "2024-02-10"]), ended_at=pd.NaT)
    >>> print(forecast_mrr(plans, as_of="2024-02-29", months=1).sentence())
    In the month after 2024-02-29 recurring revenue is expected to go from 120 a month to 150 (...
    """

    table: pd.DataFrame
    months: pd.DataFrame = field(repr=False)
    path: pd.DataFrame = field(repr=False)
    history: pd.DataFrame = field(repr=False)
    past: pd.DataFrame = field(repr=False)
    record: pd.DataFrame = field(repr=False)
    summary: pd.DataFrame = field(repr=False)
    horizon: int
    level: float
    as_of: dt.date

    def contradicted(self, forecast: str = END) -> bool:
        """Whether so few past intervals held that they cannot be called by their level.

        Parameters
        ----------
        forecast : str
            "end", or a movement.

        Returns
        -------
        bool
            True where as few would hold by chance with a probability below 5 %.
        """
        return too_few_held(self._past(forecast), self.horizon * MONTH, self.level)

    def sentence(self) -> str:
        """The forecast in plain English.

        Returns
        -------
        str
            Start, movements and end with its interval, and the track record.
        """
        lines: Any = {line["part"]: line for line in self.table.to_dict("records")}
        end, name = lines[END], interval_name(self.level, contradicted=self.contradicted())
        moves = ", ".join(
            f"{'plus' if SIGNS[part] > 0 else 'less'} {count_of_three_digits(lines[part]['expected'])} of {part}"
            for part in MOVEMENTS
        )
        when = "month" if self.horizon == 1 else counted(self.horizon, "month")
        expected, low, high = three_digits(end["expected"], end["low"], end["high"])
        start = count(lines["start"]["expected"])
        text = (
            f"In the {when} after {self.as_of} recurring revenue is expected to go from {start} a month to "
            f"{count(expected)} ({name}: {count(low)} to {count(high)}): {moves}."
        )
        what = f"recurring revenue in {counted(self.horizon, 'month')}"
        return f"{text} {own_record_sentence(self._past(END), self.horizon * MONTH, self.level, what)}{self._nearer()}"

    def _nearer(self) -> str:
        """A naive forecast that was nearer."""
        errors = self.summary.set_index("forecast")["mean_absolute_error"]
        errors = errors.reindex([END, _NO_CHANGE, _SAME_CHANGE]).dropna()
        if errors.empty or not errors.min() < errors.get(END, np.nan):
            return ""
        off = f"{percent(errors.min(), 1)} off on average, the forecast {percent(errors[END], 1)}"
        return f" Alone, '{errors.idxmin()}' was nearer: {off}."

    def _past(self, forecast: str) -> pd.DataFrame:
        return self.record[self.record["forecast"] == forecast]


def forecast_mrr(
    subscriptions: Any,
    *,
    as_of: str | dt.date,
    months: int = 3,
    level: float = 0.9,
    lapse_after: int | None = None,
    rules: SubscriptionRules | None = None,
    rates: pd.DataFrame | None = None,
) -> MrrForecast:
    r"""Monthly recurring revenue some months ahead, by its movements, with intervals by their own past errors.

    Parameters
    ----------
    subscriptions : Dataset, Ibis table or DataFrame
        As for `summarise.periods`.
    as_of : date
        Last day that counts. The forecast starts at the end of the last complete month.
    months : int
        Months ahead, at most 60.
    level : float
        Of the intervals.
    lapse_after, rules, rates
        As for `summarise.periods`. Rates of exchange are expected to stay as they are.

    Returns
    -------
    MrrForecast
        Start, movements and end, month by month too, the record, and `sentence()`. A warning says so where the record
        contradicts the interval of the end.

    Raises
    ------
    ConfigError
        If an argument is not one of those above.
    DataError
        If there are fewer than two complete months with paid subscriptions: all revenue of the first looks new.

    See Also
    --------
    retention_kit.summarise.periods : the movements so far.

    Notes
    -----
    New revenue is an amount per month, expansion, reactivation, contraction and churn are shares of the revenue at the
    start of a month. Each of these rates over the horizon is a combination of "same as last period", "mean of the last
    year", "damped trend" and, from a year of record on, "same season last year", each moved by its shrunk mean error
    and weighted by its record, as the candidates of `forecast_total` are. Revenue follows month by month,
    :math:`R_{t+1} = R_t (1 + r_{exp} + r_{react} - r_{con} - r_{churn}) + r_{new}`, so start, movements and end agree.

    The movements and the end each have an interval by their own past errors: a t interval of the log with variance
    :math:`c^2 + \sigma^2`, where c² is chance and σ² the shrunk mean of e² - c² at past month ends. Without a record σ
    is .30 for a movement, and for the end what follows from its movements if they err independently. How often
    intervals held in simulated businesses is in benchmarks/RESULTS.md.

    Past movements are counted as the books say now; rows that were entered later are in them.

    Examples
    --------
    Two months of books: of 100 at the end of January 10 are lost in February, and 30 are new.

    >>> plans = pd.DataFrame(
    ...     {
    ...         "customer_id": ["ada", "bo", "cy"],
    ...         "subscription_id": ["s1", "s2", "s3"],
    ...         "started_at": pd.to_datetime(["2024-01-05", "2024-01-20", "2024-02-10"]),
    ...         "ended_at": pd.to_datetime([None, "2024-02-20", None]),
    ...         "mrr": [90, 10, 30],
    ...     }
    ... )
    >>> forecast = forecast_mrr(plans, as_of="2024-02-29", months=1)
    >>> forecast.table.set_index("part")["expected"].round(2).to_dict()
    {'start': 120.0, 'new': 30.0, 'expansion': 0.0, 'reactivation': 0.0, 'contraction': 0.0, 'churn': 12.0,
    'end': 138.0}
    """
    with Arguments() as check:
        ahead = check.whole("months", months, least=1, most=_LONGEST)
        level = check.level("level", level)
    books = periods(subscriptions, as_of=as_of, period="month", lapse_after=lapse_after, rules=rules, rates=rates)
    if "mrr_start" not in books.columns:
        raise DataError(
            "This is an order log; a forecast of recurring revenue needs subscriptions (load.subscriptions)."
        )
    books = books[books["complete"]].reset_index(drop=True)
    if len(books) <= BEGIN:
        raise DataError(
            f"The books have {counted(len(books), 'complete month')} until {as_of}, and all revenue of the first looks "
            "new: a forecast of recurring revenue needs two. Choose a later as_of, or load subscriptions that ended "
            "earlier too."
        )
    forecast = _answer(recurring(books, ahead), books, ahead, level)
    if forecast.contradicted():
        caution(f"The record contradicts the interval of the recurring revenue. {forecast.sentence()}")
    return forecast


def _answer(parts: Recurring, books: pd.DataFrame, months: int, level: float) -> MrrForecast:
    ends = pd.DatetimeIndex(books["period"]) + pd.offsets.MonthEnd(0)
    record = _record(parts, ends, months, level)
    past = pd.concat([_dated(graded(parts.quantities[END], END, h * MONTH, level, _ORIGINS), parts, ends, h)
                      for h in range(1, months + 1)], ignore_index=True)  # fmt: skip
    past = past.sort_values(["origin", "end"], ignore_index=True).rename(columns={"actual": "value"})
    return MrrForecast(
        _table(parts, months, level),
        _months(parts, ends[-1], months),
        _path(parts, ends[-1], months, level),
        pd.DataFrame({"end": ends, "value": books["mrr_end"]}),
        past[["origin", "end", "expected", "low", "high", "value"]],
        record,
        summary_of(record),
        months,
        level,
        ends[-1].date(),
    )


def _table(parts: Recurring, months: int, level: float) -> pd.DataFrame:
    start, lines = float(parts.start[-1]), []
    for name, quantity in parts.quantities.items():
        low, high = quantity.ends(-1, months * MONTH, level)
        lines.append((name, quantity.expected[months * MONTH][-1], low, high))
    return pd.DataFrame([("start", start, start, start), *lines], columns=["part", "expected", "low", "high"])


def _months(parts: Recurring, last: pd.Timestamp, months: int) -> pd.DataFrame:
    """What each month adds to the sums of the movements."""
    steps = [h * MONTH for h in range(1, months + 1)]
    sums = {name: [quantity.expected[h][-1] for h in steps] for name, quantity in parts.quantities.items()}
    moved = {name: np.diff(sums[name], prepend=0.0) for name in MOVEMENTS}
    starts = [float(parts.start[-1]), *sums[END][:-1]]
    return pd.DataFrame({"end": _ends(last, months), "start": starts, **moved, "mrr": sums[END]})


def _path(parts: Recurring, last: pd.Timestamp, months: int, level: float) -> pd.DataFrame:
    end, lines = parts.quantities[END], []
    for h, day in enumerate(_ends(last, months), start=1):
        expected = end.expected[h * MONTH][-1]
        lines += [(day, expected, one, *end.ends(-1, h * MONTH, one)) for one in sorted({*_LEVELS, level})]
    return pd.DataFrame(lines, columns=["end", "expected", "level", "low", "high"])


def _record(parts: Recurring, ends: pd.DatetimeIndex, months: int, level: float) -> pd.DataFrame:
    tables = [graded(parts.quantities[name], name, months * MONTH, level, _ORIGINS) for name in (*MOVEMENTS, END)]
    totals = tables[-1]
    at = parts.start[totals["position"].to_numpy(dtype=int)]
    earlier = totals["position"].to_numpy(dtype=int) - months
    before = np.where(earlier >= 0, parts.start[np.maximum(earlier, 0)], np.nan)
    rules = {_NO_CHANGE: at, _SAME_CHANGE: np.maximum(2 * at - before, 0.0)}
    tables += [graded_rule(totals, name, expected) for name, expected in rules.items()]
    table = pd.concat([_dated(table, parts, ends, months) for table in tables if len(table)] or [
        _dated(totals, parts, ends, months)])  # fmt: skip
    columns = ["horizon", "origin", "end", "forecast", "expected", "low", "high", "actual", "error", "inside"]
    return table[columns].reset_index(drop=True)


def _dated(table: pd.DataFrame, parts: Recurring, ends: pd.DatetimeIndex, months: int) -> pd.DataFrame:
    at = parts.months[table["position"].to_numpy(dtype=int)] - 1
    return table.assign(horizon=months, origin=ends[at], end=ends[at + months])


def _ends(last: pd.Timestamp, months: int) -> pd.DatetimeIndex:
    """The last days of the next months."""
    return pd.DatetimeIndex([last + pd.offsets.MonthEnd(h) for h in range(1, months + 1)])
