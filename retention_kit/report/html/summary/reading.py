"""Read the facts of a month from what was computed for it: numbers, tables embedded in its pages, lists and targets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal

import pandas as pd

from retention_kit.embedded_tables import MOST_CUSTOMERS, of_notebook, unpacked
from retention_kit.load.dataset import Source
from retention_kit.report.html.summary import reading_pages
from retention_kit.report.html.summary.facts import (
    AGAINST,
    Against,
    Cause,
    Causes,
    Change,
    Facts,
    Number,
    Point,
    Restated,
    Target,
    Trust,
    WhatIf,
)
from retention_kit.report.html.summary.sentences import Sentence, Value, count, sentence
from retention_kit.report.language import Language, gettext_noop
from retention_kit.report.numbers import changed_numbers
from retention_kit.report.numbers.measures import Measure
from retention_kit.report.numbers.month_result import PartResult
from retention_kit.report.numbers.targets import Measured
from retention_kit.report.numbers.verdicts import Verdicts
from retention_kit.report.settings.months import last_day

TILES: Final = {
    "revenue": (
        ("revenue",),
        gettext_noop("Revenue"),
        gettext_noop("Amounts of all orders of the month, less refunds."),
    ),
    "customers": (
        ("customers",),
        gettext_noop("Customers who bought"),
        gettext_noop("Customers with at least one order in the month."),
    ),
    "new_customers": (
        ("new_customers",),
        gettext_noop("New customers"),
        gettext_noop("Customers whose first order fell in the month."),
    ),
    "repeat_within_90": (
        ("repeat_within_90", "repeat_rate_at_age"),
        gettext_noop("Bought again within 90 days"),
        gettext_noop("First orders whose 90th day fell in the month: the share followed by another order by then."),
    ),
    "mrr": (
        ("mrr", "subscriptions_mrr_end"),
        gettext_noop("Recurring revenue a month"),
        gettext_noop("What subscriptions bring in a month, at the end of the month."),
    ),
    "nps": (
        ("nps",),
        gettext_noop("Would recommend us (NPS)"),
        gettext_noop("Share of promoters (9 or 10) less share of detractors (0 to 6), times 100."),
    ),
}
"""The tiles: names of the number, the first that is known counts; its label; how it is computed."""
MOST_TILES: Final = 6
_STATES: Final[dict[str, Literal["met", "not met", "undecided", "month not over"]]] = {
    "met": "met",
    "not met": "not met",
    "undecided": "undecided",
    "month not over": "month not over",
}
_OTHERS: Final = ("purchase_frequency", "average_order_value")
_OVERDUE: Final = "overdue_customers"
LEAST_AGE: Final = 6
"""Months of data from which on a forecast is shown on the first page."""
_SIMULATED: Final = {
    "every answer is simulated": gettext_noop("The survey answers are simulated."),
    "every row is simulated": gettext_noop("The data are those of a simulated shop."),
}
"""What is said of samples that are not real, by their assumption."""
_RETURNS: Final = "early_returns_worth"
_NEWCOMERS: Final = "new_customers_year"
_NEW_CUSTOMER: Final = "new_customer_cost"
_BY_GROUP: Final = "break_even"
_EARLIER: Final = {name: name for name in TILES} | {"mrr_end": "mrr", "nps_mean": "nps"}
"""Tiles by the number of earlier months that their history shows."""
_NOT_OVER: Final = gettext_noop("Not compared with whole months, as this one is not over.")
_LEFT_OUT: Final = gettext_noop("%(page)s: %(reason)s.")
_FAILED: Final = gettext_noop("%(page)s: its page could not be made.")
_UNLISTED: Final = gettext_noop("Lists of all %(n)s customers: they are made for at most %(most)s.")
_NO_ACTION: Final = gettext_noop("%(list)s: %(reason)s.")


@dataclass(frozen=True)
class Pages:
    """The finished pages of a part, with the tables that they embed."""

    part: PartResult

    @cached_property
    def _embedded(self) -> dict[str, list[dict[str, Any]]]:
        return {page.notebook.name: list(of_notebook(page.node)) for page in self.part.finished}

    def tables(self, page: str, id: str) -> list[pd.DataFrame]:
        """The tables with an id on a page, by the page's name without its number."""
        named = [tables for name, tables in self._embedded.items() if name.lstrip("0123456789_") == page]
        return [unpacked(table).to_pandas() for tables in named for table in tables if table["id"] == id]

    def table(self, page: str, id: str) -> pd.DataFrame | None:
        """The first of them; None without any."""
        return next(iter(self.tables(page, id)), None)

    def everywhere(self, id: str) -> list[pd.DataFrame]:
        """The tables with an id on any page."""
        return [
            unpacked(table).to_pandas() for tables in self._embedded.values() for table in tables if table["id"] == id
        ]


def facts(
    part: PartResult, month: str, *, title: str, currency: str | None, language: Language, horizon: int = 12
) -> Facts:
    """The facts of a month for all customers or for a segment."""
    pages = Pages(part)
    causes = _causes(pages, month, part.verdicts)
    numbers = _numbers(part, pages)
    if part.part.data.is_cut(month):
        numbers = {name: _of_cut_month(number, month) for name, number in numbers.items()}
    age = _age(part, month)
    lists = reading_pages.lists(part, pages) if age > 1 else ()
    outlook = reading_pages.outlook(pages) if age >= LEAST_AGE else None
    returning = reading_pages.returning(pages)
    measures = {number.name: number for number in part.measures}
    segment = part.part.plan.segment
    days = next((item.days for item in causes.values() if item.days is not None), None) or _days(part, month)
    read = Facts(
        month=month,
        title=title,
        segment=segment.value if segment else "",
        currency=currency,
        age=age,
        days=days,
        numbers=numbers,
        tiles=_tiles(numbers),
        causes=causes,
        lists=lists,
        overdue=_whole(measures.get(_OVERDUE)),
        overdue_value=next((item.money for item in part.customers if item.kind == "overdue"), math.nan),
        horizon=horizon,
        outlook=outlook,
        returning=returning,
        what_if=_what_if(part, pages),
        restated=tuple(_restated(part, numbers, month, language)),
        alerts=tuple(checked.record(language).reason for checked in part.alerts if checked.tripped),
        compared=part.verdicts.family,
    )
    return Facts(**{**vars(read), "trust": _trust(part, measures, month, language, _missing(part, language))})


# --- numbers


def _numbers(part: PartResult, pages: Pages) -> dict[str, Number]:
    measures = {number.name: number for number in reversed(part.measures)}
    histories = _histories(pages)
    numbers = {}
    for name, (names, label, how) in TILES.items():
        measure = next((measures[known] for known in names if known in measures), None)
        if measure is not None:
            history = next((histories[known] for known in (name, *names) if known in histories), ())
            numbers[name] = _number(part, measure, name=name, label=label, how=how, history=history)
    for name in _OTHERS:
        if name in measures:
            numbers[name] = _number(part, measures[name], name=name, label=measures[name].label, how="", history=())
    if not any(name in numbers for name in TILES):  # only the user's own notebooks ran
        for measure in part.measures[:MOST_TILES]:
            numbers[measure.name] = _number(part, measure, name=measure.name, label=measure.label, how="", history=())
    return numbers


def _number(
    part: PartResult, measure: Measure, *, name: str, label: str, how: str, history: tuple[Point, ...]
) -> Number:
    changes = {against: change for against in AGAINST if (change := _change(measure, against, part.verdicts))}
    aim = next((item for item in part.targets if item.number == measure), None)
    target = _target(aim) if aim and aim.state in _STATES else None
    low, high = (measure.low, measure.high) if measure.has_interval else (math.nan, math.nan)
    return Number(
        name, label, measure.unit, measure.value, low, high, changes, history, target, measure.page, measure.note, how
    )


def _of_cut_month(number: Number, month: str) -> Number:
    """A number of a month that is not over: its history is that of whole months, and the share of first orders that
    were followed by another, whose days were over by the last day that counts, is not compared with a whole month."""
    history = tuple(point for point in number.history if point.month != month)
    if number.name == "repeat_within_90":
        return replace(number, history=history, changes={}, note=_NOT_OVER)
    return replace(number, history=history)


def _target(aim: Measured) -> Target:
    """A target with its state: a value that reaches it is enough to be called reached."""
    if aim.is_open:
        return Target(aim.target.value, _STATES[aim.state], aim.as_of.day, aim.days)
    return Target(aim.target.value, "met" if aim.progress >= 1 else _STATES[aim.state])


def _change(measure: Measure, against: Against, verdicts: Verdicts) -> Change | None:
    before = measure.before.get(against, math.nan)
    if math.isnan(before) or math.isnan(measure.value):
        return None
    from_days = measure.before.get(f"{against}_expected", math.nan) - before
    verdict = verdicts.of(measure, against)
    if verdict is None:
        return Change(before, from_days=from_days)
    return Change(before, verdict.sure, verdict.p, from_days, verdict.seasonal)


def _histories(pages: Pages) -> dict[str, tuple[Point, ...]]:
    """The history of each number, oldest month first."""
    histories: dict[str, tuple[Point, ...]] = {}
    for table in pages.everywhere("history"):
        if {"name", "period", "value"} <= set(table.columns):
            for name, rows in table.groupby("name", sort=False):
                histories.setdefault(str(name), tuple(_point(row) for row in rows.to_dict("records")))
    return histories


def _point(row: Mapping[Any, Any]) -> Point:
    low, high = (_float(row.get(end)) for end in ("low", "high"))
    return Point(f"{pd.Timestamp(row['period']):%Y-%m}", _float(row["value"]), low, high)


def _float(x: Any) -> float:
    return math.nan if x is None or pd.isna(x) else float(x)


def _tiles(numbers: Mapping[str, Number]) -> tuple[str, ...]:
    shown = [name for name in numbers if name not in _OTHERS and not math.isnan(numbers[name].value)]
    return tuple(shown[:MOST_TILES])


def _restated(part: PartResult, numbers: Mapping[str, Number], month: str, language: Language) -> Iterator[Restated]:
    """Numbers of tiles that differ: of this month since its last run, of the months before since the last report."""
    names = {known: tile for tile, (known_names, _, _) in TILES.items() for known in known_names if tile in numbers}
    month_name, since = language.month(month), f"{int(month[:4]) - 1}{month[4:]}"
    now = [] if part.changed is None else part.changed.to_dict("records")
    rows = [
        (names[row["name"]], Restated(month_name, said.label, said.before, said.after))
        for row, said in zip(now, changed_numbers.rows(part.changed, language), strict=True)
        if row["name"] in names
    ]
    before = [] if part.earlier.table is None else part.earlier.table.to_dict("records")
    rows += [
        (_EARLIER[row["figure"]], Restated(said.month, said.label, said.before, said.after))
        for row, said in zip(before, part.earlier.rows(language, part.currency), strict=True)
        if row["month"] >= since and _EARLIER.get(row["figure"]) in numbers
    ]
    places = list(TILES)
    yield from (restated for _, restated in sorted(rows, key=lambda row: places.index(row[0])))


def _whole(measure: Measure | None) -> int:
    return 0 if measure is None or math.isnan(measure.value) else round(measure.value)


# --- what if


def _what_if(part: PartResult, pages: Pages) -> WhatIf:
    known = {
        number.name: _number(part, number, name=number.name, label=number.label, how="", history=())
        for number in part.measures
        if number.name in (_RETURNS, _NEW_CUSTOMER) and number.has_interval and not math.isnan(number.value)
    }
    if not known:
        return WhatIf()
    page = f"{next(iter(known.values())).page}.html"
    by_group = "" if pages.table("lifetime_value", _BY_GROUP) is None else f"{page}#{_BY_GROUP}"
    newcomers = _whole(next((number for number in part.measures if number.name == _NEWCOMERS), None))
    return WhatIf(known.get(_RETURNS), known.get(_NEW_CUSTOMER), newcomers, f"{page}#what_if", by_group)


# --- causes


def _causes(pages: Pages, month: str, verdicts: Verdicts) -> dict[Against, Causes]:
    table = pages.table("overview", "causes")
    if table is None or table.empty:
        return {}
    causes: dict[Against, Causes] = {}
    for against in AGAINST:
        rows = table[table["against"] == against]
        splits = {
            str(split): tuple(_cause(row, verdicts) for row in part.to_dict("records"))
            for split, part in rows[~rows["split"].isin(["total", "days"])].groupby("split", sort=False)
        }
        if "orders" in splits and "factors" in splits:  # refunds are a part of both splits, and shown once
            splits["orders"] = tuple(part for part in splits["orders"] if part.name != "refunds")
        if splits:
            days = int(rows["days"].iloc[0])
            by_days = rows.loc[rows["split"] == "days", "change"].sum(min_count=1)
            partial = days if days < last_day(month).day else None
            causes[against] = Causes(splits, partial, float(by_days))
    return causes


def _cause(row: Mapping[Any, Any], verdicts: Verdicts) -> Cause:
    against, split, part = (str(row[name]) for name in ("against", "split", "part"))
    change, low, high, n = (_float(row.get(name)) for name in ("change", "low", "high", "n"))
    name = part if split.startswith("dimension:") else part.replace(" ", "_")
    verdict = verdicts.of_cause(against, split, part)
    if verdict is None:
        return Cause(name, change, low, high, n=n)
    return Cause(name, change, low, high, verdict.p, verdict.sure, n)


# --- trust


def _age(part: PartResult, month: str) -> int:
    first = part.part.data.first
    return max(int(month[:4]) * 12 + int(month[5:7]) - first.year * 12 - first.month + 1, 1)


def _days(part: PartResult, month: str) -> int | None:
    """Days of the month that the data cover, where a week or more is missing at its end."""
    data = part.part.data
    return data.last_counted(month).day if data.is_cut(month) else None


def _trust(
    part: PartResult, measures: Mapping[str, Measure], month: str, language: Language, missing: Iterable[Sentence]
) -> Trust:
    data = part.part.data

    def value(name: str) -> float:
        return measures[name].value if name in measures else math.nan

    rows = sum(
        source.rows_kept for name, source in data.facts.items() if name == "orders" or "orders" not in data.facts
    )
    refused = sum(source.rows_refused for source in data.facts.values())
    return Trust(
        rows=_whole(measures.get("rows_kept")) or rows,
        refused=refused,
        odd=_whole(measures.get("rows_odd")),
        customers=_whole(measures.get("cohort_customers")),
        first=data.first,
        last=min(data.last_before(month), last_day(month)),
        holdout_expected=value("holdout_expected"),
        holdout_actual=value("holdout_actual"),
        notes=(*_simulated(data.facts.values(), language), *part.earlier.sentences(language, part.currency)),
        missing=tuple(missing),
    )


def _simulated(sources: Iterable[Source], language: Language) -> list[str]:
    """One sentence for each kind of simulated data."""
    known = [_SIMULATED[text] for source in sources for text in source.assumptions if text in _SIMULATED]
    return [language.gettext(text) for text in dict.fromkeys(known)]


def _missing(part: PartResult, language: Language) -> list[Sentence]:
    """One line for every list and page that was not made."""
    lines = [
        sentence(_NO_ACTION, list=Value("label", listing.title), reason=Value("text", listing.reason))
        for listing in part.lists
        if listing.reason
    ]
    if part.unlisted:
        lines.append(sentence(_UNLISTED, n=count(part.unlisted), most=count(MOST_CUSTOMERS)))
    for omission in part.part.plan.left_out:
        page = Value("label", omission.notebook.title)
        lines.append(sentence(_LEFT_OUT, page=page, reason=Value("text", omission.reason(language))))
    lines += [sentence(_FAILED, page=Value("label", page.notebook.title)) for page in part.executed if page.failure]
    return lines
