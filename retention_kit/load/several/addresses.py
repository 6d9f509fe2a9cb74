"""Identifies customers of several sources by what the sources share: the e-mail address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import ibis
import ibis.expr.types as ir

from retention_kit.load.dataset import Note
from retention_kit.load.one_source.judging import Judged
from retention_kit.load.several.references import Compared, kept
from retention_kit.load.values.reader import trimmed


def known_by_address(source: Judged) -> Judged:
    """Customers by their e-mail address in lower case; an account with an address in another row is identified by it.

    A provider's own id of a customer means nothing to a shop; the address is what both know.
    """
    column = "__customer_id__value"
    if column not in source.table.columns:
        return source
    table = source.table
    address = _is_address(table[column])
    table = table.mutate(**{column: ibis.ifelse(address, table[column].lower(), table[column])})
    account = _account(source)
    if account is not None:
        rows = table.mutate(__account=trimmed(table[account].cast("string")).nullif(""))
        rows = rows.filter(rows["__account"].notnull() & _is_address(rows[column]) & ~_is_address(rows["__account"]))
        addresses = rows.group_by("__account")
        addresses = addresses.aggregate(__address=rows[column].min(), __addresses=rows[column].nunique()).cache()
        addresses = addresses.filter(addresses["__addresses"] == 1).drop("__addresses")
        joined = table.left_join(addresses, table[column] == addresses["__account"])
        table = joined.mutate(**{column: joined["__address"].fill_null(joined[column])}).drop("__account", "__address")
    return replace(source, table=table.cache())


def _is_address(value: ir.Value) -> ir.BooleanValue:
    return value.re_search("^[^@ ]+@[^@ ]+$").fill_null(False)


def _account(source: Judged) -> str | None:
    """The header of a provider's own customer id, where an address takes precedence over it."""
    headers = source.prepared.labels.get("__customer_id", "").split(" | ")
    return headers[1] if len(headers) == 2 else None


def strangers(sources: Sequence[Compared]) -> list[Note]:
    """A note if some sources identify customers by address and others do not."""
    shares = {}
    for source in sources:
        rows = kept(source.judged)
        share = _is_address(rows["__customer_id__value"]).cast("float64").mean()
        answer = rows.aggregate(share=share).to_pyarrow().to_pylist()[0]["share"]
        if answer is not None:
            shares[source.label] = answer
    by_address = [name for name, share in shares.items() if share > 0.5]
    otherwise = [name for name, share in shares.items() if share <= 0.5]
    if not by_address or not otherwise:
        return []
    text = (
        f"customers are known by e-mail address in {', '.join(by_address)} and by another key in "
        f"{', '.join(otherwise)}: the same person is two customers there"
    )
    return [Note("different_customer_keys", 0, text)]
