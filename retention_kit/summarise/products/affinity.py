"""Orders with their products: which products are bought together, and which follow in second orders."""

from __future__ import annotations

import datetime as dt
from typing import Final

import ibis
import ibis.expr.types as ir
import pandas as pd

from retention_kit.arguments import refuse
from retention_kit.errors import ConfigError, DataError
from retention_kit.summarise.common.calendar_periods import as_day, day_number
from retention_kit.summarise.common.matching_ids import warn_where_few_meet
from retention_kit.summarise.common.order_log import Orders, as_table, orders_until, purchases
from retention_kit.summarise.common.wilson import wilson

_NOTHING: Final = "no order up to {} has lines; as_of must be later, and order_id must agree in both tables"


def product_pairs(
    orders: Orders, lines: Orders, *, as_of: str | dt.date, min_count: int = 10, within: str = "order"
) -> pd.DataFrame:
    r"""Pairs of products that are bought together, in both directions.

    Parameters
    ----------
    orders : Dataset, Ibis table or DataFrame
        The order log, with order_id.
    lines : Dataset, Ibis table or DataFrame
        Its lines: order_id, product.
    as_of : str or date
        Last day that counts.
    min_count : int
        Pairs found together in fewer baskets are left out: their lift is mostly chance.
    within : {"order", "customer"}
        A basket is one order, or everything that a customer has ordered so far.

    Returns
    -------
    DataFrame
        One row per ordered pair, most lift first. product, other; together: baskets with both; with_product,
        with_other: baskets with each; baskets: all of them; support: together / baskets; confidence: together /
        with_product, the share of its baskets that hold the other one too, with its 95 % Wilson interval low, high;
        lift.

    Raises
    ------
    DataError
        When no order up to as_of has lines, or a column is missing.
    ConfigError
        When as_of, min_count or within cannot be read.

    Notes
    -----
    .. math:: \text{lift}(A \to B) = \frac{P(B \mid A)}{P(B)} = \frac{n_{AB} \, n}{n_A n_B}

    Agrawal, Imieliński and Swami (1993). Lift 1 is chance; it is the same in both directions. Among many pairs some
    will stand out by chance alone: look at the interval, and raise min_count.

    Examples
    --------
    >>> orders = pd.DataFrame({"customer_id": ["a", "b", "c", "d"], "ordered_at": pd.to_datetime(["2024-01-05"] * 4),
    ...                        "amount": 9, "order_id": ["1", "2", "3", "4"]})
    >>> lines = pd.DataFrame({"order_id": ["1", "1", "2", "2", "3", "4"],
    ...                       "product": ["oats", "raisins", "oats", "raisins", "oats", "tea"]})
    >>> table = product_pairs(orders, lines, as_of="2024-01-31", min_count=2)
    >>> table[["product", "other", "together", "support", "confidence", "lift"]].round(3)
       product    other  together  support  confidence   lift
    0     oats  raisins         2      0.5       0.667  1.333
    1  raisins     oats         2      0.5       1.000  1.333
    """
    refuse(min_count=(min_count, "count"))
    if within not in ("order", "customer"):
        raise ConfigError(f"within is 'order' or 'customer'; got {within!r}")
    day = _checked(as_of, min_count)
    rows = baskets(orders, lines, day)
    rows = rows.select(basket=rows.order_id if within == "order" else rows.customer_id, item=rows["product"]).distinct()
    total = int(rows.basket.nunique().to_pandas())
    if not total:
        raise DataError(_NOTHING.format(day))
    pairs = _together(rows, rows, min_count).rename(columns={"item": "product", "next_item": "other"})
    # A product pairs with itself in every basket that contains it.
    alone = pairs["product"] == pairs["other"]
    singles, table = pairs[alone].set_index("product")["together"], pairs[~alone].reset_index(drop=True)
    table["with_product"] = table["product"].map(singles).astype("int64")
    table["with_other"] = table["other"].map(singles).astype("int64")
    table["baskets"] = total
    table["support"] = table["together"] / total
    table = _measures(table, table["with_product"], table["with_other"] / total)
    columns = ["product", "other", "together", "with_product", "with_other", "baskets", "support"]
    return table[[*columns, "confidence", "low", "high", "lift"]]


def second_orders(orders: Orders, lines: Orders, *, as_of: str | dt.date, min_count: int = 10) -> pd.DataFrame:
    r"""Products of second orders by products of first orders.

    Parameters
    ----------
    orders, lines : Dataset, Ibis table or DataFrame
        The order log with order_id, and its lines: order_id, product.
    as_of : str or date
        Last day that counts.
    min_count : int
        Pairs that fewer customers have are left out.

    Returns
    -------
    DataFrame
        One row per product of first orders and product of second orders, most lift first. first, second; customers:
        who have both; buyers: whose first order held the first product; back: those of them with a second order;
        confidence: customers / back, with its 95 % Wilson interval low, high; usual: share of all second orders that
        hold the second product; lift: confidence / usual; came_back: back / buyers.

    Raises
    ------
    DataError
        When no order up to as_of has lines, or a column is missing.
    ConfigError
        When as_of or min_count cannot be read.

    Notes
    -----
    All orders of a customer's first day together are the first order, those of the next day with an order the second,
    as in `time_to_order`. Buyers of late first orders have had less time to come back: came_back is a lower limit.

    Examples
    --------
    >>> days = pd.to_datetime(["2024-01-05", "2024-01-09", "2024-01-06", "2024-01-20", "2024-01-07"])
    >>> orders = pd.DataFrame({"customer_id": ["a", "a", "b", "b", "c"], "ordered_at": days, "amount": 9,
    ...                        "order_id": ["1", "2", "3", "4", "5"]})
    >>> lines = pd.DataFrame({"order_id": ["1", "2", "3", "4", "5"], "product": ["pot", "tea", "pot", "tea", "pot"]})
    >>> table = second_orders(orders, lines, as_of="2024-01-31", min_count=1)
    >>> table[["first", "second", "customers", "buyers", "back", "confidence", "lift"]]
      first second  customers  buyers  back  confidence  lift
    0   pot    tea          2       3     2         1.0   1.0
    """
    refuse(min_count=(min_count, "count"))
    day = _checked(as_of, min_count)
    rows = baskets(orders, lines, day, placed=True)
    placed = (
        rows.filter(rows.place <= 2).select("place", basket=rows.customer_id, item=rows["product"]).distinct().cache()
    )
    held = placed.group_by(["place", "item"]).agg(n=placed.count()).to_pandas().set_index("item")
    if held.empty and not int(rows.count().to_pandas()):
        raise DataError(_NOTHING.format(day))
    first, second = placed.filter(placed.place == 1), placed.filter(placed.place == 2)
    back = first.semi_join(second, "basket")
    everybody = int(second.basket.nunique().to_pandas())
    counts = {
        "buyers": held.loc[held["place"] == 1, "n"],
        "back": back.group_by("item").agg(n=back.count()).to_pandas().set_index("item")["n"],
    }
    table = _together(first, second, min_count)
    table = table.rename(columns={"item": "first", "next_item": "second", "together": "customers"})
    for name, values in counts.items():
        table[name] = table["first"].map(values).astype("int64")
    table["usual"] = table["second"].map(held.loc[held["place"] == 2, "n"]).astype("int64") / max(everybody, 1)
    table["came_back"] = table["back"] / table["buyers"]
    table = _measures(table.assign(together=table["customers"]), table["back"], table["usual"])
    columns = ["first", "second", "customers", "buyers", "back", "confidence", "low", "high", "usual", "lift"]
    return table[[*columns, "came_back"]]


def baskets(orders: Orders, lines: Orders, as_of: dt.date, *, placed: bool = False) -> ir.Table:
    """One row per line of an order up to as_of: customer_id, order_id, day (number), product.

    With `placed` also `place`: 1 on the customer's first day with an order, 2 on the next … Refunds are not orders, and
    lines with a negative quantity or amount are returns: neither counts as a purchase. An order may have several lines
    with the same product.
    """
    bought = purchases(orders_until(orders, as_of))
    if "order_id" not in bought.columns:
        raise DataError(f"orders need the column order_id to be joined to lines; found {', '.join(bought.columns)}")
    rows = as_table(lines, "order_lines")
    warn_where_few_meet(bought, rows, "order_id", whose="orders", where="the lines")
    for name in ("quantity", "amount"):
        if name in rows.columns:
            rows = rows.filter(rows[name].isnull() | (rows[name] >= 0))
    dated = bought.select("customer_id", "order_id", day=day_number(bought.ordered_at))
    if placed:
        dated = dated.mutate(place=ibis.dense_rank().over(ibis.window(group_by="customer_id", order_by="day")) + 1)
    return dated.join(rows.select("order_id", "product"), "order_id")


def _checked(as_of: str | dt.date, min_count: int) -> dt.date:
    if not min_count >= 1:
        raise ConfigError(f"min_count is a number of baskets, 1 or more; got {min_count!r}")
    return as_day(as_of)


def _together(left: ir.Table, right: ir.Table, min_count: int) -> pd.DataFrame:
    """How many baskets hold an item on the left and one on the right, counted in the engine."""
    other = right.select(other_basket=right.basket, next_item=right["item"])
    pairs = left.join(other, left.basket == other.other_basket)
    counted = pairs.group_by(["item", "next_item"]).agg(together=pairs.count())
    table: pd.DataFrame = counted.filter(counted.together >= min_count).to_pandas()
    return table


def _measures(table: pd.DataFrame, n: pd.Series, usual: pd.Series) -> pd.DataFrame:
    """Confidence with its interval, and lift; the most lift first, ties by name."""
    names = list(table.columns[:2])
    table = table.assign(
        together=table["together"].astype("int64"), confidence=table["together"] / n, lift=table["together"] / n / usual
    )
    table["low"], table["high"] = wilson(table["together"], n)
    order = table.assign(rounded=table["lift"].round(9)).sort_values(
        ["rounded", "together", *names], ascending=[False, False, True, True]
    )
    return order.drop(columns="rounded").reset_index(drop=True)
