"""What was read, what was refused, what looks odd."""

from __future__ import annotations

import ibis
import pandas as pd

from retention_kit.formats import counted
from retention_kit.load.dataset import Dataset, Source, to_frame


def source(data: Dataset) -> pd.DataFrame:
    """What was read, how, and what was assumed.

    Parameters
    ----------
    data : Dataset
        Any table.

    Returns
    -------
    DataFrame
        Columns what, value: one row per fact, one per assumption.

    Examples
    --------
    >>> from retention_kit import load
    >>> source(load.sample("cdnow")).head(3)
              what  value
    0        table orders
    1  read from  cdnow
    2         kind sample
    """
    s = data.source
    facts = [
        ("table", s.table),
        ("read from", s.name),
        ("kind", s.kind),
        ("preset", s.preset),
        ("SHA-256", s.sha256),
        ("version", s.version),
        ("query", s.query),
        ("rows read", f"{s.rows_read:,}"),
        ("rows kept", f"{s.rows_kept:,}"),
        ("rows refused", f"{s.rows_refused:,}"),
        ("time zone", data.timezone),
        ("currency", data.currency),
    ]
    facts += [(f"source {part.label}", _counted(part)) for part in s.parts]
    facts += [(f"column {name}", header) for name, header in s.columns.items() if name != header]
    facts += [("assumed", note) for note in s.assumptions]
    return pd.DataFrame([fact for fact in facts if fact[1] is not None], columns=["what", "value"])


def _counted(part: Source) -> str:
    return f"{part.name}: {counted(part.rows_read, 'row')} read, {part.rows_kept:,} kept, {part.rows_refused:,} refused"


def refused(data: Dataset, *, examples: int = 3) -> pd.DataFrame:
    """Refused rows by rule, with examples.

    Parameters
    ----------
    data : Dataset
        Any table.
    examples : int
        Sentences on the first rows of each rule.

    Returns
    -------
    DataFrame
        Columns rule, rows, share (of the rows read) and examples, the most frequent rule first.

    Examples
    --------
    >>> from retention_kit import load
    >>> answers = pd.DataFrame({"date": ["2024-05-01", "2024-05-02"], "score": ["9", "11"]})
    >>> refused(load.surveys(answers, columns={"kind": "=nps"}))[["rule", "rows", "share"]]
                     rule  rows  share
    0  score_out_of_range     1    0.5
    """
    grouped = data.refused.groupby("rule", sort=True)
    table = pd.DataFrame({"rows": grouped.size(), "share": grouped.size() / data.source.rows_read})
    table["examples"] = [" · ".join(_sentences(rows.head(examples))) for _, rows in grouped]
    return (
        table.rename_axis("rule")
        .reset_index()
        .sort_values(["rows", "rule"], ascending=[False, True], ignore_index=True)
    )


def _sentences(rows: pd.DataFrame) -> list[str]:
    numbers = rows["row"].astype("object")
    return [r if pd.isna(n) else f"row {n}: {r}" for n, r in zip(numbers, rows["reason"], strict=True)]


def warnings(data: Dataset) -> pd.DataFrame:
    """What looks odd and was kept.

    Parameters
    ----------
    data : Dataset
        Any table.

    Returns
    -------
    DataFrame
        Columns name, rows, share (of the rows kept) and text.

    Examples
    --------
    >>> from retention_kit import load
    >>> warnings(load.sample("cdnow"))[["name", "rows"]]
              name  rows
    0  zero_amount    80
    1     same_row   470
    """
    notes = data.source.warnings
    rows = [(n.name, n.rows, n.rows / data.source.rows_kept, n.text) for n in notes]
    return pd.DataFrame(rows, columns=["name", "rows", "share", "text"])


def duplicates(data: Dataset, *, examples: int = 10) -> pd.DataFrame:
    """Rows that were kept although another row is equal in every column.

    Parameters
    ----------
    data : Dataset
        Any table.
    examples : int
        Rows to show.

    Returns
    -------
    DataFrame
        The rows, the most often repeated first, and `times`; in `attrs`: groups, rows (all rows that have a twin) and
        extra (rows beyond the first of each group).

    Examples
    --------
    >>> from retention_kit import load
    >>> duplicates(load.sample("cdnow")).attrs
    {'groups': 215, 'rows': 470, 'extra': 255}
    """
    table = data.table
    groups = table.group_by(list(table.columns)).aggregate(times=table.count())
    twins = groups.filter(groups.times > 1)
    total = twins.aggregate(groups=twins.count(), rows=twins.times.sum()).to_pyarrow().to_pylist()[0]
    order = [ibis.desc("times"), *(c for c in table.columns)]
    frame = to_frame(twins.order_by(order).limit(examples))
    rows = int(total["rows"] or 0)
    frame.attrs = {"groups": total["groups"], "rows": rows, "extra": rows - total["groups"]}
    return frame
