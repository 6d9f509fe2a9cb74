"""The figures and tables of the page with their texts in a language: where marks are is in `drawing`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from markupsafe import Markup

from retention_kit.report.html.summary import drawing
from retention_kit.report.html.summary.drawing import CausePanel, Tick
from retention_kit.report.html.summary.facts import (
    AGAINST,
    Cause,
    Cell,
    Cohort,
    CustomerList,
    Facts,
    Number,
    Outlook,
    Point,
    Returning,
    Step,
)  # fmt: skip
from retention_kit.report.html.summary.rules import what_drove_it, what_to_do
from retention_kit.report.html.summary.sentences import Sentence, Value, sentence
from retention_kit.report.html.summary.writer import Writer
from retention_kit.report.language import gettext_noop

AGES: Final = 12
_HEADINGS: Final = {
    "previous": gettext_noop("Since %(previous)s: %(change)s"),
    "last_year": gettext_noop("Since %(last_year)s: %(change)s"),
}
_VERDICT: Final = {
    True: gettext_noop("more than chance (%(chance)s)"),
    False: gettext_noop("within chance (%(chance)s)"),
}
_VERDICT_ALONE: Final = {True: gettext_noop("more than chance"), False: gettext_noop("within chance")}
_INTERVAL: Final = gettext_noop("95%% interval: %(interval)s")
_LEGEND: Final = gettext_noop(
    "Full dots are more than chance, hollow ones within it. Lines are 95%% intervals. The parts of each group "
    "add up to the change. Each panel has its own scale."
)
_CUSTOMERS: Final = gettext_noop("customers: %(n)s")
_ACTUAL: Final = gettext_noop("30 days until %(day)s")
_EXPECTED: Final = gettext_noop("expected for the 30 days until %(day)s; nine in ten: %(range)s")
_PAST: Final = gettext_noop("forecast made for the 30 days until %(day)s; nine in ten: %(range)s")
_MRR: Final = {
    "actual": gettext_noop("on %(day)s"),
    "expected": gettext_noop("expected on %(day)s; nine in ten: %(range)s"),
    "past": gettext_noop("forecast made for %(day)s; nine in ten: %(range)s"),
}
_SHOP: Final = {"actual": _ACTUAL, "expected": _EXPECTED, "past": _PAST}
_CELL: Final = gettext_noop("%(rate)s bought again: %(active)s of %(size)s")
_WHEN: Final = gettext_noop("first order: %(month)s, months later: %(age)s")
_MONEY: Final = gettext_noop("%(money)s per customer won, %(so_far)s so far")


def point(at: Point, number: Number, writer: Writer) -> str:
    """The text of a month in the line of a tile."""
    lines = [writer.in_unit((at.value, number.unit)), writer.month_year(at.month)]
    if not math.isnan(at.low):
        interval = Value("unit_range", (at.low, at.high, number.unit))
        lines.append(writer.text(sentence(_INTERVAL, interval=interval)))
    return "\n".join(lines)


def legend(writer: Writer) -> tuple[Markup, ...]:
    """How to read the figure of causes."""
    return (writer.html(Sentence(_LEGEND)),)


def causes(facts: Facts, writer: Writer) -> tuple[CausePanel, ...]:
    """A panel for each earlier period."""
    panels = []
    for against in AGAINST:
        if against not in facts.causes:
            continue
        split = facts.causes[against]
        kind = "of_month" if against == "previous" else "of_month_year"
        values = {against: Value(kind, facts.before(against)), "change": Value("signed_money", split.total)}  # type: ignore[arg-type]
        made = drawing.panel(
            split,
            writer.text(Sentence(_HEADINGS[against], values)),
            _verdict(facts, against, writer),
            names=lambda name: writer.label(what_drove_it.PARTS.get(name, name)),
            numbers=lambda x: writer.signed(writer.money(x) if writer.currency is None else writer.decimal(x), x),
            titles=lambda part: _cause(part, writer),
        )
        panels.append(made)
    return tuple(panels)


def _verdict(facts: Facts, against: Any, writer: Writer) -> str:
    revenue = facts.numbers.get("revenue")
    change = revenue.changes.get(against) if revenue else None
    if change is None or change.sure is None:
        return ""
    if math.isnan(change.p):
        return writer.text(Sentence(_VERDICT_ALONE[change.sure]))
    return writer.text(sentence(_VERDICT[change.sure], chance=Value("chance", change.p)))


def _cause(part: Any, writer: Writer) -> str:
    assert isinstance(part, Cause)
    name = writer.label(what_drove_it.PARTS.get(part.name, part.name))
    lines = [writer.signed(writer.money(part.change), part.change), name]
    if not math.isnan(part.low):
        lines.append(writer.text(sentence(_INTERVAL, interval=Value("range", (part.low, part.high)))))
    if not math.isnan(part.p) and part.sure is not None:
        lines.append(writer.text(sentence(_VERDICT[part.sure], chance=Value("chance", part.p))))
    if not math.isnan(part.n):
        lines.append(writer.text(sentence(_CUSTOMERS, n=Value("count", part.n))))
    return "\n".join(lines)


def lists(facts: Facts, writer: Writer, links: Mapping[str, str]) -> dict[str, Any]:
    """The table of lists with its bars, and the customers with most at stake."""
    shown = sorted(facts.lists, key=lambda item: list(what_to_do.LISTS).index(item.name))
    largest = max((item.high for item in shown if not math.isnan(item.high)), default=0.0)
    rows = [_list(item, largest, writer, links.get(item.name, "")) for item in shown if item.customers]
    chosen = what_to_do.chosen(facts)
    top = [
        {
            "id": customer.customer_id,
            "why": customer.why,
            "value": writer.expected(customer.value),
            "href": links.get(f"customer:{customer.customer_id}", ""),
        }
        for customer in (chosen.top if chosen else ())
    ]
    return {"rows": rows, "top": top}


def _list(item: CustomerList, largest: float, writer: Writer, href: str) -> dict[str, Any]:
    name, about = what_to_do.LISTS[item.name]
    about = what_to_do.OF_SEGMENTS.get(item.name, about) if item.of_segments else about
    title, about = writer.language.as_is(name), writer.language.as_is(about)
    to_x = drawing.scale(0, largest, 0, 100)
    known = not math.isnan(item.value)
    return {
        "title": title,
        "about": about,
        "customers": writer.decimal(item.customers),
        "value": writer.expected(item.value) if known else "",
        "range": writer.expected_range((item.low, item.high)) if known else "",
        "bar": {"value": to_x(item.value), "low": to_x(item.low), "high": to_x(item.high)}
        if known and largest and not math.isnan(item.low + item.high)
        else None,
        "href": href,
    }


def outlook(given: Outlook, writer: Writer) -> dict[str, Any]:
    """The figure of the forecast and the same as a table."""
    messages = _MRR if given.kind == "mrr" else _SHOP

    def title(kind: str, day: date, x: float, step: Step | None) -> str:
        values = {"day": Value("day", day)}
        if step is not None:
            values["range"] = Value("expected_range", (step.low, step.high))
        value = writer.money(x) if step is None else writer.expected(x)
        return f"{value}\n{writer.text(Sentence(messages[kind], values))}"

    def month(day: date) -> Tick:
        return Tick(0, writer.short_month(f"{day:%Y-%m}"), f"{day:%Y}")

    drawn = drawing.fan(given, titles=title, months=month, money=writer.money)
    rows = [(writer.language.day(day), writer.money(x), "") for day, x in given.history]
    rows += [
        (writer.language.day(step.end), writer.expected(step.expected), writer.expected_range((step.low, step.high)))
        for step in given.path
    ]
    return {"fan": drawn, "rows": rows, "kind": given.kind}


def cohorts(given: Returning, writer: Writer) -> dict[str, Any]:
    """The cohort table: four values in each cell, of which the switch shows one."""
    cells = [cell for cohort in given.cohorts for cell in cohort.cells]
    steps = {
        "share": drawing.steps_of_map(cell.rate for cell in cells),
        "customers": drawing.steps_of_map(cell.active for cell in cells),
        "money": drawing.steps_of_map(cell.money for cell in cells),
        "so-far": drawing.steps_of_map(cell.so_far for cell in cells),
    }
    ages = max(cell.age for cell in cells)
    rows = [_cohort(cohort, ages, steps, writer) for cohort in given.cohorts]
    return {"rows": rows, "all": _cohort(given.pooled, ages, steps, writer), "ages": list(range(1, ages + 1))}


def _cohort(cohort: Cohort, ages: int, steps: Mapping[str, Any], writer: Writer) -> dict[str, Any]:
    by_age = {cell.age: cell for cell in cohort.cells}
    cells = [_cell(by_age.get(age), cohort, steps, writer) for age in range(1, ages + 1)]
    return {
        "label": writer.axis_month(cohort.month) if cohort.month else "",
        "size": writer.decimal(cohort.size),
        "cells": cells,
    }


def _cell(cell: Cell | None, cohort: Cohort, steps: Mapping[str, Any], writer: Writer) -> dict[str, Any] | None:
    if cell is None or math.isnan(cell.rate):
        return None
    values = {"share": cell.rate, "customers": cell.active, "money": cell.money, "so-far": cell.so_far}
    digits = {"share": writer.decimal(100 * cell.rate), "customers": writer.decimal(cell.active)}
    digits |= {name: writer.decimal(values[name], 0 if values[name] >= 100 else 1) for name in ("money", "so-far")}
    return {
        "title": _cell_title(cell, cohort, writer),
        "values": [(name, digits[name] if not math.isnan(values[name]) else "") for name in values],
        "steps": [(name, 0 if math.isnan(values[name]) else steps[name](values[name])) for name in values],
    }


def _cell_title(cell: Cell, cohort: Cohort, writer: Writer) -> str:
    size = round(cell.active / cell.rate) if cell.rate else cohort.size
    values = {"rate": Value("share", cell.rate), "active": Value("count", cell.active), "size": Value("count", size)}
    lines = [writer.text(Sentence(_CELL, values))]
    if cohort.month:
        when = {"month": Value("month_year", cohort.month), "age": Value("count", cell.age)}
        lines.append(writer.text(Sentence(_WHEN, when)))
    if not math.isnan(cell.low):
        interval = Value("unit_range", (cell.low, cell.high, "rate"))
        lines.append(writer.text(sentence(_INTERVAL, interval=interval)))
    if not math.isnan(cell.money) and not math.isnan(cell.so_far):
        money = {
            name: Value("text", writer.money(x, 2 if x < 100 else 0))
            for name, x in (("money", cell.money), ("so_far", cell.so_far))
        }
        lines.append(writer.text(Sentence(_MONEY, money)))
    return "\n".join(lines)
