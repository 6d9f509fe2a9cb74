"""Cohort cells from bits are those from one row per customer and period, on DuckDB, PostgreSQL and Spark."""

import datetime as dt

import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest

from retention_kit import load, summarise
from retention_kit.summarise.by_cohort import cohort_bits, cohort_cells
from retention_kit.summarise.by_cohort.cohort_bits import MANY_ROWS, MOST_PERIODS, bit_cells
from retention_kit.summarise.by_cohort.cohort_cells import step_cells
from retention_kit.summarise.by_cohort.cohort_plan import CohortPlan
from retention_kit.summarise.common.calendar_periods import number_of
from retention_kit.summarise.common.order_log import most_rows, orders_until

START = pd.Timestamp("2023-11-20")
LAST = START + pd.Timedelta(days=MOST_PERIODS - 1)


def sparse(days):
    """Gaps, refunds before a first order and instead of one, groups with missing values, orders after as_of."""
    rng = np.random.default_rng(days)
    n = 500
    moments = pd.to_timedelta(rng.integers(0, days * 24, n), unit="h")
    return pd.DataFrame(
        {
            "customer_id": rng.integers(0, 90, n).astype(str),
            "ordered_at": START + moments,
            "amount": rng.choice([10.05, 20.1, 0.0, -5.55], n, p=[0.4, 0.2, 0.1, 0.3]),
            "country": rng.choice(["PL", "TW", None], n),
        }
    )


def steady():
    """One customer with an order on every day that two words have a bit for, and one on the last of them."""
    every = pd.DataFrame({"customer_id": "every", "ordered_at": pd.date_range(START, LAST)})
    once = pd.DataFrame({"customer_id": ["once"], "ordered_at": [LAST]})
    return pd.concat([every, once]).assign(amount=1.25, country="PL")


def plan(period, day, groups=()):
    return CohortPlan(day, period, 0, False, (), None, False, groups)


def both(orders, how):
    """The cells by either way, in one order of rows."""
    log = orders_until(orders, how.day)
    keys = [*how.groups, "cohort", "age"]
    ways = (bit_cells(log, how, number_of(START.date(), how.period)), step_cells(log, how))
    return [
        table.sort_values(keys, ignore_index=True)[[*keys, "active", "ending", "orders", "revenue"]] for table in ways
    ]


@pytest.fixture(scope="module")
def tables():
    """Each engine's copies, made once."""
    return {}


@pytest.fixture
def there(engine, tables):
    if engine.name not in tables:
        frames = {"sparse": sparse(700), "steady": steady()}
        tables[engine.name] = {name: load.orders(engine.table(frame)) for name, frame in frames.items()}
    return tables[engine.name]


@pytest.mark.parametrize(("period", "groups"), [("week", ("country",)), ("month", ()), ("quarter", ("country",))])
def test_every_engine_counts_the_same_cells_either_way(there, period, groups):
    bits, steps = both(there["sparse"], plan(period, dt.date(2025, 9, 30), groups))
    assert len(steps) > 20
    pdt.assert_frame_equal(bits, steps, check_exact=True)


def test_every_bit_of_both_words_counts_on_every_engine(there):
    bits, steps = both(there["steady"], plan("day", LAST.date()))
    assert bits["active"].tolist() == [1] * (MOST_PERIODS + 1)
    pdt.assert_frame_equal(bits, steps, check_exact=True)


@pytest.mark.parametrize("period", ["day", "week", "month", "quarter", "year"])
@pytest.mark.parametrize("days", [1, 40, 62, 63, 110])
def test_logs_of_any_length_count_the_same_either_way(period, days):
    log = load.orders(sparse(days))
    for groups in ((), ("country",)):
        bits, steps = both(log, plan(period, (START + pd.Timedelta(days=days * 0.9)).date(), groups))
        pdt.assert_frame_equal(bits, steps, check_exact=True)


@pytest.mark.parametrize(
    ("rows", "more", "options", "bits"),
    [
        (MOST_PERIODS + 1, 0, {}, True),
        (MOST_PERIODS + 2, 0, {}, False),
        (1, 1, {}, False),
        (1, 0, {"rolling": True}, False),
        (1, 0, {"members": "recurring"}, False),
        (1, 0, {"start": "ordered_at"}, False),
        (1, 0, {"counting": "brackets", "brackets": [(0, 3)]}, False),
    ],
)
def test_bits_are_for_plain_requests_of_many_rows_in_few_periods(monkeypatch, rows, more, options, bits):
    used = []
    monkeypatch.setattr(cohort_bits, "MANY_ROWS", rows)
    monkeypatch.setattr(cohort_cells, "bit_cells", lambda *given: used.append(True) or bit_cells(*given))
    summarise.cohorts(steady(), as_of=LAST + pd.Timedelta(days=more), period="day", **options)
    assert bool(used) == bits


def test_a_log_that_is_known_to_be_short_is_not_asked_for_its_length():
    no_table_at_all = None
    assert cohort_bits.first_period(no_table_at_all, plan("month", LAST.date()), most=MANY_ROWS - 1) is None
    assert most_rows(load.orders(steady())) == most_rows(steady()) == len(steady())
    assert most_rows(load.orders(steady()).table) == np.inf


def test_a_log_of_refunds_alone_has_no_cells():
    frame = pd.DataFrame({"customer_id": ["a"], "ordered_at": [START], "amount": [-1.0]})
    bits, steps = both(load.orders(frame), plan("month", LAST.date()))
    assert bits.empty
    assert steps.empty
