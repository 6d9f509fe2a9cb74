"""What models are asked: times, counts, rates and tables that make no sense are refused in one sentence."""

import copy
import pickle
import re
import warnings

import ibis
import numpy as np
import pandas as pd
import pytest
from models_cdnow import customers, fitted, frame, orders

from retention_kit import models, simulate, summarise
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning

FITTED = [
    models.BGNBD, models.MBGNBD, models.ParetoNBD, models.BGBB, models.GammaGamma, models.ShiftedBetaGeometric,
    models.BetaDiscreteWeibull,
]  # fmt: skip
BG = models.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
MBG = models.MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614)
PARETO = models.ParetoNBD(r=0.55, alpha=10.56, s=0.61, beta=11.64)
SBG = models.ShiftedBetaGeometric(0.704, 1.182, unit="month")
TWO = frame([2, 0], [30.43, 0.0], [38.86, 38.86])
KEPT = pd.DataFrame({"periods": [3, 0], "lost": [False, False]})
TIMES = frame([2, 0, 1], [30.0, 0.0, 10.0], [40.0, 35.0, 38.0])
DURATIONS = TIMES.assign(**{c: pd.to_timedelta(TIMES[c], unit="D") for c in ("recency", "T")})
NEGATIVE = [-1, -0.5, np.nan, np.inf, -np.inf, "5", None, True, pd.Timedelta("7D"), pd.Timestamp("2026-01-01")]


@pytest.mark.parametrize("wrong", NEGATIVE)
@pytest.mark.parametrize("model", [BG, MBG, PARETO], ids=lambda m: type(m).__name__)
def test_a_time_that_is_none_is_refused_by_every_prediction(model, wrong):
    for ask in (
        lambda: model.probability_alive(TWO, after=wrong),
        lambda: model.expected_purchases(TWO, wrong),
        lambda: model.expected_purchases_new(wrong),
        lambda: model.expected_purchases_new([1.0, wrong]),
        lambda: model.probability_of_n_purchases(0, wrong),
        lambda: model.probability_of_n_purchases(0, wrong, TWO),
        lambda: model.forecast(TWO, wrong),
    ):
        with pytest.raises(ConfigError, match="must be"):
            ask()


@pytest.mark.parametrize("wrong", [1.5, -1, np.nan, np.inf, "1", None, [1, 1.5]])
def test_a_number_of_purchases_is_a_whole_number(wrong):
    with pytest.raises(ConfigError, match=r"n must be .*whole number"):
        BG.probability_of_n_purchases(wrong, 10)
    with pytest.raises(ConfigError, match=r"n must be .*whole number"):
        BG.probability_of_n_purchases(wrong, 10, TWO)


def test_probabilities_of_n_add_up_to_one_within_the_domain():
    for model in (BG, MBG, PARETO):
        assert model.probability_of_n_purchases(range(200), 10.0).sum() == pytest.approx(1, abs=1e-9)
        assert model.probability_of_n_purchases(2.0, 10) == model.probability_of_n_purchases(2, 10)


@pytest.mark.parametrize("wrong", [-1, 0.5, np.nan, np.inf, "1", [0, -1], pd.Timedelta("30D")])
def test_renewals_are_counted_in_whole_numbers(wrong):
    with pytest.raises(ConfigError, match=r"t must be .*whole number"):
        SBG.survival(wrong)
    with pytest.raises(ConfigError, match=r"t must be .*whole number"):
        SBG.retention_rate(wrong)


def test_the_first_retention_rate_is_that_of_renewal_one():
    with pytest.raises(ConfigError, match="1 or more"):
        SBG.retention_rate(0)
    assert SBG.retention_rate(1) == pytest.approx(1.182 / (0.704 + 1.182))
    assert SBG.survival(0) == 1


@pytest.mark.parametrize("wrong", [-2, 2.5, np.nan, np.inf])
def test_the_next_renewals_are_a_whole_number(wrong):
    with pytest.raises(ConfigError, match="after must be a whole number"):
        SBG.probability_alive(KEPT, after=wrong)


@pytest.mark.parametrize("wrong", [-3, 2.5, np.nan, "5"])
def test_expected_renewals_are_of_a_whole_number_or_for_ever(wrong):
    with pytest.raises(ConfigError, match="t must be a whole number"):
        SBG.expected_renewals(KEPT, wrong, annual_discount_rate=0.1)


@pytest.mark.parametrize("wrong", [-0.5, -2, np.nan, np.inf, "0.1", None])
def test_a_discount_rate_is_a_fraction_from_zero(wrong):
    spend = models.GammaGamma(p=6.25, q=3.744, gamma=15.44)
    table = TWO.assign(monetary_value=[22.35, np.nan])
    for ask in (
        lambda: SBG.expected_renewals(KEPT, 5, annual_discount_rate=wrong),
        lambda: BG.discounted_purchases(TWO, 10, annual_discount_rate=wrong),
        lambda: models.lifetime_value(BG, spend, table, months=12, annual_discount_rate=wrong),
    ):
        with pytest.raises(ConfigError, match="annual_discount_rate must be a number, 0 or more"):
            ask()


def test_a_discount_rate_above_one_is_answered_with_what_it_means():
    spend = models.GammaGamma(p=6.25, q=3.744, gamma=15.44)
    table = TWO.assign(monetary_value=[22.35, np.nan])
    with pytest.warns(
        RetentionKitWarning, match=r"annual_discount_rate=10 means 1,000 % a year; 10 % is 0\.10"
    ) as said:
        models.lifetime_value(BG, spend, table, months=12, annual_discount_rate=10)
    assert said[0].filename == __file__
    with pytest.warns(RetentionKitWarning, match=r"8 means 800 % a year; 8 % is 0\.08"):
        BG.discounted_purchases(TWO, 10, annual_discount_rate=8)
    with pytest.warns(RetentionKitWarning, match="500 % a year"):
        SBG.expected_renewals(KEPT, 5, annual_discount_rate=5)


def test_all_faults_of_a_request_are_reported_together():
    spend = models.GammaGamma(p=6.25, q=3.744, gamma=15.44)
    with pytest.raises(ConfigError, match=r"5 faults.*months.*margin.*annual_disc.*level.*95 % is 0.95.*draws"):
        models.lifetime_value(BG, spend, TWO, months=0, margin=25, annual_discount_rate=-1, level=95, draws=0)


def test_a_first_share_of_one_is_pointed_out():
    curve = [0.631, 0.468, 0.382, 0.326, 0.289, 0.262, 0.241]
    with pytest.warns(RetentionKitWarning, match=r"S\(0\).*leave it out"):
        models.renewals([1.0, *curve])
    model = models.ShiftedBetaGeometric.fit(models.renewals(curve), weights="weights")
    assert model.params.round(3).to_dict() == {"alpha": 0.704, "beta": 1.182}


@pytest.mark.parametrize("wrong", [[], [100, 63.1], [0.8, np.nan], ["a"], "0.8", None, [[0.8], [0.7]], [0.5, -0.1]])
def test_survivors_that_are_no_shares_are_refused(wrong):
    with pytest.raises(DataError):
        models.renewals(wrong)


@pytest.mark.parametrize("make", [lambda t: t, ibis.memtable], ids=["pandas", "engine"])
@pytest.mark.parametrize("columns", [["T"], ["recency"], ["recency", "T"]])
def test_durations_are_refused_with_the_conversion_to_write(make, columns):
    mixed = make(TIMES.assign(**{c: DURATIONS[c] for c in columns}))
    model = models.BGNBD(r=0.243, alpha=30.9, a=0.793, b=2.426, unit="day")
    for ask in (
        lambda: model.expected_purchases(mixed, 30),
        lambda: model.probability_alive(mixed),
        lambda: models.BGNBD.fit(mixed, unit="day"),
        lambda: models.ParetoNBD.fit(mixed, unit="day"),
    ):
        with pytest.raises(DataError, match=rf"{columns[0]} is a duration; write it as a number"):
            ask()
    days = DURATIONS.assign(**{c: DURATIONS[c].dt.total_seconds() / 86400 for c in ("recency", "T")})
    assert model.expected_purchases(days, 30).round(3).tolist() == [0.652, 0.104, 0.307]
    assert model.probability_alive(days).round(3).tolist() == [0.754, 1.0, 0.615]


@pytest.mark.parametrize(
    ("column", "says"),
    [
        (pd.to_datetime(["2026-01-01"] * 3), "is a date"),
        (pd.Series([pd.Timestamp("2026-01-01")] * 3, dtype=object), "is a date"),
        (pd.Series([pd.Timedelta("7D")] * 3, dtype=object), "is a duration"),
        (["40", "35", "38"], "holds text"),
        ([True, True, True], "holds true and false"),
        ([40 + 0j, 35, 38], "holds complex"),
    ],
)
def test_what_is_no_number_in_a_column_is_refused(column, says):
    with pytest.raises(DataError, match=f"T {says}"):
        BG.probability_alive(TIMES.assign(T=column))


@pytest.mark.parametrize("wrong", [None, 5, "customers.csv", [1, 2, 3], np.zeros((2, 3))])
def test_what_is_no_table_is_refused(wrong):
    for ask in (
        lambda: BG.probability_alive(wrong),
        lambda: models.MBGNBD.fit(wrong),
        lambda: SBG.probability_alive(wrong),
        lambda: models.fit_covariates(models.BGNBD, wrong, purchase=["club"]),
    ):
        with pytest.raises(DataError, match="must be a pandas DataFrame or an Ibis table"):
            ask()


@pytest.mark.parametrize("model", [BG, MBG, PARETO], ids=lambda m: type(m).__name__)
def test_no_times_have_no_expectations(model):
    assert model.expected_purchases_new([]).shape == (0,)
    assert model.expected_purchases_new(np.empty((0, 3))).shape == (0, 3)


@pytest.mark.parametrize("wrong", ["1", True, None, np.nan, 0, -1.0, np.inf, pd.Timedelta("7D")])
def test_a_parameter_is_a_finite_number_above_zero(wrong):
    with pytest.raises(ConfigError, match=r"BGNBD needs finite parameters above 0; got \{'r': "):
        models.BGNBD(r=wrong, alpha=4.4, a=0.8, b=2.4)
    with pytest.raises(ConfigError, match=r"GammaGamma needs finite parameters above 0; got \{'q': "):
        models.GammaGamma(p=6.25, q=wrong, gamma=15.4)
    with pytest.raises(ConfigError, match="ShiftedBetaGeometric needs finite parameters above 0"):
        models.ShiftedBetaGeometric(wrong, 1.182)


def test_calls_as_lifetimes_has_them_are_answered_with_ours():
    table = customers()
    with pytest.raises(ConfigError, match=r"takes one table: BGNBD.fit\(pd.DataFrame\(.*penalizer_coef"):
        models.BGNBD.fit(table["frequency"], table["recency"], table["T"], penalizer_coef=0.01)
    with pytest.raises(ConfigError, match="no penalizer_coef is needed"):
        models.GammaGamma.fit(table, penalizer_coef=0.0)
    with pytest.raises(ConfigError, match="has no verbose"):
        models.BGBB.fit(table, verbose=True)


@pytest.mark.parametrize("model", FITTED)
def test_columns_one_by_one_are_answered_with_the_call_that_every_model_takes(model):
    table = customers()
    columns = dict.fromkeys(model.process.columns, table["frequency"])
    call = re.escape(
        f"{model.__name__}.fit takes one table: {model.__name__}.fit(pd.DataFrame({{'{model.process.columns[0]}': "
    )
    for values, named in (((), columns), ((), {}), (tuple(columns.values()), {}), ((table,), columns)):
        with pytest.raises(ConfigError, match=call) as caught:
            model.fit(*values, **named)
        assert "2 faults" not in str(caught.value)
    with pytest.raises(ConfigError, match=rf"{call}.*; \(2\) no penalizer_coef is needed"):
        model.fit(**columns, penalizer_coef=0.1)
    with pytest.raises(
        ConfigError, match=f"^{model.__name__}.fit has no verbose; it takes a table, weights and unit.$"
    ):
        model.fit(customers=table, verbose=True)


@pytest.mark.parametrize("model", [*FITTED, models.ConstantSpend])
def test_a_model_without_its_parameters_says_how_it_is_fitted(model):
    for named in ({}, {"penalizer_coef": 0.1}, {"alpha_prior": 1.0}):
        with pytest.raises(ConfigError, match=rf"{model.__name__}\({model.process.names[0]}=\.\.\.") as caught:
            model(**named)
        assert f"from data it is {model.fitted_by or f'{model.__name__}.fit(pd.DataFrame('}" in str(caught.value)
        assert ("no penalizer_coef is needed" in str(caught.value)) is ("penalizer_coef" in named)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_a_model_is_copied_as_any_object(copied):
    model = models.BGNBD(r=0.8, alpha=4.4, a=0.8, b=2.4)
    assert copied(model) == model


def refunded() -> pd.DataFrame:
    moments = pd.to_datetime(["2026-01-05", "2026-02-02", "2026-03-02"])
    keeps = pd.DataFrame({"customer_id": "keeps", "ordered_at": moments, "amount": 20.0})
    later = pd.DataFrame({"customer_id": "r", "ordered_at": pd.to_datetime(["2026-03-05"] * 2), "amount": -20.0})
    log = pd.concat([keeps, keeps.assign(customer_id="r"), later])
    return summarise.customers(log, as_of="2026-04-05").set_index("customer_id")


def test_who_had_all_repeat_orders_refunded_is_worth_less_than_who_kept_them():
    table, spend = refunded(), models.GammaGamma(p=6.25, q=3.744, gamma=15.44)
    horizon = {"months": 12, "annual_discount_rate": 0.1}
    value = models.lifetime_value(BG, spend, table, **horizon)
    assert value["r"] < value["keeps"] / 2
    by_interval = models.lifetime_value(fitted("BGNBD"), fitted("GammaGamma"), table, level=0.9, draws=50, **horizon)
    point = models.lifetime_value(fitted("BGNBD"), fitted("GammaGamma"), table, **horizon)
    np.testing.assert_allclose(by_interval["expected"], point, rtol=1e-6)
    assert spend.expected_value(table.assign(monetary_value=-3.0)).equals(
        spend.expected_value(table.assign(monetary_value=0.0))
    )


BGBB = models.BGBB(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783, unit="year")
DONORS = frame([2, 0, 5], [4.0, 0.0, 6.0], [6.0, 6.0, 6.0])


def test_bgbb_refuses_a_table_whose_grain_is_not_its_unit():
    quarters = summarise.customers(orders(), as_of="1998-06-30", unit="month", grain="quarter")
    with pytest.raises(DataError, match=r"grain 'quarter' and unit 'month'.*grain='month'"):
        models.BGBB.fit(quarters)
    days = summarise.customers(orders(), as_of="1998-06-30", unit="day", grain="week").to_pandas()
    with pytest.raises(DataError, match="grain is its unit"):
        models.BGBB(1.2, 0.75, 0.66, 2.8, unit="day").probability_alive(days)
    months = summarise.customers(orders(), as_of="1998-06-30", unit="month", grain="month")
    assert models.BGBB.fit(months).unit == "month"


def test_the_tables_of_fit_know_bgbb():
    bands = models.frequency_histogram(BGBB, simulate_donors())
    assert (bands["actual"] - bands["expected"]).abs().max() < 4 * np.sqrt(2000)
    assert bands["expected"].sum() == pytest.approx(len(simulate_donors()))
    grid = models.frequency_recency_grid(BGBB, T=6, t=2, max_frequency=6)
    known = grid.dropna()
    assert set(known["recency"]) == set(range(7))
    row = known[(known["frequency"] == 2) & (known["recency"] == 4)]
    assert row["probability_alive"].item() == BGBB.probability_alive(DONORS)[0]
    history = models.alive_history(BGBB, [1, 4], T=6)
    assert history["time"].tolist() == list(range(7))
    assert history["probability_alive"].iloc[-1] == BGBB.probability_alive(DONORS)[0]


def simulate_donors() -> pd.DataFrame:
    truth = {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}
    return simulate.bgbb_customers(20_000, **truth, unit="year", seed=3)


def test_times_between_opportunities_are_refused_by_name():
    for ask in (
        lambda: models.frequency_recency_grid(BGBB, T=6.5, t=2),
        lambda: models.alive_history(BGBB, [1.5], T=6),
        lambda: BGBB.expected_purchases(DONORS, 1.5),
        lambda: models.tracking(BGBB, orders(), start="1997-01-01", as_of="1998-06-30", grain="year"),
        lambda: models.holdout(
            orders(), split="1997-09-15", as_of="1998-06-30", models=[models.BGBB], unit="month", grain="month"
        ),
        lambda: models.lifetime_value(
            BGBB, fitted("GammaGamma"), DONORS.assign(monetary_value=10.0), months=6, annual_discount_rate=0.1
        ),
    ):
        with pytest.raises(ConfigError, match="BGBB"):
            ask()


def test_a_holdout_grades_bgbb_on_whole_opportunities():
    card = models.holdout(
        orders(), split="1997-09-30", as_of="1998-06-30", models=[models.BGBB], unit="month", grain="month", draws=50
    )
    row = card.table.set_index("model").loc["BGBB"]
    table = summarise.customers(orders(), as_of="1997-09-30", unit="month", grain="month").to_pandas()
    assert row["expected"] == pytest.approx(models.BGBB.fit(table).expected_purchases(table, 9).sum())


def test_the_value_of_a_bgbb_counts_the_opportunities_within_the_horizon():
    weekly, spend = (
        models.BGBB(1.204, 0.750, 0.657, 2.783, unit="week"),
        models.GammaGamma(p=6.25, q=3.744, gamma=15.44),
    )
    table = DONORS.assign(monetary_value=[22.35, np.nan, 10.0])
    year = models.lifetime_value(weekly, spend, table, months=12, annual_discount_rate=0)
    expected = weekly.expected_purchases(DONORS, 52) * spend.expected_value(table)
    np.testing.assert_allclose(year, expected)


@pytest.mark.parametrize("wrong", [95, 0, 1, -0.1, np.nan, "0.9", None])
def test_a_level_is_between_zero_and_one(wrong):
    for ask in (
        lambda: models.interval(fitted("BGNBD"), "expected_purchases_new", 10, level=wrong, draws=20),
        lambda: models.holdout(orders(), split="1997-09-30", as_of="1998-06-30", level=wrong),
        lambda: fitted("BGNBD").forecast(customers(), 10, level=wrong),
        lambda: models.expected_cohorts(BG, orders(), as_of="1997-09-30", level=wrong),
    ):
        with pytest.raises(ConfigError, match="level must be between 0 and 1"):
            ask()


@pytest.mark.parametrize("prediction", ["nothing", "_alive", 5, None, "params", "forecast"])
def test_an_interval_is_of_a_prediction(prediction):
    with pytest.raises(ConfigError):
        models.interval(fitted("BGNBD"), prediction, customers().head(5), 10, draws=20)


@pytest.mark.parametrize("options", [{}, {"by": []}, {"level": 0.9}], ids=str)
def test_a_discount_rate_above_one_is_pointed_out_once(options):
    model, spend, table = fitted("BGNBD"), fitted("GammaGamma"), TWO.assign(monetary_value=[22.35, np.nan])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", RetentionKitWarning)
        models.lifetime_value(model, spend, table, months=12, annual_discount_rate=10, draws=10, **options)
    assert sum("means 1,000 % a year" in str(warning.message) for warning in said) == 1


@pytest.mark.parametrize(("first", "warns"), [(1.0, True), (0.999999999999, True), (0.9999, False)])
def test_a_first_share_that_is_the_whole_cohort_but_for_rounding_is_pointed_out(first, warns):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", RetentionKitWarning)
        models.renewals([first, 0.631, 0.468])
    assert any("S(0)" in str(warning.message) for warning in said) is warns
