"""Action lists of a month: customers to contact, with reason and value, and customers left alone for comparison.

A customer is on one list only, the first that fits, and is contacted or left alone on all of them: one draw per
customer decides that, whatever the list and the month. Without both rules, customers left alone by one list would be
contacted through another, and next month's comparison would mean nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from retention_kit import load
from retention_kit.errors import ConfigError, DataError, FitError
from retention_kit.load.dataset import is_saved
from retention_kit.report.actions import list_rules
from retention_kit.report.actions.month_customers import Customers, of_day
from retention_kit.report.language import report_wording
from retention_kit.report.notebooks.splitting import Part
from retention_kit.report.settings.action_settings import DRAW, HOLDOUT
from retention_kit.report.settings.config import Config
from retention_kit.report.settings.id_settings import hashed

FOLDER: Final = "actions"
HELD_OUT: Final = "_hold_out"
"""Suffix of the name of the file with the customers to leave alone."""
COLUMNS: Final = ("customer_id", "reason", "expected_value", "low", "high", "suggested_date", "group")
_SPLIT: Final = (*COLUMNS, "segment")


@dataclass(frozen=True)
class ActionList:
    """One list over all customers: both groups, highest expected value first, without a limit; or why there is none."""

    name: str
    table: pd.DataFrame | None = None
    reason: str = ""


@dataclass(frozen=True)
class HandedOut:
    """One list as it is published, or the reason why it is missing; `left_off` counts those beyond
    ``actions.limit``."""

    name: str
    reason: str = ""
    to_act_on: pd.DataFrame | None = None
    to_leave_alone: pd.DataFrame | None = None
    left_off: int = 0

    @property
    def title(self) -> str:
        """Title of the list."""
        return list_rules.TITLES[self.name]

    @property
    def act(self) -> int:
        """Number of customers to act on."""
        return 0 if self.to_act_on is None else len(self.to_act_on)

    @property
    def held_out(self) -> int:
        """Number of customers to leave alone."""
        return 0 if self.to_leave_alone is None else len(self.to_leave_alone)

    @property
    def href(self) -> str:
        """Path of the file of customers to act on, relative to the index, without its ending."""
        return f"{FOLDER}/{self.name}"

    @property
    def held_out_href(self) -> str:
        """Path of the file of customers to leave alone, relative to the index, without its ending."""
        return f"{FOLDER}/{self.name}{HELD_OUT}"


def handed_out(lists: Sequence[ActionList], *, config: Config, segment: str | None = None) -> tuple[HandedOut, ...]:
    """The lists over all customers, or their rows of one segment, with ids as they are published.

    Parameters
    ----------
    lists : sequence of ActionList
        From `make`. A customer has the same value, reason and group in the lists over all customers and of a segment.
    config : Config
        Its ``actions`` and ``hash_ids`` are used; ``actions.limit`` is for each list, both groups together.
    segment : str, optional
        Value of the segment; None for all customers.
    """
    return tuple(_handed_out(listing, config, segment) for listing in lists)


def _handed_out(listing: ActionList, config: Config, segment: str | None) -> HandedOut:
    if listing.table is None:
        return HandedOut(listing.name, report_wording.said(listing.reason, config.language))
    every = listing.table if segment is None else listing.table[listing.table["segment"] == segment]
    table = every.head(config.action_lists.limit or len(every))
    table = table.assign(reason=[report_wording.said(reason, config.language) for reason in table["reason"]])
    table = table.assign(customer_id=hashed(list(table["customer_id"]), config.secret_of_lists))
    table = table[[name for name in _SPLIT if name in table.columns]]
    left_alone = table["group"] == "hold_out"
    return HandedOut(listing.name, "", table[~left_alone], table[left_alone], len(every) - len(table))


def of_parts(
    month: str, parts: Sequence[Part], config: Config, model: str, customers: Customers | None
) -> tuple[ActionList, ...]:
    """Action lists over all customers of a report, with the segment of each customer where it is split."""
    main_part, *segments = parts
    folders = {part.plan.segment.value: part.data.folder for part in segments if part.plan.segment}
    return make(
        main_part.data.last_counted(month),
        config=config,
        workspace=main_part.data.folder,
        segments=folders,
        model=model,
        customers=customers,
    )


def make(
    as_of: date,
    *,
    config: Config,
    workspace: Path,
    segments: Mapping[str, Path] | None = None,
    model: str = "auto",
    customers: Customers | None = None,
) -> tuple[ActionList, ...]:
    """Make the action lists of a day over all customers; none where the configuration asks for none.

    Parameters
    ----------
    as_of : date
        Last day that counts.
    config : Config
        Its ``actions`` say which lists to make.
    workspace : Path
        Folder with the run's validated orders.
    segments : mapping of str to Path, optional
        Each segment that the report is split into, with the folder of its orders: the lists then name the segment of
        each customer.
    model : str
        Value model of the month; "auto" chooses it here.
    customers : Customers, optional
        The customers of the day with what its pages know about them; otherwise they are computed here.

    Returns
    -------
    tuple of ActionList
        In the requested order; a list that could not be made holds the reason.

    Notes
    -----
    Unless ``actions.overlap`` is true, a customer is only on the first list of this order that fits.
    """
    names = config.action_lists.lists
    if not is_saved(workspace, "orders"):
        return tuple(ActionList(name, reason="it needs orders") for name in names)
    base = customers or of_day(as_of, config, workspace, model)
    of_customer = _segments(segments) if segments and names else None
    made = [_made(name, base, config, of_customer) for name in names]
    return tuple(made if config.action_lists.overlap else _exclusive(made))


def _made(name: str, base: Customers, config: Config, of_customer: pd.Series | None) -> ActionList:
    try:
        table = list_rules.make(name, base)
    except (ConfigError, DataError, FitError) as fault:
        return ActionList(name, reason=str(fault))
    table["customer_id"] = table["customer_id"].astype("str")
    table["group"] = groups(table["customer_id"], config.action_lists.holdout, config.action_lists.draw)
    return ActionList(
        name, table if of_customer is None else table.assign(segment=table["customer_id"].map(of_customer))
    )


def _exclusive(made: Sequence[ActionList]) -> Iterator[ActionList]:
    """The lists without the customers of the lists before them."""
    listed = pd.Series([], dtype="str")
    for listing in made:
        if listing.table is None:
            yield listing
            continue
        table = listing.table[~listing.table["customer_id"].isin(listed)].reset_index(drop=True)
        listed = pd.concat([listed, table["customer_id"]])
        yield replace(listing, table=table)


def _segments(folders: Mapping[str, Path]) -> pd.Series:
    """The segment of each customer. Only customers who never bought, and are on no list, can occur in several."""
    by_segment = [
        pd.Series(value, load.orders(str(folder)).table.select("customer_id").distinct().to_pandas()["customer_id"])
        for value, folder in folders.items()
    ]
    every = pd.concat(by_segment)
    return every[~every.index.duplicated()]


def groups(ids: Sequence[str] | pd.Series, holdout: float = HOLDOUT, draw: str = DRAW) -> list[str]:
    """Assign each customer to "act" or "hold_out": at random, but alike on every list and in every month.

    Parameters
    ----------
    ids : sequence of str
        Customer ids as in the source.
    holdout : float
        Share to leave alone.
    draw : str
        Key of the draw: a different key leaves different customers alone.

    Notes
    -----
    A customer is left alone where SHA-256 of key and id, as a number in [0, 1), is below the share. So a larger share
    only adds customers to those who are left alone.

    Examples
    --------
    >>> groups(["a", "b", "c"], 0.3)
    ['act', 'hold_out', 'act']
    """
    return ["hold_out" if _uniform(draw, id) < holdout else "act" for id in ids]


def _uniform(draw: str, id: str) -> float:
    """A number in [0, 1) that depends on the key and the customer only."""
    digest = hashlib.sha256(f"{draw}\x1f{id}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
