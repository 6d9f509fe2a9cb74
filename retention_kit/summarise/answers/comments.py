"""Comments of surveys by band."""

from __future__ import annotations

import datetime as dt
import html

import ibis
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.load.values.reader import trimmed
from retention_kit.summarise.answers.survey_answers import BAND_NAMES, answers, band_of, check_scale
from retention_kit.summarise.common.order_log import Orders


def comments(
    surveys: Orders,
    *,
    as_of: str | dt.date,
    kind: str = "nps",
    since: str | dt.date | None = None,
    limit: int = 10,
    scale: int | None = None,
) -> pd.DataFrame:
    """The newest comments of each band, ready to be shown on a page.

    Parameters
    ----------
    surveys : Dataset, Ibis table or DataFrame
        The answers, with a column comment.
    as_of : str or date
        Last day that counts.
    kind : {"nps", "csat", "ces"}
        Kind of survey.
    since : str or date, optional
        First day that counts.
    limit : int
        Most comments of each band.
    scale : int, optional
        Highest score of the question: csat 3 to 10, usually 5; ces 5 or 7, usually 7.

    Returns
    -------
    DataFrame
        band (worst first, since these need attention), score, answered_at, comment: one line of text with HTML
        characters escaped, so that no answer can put markup on a page. Customers are not named, because comments are
        shown to many readers.

    Examples
    --------
    >>> asked = pd.DataFrame({"answered_at": pd.to_datetime(["2024-01-05"]), "kind": "nps", "score": [3]})
    >>> asked["comment"] = ["<b>Late</b>"]
    >>> comments(asked, as_of="2024-01-31")["comment"].item()
    '&lt;b&gt;Late&lt;/b&gt;'
    """
    refuse(limit=(limit, "size"))
    rows = answers(surveys, as_of=as_of, kind=kind, since=since)
    check_scale(rows, kind, scale)
    rows = rows.filter(rows.score.notnull(), trimmed(rows.comment).length() > 0)
    rows = rows.mutate(band=band_of(rows.score, kind, scale))
    newest = ibis.window(group_by="band", order_by=[ibis.desc("answered_at"), rows.score, rows.comment])
    listed = rows.mutate(position=ibis.row_number().over(newest)).filter(lambda t: t.position < limit)
    table: pd.DataFrame = listed.select("band", "score", "answered_at", "comment", "position").to_pandas()
    table["comment"] = [html.escape(" ".join(text.split())) for text in table["comment"]]
    rank = {name: position for position, name in enumerate(reversed(BAND_NAMES[kind]))}
    table = table.assign(rank=table["band"].map(rank)).sort_values(["rank", "position"], ignore_index=True)
    return table[["band", "score", "answered_at", "comment"]]
