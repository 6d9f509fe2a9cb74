"""Accounts of one person: a table of aliases, by which ids are replaced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

import ibis
import pandas as pd

from retention_kit.errors import DataError, join_faults
from retention_kit.load.columns.mapping import plain
from retention_kit.load.columns.typed_columns import Converted
from retention_kit.load.dataset import Note
from retention_kit.load.files.kinds import Layout
from retention_kit.load.one_source.opening import open_source
from retention_kit.load.values.keys import CUSTOMER, KeyReader

ALIAS: Final = "alias"
_SHOWN: Final = 3
"""Contradictions that a message shows as examples."""


@dataclass(frozen=True)
class Identities:
    """Checked pairs of alias and customer_id: no alias leads to two customers or to another alias."""

    pairs: pd.DataFrame


def as_identities(source: Any) -> Identities | None:
    """Read and check a table with the columns alias and customer_id; None where none is given.

    Raises
    ------
    DataError
        The table cannot be read, lacks a column, or contradicts itself; all faults at once, with examples.

    Examples
    --------
    >>> as_identities(pd.DataFrame({"alias": ["ANN@old.example "], "customer_id": ["ann@new.example"]})).pairs
                 alias      customer_id
    0  ann@old.example  ann@new.example
    >>> as_identities(pd.DataFrame({"alias": ["a", "b"], "customer_id": ["b", "c"]}))
    Traceback (most recent call last):
        ...
    retention_kit.errors.DataError: identities: 1 customer is an alias too, which makes a chain or ...
    """
    if source is None or isinstance(source, Identities):
        return source
    raw = open_source(source, None, None, Layout())
    headers = {plain(header): header for header in reversed(raw.headers)}
    missing = [name for name in (ALIAS, CUSTOMER) if name not in headers]
    if missing:
        raise DataError(
            f"identities need the columns alias, customer_id; missing: {', '.join(missing)}. "
            f"Found: {', '.join(raw.headers) or 'none'}"
        )
    columns = {name: raw.table[headers[name]] for name in (ALIAS, CUSTOMER)}
    pairs = _cleaned(raw.table.select(**columns))
    _refuse_contradictions(pairs)
    return Identities(pairs[pairs[ALIAS] != pairs[CUSTOMER]].reset_index(drop=True))


def merged(converted: Converted, identities: Identities | None) -> tuple[Converted, tuple[str, ...], tuple[Note, ...]]:
    """The table with every alias replaced by its customer; how many accounts that merged, or a warning where none."""
    if identities is None or CUSTOMER not in converted.readers or identities.pairs.empty:
        return converted, (), ()
    column = f"__{CUSTOMER}__value"
    names = {ALIAS: "__alias", CUSTOMER: "__merged"}
    pairs = ibis.memtable(identities.pairs.rename(columns=names).astype("str"))
    joined = converted.table.left_join(pairs, converted.table[column] == pairs["__alias"])
    ask = {"accounts": joined["__alias"].nunique(), "rows": joined["__alias"].count()}
    seen = joined.aggregate(**ask).to_pyarrow().to_pylist()[0]
    if not seen["rows"]:
        text = (
            f"identities: none of the {len(identities.pairs):,} aliases is the id of a customer here; "
            "ids must be written alike in both tables"
        )
        return converted, (), (Note("identities_never_met", 0, text),)
    joined = joined.mutate(**{column: joined["__merged"].fill_null(joined[column])}).drop("__alias", "__merged")
    joined = joined.cache() if converted.copied else joined
    note = f"identities: {seen['accounts']:,} accounts ({seen['rows']:,} rows) count as the customers they belong to"
    return replace(converted, table=joined), (note,), ()


def _cleaned(table: ibis.Table) -> pd.DataFrame:
    """Both columns as ids, in the spelling that loading gives them."""
    values = {}
    for name in (ALIAS, CUSTOMER):
        reader = KeyReader(CUSTOMER)
        dirt = reader.dirt(table[name])
        seen = table.aggregate(**{w: v.any() for w, v in dirt.items()}).to_pyarrow().to_pylist()[0] if dirt else {}
        reader = reader.informed(seen)
        cell = reader.cell(table[name])
        ask = reader.evidence({"cell": cell})
        counts = table.aggregate(**ask).to_pyarrow().to_pylist()[0] if ask else {}
        values[name] = reader.settle({k: v or 0 for k, v in counts.items()}).value({"cell": cell})
    pairs: pd.DataFrame = table.select(**values).distinct().order_by([ALIAS, CUSTOMER]).to_pandas()
    return pairs


def _refuse_contradictions(pairs: pd.DataFrame) -> None:
    """One error for empty cells, aliases of two customers, and customers that are aliases themselves."""
    faults = []
    empty = int(pairs.isna().any(axis=1).sum())
    if empty:
        faults.append(f"identities: {empty:,} rows lack an alias or a customer_id; fill them or leave them out")
    complete = pairs.dropna().drop_duplicates()
    complete = complete[complete[ALIAS] != complete[CUSTOMER]]
    several = complete[complete.duplicated(ALIAS, keep=False)].sort_values([ALIAS, CUSTOMER])
    if len(several):
        groups = several.groupby(ALIAS)[CUSTOMER].agg(" and ".join).head(_SHOWN)
        faults.append(
            f"identities: {several[ALIAS].nunique():,} aliases lead to several customers "
            f"({_listed(f'{alias} → {ids}' for alias, ids in groups.items())}); keep one for each"
        )
    chains = complete.merge(complete.rename(columns={ALIAS: CUSTOMER, CUSTOMER: "end"}), on=CUSTOMER)
    if len(chains):
        n = chains[CUSTOMER].nunique()
        shown = chains.sort_values([ALIAS, CUSTOMER]).head(_SHOWN)
        paths = (f"{a} → {b} → {c}" for a, b, c in shown[[ALIAS, CUSTOMER, "end"]].itertuples(index=False))
        faults.append(
            f"identities: {n:,} {'customer is an alias' if n == 1 else 'customers are aliases'} too, which makes a "
            f"chain or a cycle ({_listed(paths)}); let every alias lead to the customer at the end"
        )
    if faults:
        raise DataError(join_faults(faults))


def _listed(texts: Iterable[str]) -> str:
    return "; ".join(texts)
