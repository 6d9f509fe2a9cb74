"""Where a change of revenue comes from: by hand, to the cent, over the same days, and at the edges of a log."""

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from retention_kit import metrics
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.metrics.changes.revenue_causes import parts_against
from retention_kit.metrics.changes.same_days import Comparison


def log(*rows, **columns):
    table = pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])
    return table.assign(ordered_at=pd.to_datetime(table["ordered_at"]), **columns)


def parts(table, against="previous", split="factors"):
    return table[(table["against"] == against) & (table["split"] == split)].set_index("part")


BEFORE = ("old", "2023-01-01", 1.0)
"""An order that makes the log begin long before the months compared."""


def test_two_customers_by_hand():
    orders = log(
        BEFORE, ("ada", "2024-01-10", 10.0), ("ada", "2024-02-10", 20.0), ("ada", "2024-02-20", 20.0),
        ("bo", "2024-01-15", 30.0), ("bo", "2024-02-15", 50.0), ("bo", "2024-02-16", -10.0),
    )  # fmt: skip
    table = metrics.revenue_causes(orders, as_of="2024-02-29")
    # 40 from two orders of two customers; then 90 from three orders of the same two, and 10 given back
    mean = 50 / math.log(90 / 40)
    factors = parts(table)
    assert factors["change"].tolist() == pytest.approx(
        [0, mean * math.log(1.5), mean * math.log((90 / 3) / (40 / 2)), -10]
    )
    assert parts(table, split="orders")["change"].tolist() == [-40, 90, -10]
    total = parts(table, split="total").loc["revenue"]
    # ada has 30 more, bo 10 more: the error is the root of 30² + 10², with one degree of freedom
    half = stats.t.ppf(0.975, 1) * math.hypot(30, 10)
    assert total[["change", "low", "high", "n"]].tolist() == pytest.approx([40, 40 - half, 40 + half, 2])
    (by_days,) = parts(table, split="days")["change"]
    # one order on each day of the week but Friday: 25 such days after 27
    assert by_days == pytest.approx(40 * (25 / 27 - 1), rel=0.005)
    # from shorter days even more: the change itself counts, which is smaller
    assert total["p"] == pytest.approx(2 * stats.t.sf(40 / math.hypot(30, 10), 1))
    assert (factors.loc["refunds", "n"], math.isnan(factors.loc["refunds", "p"])) == (1, True)


def random_shop(seed, months=14, customers=80):
    rng = np.random.default_rng(seed)
    n = 3 * months * customers
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 30 * months, n), "D")
    amounts = np.where(rng.random(n) < 0.1, -1, 1) * rng.gamma(2, 15, n).round(2)
    rows = pd.DataFrame({"customer_id": rng.integers(customers, size=n), "ordered_at": days, "amount": amounts})
    return rows.astype({"customer_id": str}).assign(country=rng.choice(["PL", "TW", None, "US"], n))


@pytest.mark.parametrize(
    ("period", "as_of"), [("month", "2024-01-31"), ("month", "2024-01-17"), ("week", "2024-01-17")]
)
def test_the_parts_of_each_split_add_up_to_the_change(period, as_of):
    table = metrics.revenue_causes(random_shop(1), as_of=as_of, period=period, by=["country"])
    assert set(table["split"]) == {"total", "days", "factors", "orders", "dimension:country"}
    for against, rows in table[table["split"] != "days"].groupby("against"):
        sums = rows.groupby("split")["change"].sum()
        assert len(sums) == (4 if against == "previous" else 3)  # a year ago the log began
        assert sums.to_numpy() == pytest.approx(sums["total"], rel=1e-9), against
    assert set(parts(table, split="dimension:country").index) == {"PL", "TW", "US", "(none)"}


def test_many_values_of_a_column_are_one_part_behind_the_largest():
    shop = random_shop(2).assign(product=lambda t: [f"p{i % 30:02d}" for i in range(len(t))])
    rows = parts(metrics.revenue_causes(shop, as_of="2024-01-31", by="product"), split="dimension:product")
    assert (len(rows), rows.index[-1]) == (8, "(other)")


def test_a_month_that_is_not_over_is_compared_with_its_same_days():
    shop = random_shop(3)
    table = metrics.revenue_causes(shop, as_of="2024-01-17")
    assert set(table["days"]) == {17}

    def revenue(month):
        return shop.loc[shop["ordered_at"].between(f"{month}-01", f"{month}-17"), "amount"].sum()

    for against, month in (("previous", "2023-12"), ("last_year", "2023-01")):
        change = parts(table, against, "total").loc["revenue", "change"]
        assert change == pytest.approx(revenue("2024-01") - revenue(month))


def test_where_the_log_ends_before_its_month_the_days_it_has_are_compared():
    shop = random_shop(3).query("ordered_at <= '2024-01-17'")
    with pytest.warns(RetentionKitWarning, match="silence"):
        ended = metrics.revenue_causes(shop, as_of="2024-01-31")
    pd.testing.assert_frame_equal(ended, metrics.revenue_causes(shop, as_of="2024-01-17"))


def test_the_first_month_is_compared_with_nothing_and_the_second_not_with_a_part_of_the_first():
    shop = random_shop(4)
    assert metrics.revenue_causes(shop, as_of="2023-01-31").empty
    late = shop[shop["ordered_at"] > "2023-01-12"]
    assert metrics.revenue_causes(late, as_of="2023-02-28").empty
    assert set(metrics.revenue_causes(late, as_of="2023-03-31")["against"]) == {"previous"}


def test_first_and_repeat_orders_are_not_split_where_the_log_takes_old_customers_for_new():
    rng = np.random.default_rng(6)
    days = pd.date_range("2023-01-01", "2024-01-31")
    rows = pd.DataFrame({"ordered_at": days.repeat(10), "amount": 10.0})
    rows["customer_id"] = rng.integers(400, size=len(rows)).astype(
        str
    )  # each orders every 40 days, and nothing changes
    table = metrics.revenue_causes(rows, as_of="2024-01-31")  # each orders every 40 days, and nothing changes
    assert set(parts(table, "last_year", "factors").index) > {"customers"}
    assert parts(table, "last_year", "orders").empty  # in the first month of the log everybody is new
    assert not parts(table, "previous", "orders").empty


def test_one_customer_has_no_interval():
    orders = log(BEFORE, ("ada", "2024-01-10", 10.0), ("ada", "2024-02-10", 20.0))
    table = metrics.revenue_causes(orders, as_of="2024-02-29")
    assert parts(table)["change"].tolist() == pytest.approx([0, 0, 10, 0])
    assert table[["low", "high", "p"]].isna().all(axis=None)


def test_refunds_larger_than_sales():
    orders = log(
        BEFORE, ("ada", "2024-01-10", 100.0), ("bo", "2024-01-10", 50.0),
        ("ada", "2024-02-01", -100.0), ("bo", "2024-02-10", 60.0), ("cy", "2024-02-11", -30.0),
    )  # fmt: skip
    table = metrics.revenue_causes(orders, as_of="2024-02-29")
    assert parts(table, split="total").loc["revenue", "change"] == -70 - 150
    assert parts(table)["change"].sum() == pytest.approx(-220)
    assert parts(table).loc["refunds", ["change", "n"]].tolist() == [-130, 2]


@pytest.mark.parametrize(("first", "second"), [("2024-01", "2024-02"), ("2024-02", "2024-01")])
def test_from_or_to_no_sales_all_of_the_change_is_customers(first, second):
    orders = log(BEFORE, ("ada", f"{second}-10", 10.0), ("bo", f"{second}-11", 20.0), ("ada", f"{first}-11", -5.0))
    orders = pd.concat([orders, log(("later", "2024-03-02", 1.0))])
    sales = 30.0 if second == "2024-02" else -30.0
    factors = parts(metrics.revenue_causes(orders, as_of="2024-02-29"))
    assert factors["change"].tolist() == pytest.approx([sales, 0, 0, 5 if sales > 0 else -5])


def test_orders_that_cost_nothing_are_a_change_of_their_value():
    orders = log(BEFORE, ("ada", "2024-01-10", 0.0), ("bo", "2024-01-10", 0.0), ("ada", "2024-02-10", 10.0))
    assert parts(metrics.revenue_causes(orders, as_of="2024-02-29"))["change"].tolist() == [0, 0, 10, 0]


def test_only_more_days_are_no_change_beyond_chance():
    days = pd.date_range("2023-01-01", "2023-03-31")
    rows = pd.DataFrame({"ordered_at": days.repeat(40), "amount": 10.0})
    rows["customer_id"] = [f"c{i}" for i in range(len(rows))]
    table = metrics.revenue_causes(rows, as_of="2023-03-31")
    total, by_days = (parts(table, split=split)["change"].iloc[0] for split in ("total", "days"))
    assert total == pytest.approx(by_days, rel=1e-9) == pytest.approx(3 * 400)
    assert parts(table, split="total")["low"].iloc[0] > 0  # it is more
    assert parts(table, split="total")["p"].iloc[0] > 0.9  # and no more than three days bring
    assert parts(table).loc["customers", "p"] > 0.9


def windows(rng, customers=300):
    """What customers did in two months between which nothing changed, as `summarise.customer_windows` has it."""
    orders = rng.poisson(0.3, (customers, 2)) * (rng.random((customers, 1)) < 0.8)
    sales = orders * rng.gamma(1.0, 30.0, (customers, 1)) * rng.gamma(4.0, 0.25, (customers, 2))
    refunds = sales * (rng.random((customers, 2)) < 0.05)
    is_first = rng.random((customers, 2)) < 0.2
    figures = {"customers": orders > 0, "orders": orders, "sales": sales, "refunds": refunds}
    figures |= {"new_customers": is_first & (orders > 0), "first_time_revenue": sales * is_first}
    figures |= {"repeat_revenue": sales * ~is_first, "revenue": sales - refunds}
    return pd.DataFrame({(k, name): values[:, k].astype(float) for k in (0, 1) for name, values in figures.items()})


def test_the_interval_of_a_part_holds_as_often_as_it_says_and_its_p_is_a_chance():
    rng = np.random.default_rng(11)
    pair = Comparison(dt.date(2024, 3, 31), 31, False, 1.0)
    made = pd.concat([pd.DataFrame(parts_against("previous", 1, pair, windows(rng), {})) for _ in range(300)])
    made = made[made["split"] != "days"]
    covered = ((made["low"] <= 0) & (made["high"] >= 0)).groupby([made["split"], made["part"]]).mean()
    assert len(covered) == 8
    assert covered.between(0.92, 0.995).all()  # refunds are of five customers, and their interval is wide
    often = (made["p"] < 0.1).groupby([made["split"], made["part"]]).mean()
    assert often.drop("refunds", level="part").between(0.05, 0.145).all()
    assert (often < 0.145).all()


def test_faults_of_arguments_are_named():
    with pytest.raises(ConfigError, match="as_of"):
        metrics.revenue_causes(random_shop(1), as_of="31.1.2024")
    with pytest.raises(DataError, match="there is no column region"):
        metrics.revenue_causes(random_shop(1), as_of="2024-01-31", by="region")
