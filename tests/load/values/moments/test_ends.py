"""Ends that are the last day of a stretch: recognised and named, or read right with ends="inclusive"."""

import pandas as pd
import pytest

from retention_kit import load, summarise
from retention_kit.errors import ConfigError

STARTS = ["2026-01-01", "2026-02-01", "2026-03-01", "2026-01-15"]
LAST_DAYS = ["2026-01-31", "2026-02-28", "", ""]
LAST_SECONDS = ["2026-01-31 23:59:59", "2026-02-28 23:59:59.999", "", ""]


def stretches(ends, starts=STARTS, names=("s1", "s1", "s1", "s2")):
    return pd.DataFrame(
        {"customer_id": names, "subscription_id": names, "started_at": starts, "ended_at": ends, "mrr": 10}
    )


def noted(data):
    return [note for note in data.source.warnings if note.name == "inclusive_ends"]


@pytest.mark.parametrize("ends", [LAST_DAYS, LAST_SECONDS, pd.to_datetime(LAST_DAYS), pd.to_datetime(LAST_DAYS).date])
def test_inclusive_ends_are_named_with_their_effect_and_the_way(ends):
    (note,) = noted(load.subscriptions(stretches(ends)))
    assert note.rows == 2
    assert "leave and come back in the numbers; pass ends='inclusive'" in note.text


@pytest.mark.parametrize("ends", [LAST_DAYS, LAST_SECONDS, pd.to_datetime(LAST_DAYS)])
def test_with_ends_inclusive_nobody_leaves_at_the_end_of_a_month(ends):
    data = load.subscriptions(stretches(ends), ends="inclusive")
    assert summarise.periods(data, as_of="2026-03-31")["mrr_end"].tolist() == [20, 20, 20]
    assert not noted(data)


def test_inclusive_ends_are_moved_alike_on_every_engine(engine):
    data = load.subscriptions(engine.table(stretches(pd.to_datetime(LAST_DAYS))), ends="inclusive")
    assert data.table.ended_at.max().to_pandas() == pd.Timestamp("2026-03-01")
    assert noted(load.subscriptions(engine.table(stretches(pd.to_datetime(LAST_DAYS)))))


def test_ends_without_a_following_stretch_are_known_by_their_whole_months():
    starts, names = ["2026-01-15", "2026-01-20", "2026-02-03", "2026-02-04"], list("abcd")
    data = load.subscriptions(stretches(["2026-02-14", "2026-02-19", "2026-04-02", ""], starts, names))
    assert "fill whole months but for their last day" in noted(data)[0].text
    late = load.subscriptions(stretches(["2026-02-14 23:59", "", "", ""], starts, names))
    assert "end at 23:59" in noted(late)[0].text


@pytest.mark.parametrize(
    "ends",
    [
        ["2026-02-01", "2026-03-01", "", ""],  # each stretch begins where the one before ends
        ["2026-01-20", "2026-02-25", "", ""],  # pauses of days
        ["2026-01-01 10:00", "2026-02-28 10:00", "", ""],
    ],
)
def test_ends_that_are_moments_are_not_warned_about(ends):
    assert not noted(load.subscriptions(stretches(ends, [*STARTS[:2], "2026-03-05", "2026-01-15"])))


def test_ends_exclusive_says_that_they_are_right():
    data = load.subscriptions(stretches(LAST_DAYS), ends="exclusive")
    assert not noted(data)
    assert summarise.periods(data, as_of="2026-03-31")["mrr_end"].tolist() == [10, 10, 20]


def test_a_stretch_of_one_day_is_one_day():
    data = load.subscriptions(stretches(["2026-01-01", "", "", ""]), ends="inclusive")
    assert data.to_pandas()["ended_at"][0] == pd.Timestamp("2026-01-02")


def test_words_that_are_no_ends_are_refused():
    with pytest.raises(ConfigError, match="ends must be 'inclusive' or 'exclusive'"):
        load.subscriptions(stretches(LAST_DAYS), ends="last day")
    with pytest.raises(ConfigError, match="ends is for subscriptions"):
        load.orders(stretches(LAST_DAYS), ends="inclusive")
