"""The same payment seen by a shop and by a payment provider: found in the engine, by reference or by its facts.

Sources are compared in their order of precedence: a row may repeat a row of a source before its own, never one of its
own source. Sets of rows are joined; the only loops are over sources and over rounds of one-to-one matching.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
from ibis import _

from retention_kit.load.several.pairs import (
    FEW_MINUTES,
    OF_KEY,
    PAIR,
    ROW_KEY,
    alike,
    best,
    minutes_between,
    near_in_time,
    nearest,
    not_repeated,
    of,
    without,
)
from retention_kit.load.several.references import PAYMENTS, SURE, Compared, kept, tokens
from retention_kit.load.sources.raw_table import ID

_SHORT = 4
"""A number with fewer characters needs two other facts: 7 may also be a quantity."""


@dataclass(frozen=True)
class Repeats:
    """The result of the comparison.

    Parameters
    ----------
    rows : Ibis table
        part, id of a row; of_part, of_id of the row that it repeats; how ("reference" or "facts") and minutes between.
    refunds : Ibis table
        Refunds that their shop does not know, with the order to which they belong.
    keys : tuple of Ibis tables
        The facts of all kept rows of each source.
    """

    rows: ir.Table
    refunds: ir.Table
    keys: tuple[ir.Table, ...]


def find_repeats(sources: Sequence[Compared]) -> Repeats:
    """Rows that repeat a row of a source before their own; `sources` are in order of precedence."""
    keys = tuple(_keys(source, number).cache() for number, source in enumerate(sources))
    names = [tokens(source, number).cache() for number, source in enumerate(sources)]
    rows = refunds = ibis.memtable([], schema=PAIR).cache()
    for number in range(1, len(sources)):
        earlier = without(under(keys[:number]), rows, ROW_KEY).cache()
        repeated, unknown = _repeats_of(number, sources, keys[number], names[number], earlier, under(names[:number]))
        rows, refunds = rows.union(repeated).cache(), refunds.union(unknown).cache()
    return Repeats(rows, refunds, keys)


def under(tables: Sequence[ir.Table]) -> ir.Table:
    """Tables with the same columns as one table."""
    return ibis.union(*tables) if len(tables) > 1 else tables[0]


def _keys(source: Compared, number: int) -> ir.Table:
    """The facts of the kept rows: customer, amount before refunds, currency, sum given back, moment."""
    rows, money = kept(source.judged), source.judged.money
    exchanged = "currency_as_read" in money.originals
    net = rows["amount_as_read"] if exchanged else rows["__amount__value"]
    gross = rows["__amount__gross"] if "__amount__gross" in rows.columns else net
    codes = "currency_as_read" if exchanged else "__currency__value"
    currency = rows[codes] if codes in rows.columns else ibis.null("string")
    return rows.select(
        part=ibis.literal(number, "int64"),
        id=rows[ID].cast("int64"),
        customer=rows["__customer_id__value"],
        payment=(gross >= 0),
        gross=gross.cast("decimal(18, 4)"),
        refunded=(gross - net).cast("decimal(18, 4)"),
        currency=currency.fill_null(money.currency or ""),
        moment=rows["__ordered_at__value"].cast("timestamp"),
        days=ibis.literal(source.days),
    )


def _repeats_of(
    number: int,
    sources: Sequence[Compared],
    rows: ir.Table,
    names: ir.Table,
    earlier: ir.Table,
    earlier_names: ir.Table,
) -> tuple[ir.Table, ir.Table]:
    """The rows of one source that repeat a row before it, and its refunds of orders whose shop does not know them."""
    named = _named(number, sources, rows, names, earlier, earlier_names).cache()
    candidates = comparable(number, sources, earlier)
    paid = _repeated(rows.filter(_.payment), candidates.filter(_.payment), named.filter(_.payment & _.of_payment))
    back, others = rows.filter(~_.payment), candidates.filter(~_.payment)
    returned = _repeated(back, others, named.filter(~_.payment & ~_.of_payment))
    left = without(back, returned, ROW_KEY)
    own = _of_own_payments(left, rows, names).cache()
    orders = _orders_of_refunds(own, named, paid).cache()
    covered, unknown = _covered(left, orders, earlier)
    refunded = not_repeated(candidates.filter(_.payment & (_.refunded > 0)), orders)
    nameless = without(without(left, orders, ROW_KEY), own, ROW_KEY)  # the refund of a payment that is kept is kept too
    alone = _by_sum_given_back(nameless, refunded)
    return ibis.union(paid, returned, covered, alone), unknown


def _repeated(rows: ir.Table, others: ir.Table, named: ir.Table) -> ir.Table:
    """Rows that repeat another one: by reference, or else one-to-one by customer, amount and time."""
    by_name = best(named).cache()
    pairs = nearest(alike(without(rows, by_name, ROW_KEY), not_repeated(others, by_name)))
    return by_name.union(pairs).cache()


def _named(
    number: int,
    sources: Sequence[Compared],
    rows: ir.Table,
    names: ir.Table,
    earlier: ir.Table,
    earlier_names: ir.Table,
) -> ir.Table:
    """Pairs of rows of which one names the other, as far as the other facts agree.

    An id of `SURE` characters needs no other fact. A shorter number that a text mentions needs one (customer, amount or
    time), a very short one two. Where both only have a number of their own, as two shops may, it needs customer and
    time.
    """
    theirs = earlier_names.rename(of_part="part", of_id="id", of_kind="kind")
    pairs = names.inner_join(theirs, "token").filter((_.kind != "text") | (_.of_kind != "text"))
    pairs = pairs.inner_join(rows, ROW_KEY).inner_join(of(earlier), OF_KEY)
    pairs = pairs.mutate(minutes=minutes_between(pairs))
    customer = (pairs.customer == pairs.of_customer).fill_null(False)
    same = ibis.ifelse(
        pairs.payment == pairs.of_payment, pairs.gross == pairs.of_gross, -pairs.gross == pairs.of_refunded
    )
    near = near_in_time(pairs)
    facts = customer.cast("int64") + (same & (pairs.currency == pairs.of_currency)).cast("int64") + near.cast("int64")
    sure = pairs.token.length() >= SURE
    strict = (pairs.kind == "number") & (pairs.of_kind == "number")
    alike = pairs.of_part.isin(_same_kind(number, sources) or [-1])
    providers = pairs.of_part.isin(_other_providers(number, sources) or [-1])
    accepted = ibis.cases(
        (alike, (pairs.kind == pairs.of_kind) & (sure | (customer & near))),
        (providers, sure),
        (strict, sure | (customer & near)),
        else_=sure | (facts >= ibis.ifelse(pairs.token.length() < _SHORT, 2, 1)),
    )
    pairs = pairs.mutate(score=facts + ibis.ifelse(sure, 4, 0))
    return pairs.filter(accepted)


def _same_kind(number: int, sources: Sequence[Compared]) -> list[int]:
    """Sources before it that are exports of the same vendor or layout."""
    return [i for i, source in enumerate(sources[:number]) if source.kind == sources[number].kind]


def _other_providers(number: int, sources: Sequence[Compared]) -> list[int]:
    """Payment providers before a payment provider."""
    others = [i for i, source in enumerate(sources[:number]) if source.role == sources[number].role == PAYMENTS]
    return [i for i in others if i not in _same_kind(number, sources)]


def comparable(number: int, sources: Sequence[Compared], earlier: ir.Table) -> ir.Table:
    """Rows that may be the same by their facts alone, without a reference.

    The money of one payment provider is not that of another, and two exports of one vendor distinguish their orders by
    number.
    """
    out = _same_kind(number, sources) + _other_providers(number, sources)
    return earlier.filter(~_.part.isin(out)) if out else earlier


def _of_own_payments(left: ir.Table, rows: ir.Table, names: ir.Table) -> ir.Table:
    """Refunds with the payment of their own source that they name."""
    payments = names.filter(_.kind != "text").rename(parent="id", parent_kind="kind").drop("part", "parent_kind")
    links = names.inner_join(payments, "token").filter(_.id != _.parent).select("id", "parent")
    facts = rows.filter(_.payment).select(parent=_.id, of_customer=_.customer, of_gross=_.gross)
    refunds = left.inner_join(links.distinct(), "id").inner_join(facts, "parent")
    return refunds.filter((_.customer == _.of_customer) & (-_.gross <= _.of_gross))


def _orders_of_refunds(own: ir.Table, named: ir.Table, paid: ir.Table) -> ir.Table:
    """The order of another source to which a refund belongs: the one that it names, or that of the payment it names."""
    direct = best(named.filter(~_.payment & _.of_payment))
    orders = paid.select(parent=_.id, of_part=_.of_part, of_id=_.of_id)
    through = own.inner_join(orders, "parent").mutate(minutes=ibis.literal(0, "int64"), score=ibis.literal(0))
    return direct.union(best(without(through, direct, ROW_KEY)))


def _covered(left: ir.Table, orders: ir.Table, earlier: ir.Table) -> tuple[ir.Table, ir.Table]:
    """Refunds that the order of the shop has taken off already, in order of time; and those that exceed it."""
    refunded = of(earlier.select("part", "id", "refunded"))
    pairs = left.inner_join(orders, ROW_KEY).inner_join(refunded, OF_KEY)
    before = ibis.window(group_by=OF_KEY, order_by=["moment", "id"], following=0)
    pairs = pairs.mutate(given_back=(-_.gross).sum().over(before) + _.gross).cache()
    off = pairs.given_back < pairs.of_refunded
    columns = [*ROW_KEY, *OF_KEY, "how", "minutes"]
    return pairs.filter(off).select(*columns), pairs.filter(~off).select(*columns)


def _by_sum_given_back(refunds: ir.Table, orders: ir.Table) -> ir.Table:
    """Refunds that name nothing: one-to-one with earlier orders of the customer that were lowered by the same sum."""
    theirs = of(orders)
    same = [refunds.customer == theirs.of_customer, refunds.currency == theirs.of_currency]
    pairs = refunds.inner_join(theirs, [*same, -refunds.gross == theirs.of_refunded])
    pairs = pairs.filter(_.of_moment <= _.moment + ibis.interval(minutes=FEW_MINUTES))
    return nearest(pairs.mutate(minutes=minutes_between(pairs)))
