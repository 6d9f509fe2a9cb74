"""Recency, frequency, age and money of each customer, from the raw log."""

import ibis
import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest

from retention_kit import load, summarise
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.schema import CUSTOMERS


def log(*rows):
    return pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])


def one(orders, **how):
    table = summarise.customers(orders, **{"as_of": "2024-03-31", **how})
    assert len(table) == 1
    return table.iloc[0]


def test_columns_are_those_of_the_schema_in_order():
    table = summarise.customers(log(("ada", "2024-01-01", 5)), as_of="2024-01-31")
    assert list(table.columns) == [c.name for c in CUSTOMERS.columns]
    assert (table["unit"].item(), table["grain"].item()) == ("week", "day")
    assert pd.Timestamp(table["as_of"].item()) == pd.Timestamp("2024-01-31")


def test_by_hand_in_days():
    ada = one(
        log(("ada", "2024-01-01 09:00", 10), ("ada", "2024-01-01 18:00", 5), ("ada", "2024-01-11", 20)), unit="day"
    )
    assert (ada.frequency, ada.recency, ada["T"]) == (1, 10.0, 90.0)
    assert (ada.orders, ada.revenue, ada.monetary_value) == (3, 35.0, 20.0)
    assert ada.first_order == pd.Timestamp("2024-01-01 09:00")
    assert ada.last_order == pd.Timestamp("2024-01-11")
    assert ada.days_since_last == 80


@pytest.mark.parametrize(("unit", "days"), [("day", 1), ("week", 7), ("month", 365.25 / 12), ("year", 365.25)])
def test_the_unit_divides_days_and_nothing_else(unit, days):
    ada = one(log(("ada", "2024-01-01", 10), ("ada", "2024-03-01", 5)), unit=unit)
    assert ada.recency == 60 / days
    assert ada["T"] == 90 / days


def test_as_of_is_the_last_day_that_counts():
    orders = log(("ada", "2024-01-01", 10), ("ada", "2024-03-31 23:59:59", 20), ("ada", "2024-04-01", 40))
    assert one(orders).revenue == 30


def test_later_rows_change_nothing():
    early = log(("ada", "2024-01-01", 10), ("bo", "2024-02-01", 20))
    late = log(("ada", "2024-05-01", 10), ("cy", "2024-06-01", 20), ("bo", "2024-04-01", -20))
    before = summarise.customers(early, as_of="2024-03-31")
    after = summarise.customers(pd.concat([early, late]), as_of="2024-03-31")
    pdt.assert_frame_equal(before, after)


def test_month_grain_counts_calendar_months():
    ada = one(log(("ada", "2024-01-31", 10), ("ada", "2024-02-01", 5)), unit="month", grain="month")
    assert (ada.frequency, ada.recency, ada["T"]) == (1, 1.0, 2.0)


def test_week_grain_starts_on_monday():
    sunday_and_monday = log(("ada", "2024-01-07", 10), ("ada", "2024-01-08", 5))
    assert one(sunday_and_monday, grain="week").frequency == 1
    same_week = log(("ada", "2024-01-08", 10), ("ada", "2024-01-14", 5))
    assert one(same_week, grain="week").frequency == 0


def test_a_refund_changes_value_never_timing():
    bought = [("ada", "2024-01-01", 100), ("ada", "2024-02-01", 50), ("ada", "2024-03-01", 70)]
    plain = one(log(*bought))
    refunded = one(log(*bought, ("ada", "2024-03-20", -20)))
    timing = ["frequency", "recency", "T", "orders", "first_order", "last_order", "days_since_last"]
    assert (plain[timing] == refunded[timing]).all()
    assert (plain.revenue, refunded.revenue) == (220, 200)
    assert (plain.monetary_value, refunded.monetary_value) == (60, 50)


@pytest.mark.parametrize(
    ("refunded_at", "repeat_mean"), [("2024-01-20", 60), ("2024-02-01", 40), ("2024-02-20", 40), ("2023-12-01", 60)]
)
def test_a_refund_before_the_second_event_belongs_to_the_first(refunded_at, repeat_mean):
    orders = log(
        ("ada", "2024-01-01", 100), ("ada", "2024-02-01", 50), ("ada", "2024-03-01", 70), ("ada", refunded_at, -40)
    )
    ada = one(orders)
    assert ada.monetary_value == repeat_mean
    assert ada.revenue == 180


def test_a_customer_with_refunds_alone_has_no_row():
    table = summarise.customers(log(("ada", "2024-01-01", 10), ("bo", "2024-01-02", -10)), as_of="2024-03-31")
    assert list(table["customer_id"]) == ["ada"]


def test_a_free_order_is_an_order():
    ada = one(log(("ada", "2024-01-01", 10), ("ada", "2024-02-01", 0)))
    assert (ada.frequency, ada.monetary_value) == (1, 0.0)


def test_cents_add_up_exactly():
    assert one(log(*[("ada", f"2024-01-{d:02}", 0.1) for d in range(1, 31)])).revenue == 3.0


def test_ibis_in_ibis_out_and_frame_in_frame_out():
    frame = log(("ada", "2024-01-01", 10), ("bo", "2024-02-01", 20))
    out = summarise.customers(frame, as_of="2024-03-31")
    assert isinstance(out, pd.DataFrame)
    lazy = summarise.customers(load.orders(frame).table, as_of="2024-03-31")
    assert not isinstance(lazy, pd.DataFrame)
    pdt.assert_frame_equal(lazy.order_by("customer_id").to_pandas(), out.to_pandas())
    dataset = summarise.customers(load.orders(frame), as_of="2024-03-31")
    pdt.assert_frame_equal(dataset.order_by("customer_id").to_pandas(), out.to_pandas())
    assert hasattr(out[out["customer_id"] == "ada"], "to_pandas")


def test_row_order_does_not_matter_and_the_input_is_unchanged():
    frame = load.sample("cdnow_sample").to_pandas().head(2000)
    copy = frame.copy()
    shuffled = frame.sample(frac=1, random_state=1)
    a = summarise.customers(frame, as_of="1997-09-30")
    pdt.assert_frame_equal(a, summarise.customers(shuffled, as_of="1997-09-30"))
    pdt.assert_frame_equal(frame, copy)


def test_refused_rows_of_a_frame_are_warned_about():
    with pytest.warns(RetentionKitWarning, match="1 of 2 rows were refused"):
        summarise.customers(log(("ada", "2024-01-01", 10), (None, "2024-01-02", 5)), as_of="2024-03-31")


def test_missing_columns_of_an_ibis_table_are_all_named():
    table = load.orders(log(("ada", "2024-01-01", 10))).table.select("customer_id")
    with pytest.raises(DataError, match=r"ordered_at.*amount"):
        summarise.customers(table, as_of="2024-03-31")


@pytest.mark.parametrize(
    "wrong",
    [{"unit": "fortnight"}, {"grain": "hour"}, {"as_of": "soon"}, {"as_of": None}, {"unit": "weeks"}, {"log_gaps": 2}],
)
def test_a_wrong_request_is_one_clear_error(wrong):
    with pytest.raises(ConfigError, match=str(next(iter(wrong.values())))):
        one(log(("ada", "2024-01-01", 10)), **wrong)


def test_cdnow_tenth_has_the_published_shape():
    """2,357 customers of whom 946 came back, mean spend 35.08 (Fader and Hardie, note 025)."""
    table = summarise.customers(load.sample("cdnow_sample"), as_of="1997-09-30").to_pandas()
    back = table[table["frequency"] > 0]
    assert (len(table), len(back)) == (2357, 946)
    assert round(back["monetary_value"].mean(), 2) == 35.08


def test_the_table_can_be_joined_by_any_condition():
    table = summarise.customers(load.sample("cdnow_sample"), as_of="1997-09-30")
    other = ibis.memtable({"customer_id": ["00004", "nobody"], "note": ["seen", "unseen"]})
    joined = table.left_join(other, [table.customer_id == other.customer_id, table.frequency > 0]).to_pandas()
    assert len(joined) == 2357
    assert joined["note"].dropna().tolist() == ["seen"]


@pytest.mark.parametrize(("unit", "days"), [("day", 1), ("week", 7), ("month", 365.25 / 12), ("year", 365.25)])
def test_logs_of_gaps_are_given_when_asked_for_in_the_unit(unit, days):
    """Purchases of one day are one event, and what is not in order in the log makes no gap."""
    orders = log(
        ("ada", "2024-01-31", 10),
        ("ada", "2024-01-01 09:00", 5),
        ("ada", "2024-01-01 18:00", 5),
        ("bo", "2024-01-11", 5),
        ("ada", "2024-01-11 08:00", 5),
        ("ada", "2024-01-11 10:00", 5),
        ("ada", "2024-02-15", -10),
    )
    table = summarise.customers(orders, as_of="2024-03-31", unit=unit, log_gaps=True).set_index("customer_id")
    assert table.loc["ada", "log_gaps"] == pytest.approx(np.log(10 / days) + np.log(20 / days))
    assert table.loc["bo", "log_gaps"] == 0


def test_gaps_are_counted_in_grains():
    ada = one(
        log(("ada", "2024-01-31", 10), ("ada", "2024-02-01", 10), ("ada", "2024-03-20", 10)),
        grain="month",
        unit="month",
        log_gaps=True,
    )
    assert (ada.frequency, ada.log_gaps) == (2, pytest.approx(0))


def test_logs_of_gaps_are_those_of_pandas_and_change_no_other_column():
    orders = load.sample("cdnow_sample")
    plain, table = (
        summarise.customers(orders, as_of="1998-06-30", log_gaps=asked)
        .to_pandas()
        .set_index("customer_id")
        .sort_index()
        for asked in (False, True)
    )
    frame = orders.to_pandas()
    days = frame.assign(day=frame["ordered_at"].dt.normalize()).drop_duplicates(["customer_id", "day"])
    days = days.sort_values(["customer_id", "day"])
    gaps = np.log(days.groupby("customer_id")["day"].diff().dt.days / 7).groupby(days["customer_id"]).sum()
    np.testing.assert_allclose(table["log_gaps"], gaps.sort_index(), atol=1e-9)
    pdt.assert_frame_equal(table.drop(columns="log_gaps"), plain)
