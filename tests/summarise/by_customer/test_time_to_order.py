"""Time to the next order, and who is overdue."""

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

from retention_kit import load, summarise
from retention_kit.errors import ConfigError, DataError

LIVES = {  # days after 1 January
    "ann": [0, 10, 10, 40],  # two orders on one day are one
    "bob": [5, 15, 18],
    "cat": [20],
    "dan": [30, 31],
}


def log(lives, **columns):
    rows = [
        (f"{who}{i}", who, pd.Timestamp("2024-01-01") + pd.Timedelta(days=day))
        for who, days in lives.items()
        for i, day in enumerate(days)
    ]
    frame = pd.DataFrame(rows, columns=["order_id", "customer_id", "ordered_at"]).assign(amount=1.0)
    for name, values in columns.items():
        frame[name] = frame["customer_id"].map(values)
    return frame


def gaps(orders=None, **options):
    table = summarise.order_gaps(log(LIVES) if orders is None else orders, as_of="2024-02-20", **options)  # day 50
    return [tuple(row) for row in table.drop(columns="group").to_numpy().tolist()]


def test_gaps_to_the_second_and_third_order_by_hand():
    assert gaps() == [(1, True, 1), (10, True, 2), (30, False, 1)]
    assert gaps(order=3) == [(3, True, 1), (19, False, 1), (30, True, 1)]
    assert gaps(order=3, since="first") == [(13, True, 1), (20, False, 1), (30, False, 1), (40, True, 1)]


def test_every_reorder_is_a_gap_and_the_last_one_is_open():
    assert gaps(order=None) == [
        (1, True, 1),
        (3, True, 1),
        (10, True, 2),
        (10, False, 1),
        (19, False, 1),
        (30, True, 1),
        (30, False, 1),
        (32, False, 1),
    ]


def test_a_refund_is_no_order_and_the_future_is_not_seen():
    orders = pd.concat([log(LIVES), log({"cat": [25]}).assign(amount=-1.0), log({"cat": [60]})])
    assert gaps(orders) == gaps()


def test_groups_are_those_of_the_first_order():
    table = summarise.order_gaps(
        log(LIVES, channel={"ann": "web", "bob": "app"}), as_of="2024-02-20", by="channel"
    )  # fmt: skip
    assert table.groupby("group")["customers"].sum().to_dict() == {"(none)": 2, "app": 1, "web": 1}


def test_the_real_curve_to_the_second_order_is_kaplan_and_meiers():
    orders = load.sample("cdnow_sample")
    customers = summarise.customers(orders, as_of="1998-06-30", unit="day").to_pandas()
    frame = orders.to_pandas()
    days = frame[["customer_id", "ordered_at"]].drop_duplicates().sort_values(["customer_id", "ordered_at"])
    second = days.groupby("customer_id")["ordered_at"].nth(1)
    second = days.loc[second.index].set_index("customer_id")["ordered_at"]
    joined = customers.set_index("customer_id").join(second.rename("second"))
    observed = joined["second"].notna()
    waited = (joined["second"].fillna(pd.Timestamp("1998-06-30")) - joined["first_order"].dt.normalize()).dt.days
    expected = KaplanMeierFitter().fit(waited, observed).survival_function_.iloc[:, 0]
    found = summarise.time_to_order(orders, as_of="1998-06-30").set_index("time")["survival"]
    np.testing.assert_allclose(found.to_numpy(), expected.to_numpy(), atol=1e-12)
    assert summarise.median_times(found.reset_index().assign(group="all", low=1, high=1, at_risk=2357))[
        "back"
    ].item() == pytest.approx(1 - expected.iloc[-1])


def test_several_orders_at_once_give_the_curves_of_each_in_the_order_asked_for():
    wanted = {"third": 3, "second": 2, "any": None}
    orders, how = log(LIVES | {"eva": [0, 3, 7, 8, 20, 22]}), {"as_of": "2024-02-20"}
    together = summarise.time_to_order(orders, order=wanted, **how)
    alone = [summarise.time_to_order(orders, order=n, **how).assign(group=name) for name, n in wanted.items()]
    pd.testing.assert_frame_equal(together, pd.concat(alone, ignore_index=True))
    assert list(summarise.median_times(together)["group"]) == list(wanted)


@pytest.mark.parametrize("wrong", [{"order": {}}, {"order": {"a": 1}}, {"since": "first"}, {"by": "country"}])
def test_several_orders_must_be_clear(wrong):
    with pytest.raises(ConfigError, match="order"):
        summarise.time_to_order(log(LIVES), as_of="2024-02-20", **{"order": {"second": 2}, **wrong})


def test_nobody_to_wait_for_one_of_several_orders():
    with pytest.raises(DataError, match="nobody had placed an order"):
        summarise.time_to_order(log({"ann": [0]}), as_of="2024-02-20", order={"second": 2, "third": 3})


def test_reorder_intervals_of_a_product():
    orders = log({"ann": [0, 10, 20], "bob": [0, 30]})
    lines = pd.DataFrame(
        [("ann0", "tea"), ("ann0", "tea"), ("ann1", "pot"), ("ann2", "tea"), ("bob0", "tea"), ("bob1", "pot")],
        columns=["order_id", "product"],
    )
    options = {"as_of": "2024-02-20", "order": None, "lines": lines}
    table = summarise.order_gaps(orders, **options, by="product")
    assert table.to_numpy().tolist() == [
        ["pot", 20, False, 1],
        ["pot", 40, False, 1],
        ["tea", 20, True, 1],
        ["tea", 30, False, 1],
        ["tea", 50, False, 1],
    ]
    both = summarise.order_gaps(orders, **options)
    assert both["customers"].sum() == table["customers"].sum()
    curve = summarise.time_to_order(orders, **options, by="product", min_count=3)
    assert curve["group"].unique().tolist() == ["tea"]


def test_a_returned_line_is_no_purchase():
    orders = log({"ann": [0, 10]})
    lines = pd.DataFrame({"order_id": ["ann0", "ann1"], "product": "tea", "quantity": [1, -1]})
    table = summarise.order_gaps(orders, as_of="2024-02-20", lines=lines)
    assert table[["days", "observed"]].to_numpy().tolist() == [[50, False]]


def test_medians_and_other_shares():
    curves = pd.DataFrame(
        {"group": "a", "time": [0.0, 5, 9, 20], "survival": [1, 0.8, 0.5, 0.3], "low": [1, 0.5, 0.3, 0.1],
         "high": [1, 0.9, 0.7, 0.45], "at_risk": [10, 10, 7, 4]}
    )  # fmt: skip
    assert summarise.median_times(curves).to_numpy().tolist() == [["a", 10, 9, 5, 20, 0.7]]
    assert np.isnan(summarise.median_times(curves, share=0.9)["time"].item())
    with pytest.raises(ConfigError, match="share must be between"):
        summarise.median_times(curves, share=50)


@pytest.mark.parametrize("wrong", [{"order": 1}, {"order": "2"}, {"since": "last"}, {"order": None, "since": "first"}])
def test_which_order_must_be_clear(wrong):
    with pytest.raises(ConfigError, match="order is 2, 3"):
        summarise.time_to_order(log(LIVES), as_of="2024-02-20", **wrong)


def test_nobody_who_could_come_back():
    with pytest.raises(DataError, match="nobody had placed an order"):
        summarise.time_to_order(log(LIVES), as_of="2024-02-20", order=7)


HABITS = {  # silent until day 50
    "weekly": [0, 7, 14, 21],  # 29 days: longer than all 3 gaps
    "patchy": [0, 30, 35, 40, 45],  # 5 days: longer than none of 4
    "mostly": [0, 2, 4, 6, 8, 40],  # 10 days: longer than 4 of 5
    "fresh": [0, 1],
}


def test_overdue_is_measured_by_a_customers_own_gaps():
    orders = log(HABITS)
    table = summarise.overdue(orders, as_of="2024-02-20", p=0.8)
    assert table["customer_id"].tolist() == ["weekly", "mostly"]
    row = table.iloc[0]
    assert row[["gaps", "mean_gap", "longest_gap", "days_since_last", "exceeded"]].tolist() == [3, 7, 7, 29, 1]
    assert row["times_usual"] == pytest.approx(29 / 7)
    assert row["last_order"] == pd.Timestamp("2024-01-22")
    assert table.iloc[1]["exceeded"] == 0.8
    assert summarise.overdue(orders, as_of="2024-02-20")["customer_id"].tolist() == ["weekly"]
    more = summarise.overdue(orders, as_of="2024-02-20", min_gaps=1)
    assert more["customer_id"].tolist() == ["fresh", "weekly"]


def test_refunds_lower_the_money_and_never_end_the_silence():
    orders = pd.concat([log(HABITS), log({"weekly": [49]}).assign(amount=-0.5)])
    row = summarise.overdue(orders, as_of="2024-02-20").iloc[0]
    assert (row["days_since_last"], row["revenue"]) == (29, 3.5)


@pytest.mark.parametrize("wrong", [{"p": 0}, {"p": 90}, {"min_gaps": 0}])
def test_overdue_needs_a_share_and_a_number(wrong):
    with pytest.raises(ConfigError, match=f"{next(iter(wrong))} must be"):
        summarise.overdue(log(HABITS), as_of="2024-02-20", **wrong)
