"""Mix and behaviour add up to the change of a rate."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_kit import load, summarise
from retention_kit.errors import DataError


def groups(**rows):
    return pd.DataFrame([(name, *values) for name, values in rows.items()], columns=["group", "active", "size"])


def parts(table, name):
    return table.set_index("group").loc[name, ["mix", "within", "change"]].round(12).tolist()


def test_by_hand_both_effects():
    """App 30/50 to 12/20, web 10/50 to 20/80: 40 % to 32 %; the shares moved by 0.3, web got better by 5 points."""
    table = summarise.decompose(groups(app=(30, 50), web=(10, 50)), groups(app=(12, 20), web=(20, 80)), by="group")
    assert parts(table, "app") == [-0.072, 0, -0.072]  # -0.3 x (0.6 - 0.36)
    assert parts(table, "web") == [-0.0405, 0.0325, -0.008]  # 0.3 x (0.225 - 0.36), 0.65 x 0.05
    assert parts(table, "total") == [-0.1125, 0.0325, -0.08]
    total = table.iloc[-1]
    assert (total["rate_before"], total["rate_after"]) == (0.4, 0.32)


def test_kitagawas_sum_with_uncentred_rates_is_the_same():
    before, after = groups(a=(30, 50), b=(10, 50), c=(7, 20)), groups(a=(12, 20), b=(20, 80), c=(9, 90))
    w, v = before["size"] / before["size"].sum(), after["size"] / after["size"].sum()
    r, s = before["active"] / before["size"], after["active"] / after["size"]
    total = summarise.decompose(before, after, by="group").iloc[-1]
    assert total["mix"] == pytest.approx(((v - w) * (r + s) / 2).sum(), abs=1e-15)
    assert total["within"] == pytest.approx(((s - r) * (v + w) / 2).sum(), abs=1e-15)


def test_a_group_that_came_or_went_is_all_mix():
    table = summarise.decompose(groups(old=(10, 20), gone=(1, 10)), groups(old=(10, 20), come=(9, 10)), by="group")
    assert table["group"].tolist() == ["come", "gone", "old", "total"]
    assert table.set_index("group").loc[["come", "gone"], "within"].tolist() == [0, 0]
    assert table.set_index("group").loc["gone", ["share_after", "rate_before"]].tolist() == [0, 0.1]
    assert np.isnan(table.set_index("group").loc["gone", "rate_after"])


counts = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 900)), min_size=1, max_size=6).map(
    lambda rows: [(min(x, n), n) for x, n in rows]
)
tables = counts.filter(lambda rows: any(n for _, n in rows)).map(
    lambda rows: groups(**{f"g{i}": row for i, row in enumerate(rows)})
)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(before=tables, after=tables)
def test_the_table_adds_up_to_the_change(before, after):
    table = summarise.decompose(before, after, by="group")
    rows, total = table.iloc[:-1], table.iloc[-1]
    change = after["active"].sum() / after["size"].sum() - before["active"].sum() / before["size"].sum()
    assert abs(total["rate_after"] - total["rate_before"] - change) < 1e-12
    assert abs(total["change"] - change) < 1e-12
    assert abs(total["mix"] + total["within"] - change) < 1e-12
    for column in ("share_before", "share_after", "mix", "within", "change"):
        assert abs(rows[column].sum() - total[column]) < 1e-12
    back = summarise.decompose(after, before, by="group")
    np.testing.assert_allclose(back["change"], -table["change"], atol=1e-12)


def test_two_cohorts_of_the_shop():
    cells = summarise.cohorts(load.sample("store").orders, as_of="2026-09-30", by="country")
    one = cells[cells["age"] == 1]
    before, after = (one[one["cohort"] == month] for month in ("2026-01-01", "2026-06-01"))
    table = summarise.decompose(before, after, by="country")
    change = after["active"].sum() / after["size"].sum() - before["active"].sum() / before["size"].sum()
    assert abs(table["change"].iloc[:-1].sum() - change) < 1e-12


def test_money_decomposes_too():
    before = pd.DataFrame({"plan": ["s", "l"], "revenue": [100.0, 900.0], "orders": [10, 30]})
    after = pd.DataFrame({"plan": ["s", "l"], "revenue": [300.0, 600.0], "orders": [25, 20]})
    total = summarise.decompose(before, after, by="plan", count="revenue", of="orders").iloc[-1]
    assert (total["rate_before"], total["rate_after"]) == (25, 20)
    assert total["change"] == pytest.approx(-5)


def test_every_fault_at_once():
    with pytest.raises(DataError, match=r"2 faults: .*before needs the column size.*after has 1 row with a missing"):
        summarise.decompose(groups(a=(1, 2)).drop(columns="size"), groups(a=(1, 2), b=(np.nan, 3)), by="group")
    with pytest.raises(DataError, match="add up to more than 0"):
        summarise.decompose(groups(a=(0, 0)), groups(a=(1, 2)), by="group")
    with pytest.raises(DataError, match="has active but no size"):
        summarise.decompose(groups(a=(1, 0), b=(1, 2)), groups(a=(1, 2)), by="group")
    with pytest.raises(DataError, match="a row 'total'"):
        summarise.decompose(groups(a=(1, 2), total=(1, 2)), groups(a=(1, 2)), by="group")
