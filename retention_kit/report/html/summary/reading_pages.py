"""Read lists of customers, the forecast and the cohorts from the tables of the pages that made them."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from retention_kit.report.actions.customer_lists import QUIET
from retention_kit.report.html.summary.facts import Cell, Cohort, Customer, CustomerList, Outlook, Returning, Step
from retention_kit.report.language import gettext_noop
from retention_kit.report.numbers.month_result import PartResult

if TYPE_CHECKING:
    from retention_kit.report.html.summary.reading import Pages

COHORTS: Final = 12
TOP: Final = 5
_TITLES: Final = {
    "at_risk": gettext_noop("Going quiet"),
    "win_back": gettext_noop("Probably gone"),
    "due_to_reorder": gettext_noop("Due to reorder"),
    "champions": gettext_noop("Champions"),
}
_AT_STAKE: Final = ("at_risk", "at_risk_low", "at_risk_high")
_SHOWN_LEVEL, _HALF = 0.9, 0.5


# --- lists


def lists(part: PartResult, pages: Pages) -> tuple[CustomerList, ...]:
    """The action lists of the month; where none is configured, quiet customers by segment."""
    made = tuple(_of_actions(item) for item in part.lists if not item.reason)
    return made if part.lists else _of_segments(pages)


def _of_actions(item: Any) -> CustomerList:
    both = [table for table in (item.to_act_on, item.to_leave_alone) if table is not None]
    table = (
        pd.concat(both) if both else pd.DataFrame(columns=["customer_id", "reason", "expected_value", "low", "high"])
    )
    sums = {name: float(table[name].astype("float64").sum(min_count=1)) for name in ("expected_value", "low", "high")}
    best = table.sort_values("expected_value", ascending=False).head(TOP).to_dict("records")
    return CustomerList(
        item.name, _TITLES[item.name], len(table), sums["expected_value"], sums["low"], sums["high"],
        write_to=item.act, control=item.held_out, href=item.name,
        top=tuple(Customer(str(row["customer_id"]), str(row["reason"]), float(row["expected_value"])) for row in best),
    )  # fmt: skip


def _of_segments(pages: Pages) -> tuple[CustomerList, ...]:
    stake = pages.table("rfm", "stake")
    if stake is None or "segment" not in stake.columns:
        return ()
    made = []
    for name, segments in QUIET.items():
        rows = stake[stake["segment"].isin(segments)]
        customers = int(rows["quiet"].sum())
        if customers:
            value, low, high = (float(rows.loc[rows["quiet"] > 0, column].sum(skipna=False)) for column in _AT_STAKE)
            made.append(CustomerList(name, _TITLES[name], customers, value, low, high, of_segments=True))
    return tuple(made)


# --- forecast


def outlook(pages: Pages) -> Outlook | None:
    """Revenue of the whole shop in the next quarter; recurring revenue where there is no shop to forecast."""
    return _of_shop(pages) or _of_mrr(pages)


def _of_shop(pages: Pages) -> Outlook | None:
    shop = pages.table("forecast", "shop")
    money = shop[shop["what"] == "Revenue"].set_index("part") if shop is not None else None
    if money is None or "whole shop" not in money.index:
        return None
    whole = money.loc["whole shop"]
    fan = _fan(pages, "forecast", "revenue")
    path = fan["path"]
    return Outlook(
        kind="revenue",
        days=int(_number(whole, "days")) if "days" in money.columns else 91,
        end=path[-1].end if path else date.max,
        expected=_number(whole, "expected"),
        low=_number(whole, "low"),
        high=_number(whole, "high"),
        known=_number(money.loc["known customers"], "expected"),
        new=_number(money.loc["new customers"], "expected"),
        past=int(_number(whole, "past") if not math.isnan(_number(whole, "past")) else 0),
        held=round(_number(whole, "held") * _number(whole, "past")) if _number(whole, "past") > 0 else 0,
        error=_number(whole, "mean_error"),
        history=fan["history"],
        path=path,
        earlier=fan["earlier"],
    )


def _of_mrr(pages: Pages) -> Outlook | None:
    fan = _fan(pages, "subscriptions", "")
    path = fan["path"]
    if not path:
        return None
    last = path[-1]
    over = [step for steps in fan["earlier"] for step in steps[-1:]]
    actual = dict(fan["history"])
    held = [step.low <= actual[step.end] <= step.high for step in over if step.end in actual]
    days = (last.end - fan["history"][-1][0]).days if fan["history"] else 91
    return Outlook(
        "mrr", days, last.end, last.expected, last.low, last.high, past=len(held), held=sum(held),
        history=fan["history"], path=path, earlier=fan["earlier"],
    )  # fmt: skip


def _fan(pages: Pages, page: str, measure: str) -> dict[str, Any]:
    """The tables behind the figure of the forecast: what happened, what is expected, what was."""
    tables = {
        name: _of_measure(pages, page, id, measure)
        for name, id in (("history", "fan"), ("path", "fan_path"), ("earlier", "fan_past"))
    }
    history, path, earlier = tables["history"], tables["path"], tables["earlier"]
    steps = () if path is None else tuple(_step(end, rows) for end, rows in path.groupby("end"))
    past = (
        ()
        if earlier is None
        else tuple(tuple(map(_past_step, rows.to_dict("records"))) for _, rows in earlier.groupby("origin"))
    )
    return {
        "history": ()
        if history is None
        else tuple((_day(end), float(x)) for end, x in zip(history["end"], history["value"], strict=True)),
        "path": steps,
        "earlier": past,
    }


def _of_measure(pages: Pages, page: str, id: str, measure: str) -> pd.DataFrame | None:
    for table in pages.tables(page, id):
        if not measure or ("measure" in table.columns and (table["measure"] == measure).all()):
            return table
    return None


def _step(end: Any, rows: pd.DataFrame) -> Step:
    by_level = {row["level"]: row for row in rows.to_dict("records")}
    wide, half = by_level[_SHOWN_LEVEL], by_level.get(_HALF, {})
    expected, low, high = (_number(wide, name) for name in ("expected", "low", "high"))
    return Step(_day(end), expected, low, high, _number(half, "low"), _number(half, "high"))


def _past_step(row: dict[Any, Any]) -> Step:
    return Step(_day(row["end"]), float(row["expected"]), float(row["low"]), float(row["high"]))


def _day(moment: Any) -> date:
    return pd.Timestamp(moment).date()


def _number(row: Any, name: str) -> float:
    x = row.get(name)
    return math.nan if x is None or pd.isna(x) else float(x)


# --- cohorts


def returning(pages: Pages) -> Returning | None:
    """The cohorts of the last year, if they are monthly and one of them has a month that is over."""
    cells, pooled = pages.table("cohorts", "retention_heatmap"), pages.table("cohorts", "retention_curves")
    if cells is None or pooled is None or not (cells["cohort"].dt.day == 1).all() or not _is_monthly(cells["cohort"]):
        return None
    shown = cells[(cells["age"].between(1, COHORTS)) & cells["complete"].astype(bool) & cells["active"].notna()]
    months = sorted(shown["cohort"].unique())[-COHORTS:]
    cohorts = tuple(_cohort(shown[shown["cohort"] == start]) for start in months)
    whole = pooled[pooled["age"].between(1, COHORTS)].set_index("age")
    if not cohorts or 1 not in whole.index:
        return None
    row = tuple(
        Cell(
            int(age), _number(line, "rate"), _number(line, "active"), _number(line, "low"), _number(line, "high"), money
        )
        for age, line, money in zip(whole.index, whole.to_dict("records"), _money(pages, whole.index), strict=True)
    )
    last = next(cohort.month for cohort in reversed(cohorts) if cohort.cells[0].age == 1)
    first = str(pd.Period(last, "M") - (_whole(whole, "cohorts") - 1))
    return Returning(cohorts, Cohort("", _whole(whole, "size"), row), first, last, *_trend(pages))


def _whole(ages: pd.DataFrame, column: str) -> int:
    """A number of customers or cohorts one month after the first order."""
    return int(ages[column].to_dict()[1])


def _money(pages: Pages, ages: pd.Index) -> list[float]:
    """Revenue per customer won at some ages, all cohorts together, where the page shows it."""
    table = pages.table("cohorts", "pooled")
    shown = {} if table is None else dict(zip(table["age"], table["revenue_per_customer"], strict=True))
    return [float(shown.get(age, math.nan)) for age in ages]


def _trend(pages: Pages) -> tuple[float, float]:
    """The trend of the first month over the cohorts, and its p-value."""
    table = pages.table("cohorts", "trend")
    if table is None or table.empty:
        return math.nan, math.nan
    line = table.iloc[-1]
    return _number(line, "trend"), _number(line, "trend_p_value")


def _is_monthly(starts: pd.Series) -> bool:
    return starts.nunique() < 2 or bool(starts.drop_duplicates().sort_values().diff().dt.days.min() <= 31)


def _cohort(rows: pd.DataFrame) -> Cohort:
    cells = tuple(
        Cell(
            int(row["age"]), _number(row, "rate"), _number(row, "active"), _number(row, "low"), _number(row, "high"),
            _number(row, "revenue_per_customer"), _number(row, "cumulative_revenue") / max(_number(row, "size"), 1),
        )
        for row in rows.to_dict("records")
    )  # fmt: skip
    return Cohort(f"{rows['cohort'].iloc[0]:%Y-%m}", int(rows["size"].iloc[0]), cells)
