r"""From the past errors of the candidates to one forecast of a total and its interval.

For one horizon of h days and an origin s, where all that counts is what was known then:

=============  =========================================================================================
P              past origins s' whose outcome is known: s' + h ≤ s
n              how many independent ones they are worth, 1 + (last - first) / h at the most
e_j            log(actual / forecast) of candidate j, at each origin of P
m_j            mean squared error that such a candidate has in other shops
c²             variance of the log total by chance and parameters, from the model
=============  =========================================================================================

The forecast is :math:`\log F = \sum_j w_j (\log F_j + l_j + g_j)`: each candidate is first moved by its own shrunk mean
error l (`level`) and by a part g of what it missed in last year's same season, then weighted by what was left of its
errors (`shares`). Its interval is that of a t distribution whose variance is chance plus the shrunk mean square of the
errors that this very forecast would have made (`spread`, `interval`). All functions are pure and take arrays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from retention_kit.models.numerics.arrays import Array

PRIOR = 4.0
"""Forecasts of this shop that the errors of other shops are worth; from 2 to 6 the coverage changed by 2 points at most
(trial on six logs)."""
LEVEL_PRIOR = 8.0
"""The same for the mean error: mean errors of other shops scatter by the root of m_j / 8, so about 7 % for a model."""
YEAR = (335, 395)
"""Origins so many days earlier saw the same season."""
_ALIKE = 1.3
"""Horizons nearer than this are the same one: the errors of one say nothing new of the other."""
MEMORY = 36
"""Past origins that count, three years of them: older errors are those of another shop."""


def effective(days: Array, horizon: float) -> float:
    """Independent forecasts that overlapping ones are worth.

    Examples
    --------
    >>> effective(np.array([60, 90, 120, 150]), 91), effective(np.array([60, 90, 120, 150]), 30)
    (1.989010989010989, 4.0)
    """
    return min(float(len(days)), 1 + float(np.ptp(days)) / horizon) if len(days) else 0.0


def past_errors(origins: Array, i: int, horizon: float, errors: Array) -> Array:
    """Positions of the latest past origins whose error was known at the i-th.

    Examples
    --------
    >>> past_errors(np.array([0, 30, 60, 90]), 3, 60, np.array([0.1, 0.2, np.nan, np.nan])).tolist()
    [0, 1]
    """
    over = np.flatnonzero((origins + horizon <= origins[i]) & np.isfinite(errors))
    return over[-MEMORY:]


def are_alike(first: float, second: float) -> bool:
    """Whether two horizons are nearly the same."""
    return max(first, second) <= _ALIKE * min(first, second)


def mean_square(errors: Array, n: float, prior: float) -> float:
    """Mean squared error, shrunk to that of other shops."""
    squares = float((errors**2).mean()) if len(errors) else 0.0
    return (PRIOR * prior + n * squares) / (PRIOR + n)


def level(errors: Array, n: float, prior: float) -> float:
    """Mean error, shrunk to 0: the less, the more it stands out from the scatter of the errors around it.

    Examples
    --------
    Four errors about -0.2 that hardly scatter are taken over by half, the same mean among large errors by a fifth.

    >>> bool(level(np.array([-0.19, -0.21, -0.2, -0.2]), 4, 0.04) < -0.09)
    True
    >>> bool(level(np.array([0.3, -0.7, 0.2, -0.6]), 4, 0.04) > -0.05)
    True
    """
    if not len(errors):
        return 0.0
    scatter = mean_square(errors - errors.mean(), n, prior)
    return float(n / (n + LEVEL_PRIOR * scatter / prior) * errors.mean())


def shares(mean_squares: Array) -> Array:
    """Weights of candidates, in proportion to one over the squares of their mean squared errors.

    With independent errors the first power would be best; errors of candidates for the same total go together, and the
    more they do the more belongs to the best (Bates & Granger 1969).

    Examples
    --------
    >>> shares(np.array([0.04, 0.04, 0.08])).round(2).tolist()
    [0.44, 0.44, 0.11]
    """
    inverse = 1 / np.asarray(mean_squares, dtype=float) ** 2
    weights: Array = inverse / inverse.sum()
    return weights


def excess(errors: Array, variances: Array) -> float:
    """Mean squared error beyond that of chance.

    Examples
    --------
    >>> round(excess(np.array([0.1, -0.3]), np.array([0.01, 0.01])), 3)
    0.04
    """
    return max(float((errors**2 - variances).mean()), 0.0) if len(errors) else 0.0


def spread(prior: float, learnt: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Variance of the model's error and its degrees of freedom, from the standard deviation in other shops and pairs of
    (weight, excess).

    Examples
    --------
    >>> spread(0.2, [])
    (0.04000000000000001, 4.0)
    >>> spread(0.2, [(4.0, 0.0)])
    (0.020000000000000004, 8.0)
    """
    df = PRIOR + sum(n for n, _ in learnt)
    return (PRIOR * prior**2 + sum(n * v for n, v in learnt)) / df, df


def interval(log_forecast: float, variance: float, df: float, level: float) -> tuple[float, float]:
    """Ends of the t interval of a log total.

    Examples
    --------
    Without any record it reaches 43 % of the logarithm to both sides.

    >>> tuple(round(end, 2) for end in interval(0.0, 0.2**2, 4, 0.9))
    (-0.43, 0.43)
    """
    reach = float(special.stdtrit(df, (1 + level) / 2) * np.sqrt(variance))
    return log_forecast - reach, log_forecast + reach


def learnt_spread(
    prior: float, origins: Array, i: int, series: Iterable[tuple[float, float, Array, Array]]
) -> tuple[float, float]:
    """The spread as learnt at the i-th origin, from (horizon, weight, errors, variances by chance) of each horizon."""
    learnt = []
    for horizon, weight, errors, variances in series:
        over = past_errors(origins, i, horizon, errors)
        learnt.append((weight * effective(origins[over], horizon), excess(errors[over], variances[over])))
    return spread(prior, learnt)


@dataclass(frozen=True)
class Candidates:
    """Logs of what the candidates forecast for one horizon, and of what happened.

    Attributes
    ----------
    origins : array
        Days, in order.
    horizon : float
        Days.
    forecasts : dict
        By candidate, one value per origin; NaN where it could not be made.
    actual : array
        One value per origin; NaN where it is not over.
    priors : dict
        m_j by candidate.
    pools : list
        For each origin, the candidates that are combined.
    """

    origins: Array
    horizon: float
    forecasts: Mapping[str, Array]
    actual: Array
    priors: Mapping[str, float]
    pools: Sequence[Sequence[str]]

    def known(self, i: int, errors: Array) -> Array:
        """Positions of past origins whose error was known at the i-th."""
        return past_errors(self.origins, i, self.horizon, errors)


@dataclass(frozen=True)
class Combined:
    """The combined forecast at every origin.

    Attributes
    ----------
    forecast, errors : array
        Logs, one per origin.
    moves : dict
        By candidate, its level and season at each origin.
    shares : list
        For each origin, the weights of its pool.
    """

    forecast: Array
    errors: Array
    moves: Mapping[str, Array]
    shares: Sequence[Mapping[str, float]]


def combine(candidates: Candidates) -> Combined:
    """The forecast that would have been made at each origin."""
    moved = {name: _moved(candidates, name) for name in candidates.forecasts}
    forecast, weights = np.full(len(candidates.origins), np.nan), []
    for i, pool in enumerate(candidates.pools):
        made = [name for name in pool if np.isfinite(candidates.forecasts[name][i])]
        share = shares(np.array([moved[name][1][i] for name in made]))
        if made:
            forecast[i] = share @ [candidates.forecasts[name][i] + moved[name][0][i] for name in made]
        weights.append(dict(zip(made, map(float, share), strict=True)))
    moves = {name: move for name, (move, _) in moved.items()}
    return Combined(forecast, candidates.actual - forecast, moves, weights)


def _moved(candidates: Candidates, name: str) -> tuple[Array, Array]:
    """By how much a candidate is moved at each origin, and the mean squared error that its moved forecasts had until
    then, shrunk."""
    errors, prior = candidates.actual - candidates.forecasts[name], candidates.priors[name]
    levels, seasons, moves, squares = np.zeros((4, len(errors)))
    for i, origin in enumerate(candidates.origins):
        known = candidates.known(i, errors)
        days = candidates.origins[known]
        n = effective(days, candidates.horizon)
        levels[i] = level(errors[known], n, prior)
        last_year = known[(origin - days >= YEAR[0]) & (origin - days <= YEAR[1])]
        seasons[i] = errors[last_year].mean() - levels[i] if len(last_year) else 0.0
        seen = known[seasons[known] != 0]
        moves[i] = levels[i] + seasons[i] * _trust(candidates, errors - levels, seasons, seen, prior)
        squares[i] = mean_square(errors[known] - moves[known], n, prior)
    return moves, squares


def _trust(candidates: Candidates, errors: Array, seasons: Array, seen: Array, prior: float) -> float:
    """How much of last year's error to expect again: a half, until the record says whether it would have helped."""
    n = effective(candidates.origins[seen], candidates.horizon)
    with_season, without = (mean_square(errors[seen] - part * seasons[seen], n, prior) for part in (1.0, 0.0))
    return float(shares(np.array([with_season, without]))[0])
