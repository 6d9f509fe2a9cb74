"""Scores: tie-safe, the same for equal values, the same in any order of rows."""

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.models import rfm

pytestmark = pytest.mark.filterwarnings("ignore::retention_kit.errors.RetentionKitWarning")

SCORES = ["R", "F", "M"]


def shop(n=500, seed=1):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(n)],
            "days_since_last": rng.integers(0, 400, n),
            "orders": rng.geometric(0.4, n),
            "revenue": rng.gamma(2, 30, n).round(2),
        }
    )


@st.composite
def customer_tables(draw):
    n = draw(st.integers(1, 40))
    small = st.lists(st.integers(0, 6), min_size=n, max_size=n)
    days, orders, revenue = draw(small), draw(small), draw(small)
    return pd.DataFrame({"days_since_last": days, "orders": np.array(orders) + 1, "revenue": revenue})


def test_five_distinct_values_get_the_five_scores_best_is_five():
    customers = pd.DataFrame(
        {"days_since_last": [1, 2, 3, 4, 5], "orders": [5, 4, 3, 2, 1], "revenue": [50, 40, 30, 20, 10]}
    )
    scored = rfm.score(customers)
    for name in SCORES:
        assert scored[name].tolist() == [5, 4, 3, 2, 1]


def test_groups_without_ties_have_equal_sizes():
    customers = pd.DataFrame({"days_since_last": range(100), "orders": range(1, 101), "revenue": range(100)})
    for groups in (2, 3, 4, 5, 10):
        scored = rfm.score(customers, groups=groups)
        for name in SCORES:
            sizes = scored[name].value_counts()
            assert sorted(sizes.index) == list(range(1, groups + 1))
            assert sizes.max() - sizes.min() <= 1


@settings(max_examples=12, deadline=None)
@given(customers=customer_tables(), groups=st.integers(2, 6))
def test_equal_values_get_equal_scores_and_better_values_never_lower_ones(customers, groups):
    scored = rfm.score(customers, groups=groups)
    for value, name, up in (("days_since_last", "R", False), ("orders", "F", True), ("revenue", "M", True)):
        per_value = scored.groupby(value)[name].agg(["min", "max"]).sort_index(ascending=up)
        assert (per_value["min"] == per_value["max"]).all()
        assert per_value["min"].is_monotonic_increasing
        assert scored[name].between(1, groups).all()


@settings(max_examples=8, deadline=None)
@given(customers=customer_tables(), seed=st.integers(0, 99))
def test_the_order_of_rows_never_changes_a_score(customers, seed):
    shuffled = customers.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(rfm.score(shuffled).sort_index(), rfm.score(customers))


def test_a_dataframe_keeps_its_index_class_and_other_columns():
    customers = shop(20).set_index("customer_id").assign(note="x")
    scored = rfm.score(customers)
    assert scored.index.equals(customers.index)
    assert list(scored.columns) == [*customers.columns, *SCORES]
    assert "R" not in customers.columns


def test_an_ibis_table_stays_in_the_engine_and_gives_the_same_scores():
    customers = shop()
    scored = rfm.score(ibis.memtable(customers))
    assert isinstance(scored, ibis.Table)
    there = scored.order_by("customer_id").to_pandas()
    here = rfm.score(customers).sort_values("customer_id", ignore_index=True)
    pd.testing.assert_frame_equal(there[["customer_id", *SCORES]], here[["customer_id", *SCORES]], check_dtype=False)


def test_heavy_ties_leave_fewer_groups_and_say_so():
    customers = pd.DataFrame({"days_since_last": range(10), "orders": [1] * 7 + [2, 3, 9], "revenue": range(10)})
    with pytest.warns(RetentionKitWarning, match=r"frequency leave 3 of 5 groups \(scores 1, 4, 5\)"):
        scored = rfm.score(customers)
    assert scored["F"].tolist() == [1] * 7 + [4, 5, 5]


def test_one_customer_is_scored_with_a_warning():
    with pytest.warns(RetentionKitWarning):
        scored = rfm.score(pd.DataFrame({"days_since_last": [3], "orders": [1], "revenue": [10.0]}))
    assert scored[SCORES].iloc[0].tolist() == [5, 1, 1]


def test_cut_points_are_values_of_the_data():
    customers = pd.DataFrame({"days_since_last": [1, 2, 3, 40], "orders": [1, 1, 1, 10], "revenue": [1, 2, 3, 4]})
    cuts = rfm.cut_points(customers, groups=4)
    assert set(cuts.recency) <= {1, 2, 3, 40}
    assert set(cuts.frequency) <= {1, 10}


@pytest.mark.parametrize(("n", "groups"), [(1, 2), (7, 3), (500, 5), (501, 10)])
def test_cut_points_stand_at_exact_ranks(n, groups):
    customers = shop(n)
    ranks = [(n - 1) * k // groups for k in range(1, groups)]
    cuts = rfm.cut_points(customers, groups=groups)
    for name, column in (("recency", "days_since_last"), ("frequency", "orders"), ("monetary", "revenue")):
        assert getattr(cuts, name) == tuple(np.sort(customers[column])[ranks])


def test_money_that_is_no_number_is_missing_and_never_the_best():
    customers = ibis.memtable(shop(10)).mutate(revenue=ibis.literal(float("nan")).cast("float64"), orders=1)
    scored = rfm.score(customers, cuts=rfm.CutPoints((30,), (1,), (50,))).to_pandas()
    assert scored["M"].isna().all()


def test_fixed_cut_points_may_have_other_numbers_of_groups():
    cuts = rfm.CutPoints(recency=(30, 90, 180), frequency=(1,), monetary=(50, 100))
    customers = pd.DataFrame({"days_since_last": [30, 31, 999], "orders": [1, 2, 2], "revenue": [50.0, 100, 101]})
    scored = rfm.score(customers, cuts=cuts)
    assert scored[SCORES].to_numpy().tolist() == [[4, 1, 1], [3, 2, 2], [1, 2, 3]]


def test_money_may_be_the_mean_per_order():
    customers = pd.DataFrame({"days_since_last": [1, 1], "orders": [10, 1], "revenue": [100.0, 50]})
    assert rfm.score(customers, groups=2)["M"].tolist() == [2, 1]
    assert rfm.score(customers, groups=2, money="mean")["M"].tolist() == [1, 2]


def test_frozen_cut_points_survive_json_and_score_the_same():
    customers = shop()
    cuts = rfm.cut_points(customers)
    again = rfm.CutPoints.from_json(cuts.to_json())
    assert again == cuts
    pd.testing.assert_frame_equal(rfm.score(customers, cuts=again), rfm.score(customers))


def test_missing_values_have_missing_scores():
    customers = shop(10)
    customers["revenue"] = customers["revenue"].where(customers.index > 0)
    scored = rfm.score(customers)
    assert scored["M"].isna().tolist() == [True] + [False] * 9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rfm.CutPoints((3, 1), (1,), (1,)), "recency needs cut points in ascending order"),
        (lambda: rfm.CutPoints((), (float("nan"),), (1,)), r"2 faults: .*recency.*frequency"),
        (lambda: rfm.CutPoints((1,), (1,), (1,), money="median"), "'sum' or 'mean'"),
        (lambda: rfm.CutPoints.from_json("{}"), "need JSON with recency, frequency, monetary"),
        (lambda: rfm.CutPoints.from_json("no json"), "need JSON"),
        (lambda: rfm.score(shop(5), groups=1), "at least 2 groups"),
    ],
)
def test_impossible_cut_points_are_refused(call, message):
    with pytest.raises(ConfigError, match=message):
        call()


def test_a_missing_column_and_an_empty_table_are_named():
    with pytest.raises(DataError, match="missing: orders"):
        rfm.score(shop(5).drop(columns="orders"))
    with pytest.raises(DataError, match="at least one customer"):
        rfm.score(shop(5).head(0))


@pytest.mark.parametrize("engine", [False, True], ids=["pandas", "ibis"])
@pytest.mark.parametrize(
    ("column", "values", "says"),
    [
        ("days_since_last", pd.to_timedelta(range(1, 6), unit="D"), "days_since_last must be numbers, not durations"),
        ("days_since_last", pd.to_datetime(["2026-01-01"] * 5), "days_since_last holds timestamp"),
        ("orders", [True, False, True, True, True], "orders holds boolean"),
        ("revenue", ["1", "2", "3", "4", "much"], "revenue holds string"),
        ("revenue", [1.0, 2.0, np.inf, 4.0, -np.inf], "monetary is infinite or above 9e[+]18 for 2 customers"),
        ("revenue", [1.0, 2.0, 1e20, 4.0, 5.0], "monetary is infinite or above 9e[+]18 for 1 customer[.]"),
        ("orders", [1.5, 2.0, 3.0, 4.0, 5.0], "orders must be a whole number from 0; it is not for 1 customer[.]"),
        ("orders", [-1, 2, 3, -4, 5], "orders must be a whole number from 0; it is not for 2 customers[.]"),
    ],
)
def test_a_measure_that_is_no_number_is_refused_by_name(column, values, says, engine):
    table = shop(5).assign(**{column: values})
    with pytest.raises(DataError, match=says):
        rfm.score(ibis.memtable(table) if engine else table)


@pytest.mark.parametrize("wrong", [None, 5, "customers.csv", [1, 2, 3]])
def test_what_is_no_table_is_refused(wrong):
    with pytest.raises(DataError, match="must be a DataFrame or an Ibis table"):
        rfm.score(wrong)
    with pytest.raises(DataError, match="must be a DataFrame or an Ibis table"):
        rfm.by_segment(wrong)


def test_fixed_cut_points_score_whole_numbers_of_orders_only():
    cuts = rfm.CutPoints(recency=(30,), frequency=(2,), monetary=(50,))
    with pytest.raises(DataError, match=r"orders must be a whole number from 0; it is not for 1 customer\."):
        rfm.score(shop(5).assign(orders=[1, 2, 0.5, 3, 4]), cuts=cuts)
    assert rfm.score(shop(5).assign(orders=[1.0, 2.0, 0.0, 3.0, 4.0]), cuts=cuts)["F"].tolist() == [1, 1, 1, 2, 2]
