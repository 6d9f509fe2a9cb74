"""Value at stake: money, doubt, and who comes first."""

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_kit.errors import ConfigError, DataError
from retention_kit.models import rfm


def customers():
    return pd.DataFrame(
        {
            "customer_id": list("abcde"),
            "segment": ["champions", "champions", "can't lose", "hibernating", "hibernating"],
            "days_since_last": [3, 30, 200, 300, 900],
            "probability_alive": [0.99, 0.6, 0.25, 0.1, 0.0],
            "lifetime_value": [99.0, 60.0, 50.0, 1.0, 0.0],
            "lifetime_value_low": [90.0, 30.0, 20.0, 0.5, 0.0],
            "lifetime_value_high": [110.0, 90.0, 80.0, 2.0, 0.0],
        }
    )


def test_money_at_risk_by_hand():
    table = rfm.value_at_stake(customers()).set_index("segment")
    assert table.index[:3].tolist() == ["champions", "can't lose", "hibernating"]
    best = table.loc["champions"]
    assert (best["customers"], best["quiet"]) == (2, 1)
    assert best[["expected", "at_risk", "at_risk_low", "at_risk_high"]].tolist() == [159, 60, 30, 90]
    assert best["slipped"] == pytest.approx(99 * 0.01 / 0.99 + 60 * 0.4 / 0.6)
    assert table.loc["can't lose", ["at_risk", "slipped", "slipped_low", "slipped_high"]].tolist() == [50, 150, 60, 240]
    assert table["risk_share"].sum() == pytest.approx(1)


def test_every_segment_of_the_map_is_in_the_table():
    table = rfm.value_at_stake(customers())
    assert set(table["segment"]) == set(rfm.ten_segments.segments)
    assert table["customers"].sum() == 5


def test_customers_of_a_segment_that_the_map_does_not_know_are_not_dropped():
    other = customers().assign(segment="cannot lose")
    table = rfm.value_at_stake(other).set_index("segment")
    assert table.loc["cannot lose", ["customers", "expected"]].tolist() == [5, 210.0]
    assert table["customers"].sum() == 5


def test_nobody_certainly_gone_has_slipped_infinitely_far():
    assert np.isfinite(rfm.value_at_stake(customers())["slipped"]).all()


def test_certain_customers_have_nothing_at_risk():
    sure = customers().assign(probability_alive=1.0)
    table = rfm.value_at_stake(sure)
    assert table[["at_risk", "slipped", "quiet"]].sum().sum() == 0


def test_quiet_customers_are_ranked_by_money_and_sure_ones_stay_out():
    listed = rfm.at_risk(customers())
    assert listed["customer_id"].tolist() == ["b", "c"]
    assert listed["at_risk"].tolist() == [60, 50]
    assert listed["at_risk_low"].tolist() == [30, 20]
    assert rfm.at_risk(customers(), limit=1)["customer_id"].tolist() == ["b"]
    everyone = rfm.at_risk(customers(), within=["champions"], quiet_below=1.0, limit=None)
    assert everyone["customer_id"].tolist() == ["a", "b"]


def test_those_long_gone_come_last():
    listed = rfm.at_risk(customers(), within=["hibernating", "can't lose"])
    assert listed["customer_id"].tolist() == ["c", "d", "e"]


def test_without_an_interval_there_are_no_ends():
    bare = customers().drop(columns=["lifetime_value_low"])
    assert not [name for name in rfm.at_risk(bare).columns if name.endswith(("_low", "_high"))]


def test_another_column_may_be_the_value():
    other = customers().rename(columns={"lifetime_value": "expected_value"})
    assert rfm.value_at_stake(other, value="expected_value")["expected"].sum() == 210


def test_the_engine_gives_the_same_table_and_list():
    there = ibis.memtable(customers())
    pd.testing.assert_frame_equal(rfm.value_at_stake(there), rfm.value_at_stake(customers()))
    pd.testing.assert_frame_equal(rfm.at_risk(there).to_pandas(), rfm.at_risk(customers()))


def test_missing_model_results_are_named_with_their_maker():
    with pytest.raises(DataError, match=r"missing: probability_alive.*fitted model"):
        rfm.value_at_stake(customers().drop(columns="probability_alive"))
    with pytest.raises(ConfigError, match="at least one segment"):
        rfm.at_risk(customers(), within=[])
    with pytest.raises(ConfigError, match="probability in"):
        rfm.at_risk(customers(), quiet_below=80)
