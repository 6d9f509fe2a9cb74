"""Rows of several sources that resemble each other and are counted separately, for a person to check."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
from ibis import _

from retention_kit.load.several.pairs import ROW_KEY, minutes_between, not_repeated, of, without
from retention_kit.load.several.references import Compared
from retention_kit.load.several.same_payment import Repeats, comparable, under

_A_DAY = 26 * 60
"""Minutes up to which rows with the same customer and amount are counted as near: no two zones are further apart."""

_SLOT = 120
"""Seconds within which the same amount under two customers may be one payment."""


def _at_one_time(rows: ir.Table, theirs: ir.Table) -> ir.Table:
    """Pairs with the same amount within two minutes under different customers.

    Rows are joined by slots of two minutes and the slots beside: the common price of a shop would pair every row with
    every other.
    """
    others = ibis.union(*(theirs.mutate(slot=_slot(theirs.of_moment) + beside) for beside in (-1, 0, 1)))
    rows = rows.mutate(slot=_slot(rows.moment))
    same = [rows[name] == others[f"of_{name}"] for name in ("gross", "currency")]
    pairs = rows.inner_join(others, [*same, rows.slot == others.slot])
    pairs = pairs.filter((_.customer != _.of_customer) & ~(_.days | _.of_days))
    return pairs.mutate(minutes=minutes_between(pairs)).filter(_.minutes * 60 < _SLOT)


def _slot(moment: ir.TimestampValue) -> ir.IntegerValue:
    return (moment.epoch_seconds() / _SLOT).floor().cast("int64")


def near(number: int, sources: Sequence[Compared], repeats: Repeats) -> dict[str, int]:
    """Rows of a source that repeat no row, but resemble a row of an earlier source that no row repeats.

    Returns
    -------
    dict
        same_customer: rows with the same customer and amount within a day; hours: the most frequent whole number of
        hours between them, 0 where none is; other_customer: rows with the same amount within minutes.
    """
    rows = without(repeats.keys[number], repeats.rows, ROW_KEY).filter(_.payment & (_.gross > 0))
    earlier = without(under(repeats.keys[:number]), repeats.rows, ROW_KEY)
    others = not_repeated(comparable(number, sources, earlier), repeats.rows).filter(_.payment)
    theirs = of(others)
    same = [rows.gross == theirs.of_gross, rows.currency == theirs.of_currency]
    pairs = rows.inner_join(theirs, [*same, rows.customer == theirs.of_customer]).filter(~(_.days | _.of_days))
    pairs = pairs.mutate(minutes=minutes_between(pairs)).filter(_.minutes <= _A_DAY)
    pairs = pairs.mutate(after=pairs.moment.epoch_seconds() - pairs.of_moment.epoch_seconds())
    hours = pairs.filter((pairs.after % 900).isin([*range(121), *range(780, 901), *range(-120, 0), *range(-900, -779)]))
    counted = hours.group_by(hours=(hours.after / 3600).round().cast("int64")).aggregate(rows=_.count())
    most = counted.order_by(_.rows.desc(), "hours").limit(1).to_pyarrow().to_pylist()
    strangers = _at_one_time(rows, theirs)
    counts = [int(matches.id.nunique().to_pyarrow().as_py()) for matches in (pairs, strangers)]
    return {
        "same_customer": counts[0],
        "other_customer": counts[1],
        "hours": int(most[0]["hours"]) if most and 2 * most[0]["rows"] > counts[0] else 0,
    }
