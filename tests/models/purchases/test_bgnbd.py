"""BG/NBD against the paper, its spreadsheet and other implementations, from the raw CDNOW log."""

import numpy as np
import pandas as pd
import pytest
from models_cdnow import PUBLISHED, SAMPLE, customers, engine_customers, fitted, frame, orders

from retention_kit import load, models, summarise
from retention_kit.models.base.rows import read

PAPER = models.BGNBD(**SAMPLE["bgnbd"]["paper"])
EXACT = models.BGNBD(**SAMPLE["bgnbd"]["params"])


def test_the_cdnow_sample_gives_the_published_parameters():
    model = fitted("BGNBD")
    for name, value in SAMPLE["bgnbd"]["params"].items():
        assert model.params[name] == pytest.approx(value, rel=1e-5)
    assert model.log_likelihood == pytest.approx(SAMPLE["bgnbd"]["log_likelihood"], abs=5e-4)
    assert model.verdict == "converged"


def test_the_cdnow_sample_gives_the_published_standard_errors():
    for name, value in SAMPLE["bgnbd"]["standard_errors"].items():
        assert fitted("BGNBD").standard_errors[name] == pytest.approx(value, rel=2e-4)


def test_merging_purchases_per_week_gives_other_parameters():
    model = models.BGNBD.fit(customers("week"))
    for name, value in SAMPLE["bgnbd"]["week_grain"].items():
        assert round(model.params[name], 3) == value


def test_an_engine_table_and_a_frame_give_the_same_fit_and_predictions():
    model = models.BGNBD.fit(engine_customers())
    np.testing.assert_allclose(model.params, fitted("BGNBD").params, rtol=1e-12)
    table = model.expected_purchases(engine_customers(), 39).to_pandas().set_index("customer_id")
    frame_ = customers().set_index("customer_id")
    expected = model.expected_purchases(frame_, 39)
    pd.testing.assert_series_equal(table["expected_purchases"].loc[expected.index], expected)
    assert list(table.columns[:-1]) == list(frame_.columns)


@pytest.mark.parametrize("case", [c for c in PUBLISHED["likelihood"] if c["model"] == "BGNBD"])
def test_the_likelihood_of_one_row_is_the_published_one(case):
    rows = read(frame(*[[v] for v in case["row"]]))
    value, _ = models.BGNBD.process.log_likelihood(np.array(case["theta"]), rows)
    assert value[0] == pytest.approx(case["log_likelihood"], rel=1e-7)


def test_expected_purchases_of_a_new_customer_match_the_spreadsheet():
    published = SAMPLE["bgnbd"]["new_customer"]
    np.testing.assert_allclose(
        EXACT.expected_purchases_new(published["t"]), published["purchases"], atol=published["tolerance"]
    )


def test_expected_purchases_of_a_customer_match_the_spreadsheet():
    one = SAMPLE["bgnbd"]["customer"]
    value = PAPER.expected_purchases(frame([one["x"]], [one["t_x"]], [one["T"]]), one["t"])
    assert round(value.item(), 3) == one["purchases"]


def test_the_probability_of_n_purchases_matches_the_manual():
    for n, t, p in SAMPLE["bgnbd"]["probability_of_n"]["n_t_p"]:
        assert PAPER.probability_of_n_purchases(n, t) == pytest.approx(p, rel=5e-6)


def test_holdout_purchases_by_frequency_match_the_walkthrough():
    published = SAMPLE["holdout"]
    log = orders().table.to_pandas()
    later = log[(log["ordered_at"] > "1997-09-30 23:59:59")]
    later = later.assign(day=later["ordered_at"].dt.normalize()).drop_duplicates(["customer_id", "day"])
    known = customers().set_index("customer_id")
    actual = later.groupby("customer_id").size().reindex(known.index, fill_value=0)
    band = known["frequency"].clip(upper=7)
    model = fitted("BGNBD").expected_purchases(known, 39).groupby(band).mean()
    np.testing.assert_allclose(model, published["model"], rtol=5e-5)
    np.testing.assert_allclose(actual.groupby(band).mean(), published["actual"], rtol=1e-6)
    assert band.value_counts().sort_index().tolist() == published["n"]


def test_every_one_time_buyer_counts_as_alive_and_still_has_a_finite_expectation():
    once = frame([0, 0], [0, 0], [0, 1000])
    assert PAPER.probability_alive(once).tolist() == [1.0, 1.0]
    small = models.BGNBD(r=0.2, alpha=4.0, a=0.3, b=0.4)
    assert (small.expected_purchases(once, 52) > 0).all()


def test_the_future_probability_alive_falls_and_starts_at_todays():
    rows = frame([0, 3], [0, 30], [40, 40])
    now, later = PAPER.probability_alive(rows), PAPER.probability_alive(rows, after=26)
    assert (later < now).all()
    assert PAPER.probability_alive(rows, after=1e-12).tolist() == pytest.approx(now.tolist())


def test_week_grain_gives_the_published_figures_when_the_last_week_is_whole():
    """.291 6.852 .665 2.320 is what lifetimes finds for "1997-09-30" by weeks: it also counts the purchases of 1 to 5
    October, the rest of that week. Up to 30 September, without a look ahead, it is .283 6.591 .778 2.553."""
    log = load.sample("cdnow_sample")
    whole = models.BGNBD.fit(summarise.customers(log, as_of="1997-10-05", unit="week", grain="week"))
    assert whole.params.round(3).tolist() == [0.291, 6.852, 0.665, 2.320]
    known = models.BGNBD.fit(summarise.customers(log, as_of="1997-09-30", unit="week", grain="week"))
    assert known.params.round(3).tolist() == [0.283, 6.591, 0.778, 2.553]
