"""What came of the last month's action lists: those acted on against those left alone, a month later."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pandas as pd

from retention_kit import load
from retention_kit.embedded_tables import packed, unpacked
from retention_kit.metrics import share_change_test
from retention_kit.report.actions import list_rules
from retention_kit.report.language import ENGLISH, Language
from retention_kit.report.numbers import notebook_numbers
from retention_kit.report.output.data_files import action_files, table_files
from retention_kit.report.output.data_files.data_folder import Table
from retention_kit.report.settings import action_settings
from retention_kit.report.settings.months import last_day

__all__ = ["COLUMNS", "NAME", "of_month", "rows"]

NAME: Final = "uplift"
COLUMNS: Final = (
    "list", "made", "n_acted", "n_held_out", "n_contradicting",
    "bought_acted", "bought_held_out", "uplift", "uplift_low", "uplift_high",
    "revenue_acted", "revenue_held_out", "revenue_uplift", "revenue_uplift_low", "revenue_uplift_high",
)  # fmt: skip
_COUNTS: Final = 5
"""How many of the columns are texts and counts."""
_TITLE: Final = (
    "What came of the action lists of the month before, without customers who were to be written to by one list and "
    "left alone by another: 95 % intervals by Agresti and Caffo for the share who bought "
    "(metrics.share_change_test), by Welch for revenue per customer"
)


def of_month(month: str, *, config: Any, workspace: Path, folder: str = "") -> Table | None:
    """Compare the two groups of every list of the month before; None where that month has no lists.

    Parameters
    ----------
    month : str
        ``"YYYY-MM"``: orders of this month count.
    config : Config
        With the folder of the reports, and how ids are hashed.
    workspace : Path
        Folder with the run's validated orders, or with those of a segment.
    folder : str
        Of the segment inside a month's; empty for the whole.

    Notes
    -----
    The groups were drawn at random, so their difference is what the action did, if those of the group act were written
    to and those of the group hold_out were not. Somebody who is act on one list and hold_out on another, as in months
    that drew each list by itself, belongs to neither group: such customers are left out of every list and counted.
    """
    if not config.actions or not (workspace / "orders.parquet").is_file():
        return None
    made = str(pd.Period(month, "M") - 1)
    found = {
        name: table for name in list_rules.TITLES if (table := _list(config.output / made / folder, name)) is not None
    }
    if not found:
        return None
    contradicting = _contradicting(found.values())
    spent = _spent(workspace, month)
    spent.index = action_settings.hashed(
        list(spent.index),
        action_settings.salt(config.actions, hash_ids=config.hash_ids and config.customer_ids == "shown"),
    )
    rows = [{"list": name, "made": made, **_compared(table, spent, contradicting)} for name, table in found.items()]
    rounded = unpacked(packed(NAME, pd.DataFrame(rows, columns=COLUMNS))).to_pandas()
    return Table.of(NAME, _TITLE, rounded.astype(dict.fromkeys(COLUMNS[_COUNTS:], "float64")))


def rows(table: Table | None, language: Language = ENGLISH) -> list[dict[str, str]]:
    """The comparison as it stands on the index: one row per list, written for people."""
    return [_row(row, language) for row in table.frame.to_dict("records")] if table else []


def _row(row: dict[str, Any], language: Language) -> dict[str, str]:
    title = list_rules.TITLES[row["list"]]
    uplift = _on_one_line(_dash_or(row["uplift"], notebook_numbers.points(row["uplift"], language)))
    points = [notebook_numbers.written(100 * row[f"uplift_{end}"], "score", language) for end in ("low", "high")]
    worth = notebook_numbers.written(row["revenue_uplift"], "money", language)
    money = [notebook_numbers.written(row[f"revenue_uplift_{end}"], "money", language) for end in ("low", "high")]
    return {
        "list": re.split("[:：]", language.gettext(title))[0],
        "n": _both(row, "n", "count", language),
        "left_out": language.numerals(f"{row['n_contradicting']:,}") if row["n_contradicting"] else "",
        "bought": _both(row, "bought", "rate", language),
        "uplift": uplift + _dash_or(row["uplift"], _interval(*points, language), ""),
        "revenue": _both(row, "revenue", "money", language),
        "revenue_uplift": worth + _dash_or(row["revenue_uplift_low"], _interval(*money, language), ""),
    }


def _dash_or(value: float, text: str, dash: str = "–") -> str:
    """The text of a number; of one that is not known, as where a group is empty, a dash alone."""
    return dash if pd.isna(value) else text


def _both(row: dict[str, Any], name: str, unit: str, language: Language) -> str:
    """A number of those acted on and of those left alone."""
    told = {who: notebook_numbers.written(row[f"{name}_{who}"], unit, language) for who in ("acted", "held_out")}
    return _on_one_line(language.gettext("%(acted)s and %(held_out)s", **told))


def _interval(low: str, high: str, language: Language) -> str:
    return _on_one_line(f"({language.gettext('%(low)s to %(high)s', low=low, high=high)})", " ")


def _on_one_line(text: str, before: str = "") -> str:
    return before + text.replace(" ", "\u00a0")


def _list(folder: Path, name: str) -> pd.DataFrame | None:
    """Customers and groups of an earlier list, from its two files, or from the one in which older months held both;
    None where there is none that can be read."""
    place = folder / action_files.FOLDER
    try:
        tables = [_read(place / f"{name}.csv")]
        if (held_out := place / f"{name}{action_files.HELD_OUT}.csv").is_file():
            tables.append(_read(held_out))
    except (OSError, ValueError, KeyError):  # not there, or changed by somebody: then there is nothing to compare
        return None
    return pd.concat(tables, ignore_index=True)


def _read(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    return table[["customer_id", "group"]].assign(customer_id=table["customer_id"].map(table_files.unguarded))


def _contradicting(tables: Iterable[pd.DataFrame]) -> pd.Index:
    """Customers who were to be written to by one list and to be left alone by another of the same month."""
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
        from scipy import stats  # half a second, which a report without action lists does not wait for

        interval = stats.ttest_ind(act, left, equal_var=False).confidence_interval(0.95)
        yield from {"revenue_uplift_low": interval.low, "revenue_uplift_high": interval.high}.items()
