"""Trends and comparisons of survey scores: the noise of both sides, and of many comparisons, counts."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention_kit import metrics
from retention_kit.errors import ConfigError, DataError


def answers(rows, **more):
    table = pd.DataFrame(rows, columns=["promoters", "passives", "detractors"])
    n = table.sum(axis=1)
    return table.assign(n=n, answers=n, n_effective=n.astype("float64"), **more)


def months(k):
    return pd.date_range("2024-01-01", periods=k, freq="MS")


def by_month(table):
    table.insert(0, "period", months(len(table)))
    return table


def test_a_trend_carries_the_score_its_interval_and_the_test_of_each_change():
    table = metrics.survey_trend(by_month(answers([(50, 30, 20), (60, 25, 15), (60, 25, 15)])))
    test = metrics.nps_change_test(table.iloc[0], table.iloc[1])
    assert table["score"].tolist() == pytest.approx([30, 45, 45])
    assert table["p_value"][1] == pytest.approx(test.p_value)
    assert table["change_low"][1] == pytest.approx(test.low)
    assert table["p_value"][2] == pytest.approx(1)
    assert table[["change", "p_value"]].iloc[0].isna().all()


def test_months_with_few_answers_show_no_score_and_no_change_beside_them():
    table = metrics.survey_trend(by_month(answers([(50, 30, 20), (2, 1, 0), (50, 30, 20)])), minimum_n=10)
    assert table["score"].isna().tolist() == [False, True, False]
    assert table["change"].isna().all()


def test_a_trend_by_group_never_compares_two_groups():
    table = answers([(9, 1, 0), (8, 1, 1), (1, 1, 8), (2, 1, 7)])
    table.insert(0, "country", ["PL", "PL", "TW", "TW"])
    table.insert(1, "period", [*months(2), *months(2)])
    assert metrics.survey_trend(table)["change"].isna().tolist() == [True, False, True, False]


def test_satisfaction_and_effort_are_shares_with_wilson_and_a_test():
    for share in ("satisfied", "agreeing"):
        table = pd.DataFrame({"period": months(2), share: [400, 430], "answers": 500, "n": 500, "n_effective": 500.0})
        trend = metrics.survey_trend(table)
        assert trend["score"].tolist() == [0.8, 0.86]
        assert (trend["low"][0], trend["high"][0]) == pytest.approx(metrics.wilson_interval(400, 500))
        assert trend["p_value"][1] == pytest.approx(metrics.share_change_test(400, 500, 430, 500).p_value)


def test_tables_without_bands_or_periods_are_refused():
    with pytest.raises(DataError, match="need the bands promoters"):
        metrics.survey_scores(pd.DataFrame({"n": [1]}))
    with pytest.raises(DataError, match="needs the column period"):
        metrics.survey_trend(answers([(1, 1, 1)]))
    with pytest.raises(DataError, match="need the bands promoters"):
        metrics.survey_breakdown(pd.DataFrame({"n": [1]}))
    with pytest.raises(ConfigError, match="at least one dimension"):
        metrics.survey_drivers({})


def test_each_group_is_compared_with_all_the_others():
    table = metrics.survey_breakdown(answers([(70, 20, 10), (40, 30, 30), (45, 30, 25)], country=["PL", "TW", "DE"]))
    rest = {"promoters": 85, "passives": 60, "detractors": 55}
    test = metrics.nps_change_test(rest, {"promoters": 70, "passives": 20, "detractors": 10})
    assert table["difference"][0] == pytest.approx(60 - 15)
    assert table["p_value"][0] == pytest.approx(test.p_value)
    assert table["stands_out"].tolist() == [True, True, False]
    assert (table["p_holm"] >= table["p_value"]).all()


def test_small_groups_are_neither_shown_nor_tested():
    table = metrics.survey_breakdown(answers([(70, 20, 10), (3, 0, 0), (40, 30, 30)], country=["PL", "XX", "TW"]))
    assert table["score"].isna().tolist() == [False, True, False]
    assert table["p_holm"].isna().tolist() == [False, True, False]
    assert not table["stands_out"][1]


def test_a_single_group_has_nothing_to_be_compared_with():
    table = metrics.survey_breakdown(answers([(70, 20, 10)], country=["PL"]))
    assert table["score"].tolist() == [60.0]
    assert table["difference"].isna().all()
    assert not table["stands_out"].any()


def test_satisfaction_is_compared_as_a_share():
    table = pd.DataFrame({"country": ["PL", "TW"], "satisfied": [400, 300], "answers": 500, "n": 500})
    found = metrics.survey_breakdown(table.assign(n_effective=500.0))
    assert found["difference"].tolist() == pytest.approx([0.2, -0.2])
    assert found["p_value"][0] == pytest.approx(metrics.share_change_test(300, 500, 400, 500).p_value)
    assert found["stands_out"].all()


def test_explained_variance_of_satisfaction_equals_the_analysis_of_single_answers():
    from scipy.stats import f_oneway

    counts = {"a": (30, 50), "b": (45, 60), "c": (20, 70)}
    single = [np.repeat([1.0, 0.0], [yes, n - yes]) for yes, n in counts.values()]
    table = pd.DataFrame(list(counts.values()), columns=["agreeing", "answers"])
    table = table.assign(n=table["answers"], n_effective=table["answers"].astype(float))
    row = metrics.survey_drivers({"g": table}).iloc[0]
    everyone = np.concatenate(single)
    total = ((everyone - everyone.mean()) ** 2).sum()
    within = sum(((s - s.mean()) ** 2).sum() for s in single)
    noise = within / (len(everyone) - 3)
    assert row["p_value"] == pytest.approx(f_oneway(*single).pvalue)
    assert row["explained"] == pytest.approx((total - within - 2 * noise) / (total + noise))
    assert row["spread"] == pytest.approx(45 / 60 - 20 / 70)


def test_holm_gives_the_published_steps():
    """The steps by hand: 0.005 × 4, 0.011 × 3, 0.02 × 2, 0.04 × 1, never falling."""
    adjusted = metrics.holm(pd.Series([0.04, 0.005, 0.02, 0.011], index=list("abcd")))
    assert adjusted.to_dict() == pytest.approx({"a": 0.04, "b": 0.02, "c": 0.04, "d": 0.033})


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12))
def test_holm_keeps_order_and_gaps_and_never_lowers(values):
    p = pd.Series(values, dtype="float64")
    adjusted = metrics.holm(p)
    assert adjusted.isna().equals(p.isna())
    assert (adjusted.dropna() >= p.dropna()).all()
    assert (adjusted.dropna() <= 1).all()
    order = p.dropna().sort_values().index
    assert adjusted[order].is_monotonic_increasing


def test_among_ten_equal_groups_one_stands_out_in_at_most_five_of_a_hundred_shops():
    rng = np.random.default_rng(3)
    alarms = [
        metrics.survey_breakdown(answers(rng.multinomial(80, [0.5, 0.3, 0.2], size=10)))["stands_out"].any()
        for _ in range(300)
    ]
    assert np.mean(alarms) < 0.08


def test_the_dimension_that_made_the_spread_comes_first():
    channel = answers([(70, 20, 10), (30, 20, 50)], channel=["email", "web"])
    country = answers([(50, 20, 30), (50, 20, 30)], country=["PL", "TW"])
    table = metrics.survey_drivers({"country": country, "channel": channel})
    assert table["dimension"].tolist() == ["channel", "country"]
    assert table["spread"].tolist() == pytest.approx([80, 0])
    assert table["explained"][1] == 0
    assert table["p_holm"][0] < 0.001 < table["p_holm"][1]


def test_explained_variance_equals_the_analysis_of_single_answers():
    groups = [(30, 10, 5), (20, 20, 20), (5, 15, 30)]
    values = [np.repeat([100, 0, -100], counts) for counts in groups]
    everyone, k = np.concatenate(values), len(groups)
    between = sum(len(v) * (v.mean() - everyone.mean()) ** 2 for v in values)
    within = sum(((v - v.mean()) ** 2).sum() for v in values)
    noise = within / (len(everyone) - k)
    omega = (between - (k - 1) * noise) / (between + within + noise)
    row = metrics.survey_drivers({"g": answers(groups)}, minimum_n=1).iloc[0]
    assert row["explained"] == pytest.approx(omega)


def test_a_dimension_with_one_large_group_explains_nothing_knowable():
    row = metrics.survey_drivers({"g": answers([(30, 10, 5), (1, 0, 0)])}).iloc[0]
    assert row["groups"] == 1
    assert np.isnan(row["explained"])


def test_a_share_change_is_quiet_without_change_and_certain_with_a_large_one():
    assert metrics.share_change_test(40, 100, 40, 100).p_value == 1
    assert metrics.share_change_test(40, 100, 80, 100).p_value < 1e-6
    assert np.isnan(metrics.share_change_test(0, 0, 80, 100).p_value)
