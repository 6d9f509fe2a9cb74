"""Kaplan-Meier curves and the log-rank test, by hand and against published numbers."""

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.statistics import multivariate_logrank_test

from retention_kit import summarise
from retention_kit.errors import ConfigError, DataError

# Freireich et al. (1963), weeks of remission in acute leukaemia; 6-MP and placebo; Kalbfleisch and Prentice, table 1.1.
TREATED = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def test_by_hand():
    """Five watched: one leaves at 1, one at 2, one at 2 is no longer watched, one leaves at 4, one is watched to 5."""
    table = summarise.survival([1, 2, 2, 4, 5], [True, True, False, True, False])
    assert list(table.columns) == ["group", "time", "survival", "low", "high", "at_risk"]
    assert table["time"].tolist() == [0, 1, 2, 4, 5]
    assert table["survival"].tolist() == pytest.approx([1, 4 / 5, 4 / 5 * 3 / 4, 3 / 5 * 1 / 2, 3 / 10])
    assert table["at_risk"].tolist() == [5, 5, 4, 2, 1]
    assert set(table["group"]) == {"all"}


def test_the_published_curve_of_the_leukaemia_trial():
    """Kleinbaum and Klein, Survival Analysis (3rd ed.), ch. 2: S at the relapse times of the treated group."""
    table = summarise.survival(TREATED, RELAPSED).set_index("time")
    published = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    assert table.loc[list(published), "survival"].round(4).tolist() == list(published.values())
    assert table.loc[list(published), "at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]


def test_the_band_is_that_of_the_log_log_scale():
    table = summarise.survival(TREATED, RELAPSED).set_index("time")
    greenwood = 3 / (21 * 18) + 1 / (17 * 16)
    share = 18 / 21 * 16 / 17
    half = 1.959963984540054 * np.sqrt(greenwood) / np.log(share)
    expected = [share ** np.exp(-half), share ** np.exp(half)]
    assert table.loc[7, ["low", "high"]].tolist() == pytest.approx(expected)


def test_the_published_log_rank_test_of_the_leukaemia_trial():
    """Kleinbaum and Klein, ch. 2: 16.793 on one degree of freedom."""
    groups = ["6-MP"] * 21 + ["placebo"] * 21
    result = summarise.logrank(TREATED + PLACEBO, RELAPSED + [1] * 21, groups)
    assert (round(result.statistic, 3), result.degrees) == (16.793, 1)
    assert result.p_value < 0.0001


def test_counted_rows_give_what_single_rows_give():
    groups = ["6-MP"] * 21 + ["placebo"] * 21
    single = pd.DataFrame({"t": TREATED + PLACEBO, "seen": [bool(r) for r in RELAPSED] + [True] * 21, "g": groups})
    few = single.groupby(["g", "t", "seen"]).size().reset_index(name="n")
    whole = summarise.survival(single["t"], single["seen"], single["g"])
    pd.testing.assert_frame_equal(summarise.survival(few["t"], few["seen"], few["g"], counts=few["n"]), whole)
    assert summarise.logrank(few["t"], few["seen"], few["g"], counts=few["n"]) == pytest.approx(
        summarise.logrank(single["t"], single["seen"], single["g"])
    )


def random_rows(seed):
    """Rows that stand for 0 to 40 people each, with ties, in up to four groups."""
    draw = np.random.default_rng(seed)
    size = draw.integers(20, 200)
    times = draw.integers(0, 30, size) if seed % 2 else draw.exponential(10, size)
    observed = draw.random(size) < draw.uniform(0.1, 0.9)
    groups = draw.choice(list("abcd")[: 2 + seed % 3], size)
    rows = pd.DataFrame({"t": times, "seen": observed, "g": groups, "n": draw.integers(0, 40, size)})
    return rows, rows[rows["n"] > 0].reset_index(drop=True)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("seed", range(6))
def test_curves_and_bands_are_those_of_lifelines(seed):
    rows, kept = random_rows(seed)
    curves = summarise.survival(rows["t"], rows["seen"], rows["g"], counts=rows["n"], level=0.9)
    for name, own in kept.groupby("g"):
        fitted = KaplanMeierFitter(alpha=0.1).fit(own["t"], own["seen"], weights=own["n"])
        curve = curves[curves["group"] == name]
        share = fitted.survival_function_.iloc[:, 0]
        band = fitted.confidence_interval_.where(share > 0, axis=0)
        expected = np.column_stack([share.index, share, band, fitted.event_table["at_risk"]])
        np.testing.assert_allclose(curve.drop(columns="group"), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("seed", range(6))
def test_the_log_rank_test_is_that_of_lifelines(seed):
    rows, kept = random_rows(seed)
    result = summarise.logrank(rows["t"], rows["seen"], rows["g"], counts=rows["n"])
    peer = multivariate_logrank_test(kept["t"], kept["g"], kept["seen"], weights=kept["n"])
    assert result.statistic == pytest.approx(peer.test_statistic, rel=1e-9)
    assert result.p_value == pytest.approx(peer.p_value, rel=1e-9, abs=1e-14)


def test_without_an_event_everybody_is_still_there():
    table = summarise.survival([3, 5], [False, False])
    assert table[["survival", "low", "high"]].to_numpy().tolist() == [[1, 1, 1]] * 3


def test_where_nobody_is_left_the_band_is_not_defined():
    table = summarise.survival([1, 2], [True, True])
    assert table["survival"].iloc[-1] == 0
    assert table[["low", "high"]].iloc[-1].isna().all()


def test_groups_are_sorted_and_missing_ones_named():
    table = summarise.survival([1, 2, 3], [True, True, True], ["b", None, "a"])
    assert table["group"].drop_duplicates().tolist() == ["(none)", "a", "b"]


def test_row_order_and_index_do_not_matter():
    rows = pd.DataFrame({"t": TREATED, "seen": RELAPSED}, index=range(100, 121))
    mixed = rows.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(summarise.survival(rows.t, rows.seen), summarise.survival(mixed.t, mixed.seen))


def test_one_group_or_no_event_has_no_test():
    assert np.isnan(summarise.logrank([1, 2], [True, True], ["a", "a"]).statistic)
    assert np.isnan(summarise.logrank([1, 2], [False, False], ["a", "b"]).p_value)


@pytest.mark.parametrize(
    ("durations", "observed", "message"),
    [
        ([], [], "at least one row"),
        ([1, -2], [True, True], "1 are negative"),
        ([1, np.nan], [True, True], "1 are missing"),
        ([1, 2], [True, None], "observed True or False; 1 are missing"),
        ([1, 2], [True], "one value per row"),
        ([-1, np.nan], [True, True], "2 faults"),
    ],
)
def test_what_cannot_be_watched_is_refused_with_the_reason(durations, observed, message):
    with pytest.raises(DataError, match=message):
        summarise.survival(durations, observed)


def test_a_level_is_a_fraction():
    with pytest.raises(ConfigError, match="between 0 and 1"):
        summarise.survival([1], [True], level=95)
