"""Simulated survey answers: believable, labelled, and the same from the same seed."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from retention_kit import schema, simulate
from retention_kit.errors import DataError


@pytest.fixture(scope="module")
def cdnow():
    folder = Path(importlib.util.find_spec("lifetimes").origin).parent / "datasets"
    names = ["customer_id", "day", "discs", "amount"]
    types = {"customer_id": str, "day": str}
    log = pd.read_csv(folder / "CDNOW_master.txt", sep=r"\s+", header=None, skiprows=1, names=names, dtype=types)
    log["day"] = pd.to_datetime(log["day"], format="%Y%m%d")
    days = log.groupby("customer_id")["day"]
    return days.agg(orders="size", first_order="min", last_order="max").reset_index()


@pytest.fixture(scope="module")
def answers(cdnow):
    return simulate.cdnow_surveys(cdnow)


def nps(scores):
    return 100 * ((scores >= 9).mean() - (scores <= 6).mean())


def test_every_month_from_february_1997_to_june_1998_has_150_to_300_answers(answers):
    months = answers.dropna(subset=["score"])["answered_at"].dt.to_period("M").value_counts().sort_index()
    assert [str(months.index[0]), str(months.index[-1]), len(months)] == ["1997-02", "1998-06", 17]
    assert months.between(150, 300).all()


def test_scores_are_whole_numbers_from_0_to_10_or_blank(answers):
    given = answers["score"].dropna()
    assert set(given) == set(range(11))
    assert 0.3 < answers["score"].isna().mean() < 0.6


def test_the_columns_are_the_schemas_and_every_row_says_simulated(answers):
    known = {c.name for c in schema.TABLES["surveys"].columns}
    assert set(schema.TABLES["surveys"].required) <= set(answers.columns)
    assert set(answers.columns) - known == {"channel", "origin"}
    assert (answers["origin"] == "simulated").all()
    assert (answers["kind"] == "nps").all()


def test_more_orders_mean_a_better_score_and_so_does_a_recent_one(answers, cdnow):
    joined = answers.dropna(subset=["score"]).merge(cdnow, on="customer_id")
    groups = [nps(joined["score"][joined["orders"].between(low, high)]) for low, high in [(1, 1), (2, 5), (6, 999)]]
    assert groups == sorted(groups)
    assert groups[2] - groups[0] > 20
    silent = (joined["answered_at"] - joined["last_order"]).dt.days
    same = joined["orders"].between(2, 5)
    assert nps(joined["score"][same & (silent <= 0)]) > nps(joined["score"][same & (silent > 40)])


def test_the_channel_makes_a_difference(answers):
    by_channel = answers.dropna(subset=["score"]).groupby("channel")["score"].apply(nps)
    assert by_channel["email"] > by_channel["web"]


def test_only_customers_with_an_order_in_the_three_months_before_are_asked(answers, cdnow):
    joined = answers.merge(cdnow, on="customer_id")
    wave = joined["answered_at"].dt.to_period("M").dt.start_time + pd.Timedelta(days=7)
    assert (joined["first_order"] < wave).all()
    assert (joined["last_order"] >= wave - pd.DateOffset(months=3)).all()


def test_comments_come_only_with_an_answer_and_fit_it(answers):
    written = answers.dropna(subset=["comment"])
    assert 0.05 < len(written) / len(answers) < 0.25
    assert written["score"].notna().all()
    assert (written["score"][written["comment"] == "My CD came broken."] <= 6).all()


def test_row_order_and_index_do_not_matter_and_the_input_stays_as_it_was(answers, cdnow):
    shuffled = cdnow.sample(frac=1, random_state=3)
    before = shuffled.copy()
    pd.testing.assert_frame_equal(simulate.cdnow_surveys(shuffled), answers)
    pd.testing.assert_frame_equal(shuffled, before)


def test_another_seed_gives_other_answers(answers, cdnow):
    assert not simulate.cdnow_surveys(cdnow, seed=5).equals(answers)


def test_few_customers_are_all_asked_and_none_give_an_empty_table(cdnow):
    few = simulate.cdnow_surveys(cdnow.head(50))
    assert few["customer_id"].nunique() <= 50
    none = simulate.cdnow_surveys(cdnow.head(0))
    assert len(none) == 0
    assert list(none.columns) == list(few.columns)


def test_a_missing_column_is_named():
    with pytest.raises(DataError, match="missing: first_order, last_order"):
        simulate.cdnow_surveys(pd.DataFrame({"customer_id": ["a"], "orders": np.array([1])}))
