"""The two maps that come with the package, and putting customers into segments."""

from __future__ import annotations

from typing import Final

import pandas as pd

from retention_kit.errors import ConfigError
from retention_kit.models.rfm.customer_tables import Customers, require, with_columns
from retention_kit.models.rfm.segments import Rule, SegmentMap, require_map

__all__ = ["eleven_segments", "segment", "ten_segments"]

ten_segments: Final = SegmentMap(
    "ten_segments",
    (
        Rule("champions", {"R": (5, 5), "F": (4, 5)}),
        Rule("loyal", {"R": (3, 4), "F": (4, 5)}),
        Rule("potential loyalist", {"R": (4, 5), "F": (2, 3)}),
        Rule("new", {"R": (5, 5), "F": (1, 1)}),
        Rule("promising", {"R": (4, 4), "F": (1, 1)}),
        Rule("need attention", {"R": (3, 3), "F": (3, 3)}),
        Rule("about to sleep", {"R": (3, 3), "F": (1, 2)}),
        Rule("can't lose", {"R": (1, 2), "F": (5, 5)}),
        Rule("at risk", {"R": (1, 2), "F": (3, 4)}),
        Rule("hibernating", {"R": (1, 2), "F": (1, 2)}),
    ),
)
"""Ten segments on R and F, for scores from 1 to 5; no cell is claimed twice."""

eleven_segments: Final = SegmentMap(
    "eleven_segments",
    (
        Rule("recent", {"R": (4, 5), "FM": (1, 1)}),
        Rule("promising", {"R": (3, 4), "FM": (1, 1)}),
        Rule("lost", {"R": (1, 1), "FM": (1, 1.5)}),
        Rule("can't lose", {"R": (1, 1), "FM": (4, 5)}),
        Rule("champions", {"R": (4, 5), "FM": (4, 5)}),
        Rule("hibernating", {"R": (1, 2), "FM": (1, 2)}),
        Rule("about to sleep", {"R": (2, 3), "FM": (1, 2)}),
        Rule("need attention", {"R": (2, 3), "FM": (2, 3)}),
        Rule("at risk", {"R": (1, 2), "FM": (2, 5)}),
        Rule("potential loyalist", {"R": (3, 5), "FM": (1, 3)}),
        Rule("loyal", {"R": (2, 5), "FM": (3, 5)}),
    ),
    first_wins=True,
)
"""Eleven segments on R and FM = (F + M)/2, in the manner of Putler.

The published ranges overlap in 76 of 125 cells; here the range with the fewest cells decides. On scores from 1 to 5 the
published Lost (R 0–2, FM 0–2) and Hibernating (R 1–2, FM 1–2) coincide: Lost is narrowed to R 1, FM 1–1.5.
"""


def segment(scored: Customers, segments: SegmentMap = ten_segments) -> Customers:
    """Customers with the segment of their scores.

    Parameters
    ----------
    scored : Ibis table or DataFrame
        Customers with R, F and M, from `score`.
    segments : SegmentMap
        The map: `ten_segments`, `eleven_segments` or an own one.

    Returns
    -------
    Ibis table or DataFrame
        The same rows with the column segment; missing where a score is missing.

    Raises
    ------
    DataError
        If R, F or M are missing.
    ConfigError
        If a DataFrame has scores above the map's number of groups.

    Notes
    -----
    A map is a total function: every combination of scores within its groups has exactly one segment.

    Examples
    --------
    >>> scored = pd.DataFrame({"R": [5, 1, 3], "F": [5, 1, 3], "M": [4, 1, 3]})
    >>> segment(scored)["segment"].tolist()
    ['champions', 'hibernating', 'need attention']
    >>> segment(scored, eleven_segments)["segment"].tolist()
    ['champions', 'lost', 'need attention']
    """
    require_map(segments)
    scores = ("R", "F", "M")
    require(scored, scores, "rfm.score makes them.")
    if isinstance(scored, pd.DataFrame) and (highest := scored[list(scores)].max().max()) > segments.groups:
        raise ConfigError(
            f"The map {segments.name!r} needs scores from 1 to {segments.groups}; got {highest:.0f}. "
            f"Score with groups={segments.groups}, or give a map for {highest:.0f} groups."
        )
    return with_columns(scored, scores, lambda table: {"segment": segments.expression(table)})
