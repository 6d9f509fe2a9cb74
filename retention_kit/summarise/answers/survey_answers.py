"""Answers of one kind up to a day, their bands, and one answer per customer: the basis of every summary of surveys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from retention_kit.errors import ConfigError, DataError, caution
from retention_kit.summarise.common.calendar_periods import as_day, moment_after
from retention_kit.summarise.common.order_log import Orders, as_table

LOWEST: Final = {"nps": 0, "csat": 1, "ces": 1}
USUAL: Final = {"nps": 10, "csat": 5, "ces": 7}
"""Highest score of each kind unless `scale` gives another."""

SCALES: Final = {"nps": (10,), "csat": tuple(range(3, 11)), "ces": (5, 7)}
"""Highest scores that a question of each kind may have."""

ENOUGH: Final = 10
"""Among this many answers or more, one is expected to have the highest score of the scale."""

BAND_NAMES: Final = {
    "nps": ("promoters", "passives", "detractors"),
    "csat": ("satisfied", "not satisfied"),
    "ces": ("agreeing", "not agreeing"),
}
"""Names of the bands of each kind, best first."""

_NPS: Final = (9, 7)
"""Lowest score of promoters and of passives."""


def answers(
    surveys: Orders,
    *,
    as_of: str | dt.date,
    kind: str = "nps",
    since: str | dt.date | None = None,
    groups: Sequence[str] = (),
) -> ir.Table:
    """Answers of one kind from `since` to `as_of`, in the engine.

    The columns are answered_at, score, weight (1 unless the table has weights), customer_id and comment (missing if the
    table has none), and those of `groups` as text, "(none)" where empty.

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
    """Highest score of a kind: the usual one, or that of the given scale.

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
    """Lowest score that counts as satisfied (csat: the top two) or as agreeing (ces: 5-7 of seven, 4-5 of five)."""
    top = highest(kind, scale)
    return top - 2 if (kind, top) == ("ces", 7) else top - 1


def check_scale(rows: ir.Table, kind: str, scale: int | None) -> None:
    """Raise DataError for scores outside the scale; warn if all answers fit into a smaller scale of the kind."""
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


def band_of(score: ir.Value, kind: str, scale: int | None = None) -> ir.Value:
    """The band of a score."""
    *upper, last = BAND_NAMES[kind]
    starts = _NPS if kind == "nps" else (good_from(kind, scale),)
    branches = [(score >= start, ibis.literal(name)) for start, name in zip(starts, upper, strict=True)]
    return ibis.cases(*branches, else_=last)


def one_per_customer(
    surveys: Orders, *, as_of: str | dt.date, kind: str, since: str | dt.date | None, which: str, scale: int | None
) -> ir.Table:
    """customer_id, answered_at and band of each customer's first or last answer."""
    rows = answers(surveys, as_of=as_of, kind=kind, since=since)
    check_scale(rows, kind, scale)
    rows = rows.filter(rows.score.notnull(), rows.customer_id.notnull())
    moment = rows.answered_at if which == "first" else ibis.desc("answered_at")
    rank = ibis.row_number().over(ibis.window(group_by="customer_id", order_by=[moment, rows.score]))
    chosen = rows.mutate(rank=rank).filter(lambda t: t["rank"] == 0)
    return chosen.select("customer_id", "answered_at", band=band_of(chosen.score, kind, scale))


def require_people(rows: int) -> None:
    """Raise DataError if no answer has a customer."""
    if not rows:
        raise DataError(
            "Behaviour by band needs answers with a customer_id; got none. "
            'load.surveys(…, columns={"customer_id": …}) names the column.'
        )


def _allowed(kind: str) -> str:
    tops = SCALES[kind]
    return f"a whole number from {tops[0]} to {tops[-1]}" if len(tops) > 2 else " or ".join(map(str, tops))


def _other(kind: str, high: int, most: float) -> str:
    """Advice on the smallest allowed scale that reaches the highest answer."""
    larger = [top for top in (5, 7, 10) if top in SCALES[kind] and top > high and top >= most]
    return f" If the question's scale ends at {larger[0]}, pass scale={larger[0]}." if larger else ""
