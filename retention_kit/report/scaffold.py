"""A first report.toml from a look at the user's CSV: everything that was found, and every key with its meaning."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from retention_kit import load
from retention_kit.errors import ConfigError, DataError
from retention_kit.load.samples import NAMES
from retention_kit.schema import TABLES

__all__ = ["init"]

MOST_VALUES: Final = 24
"""A column with more values than this is no dimension to split a report by."""


@dataclass(frozen=True)
class _Look:
    """What a look at the orders found."""

    where: str
    preset: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    currency: str | None = None
    dimensions: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def init(orders: str | Path | None = None, *, path: str | Path = "report.toml") -> Path:
    """Write a commented report.toml; one that is there is never overwritten.

    Parameters
    ----------
    orders : path or sample name, optional
        What to look at; without it the sample cdnow.
    path : path
        The file to write. The orders are named in it relative to its folder, where they lie below it.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ConfigError
        The file is already there, or the orders are not.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = init(path=Path(folder) / "report.toml")
    ...     written.read_text(encoding="utf-8").splitlines()[3]
    'title = "Customer retention"'
    """
    path = Path(path)
    look = _look(orders, path.parent)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(_written(look))
    except FileExistsError:
        raise ConfigError(f"{path} is already there and is not overwritten; remove it or name another file.") from None
    return path


def _look(orders: str | Path | None, folder: Path) -> _Look:
    if orders is None or str(orders) in NAMES:
        return _Look(str(orders or "cdnow"), currency="USD" if str(orders) != "store" else "EUR")
    where = _relative(Path(orders), folder)
    if not Path(orders).exists():
        raise ConfigError(f"There is no {orders} to look at.")
    try:
        data = load.orders(orders)
    except DataError as fault:
        guess = dict.fromkeys(TABLES["orders"].required, "<its header>")
        return _Look(where, columns=guess, notes=(f"Not readable yet: {fault}",))
    source = data.source
    columns = {} if source.preset else {ours: header for ours, header in source.columns.items() if ours != header}
    counts = (f"{source.rows_read:,} rows: {source.rows_kept:,} kept, {source.rows_refused:,} refused",)
    notes = counts + source.assumptions + tuple(note.text for note in source.warnings)
    return _Look(where, source.preset, columns, data.currency, _dimensions(data.table), notes)


def _relative(orders: Path, folder: Path) -> str:
    here, there = folder.resolve(), orders.resolve()
    return there.relative_to(here).as_posix() if there.is_relative_to(here) else str(there)


def _dimensions(table: Any) -> dict[str, int]:
    """Columns of text that could split the report, with their numbers of values."""
    names = [
        name for name, kind in table.schema().items() if kind.is_string() and TABLES["orders"].column(name) is None
    ]
    if not names:
        return {}
    counts = table.aggregate(**{name: table[name].nunique() for name in names}).to_pandas().iloc[0]
    return {name: int(counts[name]) for name in names if 2 <= counts[name] <= MOST_VALUES}


def _written(look: _Look) -> str:
    source = [f"from = {_text(look.where)}"]
    source.append(f"preset = {_text(look.preset)}" if look.preset else '# preset = "shopify"')
    pairs = ", ".join(f"{_key(ours)} = {_text(header)}" for ours, header in look.columns.items())
    source.append(f"columns = {{ {pairs} }}" if pairs else '# columns = { customer_id = "Client", amount = "Total" }')
    currency = f"currency = {_text(look.currency)}" if look.currency else '# currency = "EUR"'
    could = ", ".join(f"{_comment(name)} ({count} values)" for name, count in look.dimensions.items())
    return _TEMPLATE.format(
        notes="\n".join(f"#   {_comment(note)}" for note in look.notes) or "#   a sample",
        source="\n".join(source),
        currency=currency,
        could=f"Could split it: {could}." if could else "No column of the orders looks like a dimension.",
        split_by=_text(next(iter(look.dimensions), "country")),
    )


def _text(value: str) -> str:
    """As a TOML string: JSON's, but for characters beyond 16 bits, which it would split in two, and for DEL."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    """On one line, without the control characters that TOML allows nowhere."""
    return "".join(character for character in " ".join(text.split()) if unicodedata.category(character) != "Cc")


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else _text(name)


_TEMPLATE: Final = """\
# The monthly report. Make it with: retention-kit report --config report.toml --month YYYY-MM
# Paths are relative to this file. Lines that start with # show what else can be said.

title = "Customer retention"
language = "en"            # en, zh-Hant, pl
{currency}
# timezone = "Europe/Warsaw"   # without it, times are taken as they stand, or as UTC
output = "reports"         # each month becomes a folder in it
# notebooks = ["standard", "own/discounts.ipynb"]   # those that come with the package, and yours
# only = ["overview", "cohorts"]
# {could}
# split_by = {split_by}
# pdf = true
# single_file = true
# customer_ids = "shown"   # on pages, in data and lists; or "hashed", with salt = "env:NAME", or "none"
# cell_timeout = 600       # seconds that one cell may take

# What a look at the orders found:
{notes}
[sources.orders]
{source}
# A database: from = "env:SHOP_URL" (the variable holds the URL with its password), query = "SELECT ..."

# [sources.surveys]                # also: order_lines, subscriptions, visits
# from = "surveys.csv"

# [parameters]                     # values for the notebooks' parameters
# lapse_after = 90

# [[targets]]
# metric = "retention_rate"
# value = 0.35
# owner = "CRM team"
# due = 2026-12-31

# [[alerts]]                       # tripped by the whole interval; --fail-on-alert makes them an exit status
# metric = "churn_rate"
# condition = "> 0.2"

# [actions]                        # whom to write to, as CSV and xlsx; some customers are left alone, as a measure
# holdout = 0.1                    # their share, drawn once per customer for all lists and months
# lists = ["at_risk", "win_back", "champions", "due_to_reorder"]   # a customer is on the first that fits
# overlap = true                   # a customer may be on several lists
# draw = "2026"                    # another text leaves other customers alone
"""
