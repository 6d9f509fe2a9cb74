"""Gamma-Gamma against note 025 and the lifetimes Quickstart."""

import ibis
import numpy as np
import pandas as pd
import pytest
from models_cdnow import SAMPLE, customers, engine_customers, fitted

from retention_kit import models
from retention_kit.errors import DataError, FitError

PUBLISHED = SAMPLE["gamma_gamma"]


def test_the_cdnow_sample_gives_the_published_parameters():
    model = fitted("GammaGamma")
    assert [round(v, 2) for v in model.params] == [round(v, 2) for v in PUBLISHED["params"].values()]
    assert model.params.to_dict() == pytest.approx(PUBLISHED["params"], rel=1e-4)
    assert model.log_likelihood == pytest.approx(PUBLISHED["log_likelihood"], abs=5e-3)
    assert model.evidence.n == PUBLISHED["customers"]
    repeat = customers().query("frequency > 0")["monetary_value"]
    assert repeat.mean() == pytest.approx(PUBLISHED["mean"], abs=5e-3)


def test_expected_values_match_the_quickstart():
    table = pd.DataFrame({"frequency": PUBLISHED["value"]["x"], "monetary_value": PUBLISHED["value"]["m"]})
    value = fitted("GammaGamma").expected_value(table)
    np.testing.assert_allclose(value, PUBLISHED["value"]["value"], rtol=1e-4)


def test_an_engine_table_and_a_frame_give_the_same_values():
    model = models.GammaGamma.fit(engine_customers())
    np.testing.assert_allclose(model.params, fitted("GammaGamma").params, rtol=1e-9)
    table = model.expected_value(engine_customers()).to_pandas().set_index("customer_id")["expected_value"]
    value = model.expected_value(customers().set_index("customer_id"))
    pd.testing.assert_series_equal(table.loc[value.index], value)


def test_who_never_came_back_is_expected_to_spend_the_mean_of_all():
    model = models.GammaGamma(p=6.25, q=3.744, gamma=15.44)
    table = pd.DataFrame({"frequency": [0, 0], "monetary_value": [np.nan, 0.0]})
    assert model.expected_value(table).tolist() == [pytest.approx(6.25 * 15.44 / 2.744)] * 2


def test_who_had_all_repeat_purchases_refunded_counts_as_having_spent_nothing_in_them():
    """Equation 5 where the mean value tends to 0: below everybody's mean, and the lower the more there were."""
    model = models.GammaGamma(p=6.25, q=3.744, gamma=15.44)
    table = pd.DataFrame({"frequency": [1, 3, 3, 3], "monetary_value": [0.0, 0.0, -5.0, 1e-12]})
    one, three, negative, tiny = model.expected_value(table)
    assert one == pytest.approx(6.25 * 15.44 / (6.25 + 2.744))
    assert three == negative == pytest.approx(tiny) == pytest.approx(6.25 * 15.44 / (3 * 6.25 + 2.744))
    assert three < one < model.mean


def test_counts_and_values_that_cannot_be_are_refused_in_pandas_and_in_the_engine():
    model = models.GammaGamma(p=6.25, q=3.744, gamma=15.44)
    table = pd.DataFrame({"frequency": [1.5, -1, 2, 2], "monetary_value": [10.0, 5.0, np.nan, np.inf]})
    for customers_ in (table, ibis.memtable(table)):
        with pytest.raises(DataError, match=r"3 faults.*wrong for 2 customers.*finite.*empty though frequency"):
            model.expected_value(customers_)


def test_an_infinite_mean_is_refused_with_the_reason():
    model = models.GammaGamma(p=6.25, q=0.9, gamma=15.44)
    with pytest.raises(FitError, match="infinite"):
        model.expected_value(pd.DataFrame({"frequency": [1], "monetary_value": [10.0]}))


@pytest.mark.parametrize("kind", [pd.DataFrame, ibis.memtable])
def test_no_repeat_buyer_is_a_data_error(kind):
    with pytest.raises(DataError, match="found none"):
        models.GammaGamma.fit(kind(pd.DataFrame({"frequency": [0, 0], "monetary_value": [np.nan, np.nan]})))
