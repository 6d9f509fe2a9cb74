"""Which figures of a scorecard may be compared with an earlier period, and how far a change can be chance."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from retention_kit import summarise
from retention_kit.metrics.changes.change_errors import YEAR, Earlier, linear_error, ratio_weights, share_error
from retention_kit.metrics.changes.comparison_notes import NOTES
from retention_kit.metrics.changes.same_days import last_day, reaches_back
from retention_kit.metrics.changes.windows import Windows
from retention_kit.metrics.common.ratios import ratio
from retention_kit.metrics.customers.scorecard_figures import AGE, FIGURES, SO_FAR, SUMS
from retention_kit.summarise.by_period.customer_windows import same_days
from retention_kit.summarise.by_period.log_coverage import Coverage, coverage, period_days, returned_after_silence
from retention_kit.summarise.common.calendar_periods import as_day, ends_period, number_of
from retention_kit.summarise.common.order_log import Orders

_MOVEMENTS: Final = ("retention_rate", "churn_rate", "customer_growth_rate")
_LEVELS: Final = ("average_order_value", "active_customers", "repeat_rate_at_age")
"""Figures that do not grow with the length of their period."""
_COUNTED: Final = (*SUMS, "average_order_value", "purchase_frequency", "arpu")
"""Figures of what customers did within some days, which may be fewer than those of a period."""


def unobservable(name: str, table: pd.DataFrame) -> pd.Series:
    """Periods in which a figure is not observable, because nobody can have lapsed yet."""
    return ~table["observable"] if name in _MOVEMENTS else pd.Series(False, index=table.index)


def compared(
    orders: Orders,
    table: pd.DataFrame,
    values: Mapping[str, pd.Series],
    *,
    as_of: str | dt.date,
    period: str,
    backs: Sequence[int],
) -> list[dict[str, Earlier]]:
    """The value of each figure in some earlier periods, with its error and the reason if it cannot be compared.

    `table` is the period table with ever, reached and repeated, `values` each figure by period, and `backs` how many
    periods ago the earlier ones were; the result has one mapping from name to `Earlier` for each of them. Errors assume
    that customers are independent of each other but not their own periods (`summarise.customer_products`); those of
    shares of different people come from the Wilson intervals of both.
    """
    day, known = as_day(as_of), [back for back in backs if back < len(table)]
    covered = coverage(orders, day)
    pairs = _pairs(orders, table, day, period, known, covered)

    def earlier(back: int, name: str, series: pd.Series) -> Earlier:
        return pairs[back].earlier(name, float(series.iloc[-1 - back])) if back in pairs else Earlier()

    return [{name: earlier(back, name, series) for name, series in values.items()} for back in backs]


@dataclass(frozen=True)
class _Pair:
    """The last period and the same days of an earlier one."""

    table: pd.DataFrame
    back: int
    starts: tuple[dt.date, dt.date]
    """First days of the earlier and of the last period."""
    calendar: float
    """Orders to be expected from the days of the last period, over those of the earlier one."""
    cut: str
    """Why one of the two periods is incomplete; empty if both are complete."""
    partial: bool
    """Whether the last period is not over, or the log ends within it."""
    returned: int
    """Customers who would be new, if the log began as long before the last period as it does before the earlier one."""
    windows: Windows
    season: Mapping[int, float]
    """Orders to be expected from the days of the periods that make up this step and that of a year ago."""

    def earlier(self, name: str, value: float) -> Earlier:
        """One figure of the earlier period, or the reason why it cannot be compared."""
        if note := self._reason(name):
            return Earlier(note=NOTES[note])
        note = NOTES["same days"] if self.partial and name in _COUNTED else ""
        if note:
            value = float(FIGURES[name].values(pd.DataFrame([self._row(self.back)])).iloc[0])
        linear = name in _COUNTED and name != "new_customers"
        freedom = self.windows.customers(self.back) - 1.0 if linear else math.inf
        step = (math.nan, math.nan)
        if self.back == 1 and name in SUMS:
            step = self.windows.step_a_year_ago(name, max(self.season, default=0) - 1, self.season)
        return Earlier(value, self._error(name), self._expected(name, value), note, freedom, *step)

    def _reason(self, name: str) -> str:
        if name in SO_FAR:
            return "so far"
        if self.cut and name not in _LEVELS:
            return self.cut
        if self.partial and name in _MOVEMENTS:
            return "cut"
        if name in _MOVEMENTS:
            return "" if self._row(self.back)["observable"] else "unseen before"
        if name == "active_customers":
            return "" if self._row(self.back - 1)["observable"] else "unseen before"
        if name == "repeat_rate_at_age":
            seen = self.table.loc[self.table["observable"], "period"]
            first_orders = pd.Timestamp(self.starts[0]) - pd.Timedelta(days=AGE)
            return "" if len(seen) and first_orders >= seen.iloc[0] else "first customers"
        if name == "new_customers":
            has_history = self._row(self.back)["observable"] and reaches_back(_new(self._row(0)), self.returned)
            return "" if has_history else "first customers"
        return ""

    def _row(self, back: int) -> pd.Series:
        row = self.table.iloc[-1 - back]
        if not (self.partial and back == self.back):
            return row
        sums = self.windows.sums(back)
        same = {"revenue": sums["revenue"], "orders": sums["orders"], "customers": sums["customers"]}
        return pd.Series({**row, **same, "new": sums["new_customers"], "joined_and_left": 0.0})

    def _expected(self, name: str, value: float) -> float:
        """The earlier value at the length and the weekdays of the last period."""
        r, row = self.calendar, self._row(self.back)
        if name in ("revenue", "customers", "orders", "new_customers", "churn_rate", "customer_growth_rate"):
            return value * r
        if name == "retention_rate":
            return 1 - (1 - value) * r
        if name in ("purchase_frequency", "arpu"):
            often = ratio(float(row["orders"]), float(row["customers"]))
            return value * (1 + (often - 1) * r) / often
        return value

    def _error(self, name: str) -> float:
        """Standard error of the change."""
        now, before = self._row(0), self._row(self.back)
        if name in ("retention_rate", "churn_rate"):
            return share_error([(now["lost"], now["start"]), (before["lost"], before["start"])])
        if name == "repeat_rate_at_age":
            return share_error([(now["repeated"], now["reached"]), (before["repeated"], before["reached"])])
        if name == "new_customers":
            return math.sqrt(_new(now) + _new(before))
        if name == "customer_growth_rate":
            return math.hypot(*(ratio(math.sqrt(_moved(row)), row["start"]) for row in (now, before)))
        if name == "active_customers":
            moved = _moved(self.table.iloc[-self.back :].sum(numeric_only=True))
            return math.sqrt(min(moved, now["end"] + before["end"]))
        return linear_error(self.windows.products, self._weights(name))

    def _weights(self, name: str) -> dict[tuple[int, str], float]:
        """Weights of what each customer did in the change of a sum, or of a ratio of sums (its gradient)."""
        if name in ("revenue", "orders", "customers"):
            return {(0, name): 1.0, (self.back, name): -1.0}
        top, bottom = {
            "average_order_value": ("revenue", "orders"),
            "purchase_frequency": ("orders", "customers"),
            "arpu": ("revenue", "customers"),
        }[name]
        rows = {back: self._row(back) for back in (0, self.back)}
        return ratio_weights({top: 1.0}, {bottom: 1.0}, rows)


def _pairs(
    orders: Orders, table: pd.DataFrame, day: dt.date, period: str, backs: Sequence[int], covered: Coverage
) -> dict[int, _Pair]:
    """The last period with each of the earlier ones; the log is queried once for all."""
    if not backs:
        return {}
    counted = last_day(covered, day, period)
    last = counted or day
    windows = same_days(last, period, backs)
    now, partial = windows.pop(0), not ends_period(last, period)
    before = {back: period_days(number_of(day, period) - back, period) for back in backs}
    silences = [(start - covered.first).days for start, _ in before.values()]
    returned = returned_after_silence(orders, last, period, silences)
    asked = {*backs, YEAR[period] + 1} if YEAR[period] + 1 < len(table) else set(backs)
    rows = summarise.customer_windows(orders, as_of=last, period=period, back=sorted(asked))
    covered = replace(covered, until=last)
    known = same_days(last, period, sorted(asked))

    def cut(back: int) -> str:
        w = known[back]
        begins = covered.starts_within(w.first, w.days, covered.orders_in(w.first, w.days))
        return "cut" if counted is None else "cut before" if begins else ""

    are_whole = len(known) == 4 and not any(cut(back) for back in asked)
    season = {k: covered.expected(w.first, w.days) for k, w in known.items()} if are_whole else {}
    return {
        back: _Pair(
            table,
            back,
            (windows[back].first, now.first),
            covered.expected(now.first, now.days) / covered.expected(windows[back].first, windows[back].days),
            cut(back),
            partial,
            again,
            Windows(rows),
            season,
        )
        for back, again in zip(backs, returned, strict=True)
    }


def _new(row: pd.Series) -> float:
    return float(row["new"] + row["joined_and_left"])


def _moved(row: pd.Series) -> float:
    """Customers who became active or stopped being so."""
    return float(row["new"] + row["returned"] + row["lost"])
