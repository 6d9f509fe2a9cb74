"""Cohort tables, by hand and against a plain pandas computation."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest

from retention_kit import load, summarise
from retention_kit.errors import ConfigError, DataError


def log(*rows, columns=("customer_id", "ordered_at", "amount")):
    return pd.DataFrame(rows, columns=list(columns))


def matrix(table, value="active"):
    return table.pivot(index="cohort", columns="age", values=value)


@pytest.fixture(scope="module")
def cdnow():
    return load.sample("cdnow")


def test_the_cdnow_table_equals_a_plain_pandas_computation(cdnow):
    """All 23,570 customers of the master log, cell by cell, customers and money."""
    orders = cdnow.to_pandas()
    month = orders["ordered_at"].dt.to_period("M")
    born = month.groupby(orders["customer_id"]).transform("min")
    age = (month.dt.year - born.dt.year) * 12 + month.dt.month - born.dt.month
    active = orders.groupby([born.rename("cohort"), age.rename("age")])["customer_id"].nunique().unstack()
    revenue = orders["amount"].astype(float).groupby([born, age]).sum().unstack()
    table = summarise.cohorts(cdnow, as_of="1998-06-30")
    assert matrix(table).shape == active.shape == (3, 18)
    np.testing.assert_array_equal(matrix(table).to_numpy(), active.to_numpy())
    np.testing.assert_allclose(matrix(table, "revenue").to_numpy(), revenue.to_numpy(), rtol=1e-12)
    assert list(matrix(table).index) == list(active.index.start_time)
    assert matrix(table).iloc[2, 16:].isna().all()
    assert table.groupby("cohort")["size"].first().tolist() == active[0].tolist()


def test_unobserved_cells_are_nan_and_a_quiet_month_is_zero():
    orders = log(("ada", "2024-01-05", 1), ("ada", "2024-03-05", 1), ("bo", "2024-03-09", 1))
    table = summarise.cohorts(orders, as_of="2024-03-31")
    expected = [[1, 0, 1], [1, np.nan, np.nan]]
    np.testing.assert_array_equal(matrix(table).to_numpy(), expected)
    np.testing.assert_array_equal(matrix(table, "rate").to_numpy(), expected)
    assert table.loc[table["active"].isna(), ["rate", "low", "high", "revenue"]].isna().all(axis=None)
    assert not table.loc[table["active"].isna(), "complete"].any()


def test_a_cell_is_complete_when_its_period_has_ended():
    orders = log(("ada", "2024-01-05", 1), ("bo", "2024-02-09", 1))
    by_day = {}
    for as_of in ("2024-02-28", "2024-02-29"):
        table = summarise.cohorts(orders, as_of=as_of)
        by_day[as_of] = matrix(table, "complete").to_numpy().tolist()
    assert by_day["2024-02-28"] == [[True, False], [False, False]]
    assert by_day["2024-02-29"] == [[True, True], [True, False]]


def test_on_or_after_counts_those_still_to_come():
    orders = log(("ada", "2024-01-05", 1), ("ada", "2024-03-05", 1), ("bo", "2024-01-09", 1))
    table = summarise.cohorts(orders, as_of="2024-03-31", counting="on_or_after")
    assert table["active"].tolist() == [2, 1, 1]


@pytest.mark.parametrize(
    ("period", "starts", "active"),
    [
        ("week", ["2024-12-23", "2024-12-30"], [[1, 1], [1, np.nan]]),
        ("quarter", ["2024-10-01", "2025-01-01"], [[1, 1], [1, np.nan]]),
        ("year", ["2024-01-01", "2025-01-01"], [[1, 1], [1, np.nan]]),
    ],
)
def test_weeks_cross_the_new_year_and_quarters_follow_the_calendar(period, starts, active):
    orders = log(("ada", "2024-12-29", 1), ("ada", "2025-01-05", 1), ("bo", "2025-01-01", 1))
    table = matrix(summarise.cohorts(orders, as_of="2025-01-05", period=period))
    assert list(table.index) == list(pd.to_datetime(starts))
    np.testing.assert_array_equal(table.to_numpy(), active)


def test_a_refund_never_makes_a_customer_active():
    orders = log(("ada", "2024-01-05", 10), ("ada", "2024-02-05", -10), ("bo", "2024-02-05", -3))
    table = summarise.cohorts(orders, as_of="2024-02-29")
    assert table["active"].tolist() == [1, 0]
    assert table["revenue"].tolist() == [10, -10]


def test_groups_add_up_to_the_whole(cdnow):
    frame = cdnow.to_pandas()
    frame["half"] = np.where(frame["customer_id"].str[-1].isin(list("02468")), "even", "odd")
    whole = summarise.cohorts(frame, as_of="1998-06-30")
    parts = summarise.cohorts(frame, as_of="1998-06-30", by="half")
    added = parts.groupby(["cohort", "age"])[["size", "active", "revenue"]].sum(min_count=2).reset_index()
    pdt.assert_frame_equal(added, whole[["cohort", "age", "size", "active", "revenue"]], check_dtype=False)


def test_a_customer_belongs_to_the_group_of_the_first_order():
    orders = log(
        ("ada", "2024-01-05", 1, "shop"), ("ada", "2024-02-05", 1, "web"), ("bo", "2024-01-06", 1, None),
        columns=("customer_id", "ordered_at", "amount", "channel"),
    )  # fmt: skip
    table = summarise.cohorts(orders, as_of="2024-02-29", by="channel")
    assert table[["channel", "active"]].to_numpy().tolist() == [["(none)", 1], ["(none)", 0], ["shop", 1], ["shop", 1]]


def test_every_rate_carries_its_wilson_interval(cdnow):
    table = summarise.cohorts(cdnow, as_of="1998-06-30").dropna()
    low, high = summarise.wilson(table["active"], table["size"])
    pdt.assert_series_equal(table["low"], low, check_names=False)
    pdt.assert_series_equal(table["high"], high, check_names=False)
    assert ((table["low"] <= table["rate"]) & (table["rate"] <= table["high"])).all()


def test_wilson_matches_the_published_example():
    """Newcombe (1998), Statistics in Medicine 17, table I, method 3."""
    for (x, n), expected in {(81, 263): (0.2553, 0.3662), (0, 20): (0, 0.1611), (1, 29): (0.0061, 0.1718)}.items():
        assert np.round(summarise.wilson(x, n), 4).tolist() == list(expected)
    assert np.isnan(summarise.wilson(0, 0)).all()


def test_wrong_requests_are_clear():
    orders = log(("ada", "2024-01-05", 1))
    with pytest.raises(ConfigError, match="counting is one of"):
        summarise.cohorts(orders, as_of="2024-01-31", counting="ever")
    with pytest.raises(ConfigError, match="period is one of"):
        summarise.cohorts(orders, as_of="2024-01-31", period="moon")
    with pytest.raises(DataError, match="no column country"):
        summarise.cohorts(orders, as_of="2024-01-31", by="country")
    with pytest.raises(DataError, match="no order up to"):
        summarise.cohorts(orders, as_of="2023-01-31")
