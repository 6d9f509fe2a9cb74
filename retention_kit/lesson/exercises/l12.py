"""Exercises of lesson 12: why the interval was wrong, and how we know."""

from __future__ import annotations

import warnings
from functools import cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
from scipy import stats

from retention_kit import load
from retention_kit.errors import RetentionKitWarning
from retention_kit.lesson.exercise import Exercise
from retention_kit.models import MBGNBD, PastOrders, TotalForecast, forecast_total, track_record
from retention_kit.models.totals.combination import effective, excess, interval, level, mean_square, shares, spread
from retention_kit.summarise import customers

_TODAY, _DAYS = "2011-08-31", 91
_QUANTILE = float(stats.norm.ppf(0.95))
_PRIORS: Final = {"MBGNBD": 0.03, "recency rule": 0.07, "same as last period": 0.12}
"""Mean squared errors in other shops, as the lesson states them."""


@cache
def _orders() -> PastOrders:
    return PastOrders(load.sample("online_retail"))


@cache
def _quarters() -> pd.DataFrame:
    """Six forecasts of a quarter by MBG/NBD, and what happened."""
    log = load.sample("online_retail")
    days = pd.date_range("2010-03-01", periods=7, freq=f"{_DAYS}D")
    states = {day: customers(log, as_of=day.date()).to_pandas().set_index("customer_id") for day in days}
    lines = []
    for origin, end in pairwise(days):
        with warnings.catch_warnings():  # the lesson speaks of them
            warnings.simplefilter("ignore", RetentionKitWarning)
            total = MBGNBD.fit(states[origin]).forecast(states[origin], _DAYS / 7, by=[]).iloc[0]
        bought = states[end]["frequency"] - states[origin]["frequency"]  # missing for those who came later
        lines.append((total["expected"], total["predicted_low"], total["predicted_high"], bought.sum()))
    return pd.DataFrame(lines, columns=["expected", "low", "high", "actual"], index=days[:-1])


def _held() -> float:
    quarters = _quarters()
    return float(quarters["actual"].between(quarters["low"], quarters["high"]).mean())


def _worst(*, logs: bool = True, half_widths: float = _QUANTILE) -> float:
    """The winter's error, over the half width of its interval divided by `half_widths`."""
    winter = _quarters().loc["2010-11-29"]
    values = np.log(winter) if logs else winter
    reach = (values["high"] - values["low"]) / 2
    return float(np.asarray(values["actual"] - values["expected"]) / np.asarray(reach / half_widths))


@cache
def _record() -> pd.DataFrame:
    table = track_record(_orders(), as_of=_TODAY, horizon=[_DAYS, 30, 182], models="MBGNBD", origins=36).table
    return table.assign(log_error=np.log((table["actual"] + 0.5) / (table["expected"] + 0.5)))


def _past(forecast: str, horizon: int = _DAYS) -> tuple[Any, Any, Any]:
    """Origins in days from the first, errors as logarithms and as rates."""
    table = _record()
    mine = table[(table["forecast"] == forecast) & (table["horizon"] == horizon)].sort_values("origin")
    days = (mine["origin"] - mine["origin"].min()).dt.days.to_numpy(dtype=float)
    return days, mine["log_error"].to_numpy(), mine["error"].to_numpy()


def _level(name: str = "same as last period") -> float:
    days, errors, _ = _past(name)
    return level(errors, effective(days, _DAYS), _PRIORS[name])


def _level_of_raw_scatter() -> float:
    days, errors, _ = _past("same as last period")
    n = effective(days, _DAYS)
    return float(n / (n + 8 * errors.var() / _PRIORS["same as last period"]) * errors.mean())


def _level_without_scatter() -> float:
    days, errors, _ = _past("same as last period")
    n = effective(days, _DAYS)
    return float(n / (n + 8) * errors.mean())


def _squares() -> Any:
    """Mean squared errors of the candidates, each moved by the level that was known at its origin."""
    squares = []
    for name, prior in _PRIORS.items():
        days, errors, _ = _past(name)
        known = [days + _DAYS <= day for day in days]
        moves = np.array([level(errors[over], effective(days[over], _DAYS), prior) for over in known])
        squares.append(mean_square(errors - moves, effective(days, _DAYS), prior))
    return np.array(squares)


def _named(values: Any) -> dict[str, float]:
    return dict(zip(_PRIORS, map(float, values), strict=True))


@cache
def _forecast() -> TotalForecast:
    return forecast_total(_orders(), as_of=_TODAY, horizon=_DAYS, models="MBGNBD")


def _chance() -> float:
    """Variance of the log total by chance and parameters."""
    row = _forecast().table.iloc[0]
    return float((np.log(row["chance_high"] / row["chance_low"]) / (2 * _QUANTILE)) ** 2)


def _pairs() -> list[tuple[float, float]]:
    """Weight and excess of the combination's errors at three horizons."""
    pairs = []
    for horizon, weight in ((_DAYS, 1.0), (30, 0.5), (182, 0.5)):
        days, errors, _ = _past("combination", horizon)
        pairs.append((weight * effective(days, horizon), excess(errors, np.full(len(errors), _chance()))))
    return pairs


def _sigma(pairs: list[tuple[float, float]]) -> float:
    return float(np.sqrt(spread(0.2, pairs)[0]))


def _sigma_without_prior() -> float:
    weights, values = np.array(_pairs()).T
    return float(np.sqrt(weights @ values / weights.sum()))


def _ends(df: float | None = None, confidence: float = 0.9) -> list[float]:
    variance, freedom = spread(0.2, _pairs())
    expected = np.log(_forecast().table["expected"].iloc[0])
    return [float(np.exp(end)) for end in interval(expected, variance + _chance(), df or freedom, confidence)]


def _chance_ends() -> list[float]:
    return _forecast().table.iloc[0][["chance_low", "chance_high"]].astype(float).tolist()


EXERCISES: Final = {
    "coverage_of_chance": Exercise(
        _held,
        hints=(
            (lambda: 1 - _held(), "Those are the quarters that lay outside."),
            (lambda: _held() * len(_quarters()), "That is how many; asked is their share."),
            (0.9, "That is what was promised. Count what happened."),
        ),
        unit="rate",
        why="Nine tenths were promised.",
        otherwise="In how many of the six quarters did `actual` lie between `low` and `high`?",
    ),
    "how_far_outside": Exercise(
        _worst,
        hints=(
            (lambda: _worst(half_widths=1), "That is in half widths; a half width is 1.645 standard deviations."),
            (lambda: _worst(half_widths=0.5), "That is in widths; a width is 2 · 1.645 standard deviations."),
            (lambda: _worst(logs=False), "That is in purchases; take the logarithms of all four numbers first."),
        ),
        tolerance=0.5,
        why="A normal distribution never does that. The 90 % was not a little wrong; it was about something else.",
        otherwise="log(actual / expected), divided by log(high / low) / (2 · 1.645).",
    ),
    "error_of_the_rule": Exercise(
        lambda: float(np.abs(_past("recency rule")[2]).mean()),
        hints=(
            (lambda: float(_past("recency rule")[2].mean()), "There errors too high and too low cancel each other."),
            (lambda: float(np.abs(_past("MBGNBD")[2]).mean()), "That is the model."),
            (lambda: float(np.abs(_past("same as last period")[2]).mean()), "That is the other rule."),
        ),
        unit="rate",
        why="The model, which has four parameters for everything that customers do, is hardly nearer.",
        otherwise="The mean of the absolute values of its column `error`, at 91 days.",
    ),
    "level_of_last_period": Exercise(
        _level,
        hints=(
            (lambda: float(_past("same as last period")[1].mean()), "That is the mean error itself; it is not shrunk."),
            (_level_without_scatter, "That takes v / m as 1; the errors scatter less than that."),
            (_level_of_raw_scatter, "v is shrunk as well: four forecasts of other shops are in it."),
        ),
        why="The rule was far too high for long; half of that is believed.",
        otherwise="First v, from the errors less their mean; then the formula of the level.",
    ),
    "shares_of_three": Exercise(
        lambda: _named(shares(_squares())),
        hints=(
            (lambda: _named(1 / _squares() / (1 / _squares()).sum()), "That is one over M; square each M first."),
            (lambda: _named(1 / _squares() ** 2), "They do not add up to 1 yet."),
            (lambda: _named(_squares() / _squares().sum()), "So the worst would have the largest share."),
        ),
        tolerance=0.01,
        why="The best has the most, and nobody has everything.",
        otherwise="One over the square of each M, divided by the sum of the three.",
    ),
    "spread_of_errors": Exercise(
        lambda: _sigma(_pairs()),
        hints=(
            (lambda: spread(0.2, _pairs())[0], "That is the variance; asked is its root."),
            (lambda: _sigma(_pairs()[:1]), "Those are the errors at 91 days alone."),
            (_sigma_without_prior, "The other shops are missing, with s = 0.2 and as much weight as four forecasts."),
        ),
        tolerance=0.0005,
        why="A total is wrong by a fifth, give or take, and chance alone knew of a fiftieth.",
        otherwise="(4 · 0.2² + sum of n · v) / (4 + sum of n), then the root; four decimals.",
    ),
    "interval_with_record": Exercise(
        _ends,
        hints=(
            (_chance_ends, "Those are the ends by chance and parameters alone."),
            (lambda: _ends(np.inf), "That is 1.645 of the normal distribution; t has fatter tails."),
            (lambda: _ends(confidence=0.8), "5 % lie above the interval and 5 % below: take the 95 % point of t."),
            (lambda: _ends()[::-1], "The lower end comes first."),
            (lambda: [float(np.log(end)) for end in _ends()], "Those are logarithms; take exp of both ends."),
        ),
        tolerance=25,
        unit="count",
        why="It is ten times as wide as the interval of chance, because that is how wrong the forecasts were.",
        otherwise="exp(log F - t · root) and exp(log F + t · root), where the root is that of sigma² + c².",
    ),
}
