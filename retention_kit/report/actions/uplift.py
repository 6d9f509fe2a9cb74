"""What last month's action lists achieved: customers acted on compared with customers left alone, a month later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pandas as pd

from retention_kit import load
from retention_kit.embedded_tables import packed, unpacked
from retention_kit.load.dataset import is_saved
from retention_kit.metrics import share_change_test
from retention_kit.report.settings.config import Config
from retention_kit.report.settings.id_settings import hashed
from retention_kit.report.settings.months import last_day

NAME: Final = "uplift"
COLUMNS: Final = (
    "list", "made", "n_acted", "n_held_out", "n_contradicting",
    "bought_acted", "bought_held_out", "uplift", "uplift_low", "uplift_high",
    "revenue_acted", "revenue_held_out", "revenue_uplift", "revenue_uplift_low", "revenue_uplift_high",
)  # fmt: skip
_COUNTS: Final = 5
"""Number of leading columns that hold texts and counts."""
TITLE: Final = (
    "What the action lists of the month before achieved, without customers who were to be contacted by one list and "
    "left alone by another: 95 % intervals by Agresti and Caffo for the share who bought "
    "(metrics.share_change_test), by Welch for revenue per customer"
)


def compare(lists: Mapping[str, pd.DataFrame], month: str, *, config: Config, workspace: Path) -> pd.DataFrame | None:
    """Compare the two groups of every list of the month before; None where that month has no lists.

    Notes
    -----
    The groups were drawn at random, so their difference is the effect of the action, if the customers of group act were
    contacted and those of group hold_out were not. Customers in group act on one list and hold_out on another, which
    happens in months that drew each list by itself, belong to neither group: they are left out of every list and
    counted.
    """
    if not config.actions or not lists or not is_saved(workspace, "orders"):
        return None
    made = str(pd.Period(month, "M") - 1)
    contradicting = _contradicting(lists.values())
    spent = _spent(workspace, month)
    spent.index = pd.Index(hashed(list(spent.index), config.secret_of_lists))
    rows = [{"list": name, "made": made, **_compared(table, spent, contradicting)} for name, table in lists.items()]
    rounded = unpacked(packed(NAME, pd.DataFrame(rows, columns=COLUMNS))).to_pandas()
    table: pd.DataFrame = rounded.astype(dict.fromkeys(COLUMNS[_COUNTS:], "float64"))
    return table


def _contradicting(tables: Iterable[pd.DataFrame]) -> pd.Index:
    """Customers who were to be contacted by one list of a month and left alone by another."""
    marks = pd.concat(tables).groupby("customer_id")["group"].nunique()
    return marks.index[marks > 1]


def _spent(workspace: Path, month: str) -> pd.Series:
    """Money of every customer who bought in the month, refunds of the month taken off."""
    log = load.orders(str(workspace)).table
    first, after = pd.Period(month, "M").start_time, pd.Timestamp(last_day(month)) + pd.Timedelta(days=1)
    rows = log.filter(log.ordered_at >= first, log.ordered_at < after)
    sums = rows.group_by("customer_id").agg(spent=rows.amount.sum().cast("float64"), bought=(rows.amount > 0).any())
    table = sums.filter(sums.bought).to_pandas()
    return pd.Series(table["spent"].to_numpy(), index=table["customer_id"].astype("str"), dtype="float64")


def _compared(table: pd.DataFrame, spent: pd.Series, contradicting: pd.Index) -> dict[str, float]:
    marked = table["customer_id"].isin(contradicting)
    left_out, table = int(table.loc[marked, "customer_id"].nunique()), table[~marked]
    money = table["customer_id"].map(spent).astype("float64")
    groups = {group: money[table["group"] == group] for group in ("act", "hold_out")}
    act, left = groups["act"], groups["hold_out"]
    share = share_change_test(int(left.notna().sum()), len(left), int(act.notna().sum()), len(act))
    return {
        **{"n_acted": len(act), "n_held_out": len(left), "n_contradicting": left_out},
        **{"bought_acted": act.notna().mean(), "bought_held_out": left.notna().mean()},
        **{"uplift": share.change, "uplift_low": share.low, "uplift_high": share.high},
        **dict(_revenue(act.fillna(0.0), left.fillna(0.0))),
    }


def _revenue(act: pd.Series, left: pd.Series) -> Iterator[tuple[str, float]]:
    """Means of both groups and their difference, with Welch's interval where both have two customers or more."""
    difference = act.mean() - left.mean()
    yield from {"revenue_acted": act.mean(), "revenue_held_out": left.mean(), "revenue_uplift": difference}.items()
    if min(len(act), len(left)) > 1 and act.std() + left.std() > 0:
        from scipy import stats  # takes half a second to import, which a report without action lists saves

        interval = stats.ttest_ind(act, left, equal_var=False).confidence_interval(0.95)
        yield from {"revenue_uplift_low": interval.low, "revenue_uplift_high": interval.high}.items()
