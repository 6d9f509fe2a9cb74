"""Action lists of a month: whom to write to, why, what they are worth, and who is left alone to see if it helped."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from retention_kit import load
from retention_kit.errors import ConfigError, DataError, FitError
from retention_kit.report import cells, lists
from retention_kit.report.dates import last_day
from retention_kit.report.parameters import closest

__all__ = ["COLUMNS", "FOLDER", "Made", "Written", "faults", "hashed", "make", "salt", "write"]

FOLDER: Final = "actions"
COLUMNS: Final = ("customer_id", "reason", "expected_value", "low", "high", "suggested_date", "group")
_SPLIT: Final = (*COLUMNS, "segment")
_KEYS: Final = ("lists", "holdout", "salt", "due_within", "limit")
_SALT: Final = "actions.salt must be env:NAME, the environment variable that holds the secret the hashes are made with"


@dataclass(frozen=True)
class Made:
    """One list of the whole, the most expected value first and of any length; or why there is none."""

    name: str
    table: pd.DataFrame | None = None
    reason: str = ""


@dataclass(frozen=True)
class Written:
    """One list as it was written, or why it was not."""

    name: str
    title: str
    act: int = 0
    held_out: int = 0
    reason: str = ""

    @property
    def href(self) -> str:
        """Its file, from the index."""
        return f"{FOLDER}/{self.name}.csv"


def faults(actions: Mapping[str, Any], *, hash_ids: bool = False) -> list[str]:
    """Everything that is wrong with ``[actions]``, before anything is read.

    Parameters
    ----------
    actions : mapping
        Keys: lists (which; all without it), holdout (share that is left alone, 0.1), due_within (days ahead that a
        customer is due to reorder, 30), limit (longest length of a list), salt (``"env:NAME"``).
    hash_ids : bool
        Whether the lists carry hashes in place of customer ids: then there must be a salt.

    Examples
    --------
    >>> faults({"holdout": 0.1}), faults({"lists": ["champion"]})
    ([], ['no action list champion, did you mean champions?'])
    """
    if not isinstance(actions, Mapping):
        return []  # its type is checked with all the others
    found = [f"unknown key actions.{key}, {closest(key, _KEYS)}" for key in actions if key not in _KEYS]
    wanted = actions.get("lists", ())
    if isinstance(wanted, (list, tuple)):
        found += [f"no action list {name}, {closest(str(name), lists.TITLES)}" for name in wanted if not _known(name)]
    else:
        found.append(f"actions.lists must be a list, got {wanted!r}")
    holdout = actions.get("holdout", 0.1)
    if not _is_number(holdout) or not 0 <= holdout < 1:
        found.append(f"actions.holdout must be a share from 0 to below 1, got {holdout!r}")
    for key in ("due_within", "limit"):
        if key in actions and (not isinstance(actions[key], int) or isinstance(actions[key], bool) or actions[key] < 1):
            found.append(f"actions.{key} must be a whole number, 1 or more, got {actions[key]!r}")
    return found + (_salt_faults(actions.get("salt")) if actions and (hash_ids or "salt" in actions) else [])


def _known(name: Any) -> bool:
    return isinstance(name, str) and name in lists.TITLES


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _salt_faults(salt: Any) -> list[str]:
    if not isinstance(salt, str) or not salt.startswith("env:"):
        return [_SALT]
    name = salt.removeprefix("env:")
    return [] if os.environ.get(name) else [f"hash_ids needs the environment variable {name}, which is not set"]


def salt(actions: Mapping[str, Any], *, hash_ids: bool) -> bytes | None:
    """The secret that hashes are made with; None where ids stand as they are."""
    return os.environ[actions["salt"].removeprefix("env:")].encode() if hash_ids else None


def hashed(ids: Sequence[str], secret: bytes | None) -> list[str]:
    """Each id as HMAC-SHA256 in hexadecimal digits, or as it is where there is no secret.

    Examples
    --------
    >>> [name[:8] for name in hashed(["a", "b"], b"secret")], hashed(["a"], None)
    (['4048c449', '8caf2958'], ['a'])
    """
    if secret is None:
        return list(ids)
    return [hmac.new(secret, id.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest() for id in ids]


def make(month: str, *, config: Any, workspace: Path, segments: Mapping[str, Path] | None = None) -> tuple[Made, ...]:
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

    Returns
    -------
    tuple of Made
        In the order asked for; one that could not be made says why.
    """
    if not config.actions:
        return ()
    base = lists.Customers(load.orders(str(workspace)), pd.Timestamp(last_day(month)), lists.Settings.of(config))
    of_customer = _segments(segments) if segments else None
    return tuple(_made(name, base, config, of_customer) for name in config.actions.get("lists") or lists.TITLES)


def _made(name: str, base: lists.Customers, config: Any, of_customer: pd.Series | None) -> Made:
    try:
        table = lists.make(name, base)
    except (ConfigError, DataError, FitError) as fault:
        return Made(name, reason=str(fault))
    table["customer_id"] = table["customer_id"].astype("str")
    table["group"] = groups(name, table["customer_id"], config.actions.get("holdout", 0.1))
    return Made(name, table if of_customer is None else table.assign(segment=table["customer_id"].map(of_customer)))


def _segments(folders: Mapping[str, Path]) -> pd.Series:
    """The segment of each customer. Only someone who never bought, and is on no list, can be found in several."""
    found = [
        pd.Series(value, load.orders(str(folder)).table.select("customer_id").distinct().to_pandas()["customer_id"])
        for value, folder in folders.items()
    ]
    every = pd.concat(found)
    return every[~every.index.duplicated()]


def write(folder: Path, made: Sequence[Made], *, config: Any, segment: str | None = None) -> tuple[Written, ...]:
    """Write action lists as CSV, those of the whole or the part of them that is about one segment.

    Parameters
    ----------
    folder : Path
        Of the month, or of the segment in it.
    made : sequence of Made
        `make`: so a customer has the same value, reason and group in the lists of the whole and of the segment.
    config : Config
        With ``actions`` and ``hash_ids``; ``actions.limit`` holds for each file.
    segment : str, optional
        Which one.
    """
    if made:
        (folder / FOLDER).mkdir()
    return tuple(_written(folder / FOLDER, one, config, segment) for one in made)


def _written(folder: Path, one: Made, config: Any, segment: str | None) -> Written:
    title = lists.TITLES[one.name]
    if one.table is None:
        return Written(one.name, title, reason=one.reason)
    table = one.table if segment is None else one.table[one.table["segment"] == segment]
    table = table.head(config.actions.get("limit", len(table)))
    table = table.assign(customer_id=hashed(list(table["customer_id"]), salt(config.actions, hash_ids=config.hash_ids)))
    shown = pa.Table.from_pandas(table[[name for name in _SPLIT if name in table.columns]], preserve_index=False)
    cells.write_csv(folder / f"{one.name}.csv", shown)
    held_out = int((table["group"] == "hold_out").sum())
    return Written(one.name, title, len(table) - held_out, held_out)


def groups(name: str, ids: Sequence[str], holdout: float) -> list[str]:
    """Who is acted on and who is left alone: random, but the same for a customer in every month.

    Parameters
    ----------
    name : str
        The list.
    ids : sequence of str
        Customer ids as in the source.
    holdout : float
        Share to leave alone.

    Examples
    --------
    >>> groups("champions", ["a", "b", "c"], 0.5)
    ['act', 'hold_out', 'act']
    """
    return ["hold_out" if _draw(name, id) < holdout else "act" for id in ids]


def _draw(name: str, id: str) -> float:
    """A number in [0, 1) that depends on the list and the customer only."""
    digest = hashlib.sha256(f"{name}\x1f{id}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
