"""Tables that the check plots draw."""

import warnings

import numpy as np
import pandas as pd
import pytest
from models_cdnow import SAMPLE, customers, fitted, frame, orders

from retention_kit import models
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning


def test_the_frequency_histogram_counts_every_customer_twice():
    table = models.frequency_histogram(fitted("BGNBD"), customers())
    assert table["actual"].tolist() == SAMPLE["holdout"]["n"]
    assert table["expected"].sum() == pytest.approx(2357)
    assert (abs(table["expected"] - table["actual"]) < 60).all()
    assert table["label"].iloc[-1] == "7+"


def test_the_grid_leaves_contradictions_empty():
    grid = models.frequency_recency_grid(fitted("BGNBD"), T=39, t=39, max_frequency=3, steps=4)
    impossible = (grid["frequency"] == 0) != (grid["recency"] == 0)
    assert grid.loc[impossible, "probability_alive"].isna().all()
    assert grid.loc[~impossible, ["probability_alive", "expected_purchases"]].notna().all().all()


def test_the_history_of_a_customer_ends_at_her_present_probability():
    model = fitted("ParetoNBD")
    table = models.alive_history(model, [5.0, 12.0], T=38.0, steps=50)
    assert table["probability_alive"].iloc[0] == pytest.approx(1)
    now = model.probability_alive(frame([2], [12.0], [38.0])).item()
    assert table["probability_alive"].iloc[-1] == pytest.approx(now)
    at_purchase = table.set_index("time").loc[12.0, "probability_alive"]
    assert at_purchase == pytest.approx(1)
    with pytest.raises(DataError, match="not after T"):
        models.alive_history(model, [50.0], T=38.0)


def test_weekly_tracking_matches_the_walkthrough():
    published = SAMPLE["tracking"]
    table = models.tracking(
        fitted("BGNBD"), orders(), start="1997-01-01", as_of="1998-06-30", split="1997-09-30"
    ).set_index("period")
    weeks = table.loc[published["weeks"]]
    assert weeks["actual"].tolist() == published["actual"]
    np.testing.assert_allclose(weeks["expected"], published["model"], rtol=2e-5)
    assert len(table) == 78
    assert table["cumulative_actual"].iloc[-1] == table["actual"].sum()
    assert table["fitted"].sum() == 39


def test_tracking_by_another_grain_than_the_fits_is_pointed_out():
    asked = {"start": "1997-01-01", "as_of": "1997-03-31", "split": "1997-09-30"}
    with pytest.warns(RetentionKitWarning, match="told apart by day, and grain='month' counts at most one a month"):
        models.tracking(fitted("BGNBD"), orders(), **asked, grain="month")
    with warnings.catch_warnings():
        warnings.simplefilter("error", RetentionKitWarning)
        models.tracking(fitted("BGNBD"), orders(), **asked)


def test_tracking_needs_a_whole_period():
    with pytest.raises(ConfigError, match="no complete week"):
        models.tracking(fitted("BGNBD"), orders(), start="1997-01-01", as_of="1997-01-03")


def test_spend_and_frequency_hardly_go_together_on_cdnow():
    table = models.spend_independence(customers()).set_index("measure")
    repeat = customers().query("frequency > 0 and monetary_value > 0")
    assert table.loc["Pearson", "n"] == 946
    expected = np.corrcoef(repeat["frequency"], np.log(repeat["monetary_value"]))[0, 1]
    assert table.loc["Pearson", "correlation"] == pytest.approx(expected)
    assert table.loc["Spearman", "size"] in ("negligible", "small")


def test_densities_integrate_to_one():
    table = models.parameter_densities(fitted("BGNBD"), draws=800)
    for _, curve in table.groupby("parameter"):
        assert np.trapezoid(curve["posterior"], np.log(curve["value"])) == pytest.approx(1, abs=0.02)
        assert isinstance(curve, pd.DataFrame)
