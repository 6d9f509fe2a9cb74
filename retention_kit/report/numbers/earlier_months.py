"""Numbers of earlier months as the data give them now, compared with the last earlier report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit import summarise
from retention_kit.errors import DataError
from retention_kit.load.dataset import is_saved, rows_in
from retention_kit.report.language import ENGLISH, Language, gettext_noop
from retention_kit.report.numbers import changed_numbers
from retention_kit.summarise.common.calendar_periods import moment_after, period_number
from retention_kit.summarise.common.order_log import purchases

MONTHLY: Final = "months"
"""Name of the table with the numbers of every month so far, which each report stores."""
MONTHLY_TITLE: Final = "Every month so far, as this report knew it"
NAME: Final = "earlier_months"
TITLE: Final = "Numbers of earlier months that differ from what the last report said of them"
_DEFINITION: Final = 1
"""Version of the definitions below; it is raised when one changes, so that reports before that are not compared."""
_KEYS: Final = ["month", "figure"]
_SHOWN: Final = 3
"""Number of changes that the index lists; the page lists all."""
_CENT: Final = 0.005
"""Least difference of sums and means that counts: they are shown with two decimals."""

_FIGURES: Final = {
    "revenue": (gettext_noop("Revenue, refunds taken off"), "money"),
    "orders": (gettext_noop("Orders"), "count"),
    "customers": (gettext_noop("Customers who bought"), "count"),
    "new_customers": (gettext_noop("New customers"), "count"),
    "refunds": (gettext_noop("Refunds"), "money"),
    "mrr_end": (gettext_noop("MRR at the end"), "money"),
    "subscribers": (gettext_noop("Paying customers"), "count"),
    "nps_answers": (gettext_noop("Answers to the NPS question"), "count"),
    "nps_mean": (gettext_noop("Mean answer to the NPS question"), "number"),
    "csat_answers": (gettext_noop("Answers to the CSAT question"), "count"),
    "csat_mean": (gettext_noop("Mean answer to the CSAT question"), "number"),
    "ces_answers": (gettext_noop("Answers to the CES question"), "count"),
    "ces_mean": (gettext_noop("Mean answer to the CES question"), "number"),
    "visitors": (gettext_noop("Visitors"), "count"),
}
"""Label and unit of each number, in the order in which they are listed."""
_STATES: Final = {
    "changed": gettext_noop("%(month)s, %(label)s: %(before)s in the report of %(said)s, %(after)s now."),
    "new": gettext_noop("%(month)s, %(label)s: not known in the report of %(said)s, %(after)s now."),
    "gone": gettext_noop("%(month)s, %(label)s: %(before)s in the report of %(said)s, not in the data now."),
}


@dataclass(frozen=True)
class Row(changed_numbers.Row):
    """One number of an earlier month that differs, formatted for readers."""

    month: str = ""
    sentence: str = ""


@dataclass(frozen=True)
class Compared:
    """The result of the comparison: `table` for the data folder, or a note why there is none."""

    table: pd.DataFrame | None = None
    said: str = ""
    """Month of the report used for the comparison, YYYY-MM."""
    note: str = ""

    def rows(self, language: Language = ENGLISH, currency: str = "") -> list[Row]:
        """The numbers that differ, in the order in which they are listed."""
        records = [] if self.table is None else self.table.to_dict("records")
        return [_row(row, self.said, language, currency) for row in records]

    def sentences(self, language: Language = ENGLISH, currency: str = "") -> list[str]:
        """Sentences for the index: the first numbers that differ, or a note that no comparison is possible."""
        if self.note:
            return [language.gettext(self.note, said=language.month(self.said))]
        return [row.sentence for row in self.rows(language, currency)[:_SHOWN]]


def monthly_figures(as_of: date, folder: Path) -> pd.DataFrame:
    """The basic numbers of every month up to the last day that counts, as the data give them now."""
    after = moment_after(as_of)
    by_source: list[pd.DataFrame] = []
    if is_saved(folder, "orders"):
        by_source += _of_orders(rows_in(folder, "orders").filter(lambda t: t.ordered_at < after))
    if is_saved(folder, "subscriptions"):
        by_source += _of_subscriptions(rows_in(folder, "subscriptions"), as_of)
    if is_saved(folder, "surveys"):
        by_source += _of_surveys(rows_in(folder, "surveys").filter(lambda t: t.answered_at < after))
    if is_saved(folder, "visits"):
        visits = rows_in(folder, "visits")
        visits = visits.filter(visits.day.cast("date") <= ibis.date(as_of.isoformat()))
        number = period_number(visits.day, "month")
        by_source.append(visits.group_by(number=number).agg(visitors=visits.visitors.sum()).to_pandas())
    tables = [table.melt("number", var_name="figure", value_name="value") for table in by_source if len(table)]
    nothing = pd.DataFrame({"number": [], "figure": [], "value": []})
    rows = pd.concat(tables or [nothing], ignore_index=True).dropna(subset=["value"]).astype({"value": "float64"})
    rank = {name: i for i, name in enumerate(_FIGURES)}
    rows = rows.sort_values(["number", "figure"], key=lambda c: c.map(rank) if c.name == "figure" else c)
    months = rows["number"].to_numpy("int64").astype("datetime64[M]").astype("str")
    frame = pd.DataFrame({"month": months, "figure": rows["figure"].to_numpy(), "value": rows["value"].to_numpy()})
    return frame.assign(definition=_DEFINITION)


def _of_orders(log: ir.Table) -> Iterator[pd.DataFrame]:
    rows = log.mutate(number=period_number(log.ordered_at, "month"), is_order=log.amount >= 0)
    paid_back = -rows.is_order.ifelse(ibis.literal(0), rows.amount)
    sums = {
        "revenue": rows.amount.sum().cast("float64"),
        "orders": rows.is_order.sum(),
        "customers": rows.customer_id.nunique(where=rows.is_order),
        "refunds": paid_back.sum().cast("float64"),
    }
    yield rows.group_by("number").agg(**sums).to_pandas()
    bought = purchases(log)
    first = bought.group_by("customer_id").agg(number=period_number(bought.ordered_at, "month").min())
    yield first.group_by("number").agg(new_customers=first.count()).to_pandas()


def _of_subscriptions(subscriptions: ir.Table, as_of: date) -> list[pd.DataFrame]:
    try:
        table = summarise.periods(subscriptions, as_of=as_of)
    except DataError:  # no paid subscription up to that day
        return []
    numbers = table["period"].to_numpy("datetime64[M]").astype("int64")
    return [pd.DataFrame({"number": numbers, "mrr_end": table["mrr_end"], "subscribers": table["end"]})]


def _of_surveys(surveys: ir.Table) -> Iterator[pd.DataFrame]:
    answered = surveys.filter(surveys.score.notnull())
    number = period_number(answered.answered_at, "month")
    counted = answered.group_by("kind", number=number).agg(answers=answered.count(), mean=answered.score.mean())
    for kind, rows in counted.to_pandas().groupby("kind"):
        yield rows.drop(columns="kind").rename(columns={"answers": f"{kind}_answers", "mean": f"{kind}_mean"})


def compare(now: pd.DataFrame, before: pd.DataFrame | None, said: str) -> Compared:
    """The numbers of earlier months that differ from `before`, those in the last report of an earlier month, `said`.

    Notes
    -----
    Counts differ if they are not equal, other numbers if they differ by 0.005 or more.
    """
    if before is None:
        return Compared()
    if set(before["definition"]) != {_DEFINITION}:
        text = gettext_noop(
            "The numbers of earlier months are counted differently since the report of %(said)s: definition changed."
        )
        return Compared(said=said, note=text)
    after = now[now["month"] <= said]
    both = before[before["month"] <= said].merge(after, on=_KEYS, how="outer", suffixes=("_before", "_after"))
    both = both.rename(columns={"value_before": "before", "value_after": "after"})
    changed = both[_differs(both)].copy()
    if changed.empty:
        return Compared(said=said)
    changed["difference"] = changed["after"] - changed["before"]
    changed["relative"] = changed["difference"] / changed["before"].abs().replace(0, np.nan)
    changed["state"] = np.select([changed["before"].isna(), changed["after"].isna()], ["new", "gone"], "changed")
    changed["unit"] = [_FIGURES[name][1] for name in changed["figure"]]
    changed["reported_in"] = said
    rank = {name: i for i, name in enumerate(_FIGURES)}
    changed = changed.sort_values("month", ascending=False, kind="stable")
    changed = changed.sort_values("figure", key=lambda names: names.map(rank), kind="stable")
    columns = [*_KEYS, "unit", "state", "reported_in", "before", "after", "difference", "relative"]
    return Compared(changed[columns].reset_index(drop=True), said)


def _differs(both: pd.DataFrame) -> pd.Series:
    known_once = both["before"].isna() != both["after"].isna()
    counts = both["figure"].map(lambda name: _FIGURES[name][1] == "count" if name in _FIGURES else False)
    tolerance = np.where(counts, 0.0, np.maximum(_CENT, 1e-9 * both["before"].abs()))
    return both["figure"].isin(list(_FIGURES)) & (known_once | ((both["after"] - both["before"]).abs() > tolerance))


def _row(row: Mapping[Any, Any], said: str, language: Language, currency: str) -> Row:
    name, state, unit = row["figure"], row["state"], row["unit"]
    label = language.gettext(_FIGURES[name][0])
    before, after = (changed_numbers.exactly(row[end], unit, language, currency) for end in ("before", "after"))
    names = {"label": label, "month": language.month(row["month"]), "said": language.month(said)}
    sentence = language.gettext(_STATES[state], before=before, after=after, **names)
    difference, relative = (
        language.numerals(changed_numbers.signed(x, end))
        for x, end in ((row["difference"], ""), (100 * row["relative"], "\u00a0%"))
    )
    keys = {"month": row["month"], **changed_numbers.sort_keys(row)}
    return Row("", label, state, before, after, difference, relative, keys, names["month"], sentence)
