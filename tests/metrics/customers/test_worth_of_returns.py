"""Worth of more early returns: by hand, by recovery of a known effect, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from retention_kit import metrics, summarise
from retention_kit.errors import ConfigError, DataError

COLUMNS = ["since", "band", "returned", "customers", "mean", "variance"]


def table(*rows):
    return pd.DataFrame(rows, columns=COLUMNS)


def test_two_strata_by_hand():
    returns = table(
        (0, 1, False, 300, 10.0, 100.0), (0, 1, True, 100, 30.0, 400.0),
        (0, 2, False, 100, 50.0, 900.0), (0, 2, True, 100, 110.0, 2500.0),
    )  # fmt: skip
    worth = metrics.worth_of_returns(returns, new_customers=2000, change=0.02, margin=0.5)
    each = 0.75 * 20 + 0.25 * 60
    width = stats.norm.ppf(0.975) * np.sqrt(0.75**2 * (400 / 100 + 100 / 300) + 0.25**2 * (2500 / 100 + 900 / 100))
    assert worth.each == each == 30
    assert (worth.rate, worth.customers, worth.compared) == (200 / 600, 600, 1.0)
    assert worth.value == pytest.approx(2000 * 0.02 * 0.5 * 30)
    assert worth.low == pytest.approx(20 * (30 - width))
    assert worth.high == pytest.approx(20 * (30 + width))


def test_a_fall_costs_what_a_rise_brings():
    returns = table((0, 1, False, 300, 10.0, 100.0), (0, 1, True, 100, 30.0, 400.0))
    rise, fall = (metrics.worth_of_returns(returns, new_customers=500, change=c) for c in (0.02, -0.02))
    assert (fall.value, fall.low, fall.high) == pytest.approx((-rise.value, -rise.high, -rise.low))


def test_customers_without_a_like_one_are_left_out_and_counted():
    returns = table(
        (0, 1, False, 300, 10.0, 100.0), (0, 1, True, 100, 30.0, 400.0),
        (1, 1, False, 100, 999.0, 1.0), (2, 1, True, 1, 999.0, np.nan), (2, 1, False, 200, 0.0, 1.0),
    )  # fmt: skip
    worth = metrics.worth_of_returns(returns, new_customers=100)
    assert (worth.each, worth.compared) == (20.0, 0.5)


@pytest.mark.parametrize(
    ("returned", "away", "request_", "error", "message"),
    [
        (29, 300, {}, DataError, "29 returned early and 300 did not; each group needs 30"),
        (100, 10, {}, DataError, "100 returned early and 10 did not"),
        (100, 300, {"change": 0.8}, ConfigError, "would bring the share of 0.250 to 1.050"),
        (100, 300, {"new_customers": -1, "margin": 2}, ConfigError, "2 faults: .*new_customers.*margin"),
    ],
)
def test_what_cannot_be_answered_is_refused(returned, away, request_, error, message):
    returns = table((0, 1, False, away, 10.0, 100.0), (0, 1, True, returned, 30.0, 400.0))
    with pytest.raises(error, match=message):
        metrics.worth_of_returns(returns, **{"new_customers": 10} | request_)


def shop(rng, n=1200, effect=40.0):
    """Those with a large first order return more often and spend more anyway; the return itself adds `effect`."""
    large = rng.random(n) < 0.5
    first = np.where(large, 90.0, 10.0) + rng.random(n)
    returned = rng.random(n) < np.where(large, 0.5, 0.15)
    later = rng.gamma(0.5, np.where(large, 200.0, 30.0)) + effect * returned
    return first, returned, later


def strata(first, returned, later):
    frame = pd.DataFrame({"band": pd.qcut(first, 4, labels=[1, 2, 3, 4]), "returned": returned, "later": later})
    groups = frame.groupby(["band", "returned"], observed=True)["later"]
    return groups.agg(customers="size", mean="mean", variance="var").reset_index().assign(since=0)


def test_a_known_effect_is_recovered_where_the_plain_difference_is_not():
    rng = np.random.default_rng(3)
    inside, raw = [], []
    for _ in range(100):
        first, returned, later = shop(rng)
        worth = metrics.worth_of_returns(strata(first, returned, later), new_customers=1000, change=0.02)
        inside.append(worth.each_low <= 40 <= worth.each_high)
        raw.append(later[returned].mean() - later[~returned].mean())
    assert abs(sum(inside) - 0.95 * 100) < 4 * np.sqrt(100 * 0.95 * 0.05)
    assert np.mean(raw) > 55


def test_strata_of_a_log_equal_a_plain_pandas_computation():
    rng = np.random.default_rng(5)
    n = 900
    log = pd.DataFrame({"customer_id": rng.integers(0, 200, n).astype(str)})
    log["ordered_at"] = pd.Timestamp("2022-01-01 13:00") + pd.to_timedelta(rng.integers(0, 900, n), unit="D")
    log["amount"] = rng.integers(1, 99, n) * np.where(rng.random(n) < 0.1, -1.0, 1.0)
    found = summarise.early_returns(log, as_of="2024-06-01", within=60, horizon=200)

    bought = log[log["amount"] >= 0]
    start = bought.groupby("customer_id")["ordered_at"].min()
    rows = log.assign(age=(log["ordered_at"] - log["customer_id"].map(start)).dt.days)
    lives = pd.DataFrame({"start": start})
    lives["first"] = rows[rows["age"] == 0].groupby("customer_id")["amount"].sum()
    early = rows[(rows["amount"] >= 0) & rows["age"].between(1, 60)]["customer_id"]
    lives["returned"] = lives.index.isin(early)
    lives["later"] = rows[rows["age"].between(1, 200)].groupby("customer_id")["amount"].sum()
    lives = lives.fillna({"later": 0.0})
    days = (pd.Timestamp("2024-06-01") - lives["start"].dt.normalize()).dt.days
    lives = lives.assign(since=(days - 200) // 91)[days >= 200].sort_values(["first"], kind="stable")
    order = lives.reset_index().sort_values(["first", "customer_id"], ignore_index=True)
    sizes = [len(part) for part in np.array_split(order, 4)]
    order["band"] = np.repeat([1, 2, 3, 4], sizes)
    expected = order.groupby(["since", "band", "returned"])["later"].agg(customers="size", mean="mean", variance="var")
    pd.testing.assert_frame_equal(found, expected.reset_index(), check_dtype=False)


def test_refunds_of_the_year_lower_what_a_return_brought():
    log = pd.DataFrame(
        [("ada", "2023-01-01", 10), ("ada", "2023-01-20", 30), ("ada", "2023-02-01", -12), ("ada", "2024-02-01", 99)],
        columns=["customer_id", "ordered_at", "amount"],
    )
    (row,) = summarise.early_returns(log, as_of="2024-03-01").to_dict("records")
    assert (row["returned"], row["customers"], row["mean"]) == (True, 1, 18.0)


def test_a_log_shorter_than_the_horizon_is_refused():
    log = pd.DataFrame({"customer_id": ["a"], "ordered_at": ["2024-01-01"], "amount": [1.0]})
    with pytest.raises(DataError, match="No customer has been observed for 365 days"):
        summarise.early_returns(log, as_of="2024-06-01")
