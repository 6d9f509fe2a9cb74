"""Segment maps: every combination of scores has exactly one name, and every name occurs; two maps are included."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import and_
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.arguments import described
from retention_kit.errors import ConfigError, join_faults
from retention_kit.models.rfm.customer_tables import Customers, require, with_columns

AXES = ("R", "F", "M", "FM")
"""Scores a rule may read; FM is the mean of F and M, in steps of a half."""


@dataclass(frozen=True)
class Rule:
    """A range of scores and its segment.

    Parameters
    ----------
    segment : str
        Name of the segment.
    ranges : mapping from R, F, M or FM to (lowest, highest)
        Scores that belong to it, ends included; scores that are left out may have any value.

    Examples
    --------
    >>> Rule("champions", {"R": (5, 5), "F": (4, 5)}).holds(R=5, F=4, M=1)
    True
    """

    segment: str
    ranges: Mapping[str, tuple[float, float]]

    def holds(self, R: Any, F: Any, M: Any) -> Any:
        """Whether the scores lie in every range; for numbers and for columns of a table."""
        score = {"R": R, "F": F, "M": M, "FM": (F + M) / 2}
        tests = [(score[axis] >= low) & (score[axis] <= high) for axis, (low, high) in self.ranges.items()]
        return reduce(and_, tests)


@dataclass(frozen=True)
class SegmentMap:
    """Names for scores, checked when created: no cell without a segment, none with two, no segment without a cell.

    Parameters
    ----------
    name : str
        Name of the map.
    rules : tuple of Rule
        The ranges, from the best segment to the worst or, with `first_wins`, in order of priority.
    groups : int
        Scores run from 1 to this.
    first_wins : bool
        Allow ranges to overlap; the first that holds decides.

    Raises
    ------
    ConfigError
        If the rules leave a cell out, claim one twice, or hide a segment; the message names the cells.

    Examples
    --------
    >>> here = SegmentMap("two", (Rule("active", {"R": (2, 3)}), Rule("quiet", {"R": (1, 1)})), groups=3)
    >>> here.segment_of(R=1, F=3, M=3)
    'quiet'
    """

    name: str
    rules: tuple[Rule, ...]
    groups: int = 5
    first_wins: bool = False

    def __post_init__(self) -> None:
        faults = self._rule_faults() or self._cell_faults()
        if faults:
            raise ConfigError(f"Segment map {self.name!r}: {join_faults(faults)}. Change the ranges of the rules.")

    @classmethod
    def from_table(
        cls, table: pd.DataFrame, *, name: str = "own", groups: int = 5, first_wins: bool = False
    ) -> SegmentMap:
        """A map from a small table.

        Parameters
        ----------
        table : DataFrame
            The column segment, and one or more of R, F, M, FM with "4-5", "3", or nothing for any score.
        name : str
            Name of the map.
        groups : int
            Scores run from 1 to this.
        first_wins : bool
            Allow ranges to overlap; the first that holds decides.

        Returns
        -------
        SegmentMap
            A checked map: total, without overlap, with every segment reachable.

        Raises
        ------
        ConfigError
            If it cannot be read, or leaves a cell out, claims one twice, or hides a segment.

        Examples
        --------
        >>> table = pd.DataFrame({"segment": ["active", "quiet"], "R": ["3-5", "1-2"]})
        >>> SegmentMap.from_table(table).segments
        ('active', 'quiet')
        """
        axes = [axis for axis in AXES if axis in table.columns]
        if "segment" not in table.columns or not axes:
            raise ConfigError(
                f"A segment table needs the column segment and one or more of {', '.join(AXES)}; "
                f"found: {', '.join(map(str, table.columns))}."
            )
        rules = []
        for row in table.to_dict("records"):
            ranges = {axis: _range(row[axis], groups) for axis in axes}
            rules.append(Rule(str(row["segment"]), ranges))
        return cls(name, tuple(rules), groups, first_wins)

    @property
    def segments(self) -> tuple[str, ...]:
        """Names of the segments, in the order of the rules."""
        return tuple(dict.fromkeys(rule.segment for rule in self.rules))

    def segment_of(self, R: int, F: int, M: int) -> str:
        """The segment of one combination of scores."""
        return next(rule.segment for rule in self.rules if rule.holds(R, F, M))

    def cells(self) -> pd.DataFrame:
        """Every combination R, F, M and its segment, as a table.

        Returns
        -------
        DataFrame
            R, F, M, segment.

        Examples
        --------
        >>> SegmentMap("all", (Rule("anyone", {"R": (1, 2)}),), groups=2).cells().shape
        (8, 4)
        """
        rows = [(R, F, M, self.segment_of(R, F, M)) for R, F, M in self._scores()]
        return pd.DataFrame(rows, columns=["R", "F", "M", "segment"])

    def expression(self, table: ir.Table) -> ir.Value:
        """The segment as a column of the engine; missing where a score it reads is missing."""
        branches = [(rule.holds(table.R, table.F, table.M), ibis.literal(rule.segment)) for rule in self.rules]
        return ibis.cases(*branches)

    def _scores(self) -> product[tuple[int, ...]]:
        return product(range(1, self.groups + 1), repeat=3)

    def _rule_faults(self) -> list[str]:
        faults = []
        for rule in self.rules:
            if not rule.ranges or any(axis not in AXES for axis in rule.ranges):
                faults.append(
                    f"the rule for {rule.segment!r} needs ranges of {', '.join(AXES)}; got {dict(rule.ranges)}"
                )
            elif any(not 1 <= low <= high <= self.groups for low, high in rule.ranges.values()):
                limits = f"1 <= lowest <= highest <= {self.groups}"
                faults.append(f"the rule for {rule.segment!r} needs {limits}; got {dict(rule.ranges)}")
        return faults or ([] if self.rules else ["there are no rules"])

    def _cell_faults(self) -> list[str]:
        holes, doubles, reached = [], [], set()
        for cell in self._scores():
            names = list(dict.fromkeys(rule.segment for rule in self.rules if rule.holds(*cell)))
            if not names:
                holes.append(_cell(cell))
            elif len(names) > 1 and not self.first_wins:
                doubles.append(f"{_cell(cell)} ({' and '.join(names)})")
            reached.update(names[:1])
        hidden = [name for name in self.segments if name not in reached]
        faults = [f"{len(holes)} cells have no segment: {_first_cells(holes)}"] if holes else []
        faults += [f"{len(doubles)} cells have two segments: {_first_cells(doubles)}"] if doubles else []
        return faults + ([f"segments that no cell reaches: {', '.join(hidden)}"] if hidden and not doubles else [])


def _range(text: object, groups: int) -> tuple[float, float]:
    """Lowest and highest score of "4-5", "3", 3 or an empty field."""
    if text is None or text != text or str(text).strip() in ("", "*", "any"):  # NaN differs from itself
        return (1, groups)
    # one score, whole or half as FM has them, or two of them with a hyphen or a dash between
    scores = re.fullmatch(r"\s*(\d+(?:\.5|\.0)?)\s*(?:[-–]\s*(\d+(?:\.5|\.0)?))?\s*", str(text))
    if scores is None:
        raise ConfigError(f"A range of scores looks like 4-5 or 3, or is empty for any; got {text!r}.")
    low, high = scores.groups()
    return (float(low), float(high or low))


def _cell(cell: tuple[int, ...]) -> str:
    return "R{} F{} M{}".format(*cell)


def _first_cells(cells: list[str]) -> str:
    return ", ".join(cells[:5]) + (f" and {len(cells) - 5} more" if len(cells) > 5 else "")


def require_map(segments: object) -> None:
    """ConfigError unless it is a map of segments."""
    if not isinstance(segments, SegmentMap):
        raise ConfigError(f"segments must be a SegmentMap, such as ten_segments; got {described(segments)}.")


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
        The map: `ten_segments`, `eleven_segments` or your own.

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
