"""Customers with one, two, three orders by the end of each period."""

import pandas as pd
import pandas.testing as pdt
import pytest

from retention_kit import load, metrics, summarise
from retention_kit.errors import ConfigError, DataError

ROWS = [
    ("ada", "2024-01-05", 10), ("ada", "2024-01-05", 12), ("ada", "2024-02-29", 20), ("ada", "2024-03-01", 5),
    ("bo", "2024-01-31", 15), ("bo", "2024-03-31", -15), ("cy", "2024-04-01", 30),
]  # fmt: skip
LOG = pd.DataFrame(ROWS, columns=["customer_id", "ordered_at", "amount"]).assign(
    ordered_at=lambda t: pd.to_datetime(t["ordered_at"])
)


def test_by_hand_refunds_are_no_orders_and_two_orders_of_a_day_are_two():
    table = summarise.orders_so_far(LOG, as_of="2024-04-15")
    assert table["period"].dt.strftime("%m").tolist() == ["01", "02", "03", "04"]
    assert table[["at_least_1", "at_least_2", "at_least_3"]].to_numpy().tolist() == [
        [2, 1, 0], [2, 1, 1], [2, 1, 1], [3, 1, 1],
    ]  # fmt: skip


@pytest.mark.parametrize("period", ["week", "month", "quarter"])
def test_each_row_equals_the_customer_table_of_that_day(period):
    orders = load.sample("cdnow_sample")
    table = summarise.orders_so_far(orders, as_of="1998-06-30", period=period)
    row = table.iloc[len(table) // 2]
    day = table["period"].iloc[len(table) // 2 + 1] - pd.Timedelta(days=1)
    customers = summarise.customers(orders, as_of=day).to_pandas()
    assert [(customers["orders"] >= k).sum() for k in (1, 2, 3)] == row[1:].tolist()


def test_later_orders_change_no_period_of_the_past():
    before = summarise.orders_so_far(LOG, as_of="2024-03-31")
    pdt.assert_frame_equal(summarise.orders_so_far(LOG, as_of="2024-04-30").head(len(before)), before)


def test_requests_that_cannot_be_met():
    with pytest.raises(DataError, match="no order up to"):
        summarise.orders_so_far(LOG, as_of="2023-12-31")
    with pytest.raises(ConfigError, match="most"):
        summarise.orders_so_far(LOG, as_of="2024-03-31", most=0)


def test_the_history_of_the_scorecard_ends_in_the_scorecard():
    orders = load.sample("cdnow_sample")
    card = metrics.scorecard(orders, as_of="1998-06-30", lapse_after=90).set_index("name")
    history = metrics.scorecard_history(orders, as_of="1998-06-30", lapse_after=90)
    by_name = history.pivot(index="period", columns="name", values="value")
    assert len(by_name) == 13
    for place, column in ((-1, "value"), (-2, "previous"), (0, "last_year")):
        shown = card.loc[by_name.columns, column]
        shown = shown if column == "value" else shown.dropna()  # what may not be compared is not on the scorecard
        assert len(shown) >= 8
        pdt.assert_series_equal(by_name.iloc[place].reindex(shown.index), shown, check_names=False)
    assert not set(by_name) & {"repeat_purchase_rate", "loyal_customer_rate"}


@pytest.mark.parametrize("made", [metrics.scorecard, metrics.scorecard_history])
def test_a_period_table_at_hand_gives_the_same_scorecard(made):
    orders, how = load.sample("cdnow_sample"), {"as_of": "1998-06-30", "period": "quarter"}
    table = summarise.periods(orders, lapse_after=90, **how)
    pdt.assert_frame_equal(made(orders, table=table, **how), made(orders, lapse_after=90, **how))


@pytest.mark.parametrize("other", [{"as_of": "2024-02-29"}, {"period": "week"}, {"lapse_after": [30, 60]}])
def test_a_period_table_of_something_else_is_refused(other):
    table = summarise.periods(LOG, **{"as_of": "2024-04-15"} | other)
    with pytest.raises(DataError, match="one row for each month up to 2024-04-15"):
        metrics.scorecard(LOG, as_of="2024-04-15", table=table)


def test_a_log_that_begins_with_a_refund_has_a_scorecard():
    refund = LOG.iloc[[0]].assign(ordered_at=pd.Timestamp("2023-11-05"), amount=-3)
    card = metrics.scorecard(pd.concat([refund, LOG]), as_of="2024-04-15").set_index("name")
    assert card.loc["repeat_purchase_rate", "value"] == pytest.approx(1 / 3)
