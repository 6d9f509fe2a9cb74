"""Verdicts on the changes of a month: one family, chances in words, seasons, and how often they are wrong."""

from math import nan

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from retention_kit.report.language import of
from retention_kit.report.numbers.largest_changes import moved
from retention_kit.report.numbers.measures import Measure, chance
from retention_kit.report.numbers.verdicts import Verdict, one_in, verdicts


def number(name, p, last_year=nan, value=120.0, page="01_overview", **more):
    before = {"previous": 100.0, "previous_p": p, "last_year": 60.0, "last_year_p": last_year, **more}
    return Measure(name, name, "money", value, before=before, page=page)


def causes(*ps):
    parts = [("previous", "factors", f"part {i}", p) for i, p in enumerate(ps)]
    return pd.DataFrame(parts, columns=["against", "split", "part", "p"])


def test_both_comparisons_and_the_causes_are_one_family():
    numbers = [number("a", 0.009, 0.6, value=110.0), number("b", 0.8, 0.9, value=90.0)]
    alone, with_causes = verdicts(numbers), verdicts(numbers, causes(0.5, 0.7, 0.3, 0.95, 0.8, 0.6, 0.7, 0.4))
    assert (alone.family, with_causes.family) == (4, 12)
    assert alone.of(numbers[0], "previous").sure  # 0.009 · 4 = 0.036
    assert not with_causes.of(numbers[0], "previous").sure  # 0.009 · 12 = 0.108
    assert with_causes.of_cause("previous", "factors", "part 2") == Verdict(0.3, False)


def test_a_number_on_two_pages_is_one_test_and_so_are_a_rate_and_its_complement():
    twice = [number("a", 0.03, 0.5), number("a", 0.03, 0.5, page="07_own")]
    assert verdicts(twice).family == 2
    rates = [
        Measure(name, name, "rate", value, before={"previous": before, "previous_p": 0.04})
        for name, value, before in (("kept", 0.8, 0.7), ("lost", 0.2, 0.3))
    ]
    assert verdicts(rates).family == 1


def test_a_change_without_a_known_chance_has_no_verdict():
    unknown = Measure("own", "Own", "count", 5.0, before={"previous": 3.0})
    judged = verdicts([unknown, number("a", nan)])
    assert judged.of(unknown, "previous") is None
    assert judged.family == 0
    assert verdicts([]).family == 0


def test_a_number_of_an_own_notebook_has_its_chance_from_its_interval():
    own = Measure("own", "Own", "score", 30.0, 26.0, 34.0, {"previous": 20.0})
    assert chance(own) == pytest.approx(0.00053, abs=0.00002)  # 10 against 2.04 · √2: 3.46 standard errors
    assert verdicts([own]).of(own, "previous").sure


@pytest.mark.parametrize(
    ("p", "k"), [(0.33, 3), (0.2, 5), (0.11, 9), (0.05, 20), (0.019, 50), (0.0049, 200), (0.001, 1000), (0.00099, None)]
)
def test_a_chance_is_one_in_a_number_of_one_digit(p, k):
    assert one_in(p) == k


def test_verdicts_are_words_in_each_language():
    said = [Verdict(0.005, True).said(of(code)) for code in ("en", "pl", "zh-Hant")]
    assert said[0] == "more than chance: about 1 in 200"
    assert len(set(said)) == 3
    assert all("200" in text for text in said)


def test_a_rise_like_that_of_last_year_is_called_so_and_only_if_it_is_more_than_chance():
    december = number("revenue", 0.0001, season_step=0.25, season_p=0.6)
    assert verdicts([december]).of(december, "previous").seasonal
    assert "as last year at this time" in moved([december], "previous").shown().findings[0].text
    for other in (
        number("revenue", 0.3, season_step=0.25, season_p=0.6),  # chance
        number("revenue", 0.0001, season_step=0.25, season_p=0.01),  # another step than last year's
        number("revenue", 0.0001, season_step=-0.2, season_p=0.3),  # it fell last year
        number("revenue", 0.0001, season_step=0.05, season_p=0.3),  # it hardly moved last year
    ):
        assert not verdicts([other]).of(other, "previous").seasonal


def months(rng, changed, count=400, numbers=12):
    """p values of many months: numbers that depend on each other, one in four of which really changed."""
    common = rng.normal(size=(count, 1))
    z = 0.6 * common + 0.8 * rng.normal(size=(count, numbers))
    z[:, : numbers // 4] += changed
    return [[number(f"n{i}", p, value=100.0 + i + 1) for i, p in enumerate(row)] for row in 2 * ndtr(-np.abs(z))]


def test_where_nothing_changes_at_most_one_month_in_ten_names_anything():
    named = [any(v.sure for v in verdicts(month).numbers.values()) for month in months(np.random.default_rng(1), 0.0)]
    assert 0.02 < np.mean(named) < 0.13


def test_of_the_changes_named_at_most_one_in_ten_is_false_and_most_real_ones_are_named():
    false, real = [], []
    for month in months(np.random.default_rng(2), 4.0):
        judged = verdicts(month)
        sure = [judged.of(n, "previous").sure for n in month]
        false.append(sum(sure[3:]) / max(sum(sure), 1))
        real.append(np.mean(sure[:3]))
    assert np.mean(false) < 0.12
    assert np.mean(real) > 0.9
