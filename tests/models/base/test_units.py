"""A fitted model states its unit of time: it comes from the table or from the caller, never from a guess."""

import ibis
import lifetimes
import numpy as np
import pandas as pd
import pytest
from models_cdnow import customers, engine_customers, frame, orders

from retention_kit import models, simulate
from retention_kit.errors import ConfigError, DataError

BARE = ["frequency", "recency", "T", "monetary_value"]
TRUTH = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}


def lifetimes_summary() -> pd.DataFrame:
    """The tenth of CDNOW as lifetimes counts it: in days, as its default is."""
    log = orders().to_pandas()
    log = log.assign(amount=log["amount"].astype(float))
    return lifetimes.utils.summary_data_from_transaction_data(log, "customer_id", "ordered_at", "amount")


def total_value(purchases, spend, table) -> float:
    return models.lifetime_value(purchases, spend, table, months=12, annual_discount_rate=0.1).sum()


@pytest.mark.parametrize("name", ["BGNBD", "MBGNBD", "ParetoNBD", "BGCNBD", "MBGCNBD"])
def test_a_table_without_a_unit_is_refused_with_the_sentence_that_repairs_it(name):
    with pytest.raises(DataError, match=r"unit='week'.*lifetimes counts days.*unit='day'"):
        getattr(models, name).fit(customers()[BARE])


def test_a_bgbb_and_a_fit_with_covariates_ask_for_the_unit_too():
    whole = simulate.bgbb_customers(300, alpha=1.2, beta=0.75, gamma=0.66, delta=2.8)
    with pytest.raises(DataError, match="unit of time"):
        models.BGBB.fit(whole[BARE[:3]])
    assert models.BGBB.fit(whole[BARE[:3]], unit="year").unit == "year"
    with pytest.raises(DataError, match="unit of time"):
        models.fit_covariates(models.BGNBD, customers()[BARE].assign(x=1.0), purchase=["x"])


def test_an_engine_table_without_a_unit_is_refused_and_fitted_with_one():
    bare = engine_customers().drop("unit")
    with pytest.raises(DataError, match="unit of time"):
        models.BGNBD.fit(bare)
    assert models.BGNBD.fit(bare, unit="week") == models.BGNBD.fit(engine_customers())


def test_a_summary_of_lifetimes_in_days_has_the_value_of_its_days():
    """Taken as weeks, as before, the same table gave 10,970."""
    table = lifetimes_summary()
    with pytest.raises(DataError, match="lifetimes counts days"):
        models.BGNBD.fit(table)
    days = models.BGNBD.fit(table, unit="day")
    assert days.unit == "day"
    assert round(total_value(days, models.GammaGamma.fit(table), table)) == 69088


def test_the_same_table_in_weeks_has_the_same_value():
    table = lifetimes_summary()
    weeks = table.assign(recency=table["recency"] / 7, T=table["T"] / 7)
    model, spend = models.BGNBD.fit(weeks, unit="week"), models.GammaGamma.fit(weeks)
    assert total_value(model, spend, weeks) == pytest.approx(
        total_value(models.BGNBD.fit(table, unit="day"), models.GammaGamma.fit(table), table), rel=1e-6
    )


def test_a_unit_that_contradicts_the_table_is_refused_and_the_same_one_is_not():
    with pytest.raises(DataError, match="unit='day' is given, the customers come in weeks"):
        models.BGNBD.fit(customers(), unit="day")
    assert models.BGNBD.fit(customers(), unit="week").unit == "week"


@pytest.mark.parametrize("unit", ["fortnight", "days", 7])
def test_an_unknown_unit_is_refused(unit):
    with pytest.raises(DataError, match="use one of day, week, month, year"):
        models.BGNBD.fit(customers()[BARE], unit=unit)


def test_the_missing_unit_is_reported_together_with_the_other_faults():
    with pytest.raises(DataError, match=r"2 faults: \(1\).*unit of time.*\(2\) T must not be before recency"):
        models.BGNBD.fit(frame([1], [5.0], [4.0]))


def test_a_plain_table_is_scored_in_the_unit_of_the_model():
    model, table = models.BGNBD(**TRUTH), customers()
    pd.testing.assert_series_equal(model.probability_alive(table), model.probability_alive(table[BARE]))
    with pytest.raises(DataError, match="counts time in days"):
        models.BGNBD(**TRUTH, unit="day").probability_alive(table)


def test_simulated_customers_say_their_unit():
    table = simulate.bgnbd_customers(400, r=0.5, alpha=8.0, a=0.8, b=2.5, T=40, unit="day", seed=1)
    assert models.BGNBD.fit(table).unit == "day"
    assert simulate.orders_of(table, seed=1).equals(simulate.orders_of(table, unit="day", seed=1))


def test_a_model_of_renewals_needs_no_unit_until_money_is_discounted():
    rows = models.renewals([0.869, 0.743, 0.653, 0.593])
    model, people = models.ShiftedBetaGeometric.fit(rows, weights="weights"), pd.DataFrame({"periods": [2], "lost": 0})
    assert model.unit == ""
    assert model.expected_renewals(people, 3).item() > 2
    with pytest.raises(ConfigError, match="time from one renewal to the next"):
        model.expected_renewals(people, annual_discount_rate=0.1)
    yearly = models.ShiftedBetaGeometric.fit(rows, weights="weights", unit="year")
    monthly = models.ShiftedBetaGeometric.fit(rows.assign(unit="month"), weights="weights")
    assert (yearly.unit, monthly.unit) == ("year", "month")
    worth = [m.expected_renewals(people, 12, annual_discount_rate=0.1).item() for m in (yearly, monthly)]
    assert worth[0] < worth[1] < model.expected_renewals(people, 12).item()


def test_a_gamma_gamma_fits_without_a_unit_and_keeps_one_that_it_has():
    assert models.GammaGamma.fit(customers()[BARE]).unit == ""
    assert models.GammaGamma.fit(customers()).unit == "week"
    back = models.GammaGamma.from_json(models.GammaGamma.fit(customers()[BARE]).to_json())
    assert back.unit == ""
    assert np.isfinite(back.mean)


@pytest.mark.parametrize("empty", [None, float("nan"), "", pd.NA], ids=repr)
@pytest.mark.parametrize("engine", [False, True], ids=["pandas", "ibis"])
def test_a_column_of_units_without_a_value_says_nothing(empty, engine):
    table = customers().assign(unit=pd.Series([empty] * len(customers()), dtype="string", index=customers().index))
    asked = ibis.memtable(table) if engine else table
    with pytest.raises(DataError, match="does not say which unit of time"):
        models.BGNBD.fit(asked)
    assert models.BGNBD.fit(asked, unit="week").unit == "week"


@pytest.mark.parametrize("engine", [False, True], ids=["pandas", "ibis"])
def test_a_unit_that_only_some_customers_have_is_refused(engine):
    table = customers().assign(unit=["week", None] + ["week"] * (len(customers()) - 2))
    with pytest.raises(DataError, match="Some customers have no unit and others have week"):
        models.BGNBD.fit(ibis.memtable(table) if engine else table)
