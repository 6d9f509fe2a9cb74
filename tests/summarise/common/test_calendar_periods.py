"""Period numbers: the same in the engine and in Python, on every edge of the calendar."""

import datetime as dt

import ibis
import numpy as np
import pandas as pd
import pytest

from retention_kit.errors import ConfigError
from retention_kit.summarise.common.calendar_periods import (
    PERIODS,
    as_day,
    check_period,
    number_of,
    period_number,
    period_start,
)

EDGES = ["1969-12-31", "1970-01-01", "2024-02-29", "2024-12-29", "2024-12-30", "2025-01-01", "2026-12-31", "2100-03-01"]
FREQ = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


@pytest.mark.parametrize("period", PERIODS)
def test_engine_and_python_agree_on_every_edge(period):
    table = ibis.memtable({"day": [dt.datetime.fromisoformat(d) for d in EDGES]})
    engine = period_number(table.day, period).to_pandas()
    assert list(engine) == [number_of(dt.date.fromisoformat(d), period) for d in EDGES]


@pytest.mark.parametrize("period", PERIODS)
def test_the_start_is_that_of_pandas_own_periods(period):
    days = pd.date_range("2019-01-01", "2029-12-31")
    numbers = np.array([number_of(d.date(), period) for d in days])
    assert (period_start(numbers, period) == days.to_period(FREQ[period]).start_time).all()


@pytest.mark.parametrize("period", PERIODS)
def test_numbers_rise_by_one_from_period_to_period(period):
    numbers = [number_of(d.date(), period) for d in pd.date_range("2019-01-01", "2021-12-31")]
    assert set(np.diff(numbers)) <= {0, 1}


@pytest.mark.parametrize("day", ["2024-02-29", dt.date(2024, 2, 29), pd.Timestamp("2024-02-29 13:00")])
def test_a_day_is_read_from_what_people_write(day):
    assert as_day(day) == dt.date(2024, 2, 29)


@pytest.mark.parametrize(
    "wrong", ["2024-02-30", "yesterday evening", "1.3.2021", "01/03/2021", "2024-02", None, "", pd.NaT]
)
def test_what_is_no_day_is_refused(wrong):
    with pytest.raises(ConfigError, match="as_of is a day"):
        as_day(wrong)


def test_an_unknown_period_is_refused():
    with pytest.raises(ConfigError, match="fortnight"):
        check_period("fortnight")
