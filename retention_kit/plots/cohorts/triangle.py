"""A cohort table on a page: one row per cohort with its size, one column per age, and a switch between measures.

The switch is a group of radio buttons that the style sheet reads, so it works without a script.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from retention_kit.formats import compact, count, counted, percent
from retention_kit.plots.drawing import colours, marks
from retention_kit.plots.drawing.labels import period_kind, period_name
from retention_kit.plots.drawing.shapes import element
from retention_kit.summarise.common.wilson import wilson

_RADIO: Final = {"type": "radio", "name": "measure"}
_MONEY: Final = ("revenue", "revenue_per_customer")


@dataclass(frozen=True)
class Measure:
    """One reading of the cells: its name on the switch, a table of cohorts by ages, a pooled row, and how to write."""

    name: str
    cells: pd.DataFrame
    pooled: pd.Series
    written: Callable[[float], str]


def triangle(
    cohorts: pd.DataFrame,
    *,
    measure: str,
    unit: str,
    label: str,
    since: str,
    title: str,
    description: str,
    subject: str = "",
) -> str:
    """The table as HTML, from the table of `retention_heatmap` and with the same meaning of its arguments; below the
    title its subject, unless they are the same."""
    table = cohorts[cohorts["age"] > 0] if measure == "rate" else cohorts
    readings = _readings(table, measure, unit, label)
    kind = period_kind(table["cohort"]) if pd.api.types.is_datetime64_any_dtype(table["cohort"]) else "period"
    sizes = table.drop_duplicates("cohort").set_index("cohort")["size"]
    ages = readings[0].cells.columns
    texts = _texts(table, measure, unit, kind, since)
    complete = table.pivot(index="cohort", columns="age", values="complete").fillna(False).astype(bool)
    rows = [
        _row(
            [period_name(cohort, kind), count(sizes[cohort])],
            [[float(reading.cells[age][cohort]) for reading in readings] for age in ages],
            readings,
            [texts.get((cohort, age), "") for age in ages],
            complete.loc[cohort].tolist(),
        )
        for cohort in readings[0].cells.index
    ]
    pooled = [[reading.pooled.get(age, np.nan) for reading in readings] for age in ages]
    everybody = _pooled_texts(table, measure, unit, kind, [values[0] for values in pooled])
    last = _row(["All", count(sizes.sum())], pooled, readings, everybody, [True] * len(ages))
    head = "".join(element("th", {"scope": "col"}, str(age)) for age in ages)
    names = f'<th scope="col">Cohort</th><th scope="col">n</th>{head}'
    body = f"<thead><tr>{names}</tr></thead><tbody>{''.join(rows)}</tbody><tfoot>{last}</tfoot>"
    look = {"class": "figure table", "role": "group", "tabindex": "0", "aria-label": description}
    what = f"{label}, by {kind}s after the {since}" if len(readings) == 1 else f"{kind.capitalize()}s after the {since}"
    above = f"<span>{html.escape(subject)}</span> · " if subject and subject != title else ""
    caption = f"<figcaption><b>{html.escape(title)}</b>{above}{html.escape(what)}</figcaption>"
    return f"{caption}{_switch(readings)}{element('div', look, element('table', {'class': 'triangle'}, body))}"


def _pooled_texts(table: pd.DataFrame, measure: str, unit: str, kind: str, values: list[float]) -> list[str]:
    """What the cells of the last row say: the value of all complete cohorts together, its interval and size."""
    complete = table[table["complete"].astype(bool) & table[measure].notna()]
    ages = sorted(table["age"].unique())
    size = complete.groupby("age")["size"].sum().reindex(ages).fillna(0)
    ends = [""] * len(ages)
    if measure == "rate" and "active" in table.columns:
        active = complete.groupby("age")["active"].sum().reindex(ages).fillna(0)
        low, high = wilson(active.astype("float64"), size.astype("float64"))
        ends = marks.intervals(low, high, percent)
    exact = (lambda x: percent(x, 1)) if unit == "rate" else compact
    return [
        "" if pd.isna(value) else marks.lines(exact(value), f"all cohorts, {kind} {age}", interval, f"n {count(n)}")
        for value, age, interval, n in zip(values, ages, ends, size, strict=True)
    ]


def _readings(table: pd.DataFrame, measure: str, unit: str, label: str) -> list[Measure]:
    """The measure itself, and for shares of customers their number and the money per customer of the cohort."""
    complete = table[table["complete"].astype(bool) & table[measure].notna()]
    by_age = complete.groupby("age")
    written = (lambda x: f"{100 * x:.0f}") if unit == "rate" else compact
    if measure != "rate" or not {"active", *_MONEY} <= set(table.columns):
        means = by_age[[measure, "size"]].apply(lambda part: np.average(part[measure], weights=part["size"]))
        return [Measure(label, _cells(table, table[measure]), means, written)]
    size, money = by_age["size"].sum(), table["revenue"] / table["size"]
    so_far = by_age.apply(lambda part: np.average(part["revenue_per_customer"], weights=part["size"]))
    return [
        Measure("Share, %", _cells(table, table["rate"]), by_age["active"].sum() / size, written),
        Measure("Customers", _cells(table, table["active"]), by_age["active"].sum(), compact),
        Measure("Money per customer", _cells(table, money), by_age["revenue"].sum() / size, compact),
        Measure("Money so far", _cells(table, table["revenue_per_customer"]), so_far, compact),
    ]


def _cells(table: pd.DataFrame, values: pd.Series) -> pd.DataFrame:
    return table.assign(cell=values).pivot(index="cohort", columns="age", values="cell")


def _row(
    names: list[str], cells: list[list[float]], readings: list[Measure], texts: list[str], complete: list[bool]
) -> str:
    tops = [float(np.nanmax(reading.cells.to_numpy(dtype="float64"), initial=0.0)) or 1.0 for reading in readings]
    written = []
    for values, text, whole in zip(cells, texts, complete, strict=True):
        if pd.isna(values[0]):
            written.append("<td></td>")
            continue
        spans = [
            element("span", {"class": f"b{colours.step(value / top)}" if whole else "open"}, reading.written(value))
            if pd.notna(value)
            else "<span></span>"
            for value, top, reading in zip(values, tops, readings, strict=True)
        ]
        written.append(element("td", {"title": text}, "".join(spans)))
    head = f'<th scope="row">{html.escape(names[0])}</th><td>{html.escape(names[1])}</td>'
    return f"<tr>{head}{''.join(written)}</tr>"


def _switch(readings: list[Measure]) -> str:
    if len(readings) == 1:
        return ""
    buttons = "".join(
        element(
            "label", {}, element("input", _RADIO | {"class": f"m{i}", "checked": "checked" if i == 1 else ""})
        ).replace("</label>", f"<span>{html.escape(reading.name)}</span></label>")
        for i, reading in enumerate(readings, start=1)
    )
    return f'<fieldset class="switch"><legend>Show</legend>{buttons}</fieldset>'


def _texts(table: pd.DataFrame, measure: str, unit: str, kind: str, since: str) -> dict[tuple[Any, Any], str]:
    """What each cell says: the value with numerator and size, the cohort and age, its interval, and the money."""
    exact = (lambda x: percent(x, 1)) if unit == "rate" else compact
    shares = measure == "rate" and "active" in table.columns
    intervals = [""] * len(table)
    if shares and {"low", "high"} <= set(table.columns):
        intervals = marks.intervals(table["low"], table["high"], percent)
    texts: dict[tuple[Any, Any], str] = {}
    for row, interval in zip(table.to_dict("records"), intervals, strict=True):
        if pd.isna(row[measure]):
            continue
        of = f": {count(row['active'])} of {count(row['size'])}" if shares else f", n {count(row['size'])}"
        place = f"{since} in {period_name(row['cohort'], kind, long=True)}, {counted(row['age'], kind)} later"
        money = ""
        if shares and set(_MONEY) <= set(table.columns) and pd.notna(row["revenue"]):
            so_far = compact(row["revenue_per_customer"])
            money = f"{compact(row['revenue'] / row['size'])} per customer, {so_far} so far"
        state = "" if row["complete"] else "not complete yet"
        texts[row["cohort"], row["age"]] = marks.lines(f"{exact(row[measure])}{of}", place, interval, money, state)
    return texts
