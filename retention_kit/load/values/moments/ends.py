"""Ends of subscriptions that are the last day, or its last second, rather than the moment of the end."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from retention_kit.errors import ConfigError
from retention_kit.load.dataset import Note

_LAST_MINUTE = ibis.interval(hours=23) + ibis.interval(minutes=59)
_FEWEST = 3
"""The fewest subscriptions of whole months whose ends are evidence."""


def check_ends(ends: str | None, table: str) -> None:
    """Raise if the value does not say how ends are meant, or if the table has no ends."""
    if ends not in (None, "inclusive", "exclusive"):
        raise ConfigError(f"ends must be 'inclusive' or 'exclusive', or left out; came {ends!r}")
    if ends is not None and table != "subscriptions":
        raise ConfigError(f"ends is for subscriptions, and these are {table}; leave it out")


def after_last_day(end: ir.TimestampValue) -> ir.TimestampValue:
    """The midnight after a day, or after 23:59 of a day; an end at another time stays as it is."""
    day = end.truncate("D")
    return ibis.ifelse((end == day) | (end >= day + _LAST_MINUTE), day + ibis.interval(days=1), end)


def looks_inclusive(rows: ir.Table) -> tuple[Note, ...]:
    """A warning where stretches follow each other a day apart, end at 23:59, or fill whole months but for a day.

    Ends of contracts, and of exports that follow them, are mostly the last day that is paid for; read as moments they
    let every customer leave for a day and come back.
    """
    window = ibis.window(group_by=["customer_id", "subscription_id"], order_by="started_at")
    stretch = rows.mutate(following=rows.started_at.lead().over(window)).filter(lambda t: t.ended_at.notnull())
    end, day = stretch.ended_at, stretch.ended_at.truncate("D")
    tomorrow = end + ibis.interval(days=1)
    whole_months = (tomorrow.day() == stretch.started_at.day()) & (end == day) & (end > stretch.started_at)
    asked = stretch.aggregate(
        ended=stretch.count(),
        near=((stretch.following > end) & (stretch.following <= tomorrow)).sum(),
        joined=(stretch.following == end).sum(),
        late=(end >= day + _LAST_MINUTE).sum(),
        whole=whole_months.sum(),
    )
    seen = {name: rows or 0 for name, rows in asked.to_pyarrow().to_pylist()[0].items()}
    half = seen["ended"] / 2
    if seen["near"] > seen["joined"]:
        count, what = seen["near"], "begin within a day after the same subscription ended"
        effect = "such customers leave and come back in the numbers"
    elif seen["late"] and seen["late"] >= half:
        count, what, effect = seen["late"], "end at 23:59", "ends lie a moment before they are due"
    elif seen["whole"] >= max(_FEWEST, half) and not seen["joined"]:
        count, what = seen["whole"], "fill whole months but for their last day"
        effect = "customers are lost a day, and a month, too early"
    else:
        return ()
    text = (
        f"stretches {what}: ended_at seems to be the last day, and is read as the moment of the end, so that "
        f"{effect}; pass ends='inclusive', or ends='exclusive' if they are right"
    )
    return (Note("inclusive_ends", int(count), text),)
