"""Answers of one kind up to a day: what every summary of surveys starts from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import ibis
import ibis.expr.types as ir

from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise.calendar import as_day, moment_after
from retention_kit.summarise.log import Orders, as_table

__all__ = ["SCALES", "answers", "highest"]

SCALES: Final = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
"""Lowest and highest score of each kind; csat may also run to 10."""


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
    if kind not in SCALES:
        raise ConfigError(f"kind is one of {', '.join(SCALES)}; got {kind!r}")
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
    """Highest score of a kind; `scale` chooses between csat to 5 and to 10."""
    usual = SCALES[kind][1]
    if scale is None or scale == usual or (kind == "csat" and scale == 10):
        return scale or usual
    raise ConfigError(f"scale is {'5 or 10' if kind == 'csat' else usual} for {kind}; got {scale!r}")
