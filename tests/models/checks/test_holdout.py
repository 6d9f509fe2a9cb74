"""The scorecard: grades by hand, and on CDNOW."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from models_cdnow import SAMPLE, orders

from retention_kit import models, summarise
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.models.base.rows import PURCHASES, read
from retention_kit.models.checks import forecast_scores as scores
from retention_kit.models.checks.holdout import _card, _Grade, outcomes


@pytest.fixture(scope="module")
def card():
    return models.holdout(orders(), split="1997-09-30", as_of="1998-06-30", models=["BGNBD", models.MBGNBD], draws=100)


def test_the_outcome_is_that_of_the_published_holdout(card):
    published = SAMPLE["holdout"]
    line = card.table.set_index("model").loc["BGNBD"]
    assert line["n"] == 2357
    assert line["actual"] == round(np.dot(published["actual"], published["n"]))
    calibration = card.calibration.query("model == 'BGNBD'")
    np.testing.assert_allclose(calibration["expected"], published["model"], rtol=5e-5)
    np.testing.assert_allclose(calibration["actual"], published["actual"], rtol=1e-6)
    assert calibration["n"].tolist() == published["n"]


def test_models_beat_the_naive_forecasts_and_the_winner_is_named(card):
    table = card.table.set_index("model")
    assert card.winner in ("BGNBD", "MBGNBD")
    assert card.margin > 0
    assert table.loc[["BGNBD", "MBGNBD"], "rmse"].max() < table.loc["mean rate", "rmse"]
    assert table.loc["BGNBD", "coverage"] > 0.9
    assert table.loc["BGNBD", "total_low"] < table.loc["BGNBD", "expected"] < table.loc["BGNBD", "total_high"]


def test_the_last_period_counts_all_purchases_since_as_long_before(card):
    log = orders().table.to_pandas()
    day = pd.to_datetime(log["ordered_at"]).dt.normalize()
    before = log[(day > "1996-12-31") & (day <= "1997-09-30")].assign(day=day).drop_duplicates(["customer_id", "day"])
    naive = card.table.set_index("model").loc["same as last period", "expected"]
    assert naive == len(before)


def test_a_frame_gives_the_same_grades(card):
    again = models.holdout(
        orders().table.to_pandas(), split="1997-09-30", as_of="1998-06-30", models=["BGNBD"], draws=100
    )
    first = card.table.query("model == 'BGNBD'").drop(columns="verdict")
    pd.testing.assert_frame_equal(first, again.table.query("model == 'BGNBD'").drop(columns="verdict"))


def test_grades_by_hand():
    found = scores.scores(np.array([1.0, 2.0, 0.0]), np.array([2.0, 2.0, 0.0]), np.array([1.0, 1.0, 2.0]))
    assert found["bias"] == -0.25
    assert found["mae"] == 0.25
    assert found["rmse"] == 0.5


def test_rank_correlation_is_spearmans_with_ties_and_counts():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(1)
    a, b, n = rng.integers(0, 5, 40), rng.integers(0, 4, 40), rng.integers(1, 4, 40)
    expected = spearmanr(np.repeat(a, n), np.repeat(b, n))[0]
    assert scores.rank_correlation(a, b, n.astype(float)) == pytest.approx(expected)


def test_lift_shares_ties_evenly_and_averages_to_one():
    lift = scores.lift(np.zeros(4), np.array([4.0, 0, 0, 0]), np.ones(4))
    np.testing.assert_allclose(lift, 1)
    best_first = scores.lift(np.arange(10.0), np.arange(10.0), np.ones(10))
    assert best_first[0] == pytest.approx(2.0)
    assert best_first.mean() == pytest.approx(1.0)


def test_a_split_before_the_first_purchase_is_refused_by_its_name():
    with pytest.raises(DataError, match="Nobody had bought until 1996-03-31: the split must be after the first"):
        models.holdout(orders(), split="1996-03-31", as_of="1998-06-30")


def test_a_split_that_is_not_before_as_of_and_an_unknown_model_are_refused():
    with pytest.raises(ConfigError, match="before as_of"):
        models.holdout(orders(), split="1998-06-30", as_of="1998-06-30")
    with pytest.raises(ConfigError, match="BGNBD, MBGNBD, ParetoNBD"):
        models.holdout(orders(), split="1997-09-30", as_of="1998-06-30", models=["ARIMA"])


def test_who_could_not_be_fitted_at_every_split_cannot_win():
    """Its mean would be over the easy splits only."""
    lines = [("hard", "steady", -5.0), ("easy", "steady", -1.0), ("hard", "partly", np.nan), ("easy", "partly", -0.5)]
    grades = [
        _Grade({"split": split, "model": model, "log_density": density}, *_tables(split, model))
        for split, model, density in lines
    ]
    card = _card(grades)
    assert card.winner == "steady"


def _tables(split, model):
    about = {"split": [split], "model": [model]}
    return pd.DataFrame({**about, "frequency": [0]}), pd.DataFrame({**about, "tenth": [1], "lift": [1.0]})


@pytest.mark.parametrize(("split", "says"), [([], "at least one split"), ("soon", "split is a day such as")])
def test_a_split_that_is_no_day_is_refused(split, says):
    with pytest.raises(ConfigError, match=says):
        models.holdout(orders(), split=split, as_of="1998-06-30")


@pytest.mark.parametrize(("unit", "grain"), [("week", "day"), ("month", "month")])
def test_histories_at_the_split_are_those_of_the_customer_table(unit, grain):
    table, rows = outcomes(orders(), dt.date(1997, 9, 30), 273, unit, grain)
    wanted = read(summarise.customers(orders(), as_of="1997-09-30", unit=unit, grain=grain))
    found = read(table, weights="n")
    assert found.about == wanted.about == rows.about
    for column in PURCHASES:
        np.testing.assert_array_equal(found[column], wanted[column])
    np.testing.assert_array_equal(found.weights, wanted.weights)


@pytest.mark.parametrize("wrong", [{"unit": "fortnight"}, {"grain": "hour"}])
def test_a_unit_or_grain_that_is_not_known_is_refused(wrong):
    with pytest.raises(ConfigError, match=f"{next(iter(wrong))} is one of"):
        models.holdout(orders(), split="1997-09-30", as_of="1998-06-30", models=["BGNBD"], **wrong)


@pytest.mark.parametrize(
    ("first", "as_of", "months", "split"),
    [
        ("1997-01-01", "1998-06-30", 6, dt.date(1997, 12, 31)),
        ("2024-01-01", "2024-12-31", 6, dt.date(2024, 6, 30)),
        ("2024-01-02", "2024-12-31", 6, dt.date(2024, 7, 31)),  # eleven whole months: five aside
        ("2024-01-15", "2024-05-31", 6, dt.date(2024, 3, 31)),
        ("2024-01-31", "2024-03-31", 6, dt.date(2024, 2, 29)),
        ("2020-01-01", "2024-03-31", 1, dt.date(2024, 2, 29)),
    ],
)
@pytest.mark.filterwarnings("ignore::retention_kit.errors.RetentionKitWarning")
def test_a_young_shop_keeps_half_of_its_whole_months_aside(first, as_of, months, split):
    log = pd.DataFrame({"customer_id": ["a", "a"], "ordered_at": pd.to_datetime([first, as_of]), "amount": [5.0, 5.0]})
    assert models.holdout_split(log, as_of=as_of, months=months) == split


def test_a_shorter_holdout_is_said_and_a_shop_too_young_for_any_is_refused():
    with pytest.warns(RetentionKitWarning, match="only the last 2 of 5 whole months .* not 6"):
        models.holdout_split(orders(), as_of="1997-05-31")
    with pytest.raises(DataError, match="on 1997-01-01, less than two months before the end of 1997-01-31"):
        models.holdout_split(orders(), as_of="1997-01-31")
    with pytest.raises(DataError, match="no purchase until 1996-12-31"):
        models.holdout_split(orders(), as_of="1996-12-31")
    with pytest.raises(ConfigError, match="months must be a whole number, 1 or more; got 0"):
        models.holdout_split(orders(), as_of="1997-05-31", months=0)


def test_a_holdout_in_which_no_model_could_be_fitted_has_the_same_columns():
    lines = [{"split": "s", "model": "BGNBD"}, {"split": "s", "model": "mean", "log_density": -1.0}]
    card = _card([_Grade(line, *_tables("s", line["model"])) for line in lines])
    assert card.table[["total_low", "total_high", "coverage"]].isna().all(axis=None)
