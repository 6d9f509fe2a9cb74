"""Decomposition of a change of a rate into a mix effect and a rate effect."""

from __future__ import annotations

from typing import Final

import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import DataError, join_faults
from retention_kit.formats import counted

TOTAL: Final = "total"
"""Name of the last row, which the others add up to."""


def decompose(
    before: pd.DataFrame, after: pd.DataFrame, *, by: str, count: str = "active", of: str = "size"
) -> pd.DataFrame:
    r"""Change of a rate between two tables, split exactly into mix and behaviour.

    Parameters
    ----------
    before, after : DataFrame
        One row per group, such as two months or two cohorts at the same age; rows of the same group are added up.
    by : str
        The group column.
    count, of : str
        Numerator and denominator of the rate: active of size, kept of start, revenue of orders …

    Returns
    -------
    DataFrame
        One row per group and a last one "total": the group; share_before, share_after: its part of the denominator;
        rate_before, rate_after (NaN if the group did not exist); mix: change because the share of the group changed;
        within: change because its rate did; change: both. Each of the three columns adds up to its total, and the
        total of change is rate_after - rate_before, to rounding of the last bit.

    Raises
    ------
    DataError
        When a column or a number is missing, or a denominator is negative or adds up to 0; all faults at once.

    Notes
    -----
    With shares :math:`w`, rates :math:`r` and means of before and after marked by a bar:

    .. math:: r_2 - r_1 = \sum_g \underbrace{\Delta w_g (\bar r_g - \bar r)}_{mix}
              + \sum_g \underbrace{\bar w_g \Delta r_g}_{within}

    Kitagawa (1955), "Components of a difference between two rates", JASA 50. Measuring a group's rate against the mean
    :math:`\bar r` of the two totals does not change the sum, since shares add up to 1, and makes a row readable: a
    growing group contributes positively if its rate is above the total. A group that exists in only one of the tables
    has no rate effect: all of its change is mix.

    Examples
    --------
    >>> january = pd.DataFrame({"channel": ["app", "web"], "size": [50, 50], "active": [30, 10]})
    >>> february = pd.DataFrame({"channel": ["app", "web"], "size": [20, 80], "active": [12, 20]})
    >>> table = decompose(january, february, by="channel")
    >>> table[["channel", "rate_before", "rate_after", "mix", "within", "change"]].round(4)
      channel  rate_before  rate_after     mix  within  change
    0     app          0.6        0.60 -0.0720  0.0000  -0.072
    1     web          0.2        0.25 -0.0405  0.0325  -0.008
    2   total          0.4        0.32 -0.1125  0.0325  -0.080
    """
    refuse(DataError, before=(before, "table"), after=(after, "table"))
    refuse(by=(by, "name"))
    _check({"before": before, "after": after}, by, count, of)
    sums = [table.groupby(by)[[count, of]].sum().astype("float64") for table in (before, after)]
    groups = sums[0].index.union(sums[1].index)
    totals = [float(s[count].sum() / s[of].sum()) for s in sums]
    shares = [(s[of] / s[of].sum()).reindex(groups, fill_value=0.0) for s in sums]
    rates = [(s[count] / s[of].where(s[of] > 0)).reindex(groups) for s in sums]
    first, second = rates[0].fillna(rates[1]), rates[1].fillna(rates[0])
    mix = (shares[1] - shares[0]) * ((first + second) / 2 - sum(totals) / 2)
    within = (shares[0] + shares[1]) / 2 * (second - first)
    table = pd.DataFrame(
        {
            "share_before": shares[0],
            "share_after": shares[1],
            "rate_before": rates[0],
            "rate_after": rates[1],
            "mix": mix.fillna(0.0),
            "within": within.fillna(0.0),
        }
    )
    table["change"] = table["mix"] + table["within"]
    table = table.rename_axis(by).reset_index().astype({by: "object"})
    return pd.concat([table, _total(table, by, totals)], ignore_index=True)


def _total(table: pd.DataFrame, by: str, totals: list[float]) -> pd.DataFrame:
    """The last row."""
    sums = table[["share_before", "share_after", "mix", "within", "change"]].sum()
    row = pd.DataFrame([{by: TOTAL, **sums, "rate_before": totals[0], "rate_after": totals[1]}])
    return row[list(table.columns)].astype({by: "object"})


def _check(tables: dict[str, pd.DataFrame], by: str, count: str, of: str) -> None:
    """Raise DataError with all faults of both tables."""
    faults = []
    for name, table in tables.items():
        if missing := [c for c in (by, count, of) if c not in table.columns]:
            faults.append(f"{name} needs the column {', '.join(missing)}; found {', '.join(map(str, table.columns))}")
            continue
        if gaps := int(table[[by, count, of]].isna().any(axis=1).sum()):
            faults.append(f"{name} has {counted(gaps, 'row')} with a missing value; choose cells that are complete")
        if (table[of] < 0).any() or not table[of].sum() > 0:
            faults.append(f"{of} of {name} must not be negative and must add up to more than 0")
        if (table.groupby(by)[of].sum().eq(0) & table.groupby(by)[count].sum().ne(0)).any():
            faults.append(f"a group of {name} has {count} but no {of}: it has no rate")
        if (table[by] == TOTAL).any():
            faults.append(f"{name} has a row {TOTAL!r}; leave it out, it is computed")
    if faults:
        raise DataError(join_faults(faults))
