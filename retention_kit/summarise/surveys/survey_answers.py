"""Answers of one kind up to a day: what every summary of surveys starts from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from retention_kit.errors import ConfigError, DataError, caution
from retention_kit.summarise.common.calendar_periods import as_day, moment_after
from retention_kit.summarise.common.order_log import Orders, as_table

__all__ = ["answers", "check_scale", "good_from", "highest"]

LOWEST: Final = {"nps": 0, "csat": 1, "ces": 1}
USUAL: Final = {"nps": 10, "csat": 5, "ces": 7}
"""Highest score of each kind where `scale` does not say it."""

SCALES: Final = {"nps": (10,), "csat": tuple(range(3, 11)), "ces": (5, 7)}
"""Highest scores that a question of each kind may have."""

ENOUGH: Final = 10
"""Answers of which one should have the highest score, if the scale is right."""


def answers(
    surveys: Orders,
    *,
    as_of: str | dt.date,
    kind: str = "nps",
    since: str | dt.date | None = None,
    groups: Sequence[str] = (),
) -> ir.Table:
    """Answers of one kind up to a day, in the engine: what every summary of surveys starts from.

    Parameters
    ----------
    surveys : Dataset, Ibis table or DataFrame
        The answers.
    as_of, since : str or date
        Last and first day that count.
    kind : {"nps", "csat", "ces"}
        Which of the surveys.
    groups : sequence of str
        Columns to keep as text, "(none)" where empty.

    Returns
    -------
    Ibis table
        answered_at, score, weight (1 where there is none), customer_id and comment (missing where there are none), and
        the groups.

    Raises
    ------
    DataError
        When a column is missing.
    ConfigError
        When the kind is not known.

    Examples
    --------
    >>> import pandas as pd
    >>> asked = pd.DataFrame({"answered_at": pd.to_datetime(["2024-01-05"]), "kind": "nps", "score": [10]})
    >>> answers(asked, as_of="2024-01-31").columns
    ('answered_at', 'score', 'weight', 'customer_id', 'comment')
    """
    if not isinstance(kind, str) or kind not in USUAL:
        raise ConfigError(f"kind is one of {', '.join(USUAL)}; got {kind!r}")
    table = as_table(surveys, "surveys")
    missing = [name for name in groups if name not in table.columns]
    if missing:
        raise DataError(f"surveys have no column {', '.join(missing)}; found {', '.join(table.columns)}")
    rows = table.filter(table.kind.lower() == kind, table.answered_at < moment_after(as_day(as_of)))
    if since is not None:
        rows = rows.filter(rows.answered_at >= ibis.timestamp(as_day(since, "since").isoformat()))
    weight = rows.weight.cast("float64").fill_null(1.0) if "weight" in rows.columns else ibis.literal(1.0)
    texts = {name: rows[name] if name in rows.columns else ibis.null("string") for name in ("customer_id", "comment")}
    columns: dict[str, Any] = {"answered_at": rows.answered_at, "score": rows.score.cast("float64"), "weight": weight}
    return rows.select(**columns, **texts, **{name: rows[name].cast("string").fill_null("(none)") for name in groups})


def highest(kind: str, scale: int | None = None) -> int:
    """Highest score of a kind: its usual one, or that of the question's own scale.

    Examples
    --------
    >>> highest("csat"), highest("csat", 7), highest("ces", 5)
    (5, 7, 5)
    """
    if scale is None:
        return USUAL[kind]
    if isinstance(scale, bool) or scale not in SCALES[kind]:
        raise ConfigError(f"scale is {_allowed(kind)} for {kind}; got {scale!r}")
    return int(scale)


def good_from(kind: str, scale: int | None = None) -> int:
    """Lowest score that is satisfied (the top two of a csat scale) or agrees (5-7 of seven, 4-5 of five for ces)."""
    top = highest(kind, scale)
    return top - 2 if (kind, top) == ("ces", 7) else top - 1


def check_scale(rows: ir.Table, kind: str, scale: int | None) -> None:
    """DataError for scores outside the scale; a warning where no answer is above the top of a smaller one."""
    low, high = LOWEST[kind], highest(kind, scale)
    outside = (~rows.score.between(low, high)).fill_null(False)
    asked = rows.aggregate(n=rows.score.count(), most=rows.score.max(), outside=outside.sum())
    seen = asked.to_pyarrow().to_pylist()[0]
    if seen["outside"]:
        raise DataError(
            f"{kind} scores run from {low} to {high}; {seen['outside']:,} lie outside, the highest is {seen['most']:g}."
            f"{_other(kind, high, seen['most'])} load.surveys refuses scores that no scale has, with the reason."
        )
    smaller = [top for top in SCALES[kind] if seen["n"] and seen["most"] <= top < high]
    if scale is None and seen["n"] >= ENOUGH and smaller:
        caution(
            f"none of {seen['n']:,} {kind} answers is above {seen['most']:g}, the scale is taken to run to {high}; "
            f"if it ends at {smaller[0]}, pass scale={smaller[0]}."
        )


def _allowed(kind: str) -> str:
    tops = SCALES[kind]
    return f"a whole number from {tops[0]} to {tops[-1]}" if len(tops) > 2 else " or ".join(map(str, tops))


def _other(kind: str, high: int, most: float) -> str:
    """The usual scale that reaches the highest answer, where a question of that kind may have it."""
    larger = [top for top in (5, 7, 10) if top in SCALES[kind] and top > high and top >= most]
    return f" If the question's scale ends at {larger[0]}, pass scale={larger[0]}." if larger else ""
