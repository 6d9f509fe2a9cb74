"""Movement between two dates: nobody moves who did nothing."""

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retention_kit.errors import DataError
from retention_kit.models import rfm

pytestmark = pytest.mark.filterwarnings("ignore::retention_kit.errors.RetentionKitWarning")


def shop(n, seed):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in range(n)],
            "days_since_last": rng.integers(0, 400, n),
            "orders": rng.geometric(0.4, n),
            "revenue": rng.gamma(2, 30, n).round(2),
        }
    )


def placed(customers, cuts):
    return rfm.segment(rfm.score(customers, cuts=cuts))


@settings(max_examples=5, deadline=None)
@given(n=st.integers(1, 60), seed=st.integers(0, 999))
def test_frozen_cut_points_on_the_same_data_move_nobody(n, seed):
    customers = shop(n, seed)
    cuts = rfm.cut_points(customers)
    moves = rfm.migrate(placed(customers, cuts), placed(customers.sample(frac=1, random_state=1), cuts))
    assert (moves["before"] == moves["after"]).all()
    assert moves["customers"].sum() == n
    assert (moves["share"] == 1).all()
    matrix = rfm.migration_matrix(moves)
    assert np.array_equal(matrix, np.diag(np.diag(matrix)))


def test_moves_arrivals_and_departures_are_counted_once():
    before = pd.DataFrame(
        {"customer_id": ["a", "b", "c"], "segment": ["loyal", "loyal", "new"], "revenue": [10.0, 20, 30]}
    )
    after = pd.DataFrame(
        {"customer_id": ["b", "c", "d"], "segment": ["at risk", "new", "new"], "revenue": [20.0, 31, 5]}
    )
    moves = rfm.migrate(before, after).set_index(["before", "after"])
    assert moves["customers"].to_dict() == {
        ("(not yet there)", "new"): 1,
        ("loyal", "(no longer there)"): 1,
        ("loyal", "at risk"): 1,
        ("new", "new"): 1,
    }
    assert moves.loc[("loyal", "at risk"), "share"] == 0.5
    assert moves["revenue_before"].sum() == 60
    assert moves["revenue_after"].sum() == 56
    matrix = rfm.migration_matrix(moves.reset_index(), values="revenue_after")
    assert matrix.loc["(not yet there)", "new"] == 5


def test_the_engine_gives_the_same_moves():
    customers = shop(200, 1)
    cuts = rfm.cut_points(customers)
    later = customers.assign(days_since_last=customers["days_since_last"] + 60)
    here = rfm.migrate(placed(customers, cuts), placed(later, cuts))
    there = rfm.migrate(placed(ibis.memtable(customers), cuts), placed(ibis.memtable(later), cuts))
    pd.testing.assert_frame_equal(here, there)


def test_who_fell_silent_is_listed_with_the_reason_richest_first():
    march = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d"],
            "days_since_last": [5, 5, 5, 300],
            "orders": [9, 9, 9, 9],
            "revenue": [100.0, 300.0, 200.0, 900.0],
        }
    )
    april = march.assign(days_since_last=[200, 205, 3, 330])
    cuts = rfm.CutPoints((30, 60, 90, 180), (1, 2, 3, 5), (10, 20, 50, 80))
    before, after = placed(march, cuts), placed(april, cuts)
    listed = rfm.fallers(before, after)
    assert listed["customer_id"].tolist() == ["b", "a"]
    assert listed["after"].tolist() == ["can't lose", "can't lose"]
    assert listed["reason"][0] == "R 5 to 1, F 5 to 5, M 5 to 5; 205 days since the last order"
    there = rfm.fallers(ibis.memtable(before), ibis.memtable(after))
    pd.testing.assert_frame_equal(there.to_pandas(), listed)


def test_a_table_without_segments_is_refused():
    with pytest.raises(DataError, match="missing: segment"):
        rfm.migrate(shop(3, 1), shop(3, 1))
