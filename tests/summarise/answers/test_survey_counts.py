"""Answers per period: a hand-made survey with everything that goes wrong in surveys."""

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_kit import load, metrics
from retention_kit.errors import ConfigError, DataError, RetentionKitWarning
from retention_kit.summarise.answers.survey_counts import surveys

AWKWARD = pd.DataFrame(
    [
        # answered_at, score, customer_id, country
        ("2024-01-03 10:00", "10", "ann", "PL"),
        ("2024-01-04 10:00", "9", "bob", "TW"),
        ("2024-01-05 10:00", "7", "cid", "TW"),
        ("2024-01-06 10:00", "6", "dan", "PL"),
        ("2024-01-07 10:00", "", "eve", "PL"),  # blank
        ("2024-01-08 10:00", "11", "fay", "PL"),  # outside the scale
        ("2024-01-09 10:00", "very good", "gus", "PL"),  # text
        ("2024-01-31 23:59", "0", "ann", "PL"),  # second answer of one person
        ("2024-02-10 10:00", "8", "ann", None),
        ("2024-04-01 09:00", "9", "bob", "TW"),  # March had none
    ],
    columns=["answered_at", "score", "customer_id", "country"],
).assign(kind="nps")


@pytest.fixture(scope="module")
def loaded():
    return load.surveys(AWKWARD)


def test_outside_scores_and_text_are_set_aside_with_a_reason(loaded):
    assert loaded.source.rows_kept == 8
    assert sorted(loaded.refused["score"]) == ["11", "very good"]
    assert loaded.refused["reason"].str.len().min() > 10


def test_bands_and_blanks_are_counted_by_hand(loaded):
    table = surveys(loaded, as_of="2024-04-15")
    wanted = pd.DataFrame(
        {
            "period": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"]).as_unit("us"),
            "n": [5, 1, 0, 1],
            "non_response": [1, 0, 0, 0],
            "answers": [5, 1, 0, 1],
            "n_effective": [5.0, 1.0, np.nan, 1.0],
            "promoters": [2, 0, 0, 1],
            "passives": [1, 1, 0, 0],
            "detractors": [2, 0, 0, 0],
            "complete": [True, True, True, False],
        }
    )
    pd.testing.assert_frame_equal(table, wanted)
    scores = metrics.nps(table["promoters"], table["passives"], table["detractors"])
    assert scores.tolist() == pytest.approx([0, 0, np.nan, 100], nan_ok=True)


def test_the_last_answer_of_a_person_may_stand_for_the_month(loaded):
    january = surveys(loaded, as_of="2024-01-31", repeats="last").iloc[0]
    assert (january["n"], january["promoters"], january["passives"], january["detractors"]) == (4, 1, 1, 2)


def test_a_later_blank_does_not_hide_an_answer():
    asked = pd.DataFrame({"answered_at": ["2024-01-01", "2024-01-02"], "score": [10, None], "customer_id": "ann"})
    row = surveys(load.surveys(asked.assign(kind="nps")), as_of="2024-01-31", repeats="last").iloc[0]
    assert (row["n"], row["promoters"], row["non_response"]) == (1, 1, 0)


def test_answers_without_a_person_are_never_repeats():
    asked = pd.DataFrame({"answered_at": ["2024-01-01"] * 4, "kind": "nps", "score": [10, 10, 0, 5]})
    asked["customer_id"] = [None, None, "ada", "ada"]
    assert surveys(load.surveys(asked), as_of="2024-01-31", repeats="last")["n"].tolist() == [3]


@pytest.mark.parametrize("column", [{}, {"customer_id": None}])
def test_the_last_answers_of_customers_need_customers(column):
    asked = pd.DataFrame({"answered_at": ["2024-01-01"] * 3, "kind": "nps", "score": [10, 1, 10], **column})
    with pytest.raises(DataError, match="repeats='last' needs customer_id"):
        surveys(asked, as_of="2024-01-31", repeats="last")


def test_groups_add_up_to_the_whole_and_keep_the_empty_value(loaded):
    whole = surveys(loaded, as_of="2024-04-15")
    split = surveys(loaded, as_of="2024-04-15", by="country")
    assert set(split["country"]) == {"PL", "TW", "(none)"}
    assert len(split) == 3 * 4
    sums = split.groupby("period")[["n", "non_response", "promoters", "passives", "detractors"]].sum()
    assert sums.equals(whole.set_index("period")[list(sums.columns)])


def test_all_days_as_one_and_a_first_day(loaded):
    row = surveys(loaded, as_of="2024-04-15", since="2024-01-05", period=None)
    assert "period" not in row.columns
    assert row[["n", "promoters", "passives", "detractors"]].iloc[0].tolist() == [5, 1, 2, 2]
    by_country = surveys(loaded, as_of="2024-04-15", period=None, by=["country"])
    assert by_country["country"].tolist() == ["(none)", "PL", "TW"]


def test_the_last_day_counts_to_its_end(loaded):
    assert surveys(loaded, as_of="2024-01-31")["n"].tolist() == [5]
    assert surveys(loaded, as_of="2024-01-30")["n"].tolist() == [4]


def test_weights_are_summed_and_lower_the_effective_number():
    asked = pd.DataFrame({"answered_at": "2024-01-01", "kind": "nps", "score": [10, 10, 0], "weight": [2.0, 1.0, None]})
    row = surveys(load.surveys(asked), as_of="2024-01-31").iloc[0]
    assert (row["n"], row["answers"], row["promoters"], row["detractors"]) == (3, 4.0, 3.0, 1.0)
    assert row["n_effective"] == pytest.approx(16 / 6)


def test_satisfaction_and_effort_have_their_own_bands():
    asked = pd.DataFrame({"answered_at": "2024-01-01", "kind": "csat", "score": [5, 4, 3, 1, None]})
    row = surveys(load.surveys(asked), as_of="2024-01-31", kind="csat").iloc[0]
    assert (row["n"], row["satisfied"], row["non_response"]) == (4, 2, 1)
    tens = load.surveys(asked.assign(score=[10, 9, 8, 1, None]))
    assert surveys(tens, as_of="2024-01-31", kind="csat", scale=10)["satisfied"].tolist() == [2]
    effort = load.surveys(asked.assign(kind="ces", score=[7, 5, 4, 1, None]))
    row = surveys(effort, as_of="2024-01-31", kind="ces").iloc[0]
    assert (row["agreeing"], row["score_sum"]) == (2, 17)


def test_scores_outside_the_scale_raise_where_nobody_refused_them():
    raw = ibis.memtable(
        pd.DataFrame({"answered_at": pd.to_datetime(["2024-01-01"] * 2), "kind": "nps", "score": [9.0, 11.0]})
    )
    with pytest.raises(DataError, match="nps scores run from 0 to 10; 1 lie outside"):
        surveys(raw, as_of="2024-01-31")
    csat = load.surveys(pd.DataFrame({"answered_at": ["2024-01-01"], "kind": ["csat"], "score": [9]}))
    with pytest.raises(DataError, match="scale=10"):
        surveys(csat, as_of="2024-01-31", kind="csat")


def test_a_dataframe_is_loaded_with_a_warning_about_what_was_refused():
    with pytest.warns(RetentionKitWarning, match="2 of 10 rows were refused"):
        table = surveys(AWKWARD, as_of="2024-01-31")
    assert table["n"].tolist() == [5]


@pytest.mark.parametrize(
    ("request_", "error", "message"),
    [
        ({"kind": "smile"}, ConfigError, "kind is one of nps, csat, ces"),
        ({"period": "decade"}, ConfigError, "period is one of"),
        ({"repeats": "first"}, ConfigError, "repeats is 'all' or 'last'"),
        ({"scale": 7}, ConfigError, "scale is 10 for nps"),
        ({"by": "planet"}, DataError, "no column planet"),
        ({"kind": "csat"}, DataError, "no csat answer"),
        ({"as_of": "2023-01-01"}, DataError, "no nps answer up to"),
        ({"as_of": "2099-03-31", "since": "2099-01-01"}, DataError, "from 2099-01-01 to 2099-03-31; take an earlier"),
    ],
)
def test_requests_that_cannot_be_met_say_why(loaded, request_, error, message):
    with pytest.raises(error, match=message):
        surveys(loaded, **({"as_of": "2024-04-15"} | request_))
