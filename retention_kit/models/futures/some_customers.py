"""A sample of the customers of a very large order log, the same on every engine and on every day.

A customer is in it where the hash of the id begins with one of so many pairs of hexadecimal digits: whoever is in a
small sample is also in every larger one."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import numpy as np
import numpy.typing as npt

__all__: list[str] = []

PAIRS = 256
"""Pairs of hexadecimal digits: the shares that can be taken are multiples of 1 / 256."""


@ibis.udf.scalar.builtin(name="md5")  # type: ignore[untyped-decorator]
def _md5(text: str) -> str:  # type: ignore[empty-body]
    """Hexadecimal digits; DuckDB, PostgreSQL and Spark have it under this name."""


def pairs_of(customers: npt.ArrayLike, most: float) -> npt.NDArray[np.int_]:
    """How many of the 256 pairs give about `most` of so many customers; all of them where there are no more."""
    share = most / np.maximum(np.asarray(customers, dtype=float), 1.0)
    pairs: npt.NDArray[np.int_] = np.clip(np.rint(share * PAIRS), 1, PAIRS).astype(int)
    return pairs


def some_customers(log: ir.Table, pairs: int) -> ir.Table:
    """The rows of the customers in a sample of so many of the 256 pairs."""
    return log if pairs >= PAIRS else log.filter(_pair(log.customer_id).isin(_first(pairs)))


def some_of_groups(customers: ir.Table, group: str, pairs: dict[str, int]) -> ir.Table:
    """Of a table of customers those in the sample of their group, which has pairs of its own."""
    kept = [(name, pair) for name, many in pairs.items() for pair in _first(many)]
    chosen = ibis.memtable({group: [name for name, _ in kept], "pair": [pair for _, pair in kept]})
    return customers.mutate(pair=_pair(customers.customer_id)).semi_join(chosen, [group, "pair"]).drop("pair")


def _pair(id: ir.StringValue) -> ir.StringValue:
    digits: ir.StringValue = _md5(id.cast("string")).left(2)
    return digits


def _first(pairs: int) -> list[str]:
    return [f"{i:02x}" for i in range(pairs)]
