"""The last day of a month that counts: that of the month, or the last day with data where a week or more is missing."""

from datetime import date

import pandas as pd
import pytest

from retention_kit import report
from retention_kit.report.inputs.workspace import Workspace, opened


def orders(*spans):
    """Two orders on every day of each span, from its first day to its end."""
    days = [day for first, end in spans for day in pd.date_range(first, end)]
    return pd.DataFrame({"customer_id": ["a", "b"] * len(days), "ordered_at": sorted(days * 2), "amount": 5.0})


def data(tmp_path, table):
    table.to_csv(tmp_path / "orders.csv", index=False)
    return opened(report.Config(orders=tmp_path / "orders.csv", currency="EUR"), tmp_path / "data")


@pytest.mark.parametrize(
    ("end", "last"),
    [
        ("2026-05-31", "2026-05-31"),
        ("2026-05-25", "2026-05-31"),  # six days are missing
        ("2026-05-24", "2026-05-24"),  # seven
        ("2026-05-01", "2026-05-01"),
        ("2026-06-03", "2026-05-31"),
    ],
)
def test_a_week_without_data_at_the_end_of_a_month_does_not_count(tmp_path, end, last):
    with data(tmp_path, orders(("2026-03-02", end))) as read:
        assert read.last_counted("2026-05") == date.fromisoformat(last)
        assert read.is_cut("2026-05") == (last != "2026-05-31")
        assert read.last_counted("2026-04") == date(2026, 4, 30)


def test_a_month_without_orders_counts_to_its_end(tmp_path):
    with data(tmp_path, orders(("2026-03-02", "2026-04-28"))) as read:
        assert read.last_counted("2026-05") == date(2026, 5, 31)


def test_silence_before_later_orders_counts_and_stray_orders_years_later_do_not(tmp_path):
    with data(tmp_path, orders(("2026-03-02", "2026-05-10"), ("2026-06-05", "2026-06-09"))) as read:
        assert read.last_counted("2026-05") == date(2026, 5, 31)
    (tmp_path / "stray").mkdir()
    with data(tmp_path / "stray", orders(("2026-03-02", "2026-05-10"), ("2029-06-05", "2029-06-05"))) as read:
        assert read.last_counted("2026-05") == date(2026, 5, 10)


def test_a_segment_counts_up_to_the_day_of_all_customers(tmp_path):
    whole = Workspace(tmp_path, {"surveys": None}, date(2026, 3, 2), date(2026, 5, 31))
    segment = Workspace(tmp_path, {"surveys": None}, date(2026, 3, 2), date(2026, 5, 12), whole=whole)
    assert segment.last_counted("2026-05") == date(2026, 5, 31)
    assert not segment.is_cut("2026-05")


@pytest.mark.parametrize(("table", "day"), [("subscriptions", 31), ("visits", 12)])
def test_without_orders_visits_may_end_early_and_subscriptions_may_be_quiet(tmp_path, table, day):
    read = Workspace(tmp_path, {table: None}, date(2026, 3, 2), date(2026, 5, 12))
    assert read.last_counted("2026-05") == date(2026, 5, day)


def test_a_small_shop_that_is_often_silent_for_a_week_counts_to_the_end(tmp_path):
    with data(
        tmp_path, orders(*((day, day) for day in ("2026-02-03", "2026-03-01", "2026-04-05", "2026-05-20")))
    ) as read:
        assert read.last_counted("2026-05") == date(2026, 5, 31)
