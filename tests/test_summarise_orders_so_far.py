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
        told = by_name.iloc[place].reindex(card.index)
        pdt.assert_series_equal(told, card[column], check_names=False)
