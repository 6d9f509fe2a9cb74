"""Findings of figures over time, and of changes from one period to the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd

from retention_kit.formats import count, money, number, percent, signed
from retention_kit.plots.drawing.labels import period_kind, period_name, value
from retention_kit.plots.findings.currency import priced
from retention_kit.plots.findings.differences import counts_differ, differ, estimate

_FEW: Final = 6
"""Periods below which a record means nothing."""
_ROWS: Final = 20
"""Rows below which a distribution is not described."""
_AGAINST: Final = {"last_year": "a year earlier", "previous": "the period before"}


def trend(
    table: pd.DataFrame, label: str, unit: str, *, column: str = "value", written: Callable[[float], str] | None = None
) -> str:
    """How the last complete period compares with the same one a year before, or else with the first."""
    rows = table[table[column].notna() & table.get("complete", pd.Series(True, index=table.index)).astype(bool)]
    if len(rows) < 2:
        return ""
    if {"trend", "trend_p_value"} <= set(rows.columns):
        return _slope(rows, label)
    kind = period_kind(table["period"])
    now, year_before = rows.iloc[-1], rows["period"].iloc[-1] - pd.DateOffset(years=1)
    before = rows[rows["period"] == year_before] if kind in ("month", "quarter") else rows[:0]
    earlier = before.iloc[0] if len(before) else rows.iloc[0]
    if {"low", "high"} <= set(rows.columns):
        sure = differ(estimate(now, column), estimate(earlier, column))
    else:
        sure = counts_differ(float(now[column]), float(earlier[column])) if unit == "count" else None
    if sure is None:
        return ""
    label, currency = priced(label, unit)
    written = written or (lambda x: money(x, currency) if currency else value(x, unit))
    old, new = written(earlier[column]), written(now[column])
    first, last = (period_name(row["period"], kind, long=True) for row in (earlier, now))
    if not sure:
        return f"{label} was {new} in {last}, within chance of {old} in {first}"
    return f"{label} {'rose' if now[column] > earlier[column] else 'fell'} from {old} in {first} to {new} in {last}"


def _slope(rows: pd.DataFrame, label: str) -> str:
    slope, p = rows[["trend", "trend_p_value"]].astype("float64").iloc[-1]
    if pd.isna(p):
        return ""
    if p >= 0.05:
        return f"{label}: no trend from cohort to cohort beyond chance"
    return f"{label}: it {'rises' if slope > 0 else 'falls'} from cohort to cohort, more than chance"


def trends(table: pd.DataFrame, label: str, unit: str) -> str:
    """The highest and the lowest of several lines in the last complete period."""
    rows = table[table["value"].notna() & table.get("complete", pd.Series(True, index=table.index)).astype(bool)]
    last = rows[rows["period"] == rows["period"].max()].sort_values("value")
    if len(last) < 2 or len(last) < table["label"].nunique():
        return ""
    when = period_name(last["period"].iloc[0], period_kind(table["period"]), long=True)
    (low, name), (high, name2) = last[["value", "label"]].iloc[[0, -1]].itertuples(index=False)
    return f"{label} lay between {value(low, unit)} ({name}) and {value(high, unit)} ({name2}) in {when}"


def sparklines(table: pd.DataFrame) -> str:
    """Which numbers are at their highest or lowest in the last period."""
    highest: list[str] = []
    lowest: list[str] = []
    counted = 0
    for label, rows in table.sort_values("period", kind="stable").groupby("label", sort=False):
        known = rows["value"].dropna()
        if len(known) < _FEW or pd.isna(rows["value"].iloc[-1]) or known.nunique() == 1:
            continue
        counted += 1
        before = known.iloc[:-1]
        highest += [str(label)] if known.iloc[-1] > before.max() else []
        lowest += [str(label)] if known.iloc[-1] < before.min() else []
    periods = table["period"].nunique()
    if not counted:
        return ""
    if not highest and not lowest:
        return f"No number is at its highest or lowest of {periods} periods"
    if not lowest:
        return f"At their highest of {periods} periods: {', '.join(highest)}"
    if not highest:
        return f"At their lowest of {periods} periods: {', '.join(lowest)}"
    return f"Highest of {periods} periods: {', '.join(highest)}; lowest: {', '.join(lowest)}"


def customer_movements(row: pd.Series, when: str) -> str:
    """Whether more customers came than were lost."""
    came, lost = float(row["new"]) + float(row["returned"]), float(row["lost"])
    if not came + lost > 0:
        return ""
    if not counts_differ(came, lost):
        return f"About as many customers came ({count(came)}) as were lost ({count(lost)}) in {when}"
    return (
        f"{'More' if came > lost else 'Fewer'} customers came ({count(came)}) than were lost ({count(lost)}) in {when}"
    )


def mrr_movements(changes: list[float], when: str, currency: str) -> str:
    """The change of recurring revenue, with gains and losses."""
    gained, lost = sum(x for x in changes if x > 0), -sum(x for x in changes if x < 0)
    if not gained + lost > 0:
        return ""
    gain, loss, change = (money(x, currency, 0) for x in (gained, lost, abs(gained - lost)))
    verb = f"grew by {change}" if gained > lost else f"shrank by {change}"
    return f"MRR {verb if gain != loss else 'did not change'} in {when}: {gain} gained, {loss} lost"


def causes(rows: pd.DataFrame, names: dict[tuple[str, str], str], currency: str = "") -> str:
    """The change of revenue that is more than chance, a year's first, and its largest sure part of the same sign."""
    totals = rows[(rows["split"] == "total") & (rows["part"] == "revenue")]
    if totals.empty:
        return ""
    for against, since in _AGAINST.items():
        total = totals[(totals["against"] == against) & totals["sure"]]
        if total.empty:
            continue
        change = float(total["change"].iloc[0])
        parts = rows[(rows["against"] == against) & (rows["split"] == "factors") & rows["sure"]]
        parts = parts[parts["change"] * change > 0]
        amount = money(abs(change), currency, 0)
        text = f"Revenue {'rose' if change > 0 else 'fell'} by {amount} against {since}"
        if parts.empty:
            return text
        largest = parts.iloc[int(parts["change"].abs().argmax())]
        return (
            f"{text}; largest part: {names[largest['split'], largest['part']]} ({signed(number(largest['change'], 0))})"
        )
    parts = rows[(rows["split"] == "factors") & rows["sure"]]
    if parts.empty:
        return "No change of revenue is more than chance"
    largest = parts.iloc[int(parts["change"].abs().argmax())]
    name, amount = names[largest["split"], largest["part"]], signed(number(largest["change"], 0))
    return f"Revenue changed within chance against {_AGAINST[largest['against']]}; more than chance: {name} ({amount})"


def revenue_split(table: pd.DataFrame) -> str:
    """What repeat orders brought in the last complete period."""
    rows = table[table["complete"].astype(bool)]
    if rows.empty:
        return ""
    last = rows.iloc[-1]
    repeat, first = float(last["repeat_revenue"]), float(last["first_time_revenue"])
    if repeat < 0 or first < 0 or not repeat + first > 0:
        return ""
    when = period_name(last["period"], period_kind(table["period"]), long=True)
    return f"Repeat orders brought {percent(repeat / (repeat + first))} of the revenue of {when}"


def waterfall(steps: pd.DataFrame, unit: str) -> str:
    """The largest step from the first level to the last."""
    changes = steps[~steps["total"].astype(bool)]
    if len(changes) < 2 or not steps["total"].iloc[0] or not steps["total"].iloc[-1]:
        return ""
    largest = changes.iloc[int(changes["value"].astype("float64").abs().argmax())]
    if not largest["value"]:
        return ""
    start, end, step = (
        value(float(x), unit) for x in (steps["value"].iloc[0], steps["value"].iloc[-1], largest["value"])
    )
    return f"From {start} to {end}: the largest step is {largest['label']} ({signed(step)})"


def decomposition(mix: float, own: float) -> str:
    """The two parts of a change of a rate, in points; they add up."""
    parts = [signed(number(100 * x, 1)) for x in (mix + own, mix, own)]
    return f"Of {parts[0]} points, the mix of groups is {parts[1]} and their own rates are {parts[2]}"


def coverage(table: pd.DataFrame) -> str:
    """How many months have days without data."""
    if period_kind(table["period"]) != "month":
        return ""
    gaps = int((table["days"] < table["days_in_period"]).sum())
    if not gaps:
        return f"All {len(table)} months have data on every day" if len(table) > 1 else ""
    return f"{gaps} of {len(table)} months {'has' if gaps == 1 else 'have'} days without data"


def histogram(table: pd.DataFrame) -> str:
    """Where most rows lie."""
    total, top = table["rows"].sum(), table.iloc[int(table["rows"].argmax())]
    if total < _ROWS:
        return ""
    share = percent(top["rows"] / total)
    if pd.isna(top["upper"]):
        return f"{share} of the amounts are {value(top['lower'], 'money')} or more"
    return f"{share} of the amounts lie between {value(top['lower'], 'money')} and {value(top['upper'], 'money')}"
