"""Cohort tables of logs small enough to count on one's fingers: every counting, every period, both kinds."""

import numpy as np
import pandas as pd
import pytest

from retention_kit import load, summarise
from retention_kit.errors import ConfigError, DataError

X = np.nan
T, F = True, False

LOGS = {
    "day": {  # leap day
        "ann": ["2024-02-28", "2024-02-29", "2024-03-02"],
        "bob": ["2024-02-28", "2024-03-01"],
        "cat": ["2024-02-29 23:59:59", "2024-03-01 00:00:00"],
    },
    "week": {  # 2020 has a week 53: Monday 28 December to Sunday 3 January
        "ann": ["2020-12-27", "2020-12-28", "2021-01-10"],
        "bob": ["2020-12-21", "2021-01-03"],
        "cat": ["2021-01-01", "2021-01-08"],
        "dan": ["2020-12-31"],
    },
    "month": {  # month ends; ann is back 29 and 60 days after, bob 30 and 60, cat 30
        "ann": ["2024-01-31", "2024-02-29", "2024-03-31"],
        "bob": ["2024-01-01", "2024-01-31", "2024-03-01"],
        "cat": ["2024-02-29", "2024-03-30"],
        "dan": ["2024-02-01"],
    },
    "quarter": {  # ann is back 1 and 91 days after, bob 273 = 3 x 91, cat 123
        "ann": ["2023-12-31", "2024-01-01", "2024-03-31"],
        "bob": ["2023-10-01", "2024-06-30"],
        "cat": ["2024-02-29", "2024-07-01"],
    },
    "year": {  # ann is back 1 and 365 days after, bob 365, cat 1
        "ann": ["2023-12-31", "2024-01-01", "2024-12-30"],
        "bob": ["2024-02-29", "2025-02-28"],
        "cat": ["2024-12-31", "2025-01-01"],
    },
}
AS_OF = {
    "day": "2024-03-02",
    "week": "2021-01-10",
    "month": "2024-03-31",
    "quarter": "2024-09-30",
    "year": "2025-02-28",
}
STARTS = {
    "day": ["2024-02-28", "2024-02-29"],
    "week": ["2020-12-21", "2020-12-28"],
    "month": ["2024-01-01", "2024-02-01"],
    "quarter": ["2023-10-01", "2024-01-01"],
    "year": ["2023-01-01", "2024-01-01"],
}
ACTIVE = {  # (period, rolling): on, on_or_after, bracket 1-2
    ("day", F): ([[2, 1, 1, 1], [1, 1, 0, X]], [[2, 2, 2, 1], [1, 1, 0, X]], [[2], [1]]),
    ("day", T): ([[2, 1, 1, 1], [1, 1, 0, X]], [[2, 2, 2, 1], [1, 1, 0, X]], [[2], [1]]),
    ("week", F): ([[2, 2, 1], [2, 1, X]], [[2, 2, 1], [2, 1, X]], [[2], [1]]),
    ("week", T): ([[2, 1, 1], [2, 1, X]], [[2, 2, 1], [2, 1, X]], [[2], [1]]),
    ("month", F): ([[2, 1, 2], [2, 1, X]], [[2, 2, 2], [2, 1, X]], [[2], [1]]),
    ("month", T): ([[2, 1, 2, 0], [2, 1, X, X]], [[2, 2, 2, 0], [2, 1, X, X]], [[2], [1]]),
    ("quarter", F): ([[2, 1, 1, 0], [1, 0, 1, X]], [[2, 2, 1, 0], [1, 1, 1, X]], [[2], [1]]),
    ("quarter", T): ([[2, 1, 0, 1, 0], [1, 1, 0, X, X]], [[2, 2, 1, 1, 0], [1, 1, 0, X, X]], [[1], [1]]),
    ("year", F): ([[1, 1, 0], [2, 2, X]], [[1, 1, 0], [2, 2, X]], [[1], [2]]),
    ("year", T): ([[1, 1], [2, 1]], [[1, 1], [2, 1]], [[1], [1]]),
}
COMPLETE = {  # (period, rolling): every age, bracket 1-2
    ("day", F): ([[T, T, T, T], [T, T, T, F]], [[T], [T]]),
    ("day", T): ([[T, T, T, T], [T, T, T, F]], [[T], [T]]),
    ("week", F): ([[T, T, T], [T, T, F]], [[T], [F]]),
    ("week", T): ([[T, T, F], [T, F, F]], [[F], [F]]),
    ("month", F): ([[T, T, T], [T, T, F]], [[T], [F]]),
    ("month", T): ([[T, T, F, F], [T, F, F, F]], [[F], [F]]),
    ("quarter", F): ([[T, T, T, T], [T, T, T, F]], [[T], [T]]),
    ("quarter", T): ([[T, T, T, F, F], [T, T, F, F, F]], [[T], [F]]),
    ("year", F): ([[T, T, F], [T, F, F]], [[F], [F]]),
    ("year", T): ([[T, F], [F, F]], [[F], [F]]),
}
REACHED = {
    "day": [[2, 2, 2, 2], [1, 1, 1, 0]],
    "week": [[2, 2, 2], [2, 2, 0]],
    "month": [[2, 2, 2, 1], [2, 2, 0, 0]],
    "quarter": [[2, 2, 2, 2, 1], [1, 1, 1, 0, 0]],
    "year": [[1, 1], [2, 1]],
}


def log(lives, amount=10.0, **columns):
    rows = [(who, pd.Timestamp(day)) for who, days in lives.items() for day in days]
    frame = pd.DataFrame(rows, columns=["customer_id", "ordered_at"]).assign(amount=amount)
    for name, values in columns.items():
        frame[name] = frame["customer_id"].map(values)
    return frame


def matrix(table, value="active"):
    return table.pivot(index="cohort", columns="age", values=value).to_numpy().tolist()


@pytest.fixture(scope="module")
def logs():
    return {period: load.orders(log(lives)) for period, lives in LOGS.items()}


@pytest.mark.parametrize(("period", "rolling"), ACTIVE)
def test_customers_counted_on_each_age_or_later_or_in_a_bracket(logs, period, rolling):
    on, on_or_after, bracket = ACTIVE[period, rolling]
    options = {"as_of": AS_OF[period], "period": period, "rolling": rolling}
    table = summarise.cohorts(logs[period], **options)
    assert table["cohort"].unique().tolist() == list(pd.to_datetime(STARTS[period]))
    np.testing.assert_array_equal(matrix(table), on)
    assert matrix(table, "complete") == COMPLETE[period, rolling][0]
    later = summarise.cohorts(logs[period], **options, counting="on_or_after")
    np.testing.assert_array_equal(matrix(later), on_or_after)
    assert matrix(later, "complete") == COMPLETE[period, rolling][0]
    spans = summarise.cohorts(logs[period], **options, counting="brackets", brackets=[(1, 2)])
    np.testing.assert_array_equal(matrix(spans), bracket)
    assert matrix(spans, "complete") == COMPLETE[period, rolling][1]
    assert spans["age"].eq(1).all()
    assert spans["through"].eq(2).all()


@pytest.mark.parametrize("period", REACHED)
def test_in_a_customers_own_periods_each_gets_there_on_another_day(logs, period):
    options = {"as_of": AS_OF[period], "period": period, "rolling": True}
    table = summarise.cohorts(logs[period], **options)
    assert matrix(table, "reached") == REACHED[period]
    pd.testing.assert_series_equal(table["rate"], table["active"] / table["size"], check_names=False)
    later = summarise.cohorts(logs[period], **options, counting="on_or_after")
    expected = later["active"] / later["reached"].where(later["reached"] > 0)
    pd.testing.assert_series_equal(later["rate"], expected, check_names=False)


def test_an_order_belongs_to_the_month_of_the_business_time_zone():
    """23:30 UTC on 31 January is half past midnight on 1 February in Warsaw."""
    frame = log({"ann": ["2024-01-31 23:30", "2024-02-29 12:00"]})
    frame["ordered_at"] = frame["ordered_at"].dt.tz_localize("UTC")
    rows = {}
    for zone in ("UTC", "Europe/Warsaw"):
        table = summarise.cohorts(load.orders(frame, timezone=zone), as_of="2024-02-29")
        rows[zone] = table[["cohort", "age", "active"]].astype(str).to_numpy().tolist()
    assert rows["UTC"] == [["2024-01-01", "0", "1.0"], ["2024-01-01", "1", "1.0"]]
    assert rows["Europe/Warsaw"] == [["2024-02-01", "0", "1.0"]]


def test_money_by_hand():
    frame = pd.DataFrame(
        [
            ("ann", "2024-01-05", 10), ("ann", "2024-01-20", 20), ("bob", "2024-01-31", 30), ("ann", "2024-03-01", 40),
            ("bob", "2024-02-02", -5), ("cat", "2023-12-30", -7), ("cat", "2024-02-10", 50),
        ],
        columns=["customer_id", "ordered_at", "amount"],
    )  # fmt: skip
    table = summarise.cohorts(frame, as_of="2024-03-31")
    np.testing.assert_array_equal(matrix(table, "revenue"), [[60, -5, 40], [43, 0, X]])
    np.testing.assert_array_equal(matrix(table, "orders"), [[3, 0, 1], [1, 0, X]])
    np.testing.assert_array_equal(matrix(table, "average_order_value"), [[20, X, 40], [43, X, X]])
    np.testing.assert_array_equal(matrix(table, "cumulative_revenue"), [[60, 55, 95], [43, 43, X]])
    np.testing.assert_array_equal(matrix(table, "revenue_per_customer"), [[30, 27.5, 47.5], [43, 43, X]])
    spans = summarise.cohorts(frame, as_of="2024-03-31", counting="brackets", brackets=[(0, 0), (2, 3)])
    np.testing.assert_array_equal(matrix(spans, "revenue"), [[60, 40], [43, X]])
    np.testing.assert_array_equal(matrix(spans, "cumulative_revenue"), [[60, 95], [43, X]])


def test_recurring_members_are_all_who_bought_in_the_period(logs):
    options = {"as_of": "2024-03-31", "members": "recurring"}
    table = summarise.cohorts(logs["month"], **options)
    np.testing.assert_array_equal(matrix(table), [[2, 1, 2], [3, 2, X], [3, X, X]])
    np.testing.assert_array_equal(matrix(table, "revenue"), [[30, 10, 20], [30, 20, X], [30, X, X]])
    later = summarise.cohorts(logs["month"], **options, counting="on_or_after")
    np.testing.assert_array_equal(matrix(later), [[2, 2, 2], [3, 2, X], [3, X, X]])


@pytest.mark.parametrize("rolling", [False, True])
def test_any_date_can_start_a_cohort(rolling):
    """Ann signed up in December, bob on the day of his order, cat never; eve had ordered earlier in her month."""
    signed = {"ann": "2023-12-20", "bob": "2024-01-31", "eve": "2024-01-10"}
    orders = log(
        {"ann": ["2024-01-05", "2024-02-29"], "bob": ["2024-01-31"], "cat": ["2024-01-03"], "eve": ["2024-01-02"]},
        signed_up={name: pd.Timestamp(day) for name, day in signed.items()},
    )
    table = summarise.cohorts(orders, as_of="2024-02-29", start="signed_up", rolling=rolling)
    assert matrix(table, "size") == [[1, 1, 1], [2, 2, 2]]
    expected = [[1, 0, 1], [1, 0, X]] if rolling else [[0, 1, 1], [2, 0, X]]
    np.testing.assert_array_equal(matrix(table), expected)
    later = summarise.cohorts(orders, as_of="2024-02-29", start="signed_up", rolling=rolling, counting="on_or_after")
    np.testing.assert_array_equal(matrix(later), [[1, 1, 1], [1 if rolling else 2, 0, X]])


def test_cells_of_few_customers_are_hidden_and_say_so(logs):
    table = summarise.cohorts(logs["quarter"], as_of="2024-09-30", period="quarter", min_size=2)
    small = table["size"] < 2
    assert (table["suppressed"] == small & (table["reached"] > 0)).all()
    shown = ["active", "rate", "low", "high", "revenue", "orders", "average_order_value", "revenue_per_customer"]
    assert table.loc[small, shown].isna().all(axis=None)
    assert table.loc[~small, "active"].tolist() == [2, 1, 1, 0]
    later = summarise.cohorts(
        logs["quarter"], as_of="2024-09-30", period="quarter", rolling=True, counting="on_or_after", min_size=2
    )
    assert later.loc[(later["cohort"] == "2023-10-01") & (later["age"] == 4), "suppressed"].item()


def test_several_dimensions_at_once():
    orders = log(
        {"ann": ["2024-01-05"], "bob": ["2024-01-06"]}, country={"ann": "PL", "bob": "TW"}, channel={"ann": "web"}
    )
    table = summarise.cohorts(orders, as_of="2024-01-31", by=["country", "channel"])
    assert table[["country", "channel", "size"]].to_numpy().tolist() == [["PL", "web", 1], ["TW", "(none)", 1]]


def test_a_wider_level_gives_a_wider_interval(logs):
    wide, narrow = (summarise.cohorts(logs["month"], as_of="2024-03-31", level=level).loc[1] for level in (0.99, 0.8))
    assert wide["low"] < narrow["low"] < narrow["high"] < wide["high"]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"brackets": [(1, 3)]}, 'brackets go with counting="brackets"'),
        ({"counting": "brackets"}, 'brackets go with counting="brackets"'),
        ({"counting": "brackets", "brackets": [(1, 3), (3, 5)]}, "do not overlap"),
        ({"counting": "brackets", "brackets": [(3, 1)]}, "brackets are ages from 0"),
        ({"members": "all"}, "members is one of"),
        ({"members": "recurring", "rolling": True}, "leave out rolling and start"),
        ({"level": 95}, "level must be between 0 and 1"),
        ({"min_size": -1}, "min_size must be a whole number"),
        ({"level": 0, "min_size": -1, "counting": "at"}, "3 faults"),
    ],
)
def test_requests_that_contradict_themselves(logs, wrong, message):
    with pytest.raises(ConfigError, match=message):
        summarise.cohorts(logs["month"], as_of="2024-03-31", **wrong)


def test_a_start_column_must_be_there(logs):
    with pytest.raises(DataError, match="no column signed_up"):
        summarise.cohorts(logs["month"], as_of="2024-03-31", start="signed_up")
