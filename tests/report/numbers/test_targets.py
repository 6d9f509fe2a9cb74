"""Targets: what a configuration may say, how far a number is, and what an interval lets one say."""

from datetime import date, datetime
from math import inf, isnan, nan

import pytest

from retention_kit.errors import ConfigError
from retention_kit.report import Config
from retention_kit.report.numbers.measures import Measure
from retention_kit.report.numbers.targets import measured, progress
from retention_kit.report.settings.target_settings import Target, faults, read

RATE = Measure("retention_rate", "Retention rate", "rate", 0.8, 0.75, 0.85, page="01_overview")


def row(number, value, direction="at_least", **more):
    (found,) = measured([Target(number.name, value, direction, **more)], [number], date(2026, 6, 30))
    return found.shown()


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ({"metric": "nps", "value": 3, "ownr": "Ana"}, "unknown key ownr, did you mean owner?"),
        ({"metric": "nps"}, "value is missing"),
        ({"metric": 3, "value": 3}, "metric must be text, got 3"),
        ({"metric": "nps", "value": "3"}, "value must be a number, got '3'"),
        ({"metric": "nps", "value": True}, "value must be a number, got True"),
        ({"metric": "nps", "value": nan}, "value must be a finite number"),
        ({"metric": "nps", "value": inf}, "value must be a finite number"),
        ({"metric": "nps", "value": 10**400}, "value must be a finite number"),
        ({"metric": "nps", "value": 3, "direction": "up"}, "must be at_least or at_most (got 'up')"),
        ({"metric": "segment_new", "value": 3}, 'its good direction is not known), as in direction = "at_least"'),
        ({"metric": "nps", "value": 3, "due": "next year"}, "due must be a date such as 2026-12-31, got 'next year'"),
        ({"metric": "nps", "value": 3, "due": "20261231"}, "due must be a date"),
        ({"metric": "nps", "value": 3, "due": datetime(2026, 1, 1)}, "due must be a date"),
        ({"metric": "nps", "value": 3, "start": 3}, "start 3 is already at least 3"),
    ],
)
def test_a_wrong_target_is_named_with_its_place(item, says):
    (fault,) = faults([{"metric": "nps", "value": 1}, item])
    assert fault.startswith("targets 2: ")
    assert says in fault


def test_the_configuration_names_all_faults_of_all_targets_at_once():
    with pytest.raises(ConfigError, match=r"^3 faults: .*title.*targets 1: .*targets 2: "):
        Config(title=1, targets=[{"metric": "nps"}, {"metric": "segment_new", "value": 1}])


def test_the_direction_of_a_metric_of_the_catalogue_need_not_be_said():
    told = [{"metric": "churn_rate", "value": 0.1, "due": "2026-12-31"}, {"metric": "nps", "value": 3, "owner": "Ana"}]
    assert faults(told) == []
    churn, nps = read(told)
    assert (churn.direction, churn.due) == ("at_most", date(2026, 12, 31))
    assert (nps.direction, nps.owner, nps.due) == ("at_least", "Ana", None)
    assert read([{"metric": "nps", "value": 3, "due": date(2026, 1, 2)}])[0].due == date(2026, 1, 2)


@pytest.mark.parametrize(
    ("metric", "direction"),
    [
        ("revenue", "at_least"),
        ("orders", "at_least"),
        ("value_at_risk", "at_most"),
        ("subscriptions_churn_rate", "at_most"),
        ("subscriptions_mrr_end", "at_least"),
    ],
)
def test_the_direction_of_a_plain_number_of_a_page_need_not_be_said(metric, direction):
    assert faults([{"metric": metric, "value": 3}]) == []
    assert read([{"metric": metric, "value": 3}])[0].direction == direction
    assert read([{"metric": metric, "value": 3, "direction": "at_most"}])[0].direction == "at_most"


@pytest.mark.parametrize(
    ("value", "aim", "direction", "start", "share"),
    [
        (45, 60, "at_least", None, 0.75),
        (60, 60, "at_least", None, 1.0),
        (75, 60, "at_least", None, 1.0),
        (0.2, 0.1, "at_most", None, 0.5),
        (0.05, 0.1, "at_most", None, 1.0),
        (-20, 30, "at_least", None, 0.0),
        (-20, -10, "at_least", None, 0.5),
        (-5, -10, "at_most", None, 0.5),
        (5, -10, "at_most", None, 0.0),
        (3, 0, "at_most", None, 0.0),
        (0, 3, "at_least", None, 0.0),
        (0, 0, "at_most", None, 1.0),
        (-20, 30, "at_least", -70, 0.5),
        (-90, 30, "at_least", -70, 0.0),
        (0.15, 0.1, "at_most", 0.2, 0.5),
    ],
)
def test_progress_runs_from_0_to_1_whatever_the_signs(value, aim, direction, start, share):
    assert progress(value, Target("x", aim, direction, start=start)) == pytest.approx(share)


def test_progress_of_an_unknown_number_is_unknown():
    assert isnan(progress(nan, Target("x", 1, "at_least")))


@pytest.mark.parametrize(
    ("aim", "direction", "state"),
    [
        (0.75, "at_least", "met"),
        (0.76, "at_least", "undecided"),
        (0.85, "at_least", "undecided"),
        (0.86, "at_least", "not met"),
        (0.85, "at_most", "met"),
        (0.84, "at_most", "undecided"),
        (0.74, "at_most", "not met"),
    ],
)
def test_an_interval_around_the_target_leaves_it_open(aim, direction, state):
    assert row(RATE, aim, direction).state == state


def test_without_an_interval_the_number_decides():
    assert row(Measure("orders", "Orders", "count", 100.0), 100).state == "met"
    assert row(Measure("orders", "Orders", "count", 99.0, nan, 120.0), 100).state == "not met"


def test_a_whole_bar_is_only_drawn_for_the_whole_way():
    assert row(Measure("orders", "Orders", "count", 9999.0), 10000).percent == 99
    assert row(Measure("orders", "Orders", "count", 10000.0), 10000).percent == 100


@pytest.mark.parametrize(
    ("due", "says"),
    [
        (date(2026, 12, 31), "31 December 2026, in 184 days"),
        (date(2026, 7, 1), "1 July 2026, in 1 day"),
        (date(2026, 6, 30), "30 June 2026, the last day of this report"),
        (date(2026, 6, 1), "1 June 2026, 29 days ago"),
        (None, ""),
    ],
)
def test_the_time_that_is_left_counts_from_the_last_day_of_the_report(due, says):
    assert row(RATE, 0.9, due=due).due == says


def test_a_target_whose_number_is_not_there_says_so():
    twice = [RATE, Measure("retention_rate", "Retention rate", "rate", 0.5, page="02_own")]
    unknown = [Measure("retention_rate", "Retention rate", "rate", nan, page="01_overview")]
    for numbers, says in [
        ([], "not among the numbers of this month"),
        (twice, "is on 2 pages (01_overview and 02_own): choose one of them with page"),
        (unknown, "retention_rate is not known this month"),
    ]:
        (found,) = measured([Target("retention_rate", 0.9, "at_least")], numbers, date(2026, 6, 30))
        assert found.state == "not known"
        assert says in found.shown().now
        assert found.percent == 0
    for page in ("own", "02_own"):
        (found,) = measured([Target("retention_rate", 0.9, "at_least", page=page)], twice, date(2026, 6, 30))
        assert found.shown().page == "02_own"


def after(day, number, value, direction="at_least"):
    (found,) = measured([Target(number.name, value, direction)], [number], day)
    return found.state


def test_a_total_of_a_month_that_is_not_over_can_still_reach_its_target():
    revenue = Measure("revenue", "Revenue", "money", 2871.0, 2010.0, 3730.0)
    half, end = date(2026, 5, 16), date(2026, 5, 31)
    assert (after(half, revenue, 6000), after(end, revenue, 6000)) == ("month not over", "not met")
    assert (after(half, revenue, 6000, "at_most"), after(end, revenue, 6000, "at_most")) == ("month not over", "met")
    assert after(half, revenue, 2000) == "met"  # more days only add to it
    assert after(half, revenue, 2000, "at_most") == "not met"
    assert after(half, RATE, 0.9) == "not met"  # a share does not grow with the days
