"""The numbers that moved most, at the edges: noise, no interval, nothing to compare with, zero, complements."""

from math import nan

import pytest
from scipy import stats

from retention_kit.report.numbers.largest_changes import moved
from retention_kit.report.numbers.measures import Measure, chance, change, find, named


def rate(name, value, before, half=0.0196, **more):
    bounds = (value - half, value + half) if half else (nan, nan)
    return Measure(name, name, "rate", value, *bounds, {"previous": before} | more)


def labels(*numbers):
    return [finding.label for finding in moved(numbers, "previous").shown().findings]


def test_a_change_is_measured_in_its_standard_error_and_the_earlier_one_counts_too():
    assert change(rate("a", 0.5, 0.4)).errors == pytest.approx(0.1 / (0.01 * 2**0.5), rel=1e-3)
    known = rate("a", 0.5, 0.4, previous_low=0.3412, previous_high=0.4588)
    assert change(known).errors == pytest.approx(0.1 / (0.01 * 10**0.5), rel=1e-3)


def money(value, before, error, expected=nan):
    earlier = {"previous": before, "previous_error": error, "previous_expected": expected}
    return Measure("m", "m", "money", value, before=earlier)


@pytest.mark.parametrize(
    ("number", "errors"),
    [
        (money(130.0, 100.0, 10.0), 3.0),  # the error of the change itself, though there is no interval
        (money(130.0, 100.0, 10.0, 110.0), 2.0),  # a longer month would have brought 110
        (money(105.0, 100.0, 1.0, 110.0), 0.0),  # more than before, less than its days let expect: nothing is said
        (money(5.0, 0.0, 2.0, 0.0), 2.5),
        (money(130.0, 100.0, nan), nan),
        (money(130.0, nan, 10.0), nan),
    ],
)
def test_a_change_is_measured_by_its_own_error_and_against_what_the_days_let_expect(number, errors):
    assert change(number).errors == pytest.approx(errors, nan_ok=True)
    assert chance(number) == pytest.approx(2 * stats.norm.sf(errors), nan_ok=True)


def test_a_number_that_says_why_it_is_not_compared_says_so_where_it_is_asked_for():
    item = {"name": "churn_rate", "label": "Churn", "value": None, "unit": "rate", "note": "Not observable yet."}
    cell = {"outputs": [{"data": {"application/vnd.retention-kit.numbers+json": [item]}}]}
    numbers = find([("01_own", "Own", {"cells": [cell]})])
    assert named(numbers, "churn_rate", None).text() == "churn_rate is not known this month. Not observable yet."


def test_numbers_with_an_interval_come_first_the_others_by_relative_change():
    small, large = rate("small", 0.5, 0.48), rate("large", 0.5, 0.4)
    bare, doubled = (
        Measure("bare", "bare", "count", 90.0, before={"previous": 100.0}),
        rate("doubled", 0.4, 0.2, half=0),
    )
    assert labels(bare, doubled, small, large) == ["large", "doubled", "bare"]


def test_where_no_change_is_as_large_as_its_error_it_says_so():
    told = moved([rate("a", 0.5, 0.49)], "previous").shown()
    assert told.findings == ()
    assert told.note.startswith("Nothing moved by more than chance")


def test_a_rate_and_its_rest_are_one_finding_and_so_is_one_number_on_two_pages():
    assert labels(rate("kept", 0.9, 0.8), rate("lost", 0.1, 0.2), rate("kept", 0.9, 0.8)) == ["kept"]


@pytest.mark.parametrize("numbers", [[], [rate("a", 0.5, nan)], [rate("a", nan, 0.5)]])
def test_without_an_earlier_value_there_is_nothing_to_compare_with(numbers):
    assert moved(numbers, "previous").message == "No number has a value of last month to compare with."


def test_from_zero_and_from_below_zero():
    new = Measure("new", "New", "count", 5.0, before={"previous": 0.0})
    loss = Measure("loss", "Loss", "money", -50.0, before={"previous": -100.0})
    texts = [finding.text for finding in moved([new, loss], "previous").shown().findings]
    assert texts == [
        "rose from 0 to 5; whether that is more than chance cannot be said.",
        "rose by 50.0\u00a0%, from \u2212100 to \u221250; whether that is more than chance cannot be said.",
    ]
    same = Measure("same", "Same", "count", 0.0, before={"previous": 0.0})
    assert moved([same], "previous").message == "Nothing moved."


def test_an_interval_without_width_counts_as_none():
    assert "cannot be said" in moved([rate("a", 0.5, 0.4, half=1e-300)], "previous").shown().findings[0].text


def test_what_a_notebook_leaves_out_or_cannot_mean_is_not_known():
    item = {"name": "x", "value": True, "low": "1", "high": None, "previous": float("inf")}
    cell = {"outputs": [{"data": {"application/vnd.retention-kit.numbers+json": [item]}}]}
    (number,) = find([("01_own", "Own", {"cells": [cell]})])
    assert str((number.value, number.low, number.before["previous"])) == "(nan, nan, nan)"
