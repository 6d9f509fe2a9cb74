"""Facts of five kinds of month, made by hand, and their first page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bs4 import BeautifulSoup

from retention_kit.report import Config, language
from retention_kit.report.html import month_page
from retention_kit.report.html.summary import view
from retention_kit.report.html.summary.facts import (
    Cause,
    Causes,
    Cell,
    Change,
    Cohort,
    Customer,
    CustomerList,
    Facts,
    Number,
    Outlook,
    Point,
    Returning,
    Step,
    Target,
    Trust,
    WhatIf,
)
from retention_kit.report.html.summary.reading import TILES
from retention_kit.report.html.summary.writer import Writer

LANGUAGES = ("en", "pl", "zh-Hant")


def number(name: str, unit: str, value: float, low: float, high: float, **more) -> Number:
    """A headline number with the label of its tile."""
    label, how = TILES[name][1:] if name in TILES else (name, "")
    return Number(name, label, unit, value, low, high, how=how, **more)


def changes(previous: float, last_year: float, p: float, p_year: float, days: float = float("nan")) -> dict:
    """Changes since both earlier periods; below 1 in 20 they are more than chance."""
    return {
        "previous": Change(previous, p < 0.05, p, days),
        "last_year": Change(last_year, p_year < 0.05, p_year),
    }


def parts(customers: float, frequency: float, value: float, refunds: float = 0.0, *, sure: tuple = ()) -> Causes:
    """The factors of a change; the intervals are 1,000 to both sides."""
    given = {"customers": customers, "orders_per_customer": frequency, "value_per_order": value, "refunds": refunds}
    factors = tuple(
        Cause(name, x, x - 1000, x + 1000, 0.001 if name in sure else 0.4, name in sure, 500)
        for name, x in given.items()
    )
    return Causes({"factors": factors})


QUIET = CustomerList(
    "at_risk",
    "Going quiet",
    91,
    20_900.0,
    16_500.0,
    25_600.0,
    write_to=82,
    control=9,
    top=(Customer("C01473", "Usually buys every 8 days, silent for 32", 803.0),),
)
DUE = CustomerList("due_to_reorder", "Due to reorder", 436, 146_000.0, 132_000.0, 158_000.0, write_to=392, control=44)
ENDS = [date(2026, 6, 30), date(2026, 7, 30), date(2026, 8, 30)]
OUTLOOK = Outlook(
    "revenue",
    91,
    ENDS[-1],
    118_500.0,
    96_000.0,
    146_000.0,
    86_800.0,
    31_700.0,
    past=10,
    held=8,
    error=0.01,
    history=tuple((date(2026, month, 1), 30_000.0 + 1000 * month) for month in range(1, 6)),
    path=tuple(Step(end, 39_000.0, 32_000.0, 48_000.0, 36_000.0, 42_000.0) for end in ENDS),
    earlier=(tuple(Step(date(2026, month, 20), 33_000.0, 28_000.0, 38_000.0) for month in (2, 3, 4)),),
)
RETURNING = Returning(
    cohorts=(
        Cohort("2026-03", 150, (Cell(1, 0.32, 48, 0.25, 0.4, 13.0, 60.0), Cell(2, 0.36, 54, 0.29, 0.44, 14.0, 74.0))),
        Cohort("2026-04", 146, (Cell(1, 0.36, 52, 0.28, 0.44, 15.0, 61.0),)),
    ),
    pooled=Cohort("", 2299, (Cell(1, 0.348, 799, 0.33, 0.37, 14.0), Cell(2, 0.31, 650, 0.29, 0.33, 13.0))),
    first="2024-10",
    last="2026-04",
    trend=0.001,
    trend_p=0.48,
)
TRUST = Trust(14_804, 0, 0, 2437, date(2024, 10, 1), date(2026, 5, 31), 2685.0, 2729.0)
HISTORY = tuple(Point(f"{2025 + m // 12}-{m % 12 + 1:02d}", 18_000.0 + 1500 * i) for i, m in enumerate(range(4, 17)))
WHAT_IF = WhatIf(
    number("early_returns_worth", "money", 5_800.0, 3_820.0, 7_790.0, note="An association."),
    number("new_customer_cost", "money", 207.0, 195.0, 218.0),
    1620,
    "04_lifetime_value.html#what_if",
    "04_lifetime_value.html#break_even",
)
NUMBERS = {
    "revenue": number(
        "revenue",
        "money",
        39_211.0,
        35_000.0,
        43_600.0,
        history=HISTORY,
        target=Target(38_000.0, "met"),
        changes=changes(35_508.0, 17_837.0, 0.11, 0.0001, 1145.0),
    ),
    "customers": number("customers", "count", 637.0, 587.0, 686.0, changes=changes(585.0, 303.0, 0.12, 0.0001)),
    "new_customers": number("new_customers", "count", 138.0, 115.0, 161.0, target=Target(150.0, "undecided")),
    "repeat_within_90": number("repeat_within_90", "rate", 0.696, 0.61, 0.77, changes=changes(0.65, 0.68, 0.4, 0.7)),
    "purchase_frequency": Number(
        "purchase_frequency", "Orders per customer", "number", 1.49, changes=changes(1.45, 1.44, 0.5, 0.4)
    ),
    "average_order_value": Number(
        "average_order_value", "Average order value", "money", 41.0, changes=changes(41.5, 40.8, 0.7, 0.7)
    ),
}

GOOD = Facts(
    "2026-05",
    "Jar & Scoop",
    currency="EUR",
    age=20,
    numbers=NUMBERS,
    tiles=("revenue", "customers", "new_customers", "repeat_within_90"),
    causes={
        "previous": parts(3238, 498, -448, 415),
        "last_year": replace(
            parts(20_468, 826, 221, -141, sure=("customers",)),
            splits={
                **parts(20_468, 826, 221, -141, sure=("customers",)).splits,
                "dimension:country": (
                    Cause("Poland", 11_953, 9000, 14_000, 0.001, True),
                    Cause("Taiwan", 9421, 7000, 11_000, 0.001, True),
                ),
            },
        ),
    },
    lists=(QUIET, DUE),
    outlook=OUTLOOK,
    returning=RETURNING,
    what_if=WHAT_IF,
    trust=TRUST,
    compared=24,
)
BAD = replace(
    GOOD,
    numbers={
        **NUMBERS,
        "revenue": replace(
            NUMBERS["revenue"],
            value=24_000.0,
            low=21_000.0,
            high=27_000.0,
            history=(),
            target=Target(38_000.0, "not met"),
            changes=changes(32_000.0, 30_000.0, 0.004, 0.0002),
        ),
        "average_order_value": replace(
            NUMBERS["average_order_value"], value=29.0, changes=changes(38.0, 37.0, 0.001, 0.001)
        ),
    },
    causes={
        "previous": parts(-500, -200, -7300, sure=("value_per_order",)),
        "last_year": parts(-700, 100, -5400, sure=("value_per_order",)),
    },
    outlook=replace(OUTLOOK, held=6, error=0.12),
    trust=replace(TRUST, refused=1_300),
    alerts=("Revenue is €24,000: below €25,000 (limit).",),
)
MIXED = replace(
    GOOD,
    numbers={
        **NUMBERS,
        "revenue": replace(
            NUMBERS["revenue"],
            value=33_000.0,
            low=30_000.0,
            high=36_000.0,
            changes=changes(29_000.0, 32_000.0, 0.003, 0.6),
        ),
    },
    causes={
        "previous": parts(9000, 0, -5000, sure=("customers", "value_per_order")),
        "last_year": parts(700, 200, 100),
    },
    lists=(replace(QUIET, customers=3, write_to=3, control=0), DUE),
    returning=replace(RETURNING, trend=-0.01, trend_p=0.002),
    what_if=WhatIf(replace(WHAT_IF.returns, low=-400.0), href=WHAT_IF.href),
)
PARTIAL = replace(
    GOOD,
    days=14,
    numbers={
        **NUMBERS,
        "revenue": replace(
            NUMBERS["revenue"],
            value=17_500.0,
            low=15_000.0,
            high=20_000.0,
            changes=changes(16_800.0, 8_200.0, 0.6, 0.0004),
        ),
    },
    causes={
        "previous": replace(parts(500, 100, 100), days=14),
        "last_year": replace(parts(9000, 200, 100, sure=("customers",)), days=14),
    },
)
FIRST = Facts(
    "2026-05",
    "Jar & Scoop",
    currency="EUR",
    age=1,
    numbers={
        "revenue": number("revenue", "money", 4_200.0, 3_500.0, 5_000.0),
        "customers": number("customers", "count", 90.0, 72.0, 111.0),
    },
    tiles=("revenue", "customers"),
    trust=replace(TRUST, rows=110, customers=90, first=date(2026, 5, 2), holdout_expected=float("nan")),
)
MONTHS = {"good": GOOD, "bad": BAD, "mixed": MIXED, "partial": PARTIAL, "first": FIRST}


def html_of(facts: Facts, code: str) -> str:
    """The first page of a month in a language."""
    config, spoken = Config(title=facts.title, language=code), language.of(code)
    shown = view.view(
        facts,
        Writer(spoken, facts.currency),
        links={name: f"lists/{name}.html" for name in ("at_risk", "win_back", "due_to_reorder", "overdue")},
    )
    days = ("2026-05-31", spoken.day(date(2026, 5, 31)))
    views = (month_page.Link("index.html", spoken.gettext("Summary")),)
    head = month_page.Heading(facts.title, spoken.month(facts.month), *days, "0.1", views, (), "../index.html")
    return month_page.summary_html(
        shown,
        head,
        config,
        customers="customers.html",
    )


def page(facts: Facts, code: str) -> BeautifulSoup:
    """The first page of a month, without the popovers behind its numbers."""
    tree = BeautifulSoup(html_of(facts, code), "html.parser")
    for popover in tree.select("[popover]"):
        popover.decompose()
    return tree
