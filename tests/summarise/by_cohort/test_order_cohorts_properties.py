"""What holds for the cohort table of any log."""

import datetime as dt

import numpy as np
import pandas as pd
import pandas.testing as pdt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention_kit import load, summarise

START = dt.date(2023, 12, 1)
BRACKETS = [(0, 0), (1, 2), (4, 6)]
KINDS = {
    "on": {},
    "on_or_after": {"counting": "on_or_after"},
    "brackets": {"counting": "brackets", "brackets": BRACKETS},
}
few = settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

rows = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 160), st.sampled_from([5, 12.5, 30, -4])),
    min_size=6,
    max_size=30,
).filter(lambda rows: any(amount > 0 and day < 100 for _, day, amount in rows))
kinds = st.tuples(st.sampled_from(["week", "month", "quarter"]), st.booleans())


def dataset(rows):
    days = [pd.Timestamp(START + dt.timedelta(days=day)) for _, day, _ in rows]
    who, _, amount = zip(*rows, strict=True)
    return load.orders(pd.DataFrame({"customer_id": who, "ordered_at": days, "amount": amount}))


def day(number):
    return START + dt.timedelta(days=number)


@few
@given(rows=rows, kind=kinds)
def test_counts_stay_within_their_cohorts_and_money_adds_up(rows, kind):
    orders, (period, rolling) = dataset(rows), kind
    tables = {
        name: summarise.cohorts(orders, as_of=day(160), period=period, rolling=rolling, **options)
        for name, options in KINDS.items()
    }
    for table in tables.values():
        seen = table[table["reached"] > 0]
        assert (seen["active"] <= seen["reached"]).all()
        assert (table["reached"] <= table["size"]).all()
        assert table.loc[table["reached"] == 0, ["active", "rate", "revenue", "orders"]].isna().all(axis=None)
        assert (seen["low"] <= seen["rate"] + 1e-12).all()
        assert (seen["rate"] <= seen["high"] + 1e-12).all()
    later = tables["on_or_after"].groupby("cohort")["active"].diff()
    assert not (later > 0).any()
    both = tables["on"].merge(tables["on_or_after"], on=["cohort", "age"])
    assert not (both["active_x"] > both["active_y"]).any()
    table = tables["on"]
    frame = orders.to_pandas()
    buyers = frame[frame["amount"] >= 0]["customer_id"].unique()
    revenue = float(frame[frame["customer_id"].isin(buyers)]["amount"].sum())
    last = table[table["reached"] > 0].groupby("cohort").tail(1)
    np.testing.assert_allclose(last["cumulative_revenue"].sum(), revenue, atol=1e-9)
    np.testing.assert_allclose(table["revenue"].sum(), revenue, atol=1e-9)


@few
@given(rows=rows, period=st.sampled_from(["day", "week", "month", "quarter", "year"]))
def test_the_cohorts_active_in_a_period_are_its_customers(rows, period):
    orders = dataset(rows)
    table = summarise.cohorts(orders, as_of=day(160), period=period).dropna(subset="active")
    shift = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}[period]
    table["period"] = [
        (cohort.to_period(shift) + age).start_time for cohort, age in zip(table["cohort"], table["age"], strict=True)
    ]
    added = table.groupby("period")[["active", "orders"]].sum()
    periods = summarise.periods(orders, as_of=day(160), period=period).set_index("period")
    both = added.join(periods[["customers", "orders"]], rsuffix="_counted", how="left")
    assert (both["active"] == both["customers"]).all()
    assert (both["orders"] == both["orders_counted"]).all()


@few
@given(rows=rows, kind=kinds, cut=st.integers(100, 140))
def test_later_rows_never_change_what_was_complete(rows, kind, cut):
    whole, (period, rolling) = dataset(rows), kind
    early = dataset([row for row in rows if row[1] <= cut])
    keys = ["cohort", "age"]
    for name, options in KINDS.items():
        options = {"period": period, "rolling": rolling, **options}
        before = summarise.cohorts(early, as_of=day(cut), **options)
        pdt.assert_frame_equal(before, summarise.cohorts(whole, as_of=day(cut), **options))
        after = summarise.cohorts(whole, as_of=day(160), **options)
        both = before[before["complete"]].merge(after, on=keys, suffixes=("_then", "_now"))
        assert len(both) == before["complete"].sum()
        assert (both["size_then"] == both["size_now"]).all() or not both["complete_now"].all()
        if name == "on_or_after":
            assert (both["active_then"] <= both["active_now"]).all()
        else:
            closed = both[both["size_then"] == both["size_now"]]
            assert (closed["active_then"] == closed["active_now"]).all()
            np.testing.assert_allclose(closed["revenue_then"], closed["revenue_now"], atol=1e-9)
