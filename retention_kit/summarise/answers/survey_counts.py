"""One row per period: numbers of answers by band."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise.answers.survey_answers import answers, check_scale, good_from, highest
from retention_kit.summarise.common.calendar_periods import as_day, check_period, number_of, period_number, period_start
from retention_kit.summarise.common.order_log import Orders

NPS: Final[dict[str, tuple[float, float]]] = {"promoters": (9, 10), "passives": (7, 8.99), "detractors": (0, 6.99)}
"""Lowest and highest score of each band."""


def surveys(
    surveys: Orders,
    *,
    as_of: str | dt.date,
    kind: str = "nps",
    period: str | None = "month",
    by: str | Sequence[str] | None = None,
    since: str | dt.date | None = None,
    repeats: str = "all",
    scale: int | None = None,
) -> pd.DataFrame:
    """Answers per period: bands, numbers and non-responses.

    Parameters
    ----------
    surveys : Dataset, Ibis table or DataFrame
        The answers: answered_at, kind, score (empty when not answered); optionally customer_id and weight.
    as_of : str or date
        Last day that counts.
    kind : {"nps", "csat", "ces"}
        Kind of survey.
    period : {"day", "week", "month", "quarter", "year"} or None
        Calendar periods, weeks from Monday; None: all days as one.
    by : str or sequence of str, optional
        Columns to split by.
    since : str or date, optional
        First day that counts.
    repeats : {"all", "last"}
        Count every answer, or of each customer the last one in a period.
    scale : int, optional
        Highest score of the question: csat 3 to 10, usually 5; ces 5 or 7, usually 7.

    Returns
    -------
    DataFrame
        One row per (group and) period, empty ones included:

        - period: its first day (not for `period=None`); complete: whether it had ended by as_of;
        - n: answers; non_response: blanks; answers: sum of weights, n where there are none;
          n_effective: number of unweighted answers with the same precision, NaN without answers;
        - nps: promoters (9-10), passives (7-8), detractors (0-6); csat: satisfied (the top two of the scale);
          ces: agreeing (5-7 of seven, 4-5 of five) and score_sum. Sums of weights.

    Raises
    ------
    DataError
        When a column is missing, nobody has a customer_id for `repeats="last"`, or scores lie outside the scale.
    ConfigError
        When kind, period, repeats, scale, as_of or since cannot be read.

    Notes
    -----
    .. math:: n_{eff} = (\\sum w)^2 / \\sum w^2

    Kish (1965). Blanks are not answers: they are counted, and left out of every denominator.

    Examples
    --------
    >>> asked = pd.DataFrame(
    ...     {
    ...         "answered_at": pd.to_datetime(["2024-01-05", "2024-01-09", "2024-01-20", "2024-02-02"]),
    ...         "kind": "nps",
    ...         "score": [10, 6, None, 8],
    ...     }
    ... )
    >>> table = surveys(asked, as_of="2024-02-29")
    >>> table[["period", "n", "non_response", "promoters", "passives", "detractors"]]
          period  n  non_response  promoters  passives  detractors
    0 2024-01-01  2             1          1         0           1
    1 2024-02-01  1             0          0         1           0
    """
    refuse(by=(by, "column"))
    if period is not None:
        check_period(period)
    day, groups = as_day(as_of), [by] if isinstance(by, str) else list(by or [])
    rows = answers(surveys, as_of=day, kind=kind, since=since, groups=groups)
    rows = rows.mutate(number=ibis.literal(0) if period is None else period_number(rows.answered_at, period))
    check_scale(rows, kind, scale)
    sums = _sums(_kept(rows, repeats), [*groups, "number"], kind, scale)
    if sums.empty:
        if since is not None:
            raise DataError(f"no {kind} answer from {as_day(since, 'since')} to {day}; take an earlier since")
        raise DataError(f"no {kind} answer up to {day}; as_of must be later than the first answer")
    if period is None:
        return sums.drop(columns="number").sort_values(groups or ["n"], ignore_index=True)
    return _rectangle(sums, groups, period, day)


def _kept(rows: ir.Table, repeats: str) -> ir.Table:
    """All answers, or the last of each customer in a period; a blank never hides an answer."""
    if repeats == "all":
        return rows
    if repeats != "last":
        raise ConfigError(f"repeats is 'all' or 'last'; got {repeats!r}")
    if not rows.customer_id.notnull().sum().to_pandas() > 0:
        raise DataError("repeats='last' needs customer_id to know who answered again; no answer has one")
    order = [rows.score.isnull(), ibis.desc("answered_at"), ibis.desc("score")]
    ranked = rows.mutate(place=ibis.row_number().over(ibis.window(group_by=["customer_id", "number"], order_by=order)))
    return ranked.filter((ranked.place == 0) | ranked.customer_id.isnull()).drop("place")


def _sums(rows: ir.Table, keys: list[str], kind: str, scale: int | None) -> pd.DataFrame:
    """Counts and sums of weights per key."""
    answered = rows.score.notnull()
    weight = answered.ifelse(rows.weight, 0.0)
    weighted = _weighted(rows, kind, scale)
    sums = rows.group_by(keys).agg(
        n=answered.sum(),
        non_response=(~answered).sum(),
        answers=weight.sum(),
        squares=(weight * weight).sum(),
        **weighted,
    )
    return _typed(sums.to_pandas(), list(weighted))


def _weighted(rows: ir.Table, kind: str, scale: int | None) -> dict[str, Any]:
    """Sums of weights per band, and for ces of the scores."""
    good = {"csat": "satisfied", "ces": "agreeing"}
    bands = NPS if kind == "nps" else {good[kind]: (good_from(kind, scale), highest(kind, scale))}
    sums: dict[str, Any] = {
        name: rows.score.between(low, high).ifelse(rows.weight, 0.0).sum() for name, (low, high) in bands.items()
    }
    if kind == "ces":
        sums["score_sum"] = (rows.score * rows.weight).sum()
    return sums


def _typed(table: pd.DataFrame, sums: list[str]) -> pd.DataFrame:
    """Add the effective number of answers; counts stay integers if no answer has a weight."""
    squares = table["squares"].where(table["squares"] > 0).astype("float64")
    table = table.assign(n_effective=table["answers"] ** 2 / squares).drop(columns="squares")
    table = table.fillna(dict.fromkeys(sums, 0.0))
    number = "int64" if np.array_equal(table["answers"], table["n"]) else "float64"
    front = [name for name in table.columns if name not in ("n_effective", *sums)]
    types = {"n": "int64", "non_response": "int64", **dict.fromkeys(["answers", *sums], number)}
    return table[[*front, "n_effective", *sums]].astype(types)


def _rectangle(sums: pd.DataFrame, groups: list[str], period: str, day: dt.date) -> pd.DataFrame:
    """Every group with every period from the first answer to as_of, in order."""
    numbers = pd.DataFrame({"number": np.arange(sums["number"].min(), number_of(day, period) + 1)})
    keys = numbers if not groups else sums[groups].drop_duplicates().merge(numbers, how="cross")
    counted = [name for name in sums.columns if name not in (*groups, "number", "n_effective")]
    table = keys.merge(sums, on=[*groups, "number"], how="left").sort_values([*groups, "number"], ignore_index=True)
    table = table.fillna(dict.fromkeys(counted, 0)).astype({name: sums[name].dtype for name in counted})
    table.insert(len(groups), "period", period_start(table["number"], period))
    table["complete"] = table["number"] < number_of(day + dt.timedelta(days=1), period)
    return table.drop(columns="number")
