"""Summaries from the events that a run has written equal those from the log, cell by cell."""

import datetime as dt
import warnings

import ibis
import numpy as np
import pandas as pd
import pandas.testing as pdt
import pytest

from retention_kit import load, summarise
from retention_kit.errors import DataError, RetentionKitWarning
from retention_kit.load import shared_answers
from retention_kit.summarise.by_period.log_coverage import returned_after_silence
from retention_kit.summarise.common.events import events_until

pytestmark = pytest.mark.filterwarnings("ignore::retention_kit.errors.RetentionKitWarning")

PERIODS = ("day", "week", "month", "quarter", "year")
DAYS = ("2024-01-31", "2024-02-15", "2024-04-01", "2025-03-31")


def random_log(seed):
    """Orders and refunds of a few customers: several on a day, refunds before the first order, free orders, no country
    for some."""
    rng = np.random.default_rng(seed)
    n, minutes = 220, rng.integers(0, (60, 300)[seed % 2] * 24 * 6, 220) * 10
    moments = pd.Timestamp("2023-12-20") + pd.to_timedelta(minutes, unit="m")
    amounts = np.round(rng.gamma(2, 10, n), 2) * rng.choice([1, 1, 1, -1, 0], n)
    return pd.DataFrame(
        {
            "customer_id": [f"c{i}" for i in rng.integers(0, 35, n)],
            "ordered_at": moments.normalize() if seed % 3 == 0 else moments,
            "amount": amounts,
            "country": rng.choice(["PL", "TW", "DE", None], n),
        }
    )


def shared(frame, folder):
    """The same log, as the notebooks of a run read it."""
    load.orders(frame).save(folder)
    shared_answers.make_folder(folder)
    return load.orders(str(folder))


def cells(result):
    table = pd.DataFrame(result.to_pandas() if isinstance(result, ibis.Table) else result)
    return table.sort_values("customer_id", ignore_index=True) if "customer_id" in table.columns else table


def calls():
    """A few requests of each summary that reads events."""
    for number, day in enumerate(DAYS):
        period = PERIODS[1:][number]
        yield summarise.customers, {"as_of": day, "grain": period, "by": ["country"]}
        yield summarise.customers, {"as_of": day, "grain": "day", "log_gaps": True}
        yield summarise.cohorts, {"as_of": day, "period": period}
        yield summarise.cohorts, {"as_of": day, "period": "month", "counting": "on_or_after", "by": "country"}
        yield summarise.cohorts, {"as_of": day, "period": "month", "rolling": True}
        yield summarise.periods, {"as_of": day, "period": period, "lapse_after": [3, 20, 95]}
        yield summarise.periods, {"as_of": day, "lapse_after": None, "by": "country"}
        yield summarise.order_gaps, {"as_of": day, "order": 3, "since": "first", "by": "country"}
        yield summarise.order_gaps, {"as_of": day, "order": None}
        yield summarise.time_to_order, {"as_of": day, "order": {"second": 2, "any": None}}
        yield summarise.overdue, {"as_of": day, "p": 0.6, "min_gaps": 2}
        yield summarise.orders_so_far, {"as_of": day, "period": period}
        yield summarise.repeats_at_age, {"as_of": day, "period": period, "age": 20}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_summary_is_the_same_from_written_events(seed, tmp_path):
    frame = random_log(seed)
    plain, run = load.orders(frame), shared(frame, tmp_path)
    for function, request in calls():
        pdt.assert_frame_equal(cells(function(run, **request)), cells(function(plain, **request)), check_exact=True)


def test_a_log_without_refunds_and_one_that_begins_with_a_refund(tmp_path):
    for name, frame in {
        "none": random_log(2).query("amount >= 0"),
        "first": pd.DataFrame(
            {
                "customer_id": ["ada", "ada", "bo"],
                "ordered_at": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-02-03"]),
                "amount": [-5, 10, 20],
            }
        ),
    }.items():
        plain, run = load.orders(frame), shared(frame, tmp_path / name)
        for function in (summarise.customers, summarise.cohorts, summarise.periods):
            results = [cells(function(log, as_of="2024-03-31")) for log in (run, plain)]
            pdt.assert_frame_equal(*results, check_exact=True)


@pytest.mark.parametrize("written", [True, False])
def test_events_by_hand(tmp_path, written):
    log = pd.DataFrame(
        {
            "customer_id": ["ada", "ada", "ada", "ada", "bo"],
            "ordered_at": pd.to_datetime(
                ["2024-01-01 09:00", "2024-01-01 17:00", "2024-01-20 08:00", "2024-01-25 08:00", "2024-01-02 08:00"]
            ),
            "amount": [10, 5, 7, -3, 4],
        }
    )
    log = shared(log, tmp_path) if written else load.orders(log)
    events = events_until(log, dt.date(2024, 1, 19))
    assert events.is_written is written
    days = events.with_ids(events.days).order_by(["customer_id", "day"]).to_pandas()
    assert days["customer_id"].tolist() == ["ada", "bo"]
    assert days["next"].isna().all(), "what came after as_of is not known"
    assert days[["orders", "orders_before", "number"]].to_numpy().tolist() == [[2, 0, 1], [1, 0, 1]]
    assert not len(events.refunds.to_pandas())
    events = events_until(log, dt.date(2024, 1, 31))
    days = events.with_ids(events.days).order_by(["customer_id", "day"]).to_pandas()
    last = days.iloc[1]
    assert (str(last["previous"])[:10], str(last["first"])[:10], last["number"], last["orders_before"]) == (
        "2024-01-01",
        "2024-01-01",
        2,
        2,
    )
    assert str(days["next"].iloc[0])[:10] == "2024-01-20"
    assert events.refunds.amount.sum().to_pandas() == -3


def test_customers_who_were_active_and_left_within_a_short_period_are_lost(tmp_path):
    """Active for 5 days: ada when February began and on 10 February, not at its end; bo only in between."""
    log = pd.DataFrame(
        {
            "customer_id": ["ada", "ada", "bo", "bo"],
            "ordered_at": pd.to_datetime(["2024-01-30", "2024-02-10", "2024-01-02", "2024-02-10"]),
            "amount": 1,
        }
    )
    for orders in (log, shared(log, tmp_path)):
        february = summarise.periods(orders, as_of="2024-02-29", lapse_after=5).iloc[-1]
        assert february[["start", "kept", "lost", "new", "returned", "end"]].tolist() == [1, 0, 1, 0, 0, 0]


def test_returns_after_a_silence(tmp_path):
    frame = random_log(4)
    run = shared(frame, tmp_path)
    counts = {}
    for day in map(dt.date.fromisoformat, DAYS):
        counts[day] = returned_after_silence(load.orders(frame), day, "month", [0, 10, 40])
        assert returned_after_silence(run, day, "month", [0, 10, 40]) == counts[day]
    assert counts[dt.date(2024, 2, 15)][0] > 0


def test_what_customers_did_in_the_same_days_of_earlier_periods(tmp_path):
    """Amounts of a day are added exactly before they become floats, so sums may differ in the last bit."""
    frame = random_log(5)
    plain, run = load.orders(frame), shared(frame, tmp_path)
    for day in DAYS:
        tables = [summarise.customer_windows(log, as_of=day, back=(1, 2)).round(6) for log in (run, plain)]
        by_all = [table.sort_values(list(table.columns), ignore_index=True) for table in tables]
        pdt.assert_frame_equal(*by_all)


def test_a_column_that_the_log_lacks_is_named_as_before(tmp_path):
    run = shared(random_log(1).drop(columns="country"), tmp_path)
    for function in (summarise.cohorts, summarise.periods, summarise.customers):
        with pytest.raises(DataError, match="no column country"):
            function(run, as_of="2024-02-15", by="country")


def test_the_tables_of_a_run_lie_in_its_private_folder_alone(tmp_path):
    run = shared(random_log(1), tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    summarise.cohorts(run, as_of="2024-02-15", by="country")
    assert {path.name for path in tmp_path.iterdir()} == before
    assert sorted(path.name for path in tmp_path.rglob("*.parquet") if path.parent.suffix == ".parquet") == [
        "events.parquet",
        "people.parquet",
        "refunds.parquet",
    ]


@pytest.mark.filterwarnings("default::retention_kit.errors.RetentionKitWarning")
@pytest.mark.parametrize("later", [[], ["2026-01-05"], ["2024-06-01", "2024-06-02", "2024-06-03"]])
def test_a_log_that_ends_early_is_named_alike_whether_its_days_were_counted_before(tmp_path, later):
    days = [*pd.date_range("2024-01-01", "2024-03-10", freq="3D"), *pd.to_datetime(later)]
    frame = pd.DataFrame({"customer_id": "ada", "ordered_at": days, "amount": 5})
    said = []
    for log in (load.orders(frame), shared(frame, tmp_path)):
        for as_of in ("2024-05-31", "2024-03-11", "2023-06-30"):
            with warnings.catch_warnings(record=True) as notes:
                warnings.simplefilter("always")
                events_until(log, dt.date.fromisoformat(as_of))
            said.append([str(note.message) for note in notes if note.category is RetentionKitWarning])
    assert said[:3] == said[3:]
    assert bool(said[0]) == (len(later) < 3)
