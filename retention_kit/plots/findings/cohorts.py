"""Findings of figures of cohort tables."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from retention_kit.formats import compact, money, percent
from retention_kit.plots.drawing.labels import period_name
from retention_kit.plots.findings.differences import differ, estimate, shares_differ

_LEAST: Final = 30
"""Customers below which the share of an age is not in a title."""
_COHORTS: Final = 3


def _age(age: float, kind: str) -> str:
    return f"in month {age:.0f}" if kind == "month" else f"at age {age:.0f}"


def retention_heatmap(values: pd.DataFrame, complete: pd.DataFrame, sizes: pd.Series, kind: str) -> str:
    """The share of all complete cohorts together at the first and at the last age."""
    shares: dict[int, float] = {}
    n: dict[int, float] = {}
    for age in (int(age) for age in values.columns if int(age) > 0):
        seen = values.index[complete[age]]
        n[age] = float(sizes[seen].sum())
        if n[age] >= _LEAST:
            shares[age] = float(np.average(values.loc[seen, age], weights=sizes[seen]))
    if len(shares) < 2:
        return ""
    first, last = min(shares), max(shares)
    one, other = (percent(shares[age]) for age in (first, last))
    if not shares_differ(shares[first], n[first], shares[last], n[last]) or one == other:
        return f"Retention is {one} {_age(first, kind)} and, within chance, {other} {_age(last, kind)}"
    verb = "falls" if shares[last] < shares[first] else "rises"
    return f"Retention {verb} from {one} {_age(first, kind)} to {other} {_age(last, kind)}"


def retention_curves(rows: pd.DataFrame, kind: str) -> str:
    """When the share has halved since the first age, by more than chance."""
    if len(rows) < 2:
        return ""
    first = rows.iloc[0]
    for _, row in rows.iloc[1:].iterrows():
        sure = differ(estimate(row, "rate"), estimate(first, "rate"))
        if sure and row["rate"] <= first["rate"] / 2:
            return (
                f"{_age(row['age'], kind).capitalize()} half as many buy as {_age(first['age'], kind)}, or fewer: "
                f"{percent(row['rate'], 1)} against {percent(first['rate'], 1)}"
            )
    last = rows.iloc[-1]
    return (
        f"{percent(first['rate'], 1)} buy {_age(first['age'], kind)}, {percent(last['rate'], 1)} "
        f"{_age(last['age'], kind)}: not yet half as many"
    )


def revenue_layers(layers: pd.DataFrame, incomplete: set[int], starts: pd.Series, kind: str) -> str:
    """What customers won a year or more before brought in the last complete month.

    `layers` has periods by cohorts; `starts` is the first day of each period.
    """
    whole = [i for i in layers.index if i not in incomplete]
    if kind != "month" or not whole:
        return ""
    last = starts[whole[-1]]
    total = float(layers.loc[whole[-1]].sum())
    old = layers.columns[pd.DatetimeIndex(layers.columns) <= last - pd.DateOffset(years=1)]
    brought = float(layers.loc[whole[-1], old].sum())
    if not len(old) or not 0 <= brought <= total or not total > 0:
        return ""
    when = period_name(last, kind, long=True)
    return f"Customers won a year or more before brought {percent(brought / total)} of the revenue of {when}"


def cohort_lines(observed: pd.DataFrame, measure: str, kind: str, currency: str = "") -> str:
    """The lowest and the highest of the cohorts at the last age that half of them have completed."""
    rows = observed[observed["complete"].astype(bool) & (observed["age"] > 0)]
    cohorts = rows.groupby("age")["cohort"].nunique()
    common = cohorts[cohorts >= max(_COHORTS, observed["cohort"].nunique() / 2)]
    if measure != "revenue_per_customer" or kind != "month" or common.empty:
        return ""
    age = int(common.index.max())
    values = rows.loc[rows["age"] == age, measure]
    low, high = (money(float(x), currency) for x in (values.min(), values.max()))
    return f"After month {age} customers have brought {low} to {high} each, by cohort"


SHARES: Final = {
    "Share who have ordered again": "have ordered again",
    "Share still subscribed": "are still subscribed",
}
"""Shares that survival curves draw, as the verbs of sentences about customers; other shares have no finding."""


def survival(groups: dict[str, pd.DataFrame], share: str, label: str) -> str:
    """After how long half of the customers have reached the event; with groups, of the fastest and the slowest."""
    verb, unit = SHARES.get(share, ""), label.split(" ", 1)[0].lower()
    if not verb or unit not in ("days", "months"):
        return ""
    halves = {name: _half(rows) for name, rows in groups.items()}
    known = {name: time for name, time in halves.items() if time is not None}
    if len(groups) == 1:
        (name,) = groups
        return _single(groups[name], known.get(name), verb, unit)
    if not known:
        return ""
    fast, slow = min(known, key=lambda name: known[name]), max(known, key=lambda name: known[name])
    if len(known) < len(groups) or fast == slow:
        return f"Half {verb} after {compact(known[fast])} {unit} ({fast})"
    text = f"Half {verb} after {compact(known[fast])} {unit} ({fast}) to {compact(known[slow])} {unit} ({slow})"
    middle = (known[fast] + known[slow]) / 2
    ends = [groups[name][groups[name]["time"] <= middle].iloc[-1] for name in (fast, slow)]
    pairs = len(groups) * (len(groups) - 1) // 2
    sure = differ(estimate(ends[0], "share"), estimate(ends[1], "share"), pairs)
    return text if sure else f"{text}, within chance"


def _half(rows: pd.DataFrame) -> float | None:
    """The first time at which the curve has crossed one half, while enough customers are watched."""
    rows = rows[rows["at_risk"] >= _LEAST]
    if rows.empty:
        return None
    begins_above = rows["share"].iloc[0] > 0.5
    reached = rows[rows["share"] <= 0.5] if begins_above else rows[rows["share"] >= 0.5]
    return float(reached["time"].iloc[0]) if len(reached) else None


def _single(rows: pd.DataFrame, half: float | None, verb: str, unit: str) -> str:
    if half is not None:
        return f"Half {verb} after {compact(half)} {unit}"
    watched = rows[rows["at_risk"] >= _LEAST]
    if watched.empty:
        return ""
    last = watched.iloc[-1]
    return f"{percent(last['share'])} {verb} after {compact(last['time'])} {unit}"
