"""The scorecard: grades by hand, and on CDNOW."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from models_cdnow import SAMPLE, orders
from scipy import optimize, stats

from retention_kit import load, models, summarise
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.models.base.rows import PURCHASES, read
from retention_kit.models.checks import forecast_scores as scores
from retention_kit.models.checks.holdout import _card, _Grade, outcomes
from retention_kit.models.checks.holdout_forecasts import predicted
from retention_kit.models.checks.rule_spread import spread_of
from retention_kit.models.numerics.probability_transform import Predicted, transform


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


def test_the_fits_at_the_split_come_with_the_grades(card):
    seen = models.BGNBD.fit(summarise.customers(orders(), as_of="1997-09-30"))
    assert list(card.fits) == ["BGNBD", "MBGNBD"]
    np.testing.assert_allclose(card.fits["BGNBD"].theta, seen.theta, rtol=1e-9)
    assert card.fits["BGNBD"].evidence.as_of == seen.evidence.as_of == "1997-09-30"


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


def test_the_density_of_a_rule_is_that_of_a_negative_binomial_learnt_before_the_split():
    """By hand: in the nine months from January to September, half of which is 136 days, the mean rate is replayed."""
    log = orders().table.to_pandas()[["customer_id", "ordered_at"]].drop_duplicates()
    events = log.assign(day=(log["ordered_at"] - pd.Timestamp("1997-01-01")).dt.days)
    first = events.groupby("customer_id")["day"].min()
    end, split, gap = 545, 272, 136

    def counts(since, until):
        between = events[(events["day"] > since) & (events["day"] <= until)]
        return between.groupby("customer_id").size().reindex(first.index, fill_value=0)

    def rate(day):
        return (counts(-1, day) - 1) / (day - first).where(day > first)

    def chance(n, mean, shape):
        return stats.nbinom.logpmf(n, shape, shape / (shape + mean))

    def likeliest(n, mean):
        def loss(u):
            return u**2 / 18 - chance(n, mean, np.exp(u)).sum()

        return np.exp(optimize.minimize_scalar(loss, bracket=(-1, 1), tol=1e-10).x)

    then, since = (rate(split - gap) * gap).fillna(0), counts(split - gap, split)
    known = first <= split - gap
    none, some = known & (then == 0), known & (then > 0)
    of_none = (since[none].sum() + 0.5) / none.sum()
    few, many = likeliest(since[none], of_none), likeliest(since[some], then[some])
    now, actual = (rate(split) * (end - split)).fillna(0), counts(split, end)
    density = np.where(
        now > 0, chance(actual, now.clip(lower=1e-9), many), chance(actual, of_none * (end - split) / gap, few)
    )
    card = models.holdout(orders(), split="1997-09-30", as_of="1998-06-30", models=["BGNBD"], draws=2)
    line = card.table.set_index("model").loc["mean rate"]
    assert line["log_density"] == pytest.approx(density.mean(), abs=1e-5)


def test_what_happens_after_the_split_does_not_change_the_distribution_of_a_rule():
    log = orders().table.to_pandas()
    late = log.head(500).assign(ordered_at=pd.Timestamp("1998-06-01"))
    asked = {"split": "1997-09-30", "as_of": "1998-06-30", "models": []}
    spreads = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "retention_kit.models.checks.holdout.spread_of", lambda *a: spreads.append(spread_of(*a)) or spreads[-1]
        )
        for frame in (log, pd.concat([log, late])):
            models.holdout(frame, **asked)
    assert len(spreads) == 2 * len(scores.BASELINES)
    assert spreads[:3] == spreads[3:]


def test_a_log_of_two_days_grades_rules_without_a_past():
    log = pd.DataFrame(
        {"customer_id": list("aab"), "ordered_at": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-01"])}
    )
    card = models.holdout(
        log.assign(amount=1.0), split="2024-01-01", as_of="2024-01-02", models=[models.BGBB], unit="day"
    )
    # Nothing is expected of anybody: half a purchase in the time, geometric. P(1) P(0) = (1/3) (2/3).
    line = card.table.set_index("model").loc["mean rate"]
    assert line["log_density"] == pytest.approx((np.log(2 / 9) + np.log(2 / 3)) / 2)


def test_transformed_values_of_right_predictions_are_uniform():
    """Customers of BG/NBD with known parameters; the test rejects as often as its level says."""
    model = models.BGNBD(r=0.5, alpha=6.0, a=0.8, b=2.5)
    rng = np.random.default_rng(3)
    chances = model.probability_of_n_purchases(np.arange(60), 30.0)
    at = np.append(chances, 1 - chances.sum())
    below = np.append(0, np.cumsum(at))[:-1]
    p_values = []
    for seed in range(300):
        n = np.bincount(rng.choice(61, 400, p=at), minlength=61)
        happened = n > 0
        predicted = Predicted(below[happened], np.log(at[happened]))
        p_values.append(transform(predicted, n[happened].astype(float), seed).p_value)
    assert stats.kstest(p_values, "uniform").pvalue > 0.01
    assert 0.02 < np.mean(np.array(p_values) < 0.05) < 0.09


def test_shares_of_the_transform_by_hand():
    # F(a - 1), F(a): (0, 0.5) for two customers, who fill the lower five bins; (0.8, 0.9) for one, in the ninth.
    result = transform(Predicted(np.array([0.0, 0.8]), np.log([0.5, 0.1])), np.array([2.0, 1.0]), 0)
    np.testing.assert_allclose(result.table["share"], [2 / 15] * 5 + [0, 0, 0, 1 / 3, 0], atol=1e-12)
    assert result.table["drawn"].tolist()[5:] == [0, 0, 0, 1, 0]
    assert result.table["drawn"].sum() == 3
    assert result.distance == pytest.approx(2 / 3 - 0.5)
    again = transform(Predicted(np.array([0.0, 0.8]), np.log([0.5, 0.1])), np.array([2.0, 1.0]), 0)
    pd.testing.assert_frame_equal(result.table, again.table)


def test_a_predicted_distribution_that_is_too_narrow_is_found():
    """Poisson predictions of customers whose rates differ: too many at both ends."""
    rates = np.random.default_rng(1).gamma(1.0, 2.0, 2_000)
    actual = np.random.default_rng(2).poisson(rates)
    predicted = Predicted(stats.poisson.cdf(actual - 1, 2.0), stats.poisson.logpmf(actual, 2.0))
    result = transform(predicted, np.ones(2_000), 0)
    assert result.p_value < 1e-20
    assert result.table["share"].iloc[[0, 9]].min() > 0.15


def test_the_distribution_of_a_model_adds_up_over_what_a_customer_could_do(card):
    _, cells = outcomes(orders(), dt.date(1997, 9, 30), 273, "week", "day")
    model = models.BGNBD(r=0.2426, alpha=4.414, a=0.793, b=2.426)
    some = cells.take(np.flatnonzero(cells["actual"] == 3)[:5])
    customers = pd.DataFrame({column: some[column] for column in PURCHASES})
    chances = [model.probability_of_n_purchases(n, 39.0, customers).to_numpy() for n in range(4)]
    answer = predicted(model, some, 39.0)
    np.testing.assert_allclose(answer.below, np.sum(chances[:3], axis=0))
    np.testing.assert_allclose(np.exp(answer.log_density), chances[3])
    shares = card.pit.groupby("model")["share"].agg(["size", "sum"])
    assert shares["size"].eq(10).all()
    np.testing.assert_allclose(shares["sum"], 1)
    assert card.table["pit_distance"].between(0, 1).all()


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
    lift = pd.DataFrame({**about, "tenth": [1], "lift": [1.0]})
    return pd.DataFrame({**about, "frequency": [0]}), lift, pd.DataFrame({**about, "low": [0.0]})


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


@pytest.fixture(scope="module")
def shop():
    """The wholesaler's log until the summer of 2011, and whether each customer's first purchase was British."""
    log = load.sample("online_retail").to_pandas()
    bought = log[log["amount"] > 0].sort_values(["ordered_at", "customer_id"])
    first = bought.groupby("customer_id")["country"].first().rename("country").reset_index()
    return log, first.assign(british=first["country"] == "United Kingdom")


@pytest.fixture(scope="module")
def with_country(shop):
    log, known = shop
    customers = summarise.customers(log, as_of="2010-09-30").merge(known, on="customer_id")
    return models.fit_covariates(models.MBGNBD, customers, purchase=["british"])


def test_a_model_with_covariates_is_fitted_again_at_the_split_and_graded(shop, with_country):
    log, known = shop
    card = models.holdout(
        log, split="2010-09-30", as_of="2010-12-31", models=[with_country, "MBGNBD"], covariates=known, draws=20
    )
    line = card.table.set_index("model").loc["MBGNBD with british"]
    customers = summarise.customers(log, as_of="2010-09-30").merge(known, on="customer_id")
    expected = with_country.expected_purchases(customers, 92 / 7)
    assert line["expected"] == pytest.approx(expected.sum(), rel=1e-6)
    assert line["total_low"] < line["expected"] < line["total_high"]
    after = summarise.customers(log, as_of="2010-12-31").set_index("customer_id")["frequency"]
    made = after.reindex(customers["customer_id"]).to_numpy() - customers["frequency"].to_numpy()
    chances = pd.Series(np.nan, index=customers.index)
    for n in np.unique(made):
        at = made == n
        chances[at] = with_country.probability_of_n_purchases(int(n), 92 / 7, customers[at])
    assert line["log_density"] == pytest.approx(np.log(chances).mean(), rel=1e-6)
    plain = models.holdout(log, split="2010-09-30", as_of="2010-12-31", models=["MBGNBD"], draws=20)
    same = ["actual", "expected", "log_density", "pit_distance"]
    pd.testing.assert_frame_equal(
        card.table.set_index("model").loc[["MBGNBD", "mean rate"], same],
        plain.table.set_index("model").loc[["MBGNBD", "mean rate"], same],
        rtol=1e-6,
    )


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda _: None, ConfigError, "pass covariates=, a table with customer_id and british"),
        (lambda known: known.drop(columns="british"), DataError, "missing: british"),
        (
            lambda known: pd.concat([known, known.head(2)]),
            DataError,
            "one row per customer; there are 2 customers with",
        ),
        (lambda known: known.iloc[5:], DataError, "british is empty for [1-5] customer"),
    ],
)
def test_covariates_that_are_missing_or_ambiguous_are_refused(shop, with_country, change, error, says):
    log, known = shop
    early = log[log["ordered_at"] < "2010-03-01"]
    with pytest.raises(error, match=says):
        models.holdout(
            early, split="2010-01-31", as_of="2010-02-28", models=[with_country], covariates=change(known), draws=2
        )


def test_the_class_of_models_with_covariates_is_refused_for_it_names_no_columns():
    with pytest.raises(ConfigError, match="named by a fitted one"):
        models.holdout(orders(), split="1997-09-30", as_of="1998-06-30", models=[models.CovariateModel])


@pytest.mark.parametrize("grain", ["day", "month"])
def test_regular_buyers_are_fitted_at_the_split_as_to_the_table_of_that_day(grain):
    """Also where a month began before the split and went on after it: its gap belongs to the past."""
    split = "1997-09-17"
    card = models.holdout(
        orders(), split=split, as_of="1998-06-30", models=["BGCNBD", "MBGCNBD"], grain=grain, draws=20
    )
    known, _ = outcomes(orders(), pd.Timestamp(split).date(), 286, "week", grain, gaps=True)
    table = summarise.customers(orders(), as_of=split, grain=grain, log_gaps=True).to_pandas()
    assert (known["log_gaps"] * known["n"]).sum() == pytest.approx(table["log_gaps"].sum())
    model, t = models.MBGCNBD.fit(table), 286 / 7
    row = card.table.set_index("model").loc["MBGCNBD"]
    assert row["expected"] == pytest.approx(model.expected_purchases(table, t).sum(), rel=1e-6)
    assert row["log_density"] < 0
