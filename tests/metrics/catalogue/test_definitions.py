"""Every definition of a metric on the same data."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_kit import metrics
from retention_kit.errors import ConfigError, DataError
from retention_kit.metrics.catalogue.definitions import DEFINITIONS

# 100 at the start, 10 of them leave, 20 join, 5 of these leave again
MONTH = {"start": 100, "kept": 90, "lost": 10, "new": 15, "returned": 0, "joined_and_left": 5, "end": 105}
MRR = {"mrr_start": 100, "mrr_new": 30, "mrr_expansion": 10, "mrr_contraction": 10, "mrr_churn": 10}


def values(metric, data):
    table = metrics.compare_definitions(metric, data)
    return dict(zip(table["definition"], table["value"], strict=True))


def test_the_same_month_churns_at_ten_fifteen_twelve_and_a_half_and_ten_per_cent():
    assert values("churn_rate", MONTH) == {
        "textbook": 0.10,
        "baremetrics": 0.15,
        "stripe": 0.125,
        "profitwell": 0.10,
    }


def test_the_textbook_definition_is_the_metric_itself():
    assert values("churn_rate", MONTH)["textbook"] == metrics.churn_rate(100, 10)
    assert values("retention_rate", MONTH)["textbook"] == metrics.retention_rate(100, 105, 15)
    full = MRR | {"mrr_reactivation": 5}
    assert values("net_revenue_churn", full)["textbook"] == metrics.net_revenue_churn(100, 10, 10, 10)
    assert values("net_revenue_churn", full)["chartmogul"] == metrics.net_revenue_churn(100, 10, 10, 10, 5)
    assert values("revenue_churn_rate", full)["chartmogul"] == metrics.gross_revenue_churn(100, 10, 10)
    assert values("quick_ratio", full)["textbook"] == metrics.quick_ratio(30, 10, 10, 10)


def test_counting_new_customers_as_kept_turns_eighty_into_a_hundred_per_cent():
    month = {"start": 10, "end": 12, "new": 4, "returned": 0}
    assert values("retention_rate", month) == {"textbook": 0.8, "win_backs_kept": 0.8, "end_over_start": 1.2}


def test_eighty_left_of_a_hundred_is_eighty_per_cent_kept_and_twenty_lost():
    month = {"start": 100, "end": 80, "new": 0, "returned": 0, "lost": 20, "joined_and_left": 0}
    assert set(values("retention_rate", month).values()) == {0.8}
    assert set(values("churn_rate", month).values()) == {0.2}


def test_win_backs_counted_as_kept_can_exceed_one_hundred_per_cent():
    month = {"start": 10, "end": 15, "new": 2, "returned": 4}
    found = values("retention_rate", month)
    assert found["textbook"] == 0.9
    assert found["win_backs_kept"] == 1.3


def test_lifetime_value_by_the_month_and_by_the_six_months_before():
    data = {"arpa": 50, "churn_rate": 0.10, "trailing_churn_rate": 0.05}
    found = values("ltv_from_churn", data)
    assert found["baremetrics"] == pytest.approx(500)
    assert found["chartmogul"] == pytest.approx(1000)


def test_every_row_has_a_sentence_a_formula_and_a_source():
    table = metrics.compare_definitions("churn_rate", MONTH)
    assert table["difference"].str.endswith(".").all()
    assert table["source"].str.len().min() > 0
    assert table.loc[table["definition"] == "stripe", "formula"].item() == (
        "(lost + joined_and_left) / (start + new + returned + joined_and_left)"
    )


def test_a_missing_column_leaves_a_gap_that_is_explained():
    table = metrics.compare_definitions("net_revenue_churn", MRR).set_index("definition")
    assert table.loc["textbook", "value"] == 0.1
    assert math.isnan(table.loc["chartmogul", "value"])
    assert "Not computed: mrr_reactivation missing." in table.loc["chartmogul", "difference"]


def test_a_row_of_a_period_table_and_the_whole_table_work():
    table = pd.DataFrame([MONTH, MONTH | {"start": 0, "lost": 0}])
    assert values("churn_rate", table.iloc[0])["stripe"] == 0.125
    series = metrics.by_definition("churn_rate", "textbook", table)
    assert series[0] == 0.1
    assert math.isnan(series[1])


def test_unknown_requests_are_answered_with_what_there_is():
    with pytest.raises(ConfigError, match="textbook, baremetrics, stripe, profitwell; got 'acme'"):
        metrics.by_definition("churn_rate", "acme", MONTH)
    with pytest.raises(ConfigError, match="one definition only; several have: churn_rate"):
        metrics.compare_definitions("nps", MONTH)
    with pytest.raises(DataError, match="missing: joined_and_left"):
        metrics.by_definition("churn_rate", "baremetrics", {"start": 1, "lost": 1})


def test_each_metric_starts_with_the_textbook_and_names_no_definition_twice():
    for metric in {line.metric for line in DEFINITIONS}:
        names = [line.name for line in DEFINITIONS if line.metric == metric]
        assert names[0] == "textbook"
        assert len(names) == len(set(names))


@given(kept=st.integers(0, 999), lost=st.integers(0, 999), new=st.integers(0, 999), brief=st.integers(0, 999))
def test_baremetrics_never_lies_below_the_textbook_and_stripe_never_above_baremetrics(kept, lost, new, brief):
    month = {"start": kept + lost, "lost": lost, "new": new, "returned": 0, "joined_and_left": brief}
    found = values("churn_rate", month)
    if month["start"]:
        assert found["textbook"] <= found["baremetrics"] >= found["stripe"]
