"""Subscription figures with what a change is judged by, and why some are missing or not compared."""

import math

import numpy as np
import pandas as pd
import pytest

from retention_kit import metrics, summarise
from retention_kit.errors import DataError
from retention_kit.metrics.changes.comparison_notes import FIRST_PERIOD, NOBODY_LEFT, NOBODY_THERE, NOTES, NOTHING_LOST

MOVEMENTS = ["churn_rate", "grr", "nrr", "quick_ratio"]
LEVELS = ["mrr_end", "end", "arpa"]


def plans(*rows):
    table = pd.DataFrame(rows, columns=["customer_id", "started_at", "ended_at", "mrr"])
    table[["started_at", "ended_at"]] = table[["started_at", "ended_at"]].apply(pd.to_datetime)
    return table.assign(subscription_id=table["customer_id"])


def numbers(rows, as_of):
    table = metrics.subscription_numbers(rows, as_of=as_of)
    return table.assign(name=table["name"].str.removeprefix("subscriptions_")).set_index("name")


SMALL = plans(
    ("a", "2025-01-03", None, 10),
    ("b", "2025-01-08", "2025-03-05", 20),
    ("c", "2025-01-10", "2025-02-11", 30),
    ("d", "2025-02-02", "2025-02-20", 40),
    ("d", "2025-02-20", "2025-03-20", 45),
    ("d", "2025-03-20", None, 25),
    ("e", "2025-03-28", None, 50),
)


@pytest.fixture(scope="module")
def many():
    """Three hundred customers of two years, who leave and change their plan at random."""
    rng = np.random.default_rng(2)
    start = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(700, size=300), "D")
    middle = start + pd.to_timedelta(rng.integers(5, 200, size=300), "D")
    end = middle + pd.to_timedelta(rng.integers(5, 300, size=300), "D")
    ids = [f"c{i}" for i in range(300)]
    price = rng.integers(5, 50, size=300)
    first = pd.DataFrame({"customer_id": ids, "started_at": start, "ended_at": middle, "mrr": price})
    second = first.assign(started_at=middle, ended_at=end, mrr=price + rng.integers(-4, 9, size=300))
    rows = pd.concat([first, second], ignore_index=True)
    return rows.assign(subscription_id=rows["customer_id"])


def test_errors_are_those_of_independent_customers_by_hand():
    table = numbers(SMALL, "2025-03-31")
    assert table.loc["mrr_end", ["value", "previous"]].tolist() == [85, 75]
    assert table.loc["mrr_end", "previous_error"] == pytest.approx(math.sqrt(20**2 + 20**2 + 50**2))
    assert table.loc["end", "previous_error"] == pytest.approx(math.sqrt(2))
    grr_now = 1 - (20 + 20) / 75  # b left, d took a smaller plan; a, b and d were there
    assert table.loc["grr", "value"] == pytest.approx(grr_now)
    arpa = {"a": (10 - 85 / 3) / 3 - (10 - 25) / 3, "b": -(20 - 25) / 3, "d": (25 - 85 / 3) / 3 - (45 - 25) / 3}
    arpa["e"] = (50 - 85 / 3) / 3
    assert table.loc["arpa", "previous_error"] == pytest.approx(math.sqrt(sum(x**2 for x in arpa.values())))


def test_the_sums_of_customers_are_the_figures_of_the_period_table(many):
    months = summarise.periods(many, as_of="2025-11-30").set_index("period")
    products = summarise.customer_products(many, as_of="2025-11-30", back=(1, 12))
    for back, day in ((0, "2025-11-01"), (1, "2025-10-01"), (12, "2024-11-01")):
        row = months.loc[day]
        for name in ("start", "lost", "end"):
            assert products.loc[(back, name), (back, name)] == row[name]
        for name in ("mrr_start", "mrr_expansion", "mrr_contraction", "mrr_churn"):
            assert products.loc[(back, "start"), (back, name)] == row[name]
        for name in ("mrr_new", "mrr_end"):
            assert products.loc[(back, "end"), (back, name)] == row[name]


def test_every_figure_of_a_whole_month_has_an_error(many):
    table = numbers(many, "2025-11-30")
    assert (table[["previous_error", "last_year_error"]] > 0).all(axis=None)
    assert (table["note"] == "").all()


def test_the_first_period_says_nothing_of_what_was_lost_and_is_not_compared():
    first = numbers(SMALL, "2025-01-31")
    assert first.loc[MOVEMENTS, "value"].isna().all()
    assert (first.loc[MOVEMENTS, "note"] == FIRST_PERIOD).all()
    assert first.loc[LEVELS, "value"].notna().all()
    second = numbers(SMALL, "2025-02-28")
    assert second.loc[MOVEMENTS, "previous"].isna().all()
    assert (second.loc[MOVEMENTS, "note"] == NOTES["cut before"]).all()
    assert second.loc[LEVELS, "previous"].notna().all()


def test_what_does_not_exist_says_why():
    gone = plans(("a", "2025-01-03", "2025-02-05", 10), ("b", "2025-04-03", None, 10))
    assert numbers(gone, "2025-02-28").loc["arpa", "note"] == NOBODY_LEFT
    empty = numbers(gone, "2025-04-30")
    assert (empty.loc[["churn_rate", "grr", "nrr"], "note"] == NOBODY_THERE).all()
    assert empty.loc["quick_ratio", "note"] == NOTHING_LOST


def test_movements_of_a_month_that_is_not_over_or_that_the_table_does_not_reach_are_not_compared(many):
    cut = numbers(many, "2025-11-20")
    assert (cut.loc[MOVEMENTS, "note"] == NOTES["cut"]).all()
    assert cut.loc[MOVEMENTS, ["previous", "last_year"]].isna().all(axis=None)
    assert cut.loc[LEVELS, "previous"].notna().all()
    stopped = many[many["started_at"] < "2025-11-10"]
    stopped = stopped.assign(ended_at=stopped["ended_at"].where(stopped["ended_at"] < "2025-11-10"))
    assert (numbers(stopped, "2025-11-30").loc[["churn_rate", "grr", "nrr"], "note"] == NOTES["cut"]).all()


def test_a_table_that_knows_only_the_first_day_of_each_month_is_whole(many):
    monthly = many.assign(**{n: many[n].dt.to_period("M").dt.start_time for n in ("started_at", "ended_at")})
    monthly = monthly[monthly["ended_at"] > monthly["started_at"]]
    assert (numbers(monthly, "2025-11-30")["note"] == "").all()


def test_rates_are_also_judged_next_to_what_the_length_of_the_month_lets_expect(many):
    table = numbers(many, "2025-02-28")
    longer = 28 / 31
    churn, grr = table.loc["churn_rate"], table.loc["grr"]
    assert churn["previous_expected"] == pytest.approx(churn["previous"] * longer)
    assert grr["previous_expected"] == pytest.approx(1 - (1 - grr["previous"]) * longer)


def test_a_table_of_other_arguments_and_an_unknown_period_are_refused(many):
    months = summarise.periods(many, as_of="2025-10-31")
    with pytest.raises(DataError, match="one row for each month"):
        metrics.subscription_numbers(many, as_of="2025-11-30", table=months)
    with pytest.raises(DataError, match="week, month, quarter, year"):
        metrics.subscription_numbers(many, as_of="2025-11-30", period="day")


def test_the_history_of_recurring_revenue_ends_with_the_interval_of_its_last_number(many):
    months = summarise.periods(many, as_of="2025-11-30")
    squares = summarise.recurring_squares(many, as_of="2025-11-30", periods=3)
    history = metrics.mrr_history(months, squares)
    assert history["value"].tolist() == months["mrr_end"].tolist()
    assert history["low"].notna().tolist() == [False] * (len(months) - 3) + [True] * 3
    row = metrics.subscription_numbers(many, as_of="2025-11-30").set_index("name").loc["subscriptions_mrr_end"]
    running = many[many["started_at"] <= "2025-11-30"]
    running = running[running["ended_at"].isna() | (running["ended_at"] > "2025-11-30")]
    each = running.groupby("customer_id")["mrr"].sum()
    assert squares["squares"].iloc[-1] == pytest.approx((each**2).sum())
    assert row["value"] == pytest.approx(each.sum())
    assert row["high"] - row["value"] == pytest.approx(2 * (each**2).sum() ** 0.5, rel=0.05)
