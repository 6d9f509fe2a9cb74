"""Exercises of lesson 9: what is a customer worth?"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import pandas as pd

from retention_kit import load, metrics, summarise
from retention_kit.lesson.exercise import Exercise
from retention_kit.models import BGNBD, GammaGamma, SpendModel, lifetime_value
from retention_kit.schema import DAYS_PER_MONTH

_PRINTED: Final = 140.10
_NEW: Final = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [0.0], "monetary_value": [np.nan]})
_ONE: Final = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86], "monetary_value": [22.35]})


@cache
def _fitted() -> tuple[BGNBD, SpendModel]:
    customers = summarise.customers(load.sample("cdnow_sample"), as_of="1997-09-30")
    return BGNBD.fit(customers), GammaGamma.fit(customers)


def _by_month_ends(monthly_rate: float = 0.01) -> float:
    purchases, spend = _fitted()
    upto = [purchases.expected_purchases(_ONE, k * DAYS_PER_MONTH / 7).item() for k in range(13)]
    return float((np.diff(upto) / (1 + monthly_rate) ** np.arange(1, 13)).sum() * spend.expected_value(_ONE).item())


def _repeats(months: int = 24, margin: float = 0.3) -> float:
    return float(lifetime_value(*_fitted(), _NEW, months=months, annual_discount_rate=0.1, margin=margin).item())


def _ratio(first_order: float, repeats: float) -> float:
    return float(metrics.ltv_to_cac(ltv=first_order + repeats, cac=10))


EXERCISES: Final = {
    "yearly_discount": Exercise(
        lambda: 1.01**12 - 1,
        hints=(
            (0.12, "Twelve times one percent leaves out the interest on the interest."),
            (1.01**12, "That is what 1 becomes; the rate is what is added."),
        ),
        unit="rate",
        tolerance=0.0005,
        why="12.7 % a year.",
        otherwise="What does 1 become in twelve months at 1 % each?",
    ),
    "margin_by_hand": Exercise(
        lambda: 0.3 * _by_month_ends(),
        hints=(
            (lambda: 0.3 * _by_month_ends(0), "That is without discounting."),
            (_by_month_ends, "That is revenue; the shop keeps 30 % of it."),
            (lambda: 0.7 * _by_month_ends(), "That is what the shop does not keep."),
        ),
        unit="money",
        tolerance=0.02,
        why="Margin multiplies, so it can be put in at the end.",
        otherwise="Add up the discounted revenue of the twelve months, then take 30 %.",
    ),
    "times_too_high": Exercise(
        lambda: _PRINTED / _by_month_ends(),
        hints=(
            (
                lambda: 30 / (DAYS_PER_MONTH / 7),
                "The time is so many times too long; but later purchases are fewer and worth less.",
            ),
            (lambda: _by_month_ends() / _PRINTED, "The other way round."),
            (lambda: _PRINTED - _by_month_ends(), "That is the difference; asked is how many times."),
        ),
        tolerance=0.03,
        why="Nearly four times, and the output looked fine.",
        otherwise="Divide the printed value by the sum of by_hand['discounted'].",
    ),
    "ratio_of_a_newcomer": Exercise(
        lambda: _ratio(0.3 * 34.90, _repeats()),
        hints=(
            (lambda: _ratio(0, _repeats()), "The first order is missing."),
            (lambda: _ratio(34.90, _repeats(margin=1.0)), "That is revenue over cost; the shop keeps 30 %."),
            (lambda: _ratio(34.90, _repeats()), "The margin holds for the first order too."),
            (lambda: _ratio(0.3 * 34.90, _repeats(months=12)), "That is over 12 months."),
            (
                lambda: _ratio(0.3 * 34.90, _repeats()) - 1,
                "The cost is in the denominator already; do not subtract it.",
            ),
        ),
        tolerance=0.03,
        why="The first order alone just pays for the customer; the repeats are the gain.",
        otherwise="Margin of the first order plus margin of the repeats, divided by what winning the customer cost.",
    ),
}
