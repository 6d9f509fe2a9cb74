"""Money at risk: the expected value of customers who have become quiet."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError
from retention_kit.models.rfm.customer_tables import Customers, as_table, require
from retention_kit.models.rfm.segments import SegmentMap, require_map, ten_segments

_HINT = (
    "rfm.segment makes the segment; a fitted model's probability_alive and models.lifetime_value (or expected_value) "
    "make the others: customers.assign(probability_alive=…, lifetime_value=…)."
)
_ENDS = ("low", "high")


def value_at_stake(
    customers: Customers,
    *,
    value: str = "lifetime_value",
    quiet_below: float = 0.8,
    segments: SegmentMap = ten_segments,
) -> pd.DataFrame:
    r"""Expected value of each segment, the part of quiet customers, and the value that their silence has cost.

    Parameters
    ----------
    customers : Ibis table or DataFrame
        Customers with segment, probability_alive and the column `value`; optionally `value`_low and `value`_high.
    value : str
        Expected future money of each customer, including the chance that they have left.
    quiet_below : float
        A customer is quiet when probability_alive is below this.
    segments : SegmentMap
        The map of the segments, which gives the segments without customers. Other segments that occur are included too.

    Returns
    -------
    DataFrame
        One row per segment, the most money at risk first: segment, customers, quiet (how many of them are),
        probability_alive (mean), expected (sum of `value`), at_risk (of it, with quiet customers), slipped,
        risk_share (of the money at risk of all); expected_low … slipped_high where `value` has ends.

    Raises
    ------
    DataError
        If columns are missing.
    ConfigError
        If `quiet_below` is not in (0, 1].

    Notes
    -----
    .. math:: at\_risk = \sum_{p_i < q} v_i, \quad slipped = \sum_i v_i \, \frac{1 - p_i}{p_i}

    With the chance p of being active and the expected money v, a customer who is certainly active would be worth v/p: v
    can still be lost, and the difference is lost already. The ends are summed as if all errors were the same, which
    tends to make intervals too wide. A model that considers every one-time buyer active (BG/NBD) calls none of them
    quiet.

    Examples
    --------
    >>> customers = pd.DataFrame({"segment": ["loyal", "can't lose"], "probability_alive": [0.9, 0.5]})
    >>> table = value_at_stake(customers.assign(lifetime_value=[90.0, 60.0]))
    >>> table.query("customers > 0").set_index("segment")[["expected", "at_risk", "slipped"]].round(2)
                expected  at_risk  slipped
    segment
    can't lose      60.0     60.0     60.0
    loyal           90.0      0.0     10.0
    """
    require_map(segments)
    risks = _with_risk(customers, ["segment"], value, quiet_below)
    money = [name for name in risks.columns if name not in ("segment", "probability_alive", "is_quiet")]
    sums = risks.group_by("segment").agg(
        customers=risks.count(),
        quiet=risks.is_quiet.sum(),
        probability_alive=risks.probability_alive.mean(),
        **{name: risks[name].sum() for name in money},
    )
    table: pd.DataFrame = sums.to_pandas().set_index("segment")
    table = table.reindex([*segments.segments, *(name for name in table.index if name not in segments.segments)])
    table = table.fillna(dict.fromkeys(["customers", "quiet", *money], 0)).rename_axis("segment").reset_index()
    table["risk_share"] = table["at_risk"] / table["at_risk"].sum()
    table = table.astype({"customers": "int64", "quiet": "int64"})
    return table.sort_values("at_risk", ascending=False, kind="stable", ignore_index=True)


def at_risk(
    customers: Customers,
    *,
    within: Sequence[str] = ("champions", "loyal", "can't lose", "at risk"),
    value: str = "lifetime_value",
    quiet_below: float = 0.8,
    limit: int | None = 20,
) -> Customers:
    r"""Customers of the best segments who have become quiet, the most money at risk first.

    Parameters
    ----------
    customers : Ibis table or DataFrame
        Customers with customer_id, segment, days_since_last, probability_alive and the column `value`; optionally
        `value`_low and `value`_high.
    within : sequence of str
        Segments to include.
    value : str
        Expected future money of each customer.
    quiet_below : float
        A customer is quiet when probability_alive is below this.
    limit : int or None
        Most customers; None for all.

    Returns
    -------
    Ibis table, or DataFrame for a DataFrame
        customer_id, segment, days_since_last, probability_alive, at_risk (the expected money) and slipped, with ends
        _low and _high where known.

    Raises
    ------
    DataError
        If columns are missing.
    ConfigError
        If `within` is empty or `quiet_below` is not in (0, 1].

    Notes
    -----
    .. math:: at\_risk_i = v_i \quad \text{where } p_i < q

    Customers who certainly continue are not in the list, and customers who left long ago are at its end, since nothing
    more is expected of them.

    Examples
    --------
    >>> customers = pd.DataFrame({"customer_id": ["a", "b", "c"], "days_since_last": [3, 40, 400]})
    >>> customers = customers.assign(segment="champions", probability_alive=[0.99, 0.6, 0.01])
    >>> customers = customers.assign(lifetime_value=[99.0, 60.0, 1.0])
    >>> at_risk(customers)[["customer_id", "at_risk", "slipped"]]
      customer_id  at_risk  slipped
    0           b     60.0     40.0
    1           c      1.0     99.0
    """
    refuse(limit=(limit, "size?"))
    if not within:
        raise ConfigError(f"within needs at least one segment; got {within!r}.")
    table = _with_risk(customers, ["customer_id", "segment", "days_since_last"], value, quiet_below)
    quiet = table.filter(table.is_quiet, table.segment.isin(list(within)))
    ranked = quiet.order_by(ibis.desc("at_risk"), "customer_id")
    listed = (ranked if limit is None else ranked.limit(limit)).drop(
        "is_quiet", *(name for name in table.columns if name.startswith("expected"))
    )
    return listed.to_pandas() if isinstance(customers, pd.DataFrame) else listed


def _with_risk(customers: Customers, keep: list[str], value: str, quiet_below: float) -> ir.Table:
    """The kept columns with is_quiet, expected, at_risk and slipped, and their ends where they are known."""
    if not 0 < quiet_below <= 1:
        raise ConfigError(f"quiet_below is a probability in (0, 1]; got {quiet_below!r}.")
    require(customers, keep, _HINT)
    ends = [end for end in _ENDS if f"{value}_{end}" in customers.columns]
    ends = [f"_{end}" for end in ends] if len(ends) == 2 else []
    columns = [*keep, "probability_alive", value, *(f"{value}{end}" for end in ends)]
    require(customers, columns, _HINT)
    table = as_table(customers, columns)
    alive = table.probability_alive
    quiet, doubt = alive < quiet_below, (alive > 0).ifelse((1 - alive) / alive, 0.0)
    money: dict[str, ir.Value] = {}
    for end in ["", *ends]:
        expected = table[f"{value}{end}"]
        money |= {f"expected{end}": expected, f"at_risk{end}": quiet.ifelse(expected, 0.0)}
        money[f"slipped{end}"] = expected * doubt
    return table.select(*keep, "probability_alive", is_quiet=quiet, **money)
