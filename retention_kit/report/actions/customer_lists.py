"""Lists of customers of a month: those behind each segment, each cohort, the overdue ones, and the action lists."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pandas as pd

from retention_kit.report.actions.action_lists import HandedOut
from retention_kit.report.actions.month_customers import Customers
from retention_kit.report.settings.config import Config
from retention_kit.report.settings.id_settings import hashed

FOLDER: Final = "lists"
COLUMNS: Final = (
    "customer_id", "segment", "orders", "revenue", "first_order", "last_order", "days_since_last", "usual_gap",
    "probability_alive", "expected_value", "low", "high",
)  # fmt: skip
"""Columns of every list; the dimension of the report is added where the orders have it."""
_OWN: Final = ("group", "reason")
"""Further columns of action lists."""
COHORTS: Final = 24
"""Number of cohorts with a list, the newest ones, as on the page of cohorts."""
_PERIODS: Final = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}

QUIET: Final = {"at_risk": ("champions", "loyal"), "win_back": ("can't lose", "at risk")}
"""Segments whose quiet customers are a list each, where no action lists are configured."""

Kind = Literal["segment", "cohort", "overdue", "action", "quiet"]


@dataclass(frozen=True)
class CustomerList:
    """The customers behind one number.

    Parameters
    ----------
    name : str
        Name of its page and files, without ending.
    kind : {"segment", "cohort", "overdue", "action", "quiet"}
        What its customers have in common.
    subject : str
        The segment's name, the period of the cohort, or the name of the action list.
    table : DataFrame or None
        `COLUMNS`, the largest expected value first; None where the report shows no customers.
    customers : int
        Number of customers.
    money : float
        Sum of their expected values; NaN where none is known.
    files : tuple of str
        Links to the files with all rows, relative to the folder of the month.
    act, held_out : int
        Customers of an action list to act on and to leave alone.
    """

    name: str
    kind: Kind
    subject: str
    table: pd.DataFrame | None
    customers: int
    money: float
    files: tuple[str, ...] = ()
    act: int = 0
    held_out: int = 0
    extra: str = ""
    """Name of the column with the dimension of the report; empty without one."""

    @property
    def href(self) -> str:
        """Link to its page, relative to the folder of the month; empty where no page is made."""
        return "" if self.table is None else f"{FOLDER}/{self.name}.html"


def segment_name(segment: str) -> str:
    """Name of the list of a segment.

    Examples
    --------
    >>> segment_name("can't lose"), segment_name("potential loyalist")
    ('segment-can-t-lose', 'segment-potential-loyalist')
    """
    return f"segment-{_plain(segment)}"


def make(customers: Customers, handed_out: Sequence[HandedOut], config: Config) -> tuple[CustomerList, ...]:
    """The lists of a month: action lists, or quiet customers without them; overdue customers, segments and cohorts.
    Nobody makes no list.

    Lists of segments and cohorts need a page that scored the customers, that of overdue customers a page that looked
    for them.
    """
    known, overdue = customers.pages.customers, customers.pages.overdue
    lists = [listing for listing in handed_out if listing.to_act_on is not None]
    if known is None and overdue is None and not lists:
        return ()
    base = _described(known if known is not None else customers.table, customers, config)
    made = [*_of_actions(lists, base)]
    if known is not None and not config.actions and not lists:
        is_quiet = known["probability_alive"] < customers.settings.quiet_below
        made += _of_quiet(base[base.index.isin(_shown(known.loc[is_quiet, "customer_id"], config))])
    if overdue is not None:
        made.append(_list("overdue", "overdue", "", base[base.index.isin(_shown(overdue["customer_id"], config))]))
    if known is not None:
        made += _of_segments(base)
        made += _of_cohorts(base, str(config.parameters.get("period", "month")))
    made = [listing for listing in made if listing.customers]
    return tuple(_anonymous(made) if config.customer_ids == "none" else made)


def _shown(ids: pd.Series, config: Config) -> list[str]:
    return hashed(list(ids.astype("str")), config.secret_of_lists)


def _described(table: pd.DataFrame, customers: Customers, config: Config) -> pd.DataFrame:
    """All customers with the columns of lists, by their id as it is shown."""
    rhythm = customers.rhythm.set_index(customers.rhythm["customer_id"].astype("str"))["usual"]
    table = table.assign(usual_gap=table["customer_id"].astype("str").map(rhythm).astype("float64"))
    if customers.dimension:
        table = table.assign(**{customers.dimension: table["customer_id"].astype("str").map(customers.origin)})
    table = table.assign(customer_id=_shown(table["customer_id"], config))
    extra = [customers.dimension] if customers.dimension else []
    ranked = table.sort_values(["expected_value", "revenue", "customer_id"], ascending=[False, False, True])
    ranked = ranked.set_index(ranked["customer_id"].rename(None))[[*COLUMNS, *extra]]
    ranked["probability_alive"] = ranked["probability_alive"].astype("float64").round(4)
    return ranked


def _list(name: str, kind: Kind, subject: str, table: pd.DataFrame, **more: Any) -> CustomerList:
    files = more.pop("files", (f"{FOLDER}/{name}.csv", f"{FOLDER}/{name}.xlsx"))
    money = float(table["expected_value"].sum(min_count=1))
    extra = next((column for column in table.columns if column not in (*COLUMNS, *_OWN)), "")
    return CustomerList(name, kind, subject, table, len(table), money, files, extra=extra, **more)


def _of_segments(base: pd.DataFrame) -> Iterator[CustomerList]:
    for segment, table in base.groupby("segment", sort=False):
        yield _list(segment_name(str(segment)), "segment", str(segment), table)


def _of_quiet(quiet: pd.DataFrame) -> Iterator[CustomerList]:
    """Customers of good segments who have become quiet, as the page of segments counts them."""
    for name, segments in QUIET.items():
        yield _list(name, "quiet", name, quiet[quiet["segment"].isin(segments)])


def _of_cohorts(base: pd.DataFrame, period: str) -> Iterator[CustomerList]:
    """The cohorts by the period of the first order, the newest first."""
    starts = base["first_order"].dt.to_period(_PERIODS.get(period, "M"))
    for start in sorted(starts.unique(), reverse=True)[:COHORTS]:
        name = f"{start.start_time:%Y-%m}" if period == "month" else f"{start.start_time:%Y-%m-%d}"
        yield _list(f"cohort-{name}", "cohort", name, base[starts == start])


def _of_actions(lists: Iterable[HandedOut], base: pd.DataFrame) -> Iterator[CustomerList]:
    """Action lists with both groups; their files are those in the folder of actions."""
    for listing in lists:
        both = pd.concat([table for table in (listing.to_act_on, listing.to_leave_alone) if table is not None])
        own = both.set_index("customer_id")
        table = base[base.index.isin(own.index)]
        more_columns = {name: own[name].reindex(table.index) for name in _OWN if name in own}
        table = table.assign(**more_columns)
        links = tuple(f"{href}.{end}" for href in (listing.href, listing.held_out_href) for end in ("csv", "xlsx"))
        more = {"files": links, "act": listing.act, "held_out": listing.held_out}
        yield _list(listing.name, "action", listing.name, table, **more)


def _anonymous(made: Iterable[CustomerList]) -> Iterator[CustomerList]:
    """The lists as numbers only."""
    for listing in made:
        yield CustomerList(listing.name, listing.kind, listing.subject, None, listing.customers, listing.money)


def _plain(text: str) -> str:
    """A name that is safe in any file system; names that differ only in signs are told apart by their letters."""
    return re.sub(r"\W+", "-", text.lower()).strip("-")[:60] or "segment"
