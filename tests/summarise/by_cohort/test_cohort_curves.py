"""Pooled curves and one age over time."""

import numpy as np
import pandas as pd
import pytest

from retention_kit import load, summarise
from retention_kit.errors import ConfigError, DataError


def table(active, size=100, complete=True, age=1):
    n = len(active)
    frame = pd.DataFrame({"cohort": range(n), "age": age, "size": size, "active": active, "complete": complete})
    return frame.assign(rate=frame["active"] / frame["size"])


def test_the_pooled_mean_is_not_the_mean_of_rates():
    """500 of 1000 and 400 of 500 are 60 % of all, and 65 % on average."""
    curve = summarise.pooled_curve(table([500, 400], size=[1000, 500])).iloc[0]
    assert curve[["cohorts", "size", "active"]].tolist() == [2, 1500, 900]
    assert curve["pooled_mean"] == pytest.approx(0.6)
    assert curve["mean_of_rates"] == pytest.approx(0.65)
    assert (curve["low"], curve["high"]) == summarise.wilson(900, 1500)


def test_only_complete_and_shown_cells_count():
    cells = table([50, 90, np.nan], complete=[True, False, True])
    curve = summarise.pooled_curve(cells)
    assert curve[["cohorts", "pooled_mean", "mean_of_rates"]].to_numpy().tolist() == [[1, 0.5, 0.5]]


def test_the_real_curve_rests_on_fewer_cohorts_as_it_ages():
    cells = summarise.cohorts(load.sample("cdnow_sample"), as_of="1998-06-15")
    curve = summarise.pooled_curve(cells)
    assert curve["cohorts"].tolist() == [3] * 15 + [2, 1]
    known = cells[cells["complete"] & (cells["age"] == 3)]
    assert curve.loc[3, "pooled_mean"] == known["active"].sum() / known["size"].sum()


def test_a_curve_for_each_group():
    cells = pd.concat([table([50]).assign(channel="web"), table([20]).assign(channel="app")])
    curve = summarise.pooled_curve(cells, by="channel")
    assert curve[["channel", "pooled_mean"]].to_numpy().tolist() == [["app", 0.2], ["web", 0.5]]


def test_change_and_its_interval_match_the_published_example():
    """Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10."""
    published = {((48, 80), (56, 70)): (0.0524, 0.3339), ((3, 10), (9, 10)): (0.1705, 0.8090)}
    for ((x, m), (y, n)), (low, high) in published.items():
        change = summarise.age_over_time(table([x, y], size=[m, n])).iloc[1]
        assert change["change"] == pytest.approx(y / n - x / m)
        assert np.round([change["change_low"], change["change_high"]], 4).tolist() == [low, high]


def test_the_trend_equals_the_chi_squared_of_a_straight_line():
    """The Cochran-Armitage statistic is the square of the correlation times n, customer by customer."""
    cells = table([20, 28, 25, 41], size=[90, 110, 100, 120])
    rows = cells.loc[cells.index.repeat(cells["size"])]
    bought = np.concatenate([np.arange(n) < x for x, n in zip(cells["active"], cells["size"], strict=True)])
    r = np.corrcoef(rows["cohort"], bought)[0, 1]
    z = np.sqrt(r**2 * len(rows))
    from scipy.stats import norm

    line = np.polyfit(rows["cohort"], bought.astype(float), 1)
    found = summarise.age_over_time(cells)
    assert found["trend"].iloc[0] == pytest.approx(line[0])
    assert found["trend_p_value"].iloc[0] == pytest.approx(2 * norm.sf(z))


def test_two_cohorts_make_no_trend_and_the_first_has_no_change():
    found = summarise.age_over_time(table([20, 30]))
    assert found[["trend", "trend_p_value"]].isna().all(axis=None)
    assert np.isnan(found["change"].iloc[0])


def test_what_cannot_be_followed_says_so():
    with pytest.raises(ConfigError, match="no cohort has a complete cell of age 7"):
        summarise.age_over_time(table([1, 2]), age=7)
    with pytest.raises(DataError, match="several rows"):
        summarise.age_over_time(pd.concat([table([1]), table([2])]))
    with pytest.raises(DataError, match="missing: complete"):
        summarise.pooled_curve(table([1]).drop(columns="complete"))
