"""Averages of orders: value per order, orders and revenue per customer."""

from __future__ import annotations

from retention_kit.metrics.common.formula_inputs import require_counts, require_money
from retention_kit.metrics.common.ratios import Number, ratio


def average_order_value(revenue: Number, orders: Number) -> Number:
    r"""Money per order.

    Parameters
    ----------
    revenue, orders : number or Series by period
        Revenue, refunds taken off, and the number of orders, refunds not counted.

    Returns
    -------
    number or Series by period
        Money per order; NaN where there are no orders.

    Notes
    -----
    .. math:: Rev / O

    A few large orders raise the mean; look at the median too.

    Examples
    --------
    >>> average_order_value(revenue=5000, orders=100)
    50.0
    """
    require_money(revenue=revenue)
    require_counts(orders=orders)
    return ratio(revenue, orders)


def purchase_frequency(orders: Number, customers: Number) -> Number:
    r"""Orders per customer who bought in the period.

    Parameters
    ----------
    orders, customers : number or Series by period
        Orders in the period, and the customers who placed them.

    Returns
    -------
    number or Series by period
        Orders per customer, at least 1; NaN where there are no customers.

    Notes
    -----
    .. math:: O / C

    A year's figure is not twelve times a month's: each month counts its own buyers.

    Examples
    --------
    >>> purchase_frequency(orders=300, customers=200)
    1.5
    """
    require_counts(orders=orders, customers=customers)
    return ratio(orders, customers)


def arpu(revenue: Number, customers: Number) -> Number:
    r"""Revenue per active customer of the period (ARPU, per account ARPA).

    Parameters
    ----------
    revenue, customers : number or Series by period
        Revenue of the period, and the customers active in it.

    Returns
    -------
    number or Series by period
        Money per customer and period; NaN where nobody was active.

    Notes
    -----
    .. math:: Rev / C_{active}

    Active in the period and active at its end are different denominators: say which.

    Examples
    --------
    >>> arpu(revenue=6000, customers=150)
    40.0
    """
    require_money(revenue=revenue)
    require_counts(customers=customers)
    return ratio(revenue, customers)
