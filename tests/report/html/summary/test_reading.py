"""Facts are read from numbers, from tables embedded in pages, and from lists, each from the place that made it."""

import math
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
from nbformat.v4 import new_code_cell, new_notebook, new_output

from retention_kit import embedded_tables
from retention_kit.report import language
from retention_kit.report.html.summary import reading
from retention_kit.report.html.summary.rules import what_to_trust
from retention_kit.report.html.summary.writer import Writer
from retention_kit.report.inputs.workspace import Workspace
from retention_kit.report.numbers import earlier_months
from retention_kit.report.numbers.earlier_months import Compared
from retention_kit.report.numbers.measures import Measure
from retention_kit.report.numbers.verdicts import causes_of, verdicts

ROWS = SimpleNamespace(rows_kept=100, rows_refused=3, assumptions=())


def node(**tables):
    """An executed notebook with these tables embedded, by their ids."""
    text = embedded_tables.as_text([embedded_tables.packed(id, frame) for id, frame in tables.items()])
    output = new_output("display_data", {embedded_tables.MIME: text, "text/plain": ""})
    return new_notebook(cells=[new_code_cell("", outputs=[output])])


def part(pages, measures=(), lists=(), last=date(2026, 5, 31), **more):
    """What was computed for a month, as far as the summary reads it."""
    executed = tuple(
        SimpleNamespace(notebook=SimpleNamespace(name=name, title=name), node=page, failure=None)
        for name, page in pages.items()
    )
    data = Workspace(Path(), {"surveys": ROWS}, date(2025, 1, 3), last)
    plan = SimpleNamespace(segment=None, left_out=())
    more = {"earlier": Compared(), "changed": None, "unlisted": 0, "currency": "EUR", "customers": ()} | more
    judged = verdicts(measures, causes_of(pages.values()))
    return SimpleNamespace(
        finished=executed, executed=executed, measures=tuple(measures), lists=tuple(lists), targets=(), alerts=(),
        verdicts=judged, part=SimpleNamespace(data=data, plan=plan), **more,
    )  # fmt: skip


def read(pages, **more):
    return reading.facts(part(pages, **more), "2026-05", title="Shop", currency="EUR", language=language.of("en"))


def rows(against, split, **parts):
    return [
        {"against": against, "split": split, "part": name.replace("_", " "), "change": change, "low": change - 50,
         "high": change + 50, "p": p, "days": 31, "n": 40}
        for name, (change, p) in parts.items()
    ]  # fmt: skip


CAUSES = pd.DataFrame(
    [
        *rows("previous", "total", revenue=(300.0, 0.002)),
        *rows("previous", "days", days=(40.0, math.nan)),
        *rows("previous", "factors", customers=(250.0, 0.001), orders_per_customer=(60.0, 0.3), refunds=(-10.0, 0.6)),
        *rows("previous", "orders", first=(100.0, 0.01), repeat=(210.0, 0.02), refunds=(-10.0, 0.6)),
    ]
)
REVENUE = Measure("revenue", "Revenue", "money", 1300.0, 1200.0, 1400.0, {"previous": 1000.0, "previous_p": 0.002})


def test_causes_are_read_without_their_sum_and_with_refunds_once():
    facts = read({"01_overview": node(causes=CAUSES)}, measures=[REVENUE])
    causes = facts.causes["previous"]
    assert {name: [part.name for part in parts] for name, parts in causes.splits.items()} == {
        "factors": ["customers", "orders_per_customer", "refunds"],
        "orders": ["first", "repeat"],
    }
    assert (causes.total, causes.from_days, causes.days) == (300.0, 40.0, None)
    assert [part.sure for part in causes.splits["factors"]] == [True, False, False]
    assert facts.numbers["revenue"].changes["previous"].sure
    assert facts.compared == 6  # five different parts and revenue itself


def test_fewer_days_than_the_month_has_are_a_part_of_it():
    facts = read({"01_overview": node(causes=CAUSES.assign(days=14))}, measures=[REVENUE])
    assert facts.days == facts.causes["previous"].days == 14


def test_a_month_that_ends_a_week_early_is_a_part_and_one_that_ends_a_day_early_is_whole():
    assert read({}, last=date(2026, 5, 20)).days == 20
    assert read({}, last=date(2026, 5, 30)).days is None


def test_tiles_of_a_month_that_is_not_over_are_not_set_beside_whole_months():
    months = pd.to_datetime(["2026-04-01", "2026-05-01"])
    names = ["revenue", "repeat_within_90"]
    history = pd.DataFrame({"name": name, "period": months, "value": 0.5} for name in names).explode("period")
    repeat = Measure("repeat_rate_at_age", "Bought again", "rate", 0.5, before={"previous": 0.6})
    pages, numbers = {"01_overview": node(history=history)}, [REVENUE, repeat]
    whole = read(pages, measures=numbers).numbers
    part = read(pages, measures=numbers, last=date(2026, 5, 20)).numbers
    for name in names:
        assert [point.month for point in whole[name].history] == ["2026-04", "2026-05"]
        assert [point.month for point in part[name].history] == ["2026-04"]
    assert [list(kind[names[1]].changes) for kind in (whole, part)] == [["previous"], []]
    assert "previous" in part["revenue"].changes  # of the same days


def test_the_history_of_a_tile_is_found_by_the_name_of_the_tile():
    history = pd.DataFrame(
        {"name": ["nps", "repeat_within_90"], "period": pd.to_datetime(["2026-05-01"] * 2), "value": [26.0, 0.7]}
    )
    repeat = Measure("repeat_rate_at_age", "Bought again", "rate", 0.7)
    facts = read({"05_nps": node(history=history)}, measures=[repeat])
    assert [(point.month, point.value) for point in facts.numbers["repeat_within_90"].history] == [("2026-05", 0.7)]
    assert facts.tiles == ("repeat_within_90",)


def test_only_own_notebooks_give_their_own_tiles():
    facts = read({"01_own": node()}, measures=[Measure("stock", "Stock", "count", 5.0)])
    assert (facts.tiles, facts.numbers["stock"].label) == (("stock",), "Stock")


SHOP = pd.DataFrame(
    {
        "what": ["Purchases", "Revenue", "Revenue", "Revenue"],
        "part": ["whole shop", "known customers", "new customers", "whole shop"],
        "expected": [500.0, 800.0, 200.0, 1000.0], "low": 1.0, "high": 2000.0, "past": [9, 8, 8, 8],
        "held": [0.5, 1.0, 1.0, 0.75], "mean_error": 0.1,
    }
)  # fmt: skip
PATH = pd.DataFrame(
    {"end": pd.to_datetime(["2026-06-30"] * 2), "expected": 330.0, "level": [0.5, 0.9], "low": [300.0, 250.0],
     "high": [350.0, 400.0], "measure": "revenue"}
)  # fmt: skip
SEEN = pd.DataFrame(
    {"end": pd.to_datetime(["2026-05-01", "2026-05-31"]), "value": [310.0, 320.0], "measure": "revenue"}
)


def test_the_forecast_is_that_of_revenue_with_its_own_record():
    facts = read({"07_forecast": node(shop=SHOP, fan=SEEN, fan_path=PATH)})
    outlook = facts.outlook
    assert (outlook.expected, outlook.known, outlook.new) == (1000.0, 800.0, 200.0)
    assert (outlook.past, outlook.held, outlook.error) == (8, 6, 0.1)
    assert (outlook.path[0].low, outlook.path[0].half_low) == (250.0, 300.0)
    assert outlook.history[-1] == (date(2026, 5, 31), 320.0)


def test_a_figure_of_purchases_is_not_taken_for_money():
    facts = read({"07_forecast": node(shop=SHOP, fan=SEEN.assign(measure="purchases"), fan_path=PATH)})
    assert facts.outlook.history == ()


def test_recurring_revenue_is_forecast_where_there_is_no_shop():
    path = PATH.drop(columns="measure")
    past = pd.DataFrame(
        {"origin": pd.to_datetime(["2026-02-01"]), "end": pd.to_datetime(["2026-05-01"]), "expected": 300.0,
         "low": 290.0, "high": 305.0}
    )  # fmt: skip
    facts = read({"06_subscriptions": node(fan=SEEN.drop(columns="measure"), fan_path=path, fan_past=past)})
    assert (facts.outlook.kind, facts.outlook.expected) == ("mrr", 330.0)
    assert (facts.outlook.past, facts.outlook.held) == (1, 0)  # 310 lay above the interval


def monthly(**values):
    """A number of each of these months, as the data give it."""
    rows = [
        {"month": month, "figure": name, "value": x, "definition": 1} for name, x in values.items() for month in MAYS
    ]
    return pd.DataFrame(rows)


MAYS = ("2025-03", "2026-04")
"""A month that no tile shows, and one that they do."""


def test_only_numbers_that_a_tile_shows_are_called_restated_at_the_top():
    earlier = earlier_months.compare(
        monthly(orders=9.0, revenue=1010.0), monthly(orders=8.0, revenue=1000.0), said="2026-04"
    )
    assert len(earlier.table) == 4
    (only,) = read({"01_overview": node()}, measures=[REVENUE], earlier=earlier).restated
    assert (only.month, only.before, only.after) == ("April 2026", "€1,000.00", "€1,010.00")
    assert what_to_trust.restated(read({}, measures=[REVENUE])) is None


def test_this_month_made_again_says_so_before_what_earlier_months_say():
    changed = pd.DataFrame(
        [{"page": "01_overview", "name": name, "label": label, "unit": "money", "currency": "EUR", "state": "changed",
          "before": 1200.0, "after": 1300.0, "difference": 100.0, "relative": 0.08}
         for name, label in (("arpu", "Revenue per customer"), ("revenue", "Revenue"))]
    )  # fmt: skip
    earlier = earlier_months.compare(monthly(customers=9.0), monthly(customers=8.0), said="2026-04")
    facts = read(
        {}, measures=[REVENUE, Measure("customers", "Customers", "count", 40.0)], earlier=earlier, changed=changed
    )
    assert [item.month for item in facts.restated] == ["May 2026", "April 2026"]
    said = Writer(language.of("en"), "EUR").text(what_to_trust.restated(facts))
    assert said == (
        "2 numbers of this page were reported otherwise before. The first: Revenue, May 2026: €1,200.00 then, "
        "€1,300.00 now."
    )


STAKE = pd.DataFrame(
    {"segment": ["champions", "loyal", "at risk", "hibernating"], "quiet": [2, 218, 304, 635],
     "at_risk": [1720.0, 30600.0, 6160.0, 13800.0], "at_risk_low": 1.0, "at_risk_high": 9.0}
)  # fmt: skip


def test_without_lists_quiet_customers_come_from_their_segments():
    facts = read({"03_rfm": node(stake=STAKE)})
    assert [(item.name, item.customers, item.value) for item in facts.lists] == [
        ("at_risk", 220, 32320.0),
        ("win_back", 304, 6160.0),
    ]
    assert all(item.of_segments and not item.control for item in facts.lists)


def test_lists_of_the_month_are_summed_over_both_groups():
    table = pd.DataFrame(
        {"customer_id": ["a", "b"], "reason": "quiet", "expected_value": [10.0, 30.0], "low": 5.0, "high": 50.0}
    )
    listing = SimpleNamespace(
        name="at_risk", reason="", to_act_on=table, to_leave_alone=table.head(1), act=2, held_out=1, title="At risk"
    )
    (item,) = read({"03_rfm": node(stake=STAKE)}, lists=[listing]).lists
    assert (item.customers, item.write_to, item.control) == (3, 2, 1)
    assert (item.value, item.low, item.high) == (50.0, 15.0, 150.0)
    assert [customer.customer_id for customer in item.top] == ["b", "a", "a"]


def test_what_if_is_read_with_the_customers_it_holds_for():
    worth = [
        Measure("early_returns_worth", "Worth", "money", 5800.0, 3820.0, 7790.0, page="04_lifetime_value"),
        Measure("new_customers_year", "New customers", "count", 1620.0, page="04_lifetime_value"),
        Measure("new_customer_cost", "Cost", "money", math.nan, page="04_lifetime_value"),
    ]
    what_if = read({"04_lifetime_value": node(break_even=STAKE)}, measures=worth).what_if
    assert (what_if.returns.low, what_if.returns.high, what_if.newcomers) == (3820.0, 7790.0, 1620)
    assert what_if.customer is None  # it is not known this month
    assert (what_if.href, what_if.by_group) == (
        "04_lifetime_value.html#what_if",
        "04_lifetime_value.html#break_even",
    )
    assert read({}).what_if.returns is None


def cells(starts):
    return pd.DataFrame(
        [
            {"cohort": pd.Timestamp(start), "age": age, "size": 100, "active": 30.0, "rate": 0.3, "low": 0.2,
             "high": 0.4, "complete": age <= 1, "revenue_per_customer": 5.0, "cumulative_revenue": 900.0}
            for start in starts
            for age in range(3)
        ]
    )  # fmt: skip


POOLED = pd.DataFrame(
    {"age": [0, 1], "cohorts": [6, 5], "size": [600, 500], "active": 150.0, "rate": 0.3, "low": 0.28, "high": 0.32}
)


def test_cohorts_are_read_up_to_the_month_that_is_over():
    pages = {"02_cohorts": node(retention_heatmap=cells(["2026-03-01", "2026-04-01"]), retention_curves=POOLED)}
    returning = read(pages).returning
    assert [(cohort.month, [cell.age for cell in cohort.cells]) for cohort in returning.cohorts] == [
        ("2026-03", [1]), ("2026-04", [1]),
    ]  # fmt: skip
    assert (returning.pooled.size, returning.first, returning.last) == (500, "2025-12", "2026-04")
    assert returning.cohorts[0].cells[0].so_far == 9.0


def test_weekly_cohorts_are_not_called_months():
    pages = {"02_cohorts": node(retention_heatmap=cells(["2026-03-02", "2026-03-09"]), retention_curves=POOLED)}
    assert read(pages).returning is None
