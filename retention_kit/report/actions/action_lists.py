"""Action lists of a month: whom to write to, why, what they are worth, and who is left alone to see if it helped.

A customer is on one list only, the first that fits, and is acted on or left alone on all of them: one draw per
customer decides that, whatever the list and the month. Without both rules whoever is left alone by one list is written
to through another, and the comparison of the next month says nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from retention_kit import load
from retention_kit.errors import ConfigError, DataError, FitError
from retention_kit.report.actions import list_rules
from retention_kit.report.settings.action_settings import DRAW, HOLDOUT
from retention_kit.report.settings.months import last_day

__all__ = ["Made", "groups", "make"]


@dataclass(frozen=True)
class Made:
    """One list of the whole, both groups, the most expected value first and of any length; or why there is none."""

    name: str
    table: pd.DataFrame | None = None
    reason: str = ""


def make(
    month: str,
    *,
    config: Any,
    workspace: Path,
    segments: Mapping[str, Path] | None = None,
    model: str = "auto",
) -> tuple[Made, ...]:
    """Make the action lists of a month for the whole; none where the configuration asks for none.

    Parameters
    ----------
    month : str
        ``"YYYY-MM"``: the lists are as of its last day.
    config : Config
        With ``actions``.
    workspace : Path
        Folder with the run's validated orders.
    segments : mapping of str to Path, optional
        Each segment that the report is split into, with the folder of its orders: the lists then name the segment of
        each customer.
    model : str
        The month's model of value; "auto" chooses it here.

    Returns
    -------
    tuple of Made
        In the order asked for; one that could not be made says why.

    Notes
    -----
    Unless ``actions.overlap`` is true, a customer is only on the first list of this order that fits.
    """
    names = tuple(config.actions.get("lists") or list_rules.TITLES) if config.actions else ()
    if not (workspace / "orders.parquet").is_file():
        return tuple(Made(name, reason="it needs orders") for name in names)
    settings = list_rules.Settings.of(config, model)
    base = list_rules.Customers(load.orders(str(workspace)), pd.Timestamp(last_day(month)), settings)
    of_customer = _segments(segments) if segments and names else None
    made = [_made(name, base, config, of_customer) for name in names]
    return tuple(made if config.actions.get("overlap") else _exclusive(made))


def _made(name: str, base: list_rules.Customers, config: Any, of_customer: pd.Series | None) -> Made:
    try:
        table = list_rules.make(name, base)
    except (ConfigError, DataError, FitError) as fault:
        return Made(name, reason=str(fault))
    table["customer_id"] = table["customer_id"].astype("str")
    holdout, draw = config.actions.get("holdout", HOLDOUT), config.actions.get("draw", DRAW)
    table["group"] = groups(table["customer_id"], holdout, draw)
    return Made(name, table if of_customer is None else table.assign(segment=table["customer_id"].map(of_customer)))


def _exclusive(made: Sequence[Made]) -> Iterator[Made]:
    """The lists without the customers of the lists before them."""
    listed = pd.Series([], dtype="str")
    for one in made:
        if one.table is None:
            yield one
            continue
        table = one.table[~one.table["customer_id"].isin(listed)].reset_index(drop=True)
        listed = pd.concat([listed, table["customer_id"]])
        yield replace(one, table=table)


def _segments(folders: Mapping[str, Path]) -> pd.Series:
    """The segment of each customer. Only someone who never bought, and is on no list, can be found in several."""
    found = [
        pd.Series(value, load.orders(str(folder)).table.select("customer_id").distinct().to_pandas()["customer_id"])
        for value, folder in folders.items()
    ]
    every = pd.concat(found)
    return every[~every.index.duplicated()]


def groups(ids: Sequence[str] | pd.Series, holdout: float, draw: str = DRAW) -> list[str]:
    """Who is acted on and who is left alone: random, but the same for a customer on every list and in every month.

    Parameters
    ----------
    ids : sequence of str
        Customer ids as in the source.
    holdout : float
        Share to leave alone.
    draw : str
        Key of the draw: another one leaves other customers alone.

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
