"""The simulated shop for users: its tables, its truth, and the files on disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError
from retention_kit.simulate.shop import truth
from retention_kit.simulate.shop.dirt import spoil
from retention_kit.simulate.shop.shop_tables import as_csv, clean_tables

STORE_TRUTH: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "bgnbd": MappingProxyType(truth.BGNBD),
        "gamma_gamma": MappingProxyType(truth.GAMMA_GAMMA),
        "shifted_beta_geometric": MappingProxyType(truth.SHIFTED_BETA_GEOMETRIC),
        "affinities": truth.AFFINITIES,
        "price_rise": str(truth.PRICE_RISE),
        "incident": tuple(str(day) for day in truth.INCIDENT),
        "first_day": str(truth.START),
        "last_day": str(truth.END),
    }
)
"""What a good analysis of the shop should find; BG/NBD in weeks with day grain, amounts in EUR."""

DIRTY_FOLDER: Final = "as_exported"


def store(customers: int = truth.CUSTOMERS, *, seed: int = truth.SEED, dirty: bool = False) -> dict[str, pd.DataFrame]:
    """Two years of an invented shop that sells coffee, tea and groceries by weight, in five tables that fit together.

    Parameters
    ----------
    customers : int
        How many people ever order; the other tables grow with them.
    seed : int
        Same seed and size, same shop.
    dirty : bool
        Give the tables as text, as somebody exported them, with a few per cent of spoilt rows and the key to them.

    Returns
    -------
    dict of DataFrame
        orders, order_lines, subscriptions, surveys and visits, with the columns of the schema and the dimensions
        country (PL, TW, US) and channel (web, app). If dirty, also answer_key: table, row (as a spreadsheet counts,
        headers are row 1), rule that `load` refuses it by with as_of="2026-09-30" (empty where it can be read all
        the same), column, written, was.

    Raises
    ------
    ConfigError
        If there are no customers.

    Notes
    -----
    Repeat purchases follow a BG/NBD and amounts a Gamma-Gamma model with the parameters in `STORE_TRUTH`; the season
    is in new customers only, so that both hold exactly. What else is true stands in data/README.md.

    Examples
    --------
    >>> shop = store(50)
    >>> list(shop)
    ['orders', 'order_lines', 'subscriptions', 'surveys', 'visits']
    >>> sorted(shop["orders"]["country"].unique())
    ['PL', 'TW', 'US']
    """
    refuse(customers=(customers, "size"), seed=(seed, "count"), dirty=(dirty, "flag"))
    tables = clean_tables(customers, seed)
    return spoil(tables, seed) if dirty else tables


def write(
    folder: str | Path, *, customers: int = truth.CUSTOMERS, seed: int = truth.SEED, replace: bool = False
) -> list[Path]:
    """Write the simulated shop as CSV files, byte for byte the same from the same seed and size.

    Parameters
    ----------
    folder : path
        Where to; made if need be.
    customers, seed : int
        As for `store`.
    replace : bool
        Whether files of the same names are replaced that hold something else.

    Returns
    -------
    list of Path
        The files: a table each, and in the folder as_exported the dirty version with answer_key.csv.

    Raises
    ------
    ConfigError
        There are no customers, or files of the same names hold something else; nothing was written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     print(*(path.name for path in write(folder, customers=20)[:5]))
    orders.csv order_lines.csv subscriptions.csv surveys.csv visits.csv
    """
    refuse(customers=(customers, "size"), seed=(seed, "count"), replace=(replace, "flag"))
    folder = Path(folder)
    tables = clean_tables(customers, seed)
    files = {folder / f"{name}.csv": table for name, table in tables.items()}
    files |= {folder / DIRTY_FOLDER / f"{name}.csv": table for name, table in spoil(tables, seed).items()}
    contents = {path: as_csv(table) for path, table in files.items()}
    others = [path for path, content in contents.items() if os.path.lexists(path) and not _holds(path, content)]
    if others and not replace:
        names = ", ".join(str(path) for path in others)
        raise ConfigError(f"{names} would be overwritten; choose another folder or ask for it with replace.")
    for path, content in contents.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return list(files)


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content
