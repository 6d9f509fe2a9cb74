"""Bands of survey answers, and one answer per customer."""

from __future__ import annotations

import datetime as dt
from typing import Final

import ibis
import ibis.expr.types as ir

from retention_kit.errors import DataError
from retention_kit.summarise.common.order_log import Orders
from retention_kit.summarise.surveys.survey_answers import answers, check_scale, good_from

__all__ = ["BAND_NAMES", "band_of", "one_per_customer"]

BAND_NAMES: Final = {
    "nps": ("promoters", "passives", "detractors"),
    "csat": ("satisfied", "not satisfied"),
    "ces": ("agreeing", "not agreeing"),
}
"""Names of the bands of each kind, best first."""

_NPS: Final = (9, 7)
"""Lowest score of promoters and of passives."""


def band_of(score: ir.Value, kind: str, scale: int | None = None) -> ir.Value:
    """The band of a score."""
    *upper, last = BAND_NAMES[kind]
    starts = _NPS if kind == "nps" else (good_from(kind, scale),)
    branches = [(score >= start, ibis.literal(name)) for start, name in zip(starts, upper, strict=True)]
    return ibis.cases(*branches, else_=last)


def one_per_customer(
    surveys: Orders, *, as_of: str | dt.date, kind: str, since: str | dt.date | None, which: str, scale: int | None
) -> ir.Table:
    """customer_id, answered_at and band of the first or last answer of every customer who gave one."""
    rows = answers(surveys, as_of=as_of, kind=kind, since=since)
    check_scale(rows, kind, scale)
    rows = rows.filter(rows.score.notnull(), rows.customer_id.notnull())
    moment = rows.answered_at if which == "first" else ibis.desc("answered_at")
    place = ibis.row_number().over(ibis.window(group_by="customer_id", order_by=[moment, rows.score]))
    chosen = rows.mutate(place=place).filter(lambda t: t.place == 0)
    return chosen.select("customer_id", "answered_at", band=band_of(chosen.score, kind, scale))


def require_people(rows: int) -> None:
    """DataError where no answer has a customer."""
    if not rows:
        raise DataError(
            "Behaviour by band needs answers with a customer_id; got none. "
            'load.surveys(…, columns={"customer_id": …}) names the column.'
        )
