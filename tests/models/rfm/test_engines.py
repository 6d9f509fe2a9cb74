"""RFM and surveys give the same tables on DuckDB, PostgreSQL and Spark."""

import numpy as np
import pandas as pd
import pytest

from retention_kit.models import rfm
from retention_kit.summarise.answers.band_behaviour import band_behaviour
from retention_kit.summarise.answers.band_value import band_value
from retention_kit.summarise.answers.comments import comments
from retention_kit.summarise.answers.survey_counts import surveys

pytestmark = pytest.mark.filterwarnings("ignore::retention_kit.errors.RetentionKitWarning")


def shop(seed, n=200):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"c{i:03}" for i in range(n)],
            "days_since_last": rng.integers(0, 400, n),
            "orders": rng.geometric(0.4, n),
            "revenue": rng.gamma(2, 30, n).round(2),
            "probability_alive": rng.random(n).round(3),
            "lifetime_value": rng.gamma(2, 20, n).round(2),
        }
    )


def asked(seed, n=150):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "answered_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 100 * 86_400, n), unit="s"),
            "kind": "nps",
            "score": np.where(rng.random(n) < 0.2, np.nan, rng.integers(0, 11, n)),
            "customer_id": [f"c{i:03}" for i in rng.integers(0, 60, n)],
            "comment": [None if u < 0.5 else f"<{i}>" for i, u in enumerate(rng.random(n))],
            "weight": rng.integers(1, 4, n).astype("float64"),
            "country": [None if u < 0.1 else "PL" for u in rng.random(n)],
        }
    )


def log(seed, n=400):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": [f"c{i:03}" for i in rng.integers(0, 60, n)],
            "ordered_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 200 * 86_400, n), unit="s"),
            "amount": rng.gamma(2, 20, n).round(2) - 10,
        }
    )


def same(one, two):
    pd.testing.assert_frame_equal(one, two, check_dtype=False, rtol=1e-9, atol=1e-9)


def test_scores_segments_and_movement(engine):
    before, after = shop(1), shop(2)
    there_before, there_after = engine.table(before), engine.table(after)
    cuts = rfm.cut_points(before)
    assert rfm.cut_points(there_before) == cuts
    here = [rfm.segment(rfm.score(c, cuts=cuts), rfm.eleven_segments) for c in (before, after)]
    there = [rfm.segment(rfm.score(c, cuts=cuts), rfm.eleven_segments) for c in (there_before, there_after)]
    columns = ["customer_id", "R", "F", "M", "segment"]
    same(there[0].order_by("customer_id").to_pandas()[columns], here[0][columns])
    same(rfm.migrate(*there).sort_values(["before", "after"], ignore_index=True), rfm.migrate(*here))
    same(rfm.fallers(*there).to_pandas(), rfm.fallers(*here))


def test_survey_tables(engine, duckdb_engine):
    here, there = duckdb_engine.table(asked(3)), engine.table(asked(3))
    for options in ({"by": "country", "repeats": "last"}, {"period": None, "since": "2024-02-01"}):
        same(surveys(there, as_of="2024-04-05", **options), surveys(here, as_of="2024-04-05", **options))
    same(comments(there, as_of="2024-04-05", limit=5), comments(here, as_of="2024-04-05", limit=5))


def test_survey_meets_behaviour(engine, duckdb_engine):
    both = [(e.table(asked(3)), e.table(log(4)), e.table(shop(1))) for e in (engine, duckdb_engine)]
    same(*(band_behaviour(s, orders, as_of="2024-07-10") for s, orders, _ in both))
    same(*(band_value(s, people, as_of="2024-04-05") for s, _, people in both))
