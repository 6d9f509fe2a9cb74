"""Tables that the check plots draw."""

import warnings

import numpy as np
import pandas as pd
import pytest
from models_cdnow import SAMPLE, customers, fitted, frame, orders

from retention_kit import models, simulate
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


def test_a_histogram_of_a_model_with_covariates_is_that_of_each_kind_of_customers():
    customers = pd.concat(
        [
            simulate.bgnbd_customers(300, r=0.5, alpha=alpha, a=0.8, b=2.5, T=T, seed=i).assign(club=i)
            for i, (alpha, T) in enumerate([(8.0, 30), (4.0, 40)])
        ],
        ignore_index=True,
    )
    model = models.fit_covariates(models.BGNBD, customers, purchase=["club"])
    both = models.frequency_histogram(model, customers)
    parts = [models.frequency_histogram(model.at(club=i), customers[customers["club"] == i]) for i in (0, 1)]
    np.testing.assert_allclose(both["expected"], parts[0]["expected"] + parts[1]["expected"])
    np.testing.assert_array_equal(both["actual"], parts[0]["actual"] + parts[1]["actual"])


def test_tracking_of_a_model_with_covariates_is_that_of_each_kind_of_customers():
    log = orders().table.to_pandas()
    ids = log["customer_id"].drop_duplicates()
    known = pd.DataFrame({"customer_id": ids, "club": ids.astype(int) % 2})
    central = models.BGNBD(r=0.24, alpha=4.4, a=0.79, b=2.43)
    model = models.CovariateModel(central, purchase={"club": 0.5}, dropout={"club": -0.2})
    span = {"start": "1997-01-01", "as_of": "1997-12-31", "split": "1997-09-30"}
    both = models.tracking(model, log, covariates=known, **span)
    parts = [
        models.tracking(model.at(club=i), log[log["customer_id"].astype(int) % 2 == i], **span).set_index("period")
        for i in (0, 1)
    ]
    columns = ["actual", "expected", "cumulative_actual", "cumulative_expected"]
    sums = (parts[0][columns] + parts[1][columns]).reset_index(drop=True)
    pd.testing.assert_frame_equal(both[columns], sums, check_dtype=False)
    with pytest.raises(ConfigError, match="pass covariates=, a table with customer_id and club"):
        models.tracking(model, log, **span)


def test_tracking_of_opportunities_counts_those_after_the_period_of_the_first_purchase():
    log = orders().table.to_pandas()
    model = models.BGBB(alpha=0.5, beta=2.0, gamma=0.6, delta=3.0, unit="month")
    table = models.tracking(
        model, log, start="1997-03-01", as_of="1997-12-31", split="1997-09-30", grain="month"
    ).set_index("period")
    assert table["end"].astype(str).tolist()[:2] == ["1997-03-31", "1997-04-30"]
    month = log["ordered_at"].dt.to_period("M")
    events = log.assign(month=month).drop_duplicates(["customer_id", "month"])
    first = events.groupby("customer_id")["month"].min()
    events = events[events["month"] > events["customer_id"].map(first)]
    counts = events.groupby("month").size()
    assert table["actual"].tolist() == counts["1997-03":"1997-12"].tolist()
    size = first.value_counts()
    for i, end in enumerate(pd.period_range("1997-03", "1997-12", freq="M"), start=1):

        def total(by, size=size):
            return sum(n * model.expected_purchases_new(max((by - came).n, 0)) for came, n in size.items())

        assert table.loc[i, "expected"] == pytest.approx(total(end) - total(end - 1))
    assert table["fitted"].tolist() == [True] * 7 + [False] * 3
    with pytest.raises(ConfigError, match="start on the first day of a month and the split"):
        models.tracking(model, log, start="1997-03-02", as_of="1997-12-31", split="1997-09-30", grain="month")


def test_a_histogram_of_opportunities_counts_every_customer():
    """BG/BB by hand: two customers of 3 and 5 opportunities."""
    model = models.BGBB(alpha=0.5, beta=2.0, gamma=0.6, delta=3.0, unit="year")
    table = pd.DataFrame({"frequency": [0, 2], "recency": [0, 4], "T": [3, 5], "unit": "year"})
    histogram = models.frequency_histogram(model, table, top=2)
    chances = [model.probability_of_n_purchases([0, 1], T) for T in (3, 5)]
    expected = [*np.sum(chances, axis=0), 2 - np.sum(chances)]
    np.testing.assert_allclose(histogram["expected"], expected)
    assert histogram["actual"].tolist() == [1, 0, 1]
