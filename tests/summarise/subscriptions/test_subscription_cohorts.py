"""Customer, net and gross revenue retention of cohorts of subscribers."""

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_kit import load, summarise
from retention_kit.errors import ConfigError, DataError

X = np.nan


def stretches(*rows):
    columns = ["customer_id", "started_at", "ended_at", "mrr"]
    frame = pd.DataFrame(rows, columns=columns).assign(subscription_id=lambda t: t["customer_id"])
    return frame.assign(**{c: pd.to_datetime(frame[c]) for c in columns[1:3]})


ROWS = stretches(
    ("ann", "2024-01-31", "2024-02-29", 10),  # moves up on leap day
    ("ann", "2024-02-29", None, 25),
    ("bob", "2024-01-01", "2024-02-01", 40),  # ends with the first moment of February: there at the end of January
    ("bob", "2024-03-15", None, 40),  # and comes back
    ("cat", "2024-01-10", "2024-03-20", 50),  # moves down
    ("cat", "2024-03-20", None, 20),
    ("dan", "2024-02-05", "2024-02-20", 30),  # joined and left
    ("eve", "2024-02-01", None, 30),
)


def matrix(table, value):
    return table.pivot(index="cohort", columns="age", values=value).to_numpy().tolist()


def test_by_hand():
    table = summarise.subscription_cohorts(ROWS, as_of="2024-03-31")
    assert table["cohort"].unique().tolist() == list(pd.to_datetime(["2024-01-01", "2024-02-01"]))
    np.testing.assert_array_equal(matrix(table, "size"), [[3, 3, 3], [2, 2, 2]])
    np.testing.assert_array_equal(matrix(table, "starting_mrr"), [[100] * 3, [60] * 3])
    np.testing.assert_array_equal(matrix(table, "active"), [[3, 2, 3], [1, 1, X]])
    np.testing.assert_array_equal(matrix(table, "returned"), [[0, 0, 1], [0, 0, X]])
    np.testing.assert_array_equal(matrix(table, "revenue"), [[100, 75, 85], [30, 30, X]])
    np.testing.assert_array_equal(matrix(table, "returned_mrr"), [[0, 0, 40], [0, 0, X]])
    np.testing.assert_allclose(matrix(table, "net_revenue_retention"), [[1, 0.75, 0.45], [0.5, 0.5, X]])
    np.testing.assert_allclose(matrix(table, "gross_revenue_retention"), [[1, 0.6, 0.3], [0.5, 0.5, X]])
    assert matrix(table, "complete") == [[True, True, True], [True, True, False]]


def test_returning_customers_count_if_asked_for():
    table = summarise.subscription_cohorts(ROWS, as_of="2024-03-31", reactivation=True)
    np.testing.assert_allclose(matrix(table, "net_revenue_retention")[0], [1, 0.75, 0.85])
    np.testing.assert_allclose(matrix(table, "gross_revenue_retention")[0], [1, 0.6, 0.7])


def test_the_unfinished_month_is_seen_at_as_of():
    table = summarise.subscription_cohorts(ROWS, as_of="2024-03-19")
    assert matrix(table, "revenue")[0] == [100, 75, 115]
    assert matrix(table, "complete") == [[True, True, False], [True, False, False]]


def test_the_free_trial_is_not_paid_time():
    rows = stretches(("ann", "2024-01-20", None, 10), ("bob", "2024-01-20", "2024-02-03", 10))
    rows["trial_ended_at"] = pd.Timestamp("2024-02-03")
    table = summarise.subscription_cohorts(rows, as_of="2024-02-29")
    assert table[["cohort", "size"]].to_numpy().tolist() == [[pd.Timestamp("2024-02-01"), 1]]
    counted = summarise.subscription_cohorts(
        rows, as_of="2024-02-29", rules=summarise.SubscriptionRules(trials="count")
    )
    assert counted["size"].tolist() == [2, 2]
    assert counted["active"].tolist() == [2, 1]


def test_groups_and_small_cells():
    rows = ROWS.assign(country=ROWS["customer_id"].map({"ann": "PL", "bob": "PL", "cat": "TW", "dan": "TW"}))
    table = summarise.subscription_cohorts(rows, as_of="2024-03-31", by="country", min_size=2)
    sizes = table[table["age"] == 0].set_index(["country", "cohort"])["size"]
    assert sizes.tolist() == [1, 2, 1, 1]
    assert sizes.index.get_level_values(0).tolist() == ["(none)", "PL", "TW", "TW"]
    assert table.loc[table["size"] < 2, ["active", "rate", "revenue", "net_revenue_retention"]].isna().all(axis=None)
    assert table.loc[table["country"] == "PL", "active"].tolist() == [2, 1, 2]


def test_the_cohorts_of_the_shop_add_up_to_its_periods():
    shop = load.sample("store").subscriptions
    cells = summarise.subscription_cohorts(shop, as_of="2026-09-15").dropna(subset="active")
    month = cells["cohort"].dt.to_period("M")
    cells["period"] = [(m + age).start_time for m, age in zip(month, cells["age"], strict=True)]
    added = cells.groupby("period")[["active", "revenue"]].sum()
    periods = summarise.periods(shop, as_of="2026-09-15").set_index("period")
    np.testing.assert_array_equal(added["active"], periods["end"])
    np.testing.assert_allclose(added["revenue"], periods["mrr_end"], atol=1e-9)
    assert (cells["gross_revenue_retention"] <= 1 + 1e-12).all()
    assert (cells["gross_revenue_retention"] <= cells["net_revenue_retention"] + 1e-12).all()
    kept = cells.assign(kept=cells["active"] - cells["returned"])
    assert not (kept.groupby("cohort")["kept"].diff() > 0).any()


def test_requests_that_cannot_be_met():
    with pytest.raises(DataError, match="no paid subscription up to 2023-12-31"):
        summarise.subscription_cohorts(ROWS, as_of="2023-12-31")
    with pytest.raises(ConfigError, match="level must be between 0 and 1"):
        summarise.subscription_cohorts(ROWS, as_of="2024-03-31", level=95)
    mixed = ROWS.assign(currency=["EUR", "EUR"] + ["USD"] * 6)
    with pytest.raises(DataError, match=r"one currency|several currencies"):
        summarise.subscription_cohorts(mixed, as_of="2024-03-31")


def test_several_currencies_are_refused_also_where_a_customer_changes_later():
    changed = ROWS.assign(currency=["EUR"] * (len(ROWS) - 1) + ["USD"])
    for by in (None, "currency"):
        with pytest.raises(DataError, match="several currencies"):
            summarise.subscription_cohorts(ibis.memtable(changed), as_of="2024-12-31", by=by)
    one = changed.assign(currency="EUR")
    pd.testing.assert_frame_equal(
        summarise.subscription_cohorts(ibis.memtable(one), as_of="2024-12-31"),
        summarise.subscription_cohorts(ROWS, as_of="2024-12-31"),
    )
