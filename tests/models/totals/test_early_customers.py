"""When the first month of a log holds customers of before it."""

import numpy as np
import pytest

from retention_kit.models.totals.early_customers import early_customers


def verdict(per_month, until=None):
    """Newcomers in the middle of each span of 30 days of a log that begins on day 1000."""
    days = 1000 + 30 * np.arange(len(per_month)) + 15
    end = 1000 + 30 * len(per_month) - 1 if until is None else until
    return early_customers(days, np.array(per_month, dtype=float), 1000, end)


def test_a_first_month_of_more_than_twice_the_usual_is_early_customers():
    seen = verdict([955, 400, 300, 300, 200, 200, 200])
    assert seen.verdict == "yes"
    assert (seen.first_month, seen.usual_month, seen.later) == (955, 250, 900)
    assert "955 customers look new, in a usual month later 250" in seen.sentence
    assert "left out of the fit" in seen.sentence


@pytest.mark.parametrize(
    "months",
    [
        [62, 80, 97, 100, 110, 90, 100],  # a shop that grows
        [800, 900, 700, 0, 0, 0, 0],  # a cohort that was followed, as CDNOW
        [1500, 400, 100, 30, 20, 25, 22],  # a panel: hardly anybody joins later
        [955, 400, 300],  # too young a log
        [20, 8, 9, 8, 8, 9, 8, 9],  # too few to fit on
    ],
)
def test_other_logs_are_left_alone(months):
    assert verdict(months).verdict == "no"
    assert verdict(months).sentence == ""


def test_in_between_both_fits_compete():
    seen = verdict([360, 200, 200, 200, 200, 200, 200])
    assert seen.verdict == "unsure"
    assert "competes" in seen.sentence


def test_a_month_that_is_not_over_does_not_lower_the_usual_one():
    months = [955, 400, 300, 300, 200, 200, 200]
    assert verdict([*months, 1], until=1000 + 30 * 7 + 16).usual_month == verdict(months).usual_month
