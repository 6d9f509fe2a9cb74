"""Customer movements and money per period."""

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest

from retention_kit import load, summarise
from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise.by_period.period_identities import check_identities

MOVES = ["start", "kept", "new", "returned", "lost", "joined_and_left", "end"]


def log(*rows):
    return pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount"])


def moves(table):
    return table[MOVES].to_numpy().tolist()


def test_by_hand_active_means_bought_in_the_month():
    orders = log(
        ("ada", "2024-01-05", 1), ("ada", "2024-02-05", 1), ("ada", "2024-04-05", 1), ("bo", "2024-01-09", 1),
        ("cy", "2024-02-29", 1), ("cy", "2024-03-01", 1),
    )  # fmt: skip
    table = summarise.periods(orders, as_of="2024-04-30")
    #                     start kept new ret lost j&l end
    assert moves(table) == [
        [0, 0, 2, 0, 0, 0, 2],
        [2, 1, 1, 0, 1, 0, 2],
        [2, 1, 0, 0, 1, 0, 1],
        [1, 0, 0, 1, 1, 0, 1],
    ]


def test_by_hand_with_a_lapse_of_ten_days():
    """March 2024 for eight customers, each with one story; active means an order in the last ten days."""
    orders = log(
        ("kept", "2024-02-25", 1), ("kept", "2024-03-05", 1), ("kept", "2024-03-15", 1), ("kept", "2024-03-25", 1),
        ("lost", "2024-02-25", 1),
        ("lapsed and back", "2024-02-25", 1), ("lapsed and back", "2024-03-28", 1),
        ("new", "2024-03-28", 1),
        ("new after a gap", "2024-03-02", 1), ("new after a gap", "2024-03-30", 1),
        ("joined and left", "2024-03-02", 1),
        ("returned", "2024-01-01", 1), ("returned", "2024-03-30", 1),
        ("returned and left", "2024-01-01", 1), ("returned and left", "2024-03-03", 1),
    )  # fmt: skip
    march = summarise.periods(orders, as_of="2024-03-31", lapse_after=10).iloc[-1]
    assert march[MOVES].tolist() == [3, 2, 2, 1, 1, 1, 5]
    assert march["customers"] == 7


@pytest.mark.parametrize(("ordered", "active"), [("2024-03-22", 1), ("2024-03-21", 0)])
def test_the_lapse_is_counted_to_the_day(ordered, active):
    """The end of March is the first moment of 1 April: ten days before it is 22 March."""
    assert summarise.periods(log(("a", ordered, 1)), as_of="2024-03-31", lapse_after=10)["end"].item() == active


def test_the_end_of_an_unfinished_month_is_taken_at_as_of():
    orders = log(("ada", "2024-01-05", 1), ("ada", "2024-03-01", 1))
    table = summarise.periods(orders, as_of="2024-03-08", lapse_after=8)
    assert table["complete"].tolist() == [True, True, False]
    assert table["end"].tolist() == [0, 0, 1]
    assert summarise.periods(orders, as_of="2024-03-09", lapse_after=8)["end"].tolist() == [0, 0, 0]


def test_money_by_hand():
    orders = log(
        ("ada", "2024-01-05 08:00", 10), ("ada", "2024-01-05 20:00", 5), ("ada", "2024-01-31", 20),
        ("bo", "2024-01-06", 40), ("bo", "2024-02-02", -15), ("ada", "2024-02-03", 30),
    )  # fmt: skip
    table = summarise.periods(orders, as_of="2024-02-29")
    money = ["customers", "orders", "revenue", "refunds", "first_time_revenue", "repeat_revenue"]
    assert table[money].to_numpy().tolist() == [[2, 4, 75, 0, 55, 20], [1, 1, 15, 15, 0, 30]]


def test_a_month_without_orders_is_a_row_of_zeros():
    table = summarise.periods(log(("ada", "2024-01-05", 1), ("ada", "2024-03-05", 1)), as_of="2024-03-31")
    assert table.loc[1, [*MOVES, "orders", "revenue"]].tolist() == [1, 0, 0, 0, 1, 0, 0, 0, 0]


@pytest.fixture(scope="module")
def cdnow():
    return load.sample("cdnow_sample")


@pytest.mark.parametrize("period", ["week", "month", "quarter", "year"])
@pytest.mark.parametrize("lapse_after", [None, 1, 30, 180])
def test_identities_hold_on_the_real_log(cdnow, period, lapse_after):
    table = summarise.periods(cdnow, as_of="1998-06-30", period=period, lapse_after=lapse_after)
    assert (table["start"] == table["kept"] + table["lost"]).all()
    assert (table["end"] == table["kept"] + table["new"] + table["returned"]).all()
    assert (table["end"].iloc[:-1].to_numpy() == table["start"].iloc[1:].to_numpy()).all()
    assert (table[MOVES] >= 0).all(axis=None)
    assert (table["new"] + table["joined_and_left"]).sum() == 2357
    net = table["first_time_revenue"] + table["repeat_revenue"] - table["refunds"]
    np.testing.assert_allclose(net, table["revenue"], atol=1e-9)
    assert table["orders"].sum() == cdnow.source.rows_kept


@pytest.mark.parametrize("lapse_after", [None, 45])
def test_movements_equal_a_plain_count_of_sets(cdnow, lapse_after):
    """The same movements from one set of active customers per month end, in plain pandas."""
    orders = cdnow.to_pandas()
    first = orders.groupby("customer_id")["ordered_at"].min().dt.to_period("M")
    table = summarise.periods(cdnow, as_of="1998-06-30", lapse_after=lapse_after)
    before = set()
    for row in table.itertuples():
        end = row.period + pd.offsets.MonthBegin(1)
        since = row.period if lapse_after is None else end - pd.Timedelta(days=lapse_after)
        now = set(orders.loc[(orders["ordered_at"] >= since) & (orders["ordered_at"] < end), "customer_id"])
        joined = set(first.index[first == row.period.to_period("M")])
        expected = [
            len(before), len(before & now), len(now & joined), len(now - before - joined), len(before - now),
            len(joined - now), len(now),
        ]  # fmt: skip
        assert [getattr(row, m) for m in MOVES] == expected
        before = now


def test_adding_later_rows_never_changes_a_complete_period(cdnow):
    early = summarise.periods(cdnow, as_of="1997-12-31", lapse_after=90)
    late = summarise.periods(cdnow, as_of="1998-06-30", lapse_after=90).head(len(early))
    pdt.assert_frame_equal(early, late)


def test_before_the_first_order_there_is_nothing_to_count():
    with pytest.raises(DataError, match="no order up to 2023-12-31"):
        summarise.periods(log(("ada", "2024-01-05", 1)), as_of="2023-12-31")


@pytest.mark.parametrize("by", [None, "number_of_cds"])
def test_several_lapses_are_the_tables_of_each_one_under_the_other(cdnow, by):
    how = {"as_of": "1998-06-15", "period": "quarter", "by": by}
    table = summarise.periods(cdnow, lapse_after=[90, 30], **how)
    assert table["lapse_after"].unique().tolist() == [90, 30]
    for lapse, part in table.groupby("lapse_after"):
        alone = summarise.periods(cdnow, lapse_after=lapse, **how)
        pd.testing.assert_frame_equal(part.drop(columns="lapse_after").reset_index(drop=True), alone)


@pytest.mark.parametrize("wrong", [0, -5, 1.5, "90", True, [], [30, 0]])
def test_a_lapse_is_whole_days(wrong):
    with pytest.raises(ConfigError, match="whole number of days"):
        summarise.periods(log(("ada", "2024-01-05", 1)), as_of="2024-01-31", lapse_after=wrong)


def shops(*rows):
    return pd.DataFrame(rows, columns=["customer_id", "ordered_at", "amount", "country"])


def test_a_customer_belongs_to_the_group_of_the_first_order():
    orders = shops(
        ("ada", "2024-01-05", 10, "PL"), ("ada", "2024-02-05", 20, "TW"), ("bo", "2024-01-09", 5, None),
        ("bo", "2024-02-09", 6, "TW"), ("cy", "2024-02-10", -3, "US"),
    )  # fmt: skip
    table = summarise.periods(orders, as_of="2024-02-29", by="country")
    assert table[["country", "end", "revenue"]].to_numpy().tolist() == [
        ["(none)", 1, 5], ["(none)", 1, 3], ["PL", 1, 10], ["PL", 1, 20],
    ]  # fmt: skip


def test_of_two_first_orders_at_one_moment_the_first_value_in_the_alphabet_counts():
    orders = shops(("ada", "2024-01-05", 10, "TW"), ("ada", "2024-01-05", 20, "PL"))
    for rows in (orders, orders.iloc[::-1]):
        assert summarise.periods(rows, as_of="2024-01-31", by="country")["country"].tolist() == ["PL"]


@pytest.mark.parametrize("lapse_after", [None, 45])
def test_groups_add_up_to_the_whole(cdnow, lapse_after):
    frame = cdnow.to_pandas()
    frame["last_digit"] = frame["customer_id"].str[-1]
    frame.loc[frame["last_digit"] == "3", "last_digit"] = None
    whole = summarise.periods(frame, as_of="1998-06-15", lapse_after=lapse_after)
    parts = summarise.periods(frame, as_of="1998-06-15", lapse_after=lapse_after, by="last_digit")
    figures = [name for name in whole.columns if name not in ("period", "complete", "observable")]
    assert len(parts) == 10 * len(whole)
    added = parts.groupby("period")[figures].sum().reset_index(drop=True)
    pdt.assert_frame_equal(added, whole[figures], check_dtype=False)


def test_a_group_needs_its_column():
    with pytest.raises(DataError, match="no column planet"):
        summarise.periods(log(("ada", "2024-01-05", 1)), as_of="2024-01-31", by="planet")


def test_a_table_that_does_not_add_up_is_named(cdnow):
    table = summarise.periods(cdnow, as_of="1998-06-30")
    assert check_identities(table) is table
    table.loc[2, "kept"] += 1
    table.loc[3, "refunds"] += 0.01
    with pytest.raises(DataError, match=r"3 faults.*start is not kept \+ lost in 1997-03-01 .off by -1.*1997-04-01"):
        check_identities(table)
