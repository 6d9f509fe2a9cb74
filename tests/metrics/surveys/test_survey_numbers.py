"""The number of answers is compared between whole months only."""

import math

import numpy as np
import pandas as pd
import pytest

from retention_kit import metrics, summarise
from retention_kit.metrics.changes.comparison_notes import NOTES


def asked(first="2025-01-01", last="2025-06-30", until_day=31):
    days = pd.date_range(first, last).repeat(4)
    days = days[days.day <= until_day]
    scores = np.resize([10.0, 9.0, 7.0, 3.0, 8.0], len(days))
    return pd.DataFrame({"answered_at": days, "kind": "nps", "score": scores})


def answers_row(surveys, as_of):
    trend = metrics.survey_trend(summarise.surveys(surveys, as_of=as_of, kind="nps", period="month"))
    return metrics.survey_numbers(trend, kind="nps", surveys=surveys).set_index("name").loc["nps_answers"]


def test_whole_months_are_compared_next_to_their_length():
    row = answers_row(asked(), "2025-05-31")
    assert (row["value"], row["previous"], row["note"]) == (124, 120, "")
    assert row["previous_expected"] == pytest.approx(120 * 31 / 30)


@pytest.mark.parametrize(
    ("surveys", "as_of", "why"),
    [
        (asked(), "2025-05-20", "cut"),
        (asked(last="2025-05-20"), "2025-05-31", "cut"),
        (asked(first="2025-04-12"), "2025-05-31", "cut before"),
    ],
)
def test_months_cut_short_are_not_compared(surveys, as_of, why):
    row = answers_row(surveys, as_of)
    assert math.isnan(row["previous"])
    assert row["note"] == NOTES[why]


def test_waves_that_always_end_early_are_whole():
    row = answers_row(asked(until_day=15), "2025-05-31")
    assert (row["previous"], row["note"]) == (60, "")
