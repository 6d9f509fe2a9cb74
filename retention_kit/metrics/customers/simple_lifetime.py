"""Simple lifetime values, and their comparison with acquisition costs.

All of them assume that every customer is the same. The models of `retention_kit.models` do not.
"""

from __future__ import annotations

from typing import Any

from retention_kit.metrics.common.formula_inputs import require_counts, require_money, require_shares
from retention_kit.metrics.common.ratios import Number, ratio


def clv_simple(order_value: Number, orders_per_year: Number, years: Number) -> Number:
    r"""Lifetime revenue of an average customer: value × frequency × lifespan.

    Parameters
    ----------
    order_value : number or Series
        Average purchase value (APV).
    orders_per_year : number or Series
        Average purchase frequency (APF).
    years : number or Series
        Average customer lifespan (ACL).

    Returns
    -------
    number or Series
        Money: revenue, not profit, not discounted.

    Warnings
    --------
    The lifespan of customers who have not left yet is not known; averaging the finished ones makes it too short.

    Notes
    -----
    .. math:: CLV = APV \cdot APF \cdot ACL

    Examples
    --------
    >>> clv_simple(order_value=50, orders_per_year=4, years=5)
    1000
    """
    require_money(order_value=order_value)
    require_counts(orders_per_year=orders_per_year, years=years)
    return order_value * orders_per_year * years


def clv_with_margin(transactions: Number, price: Number, margin: Number, years: Number, customers: Number) -> Number:
    r"""Lifetime profit of an average customer, from the totals of the firm.

    Parameters
    ----------
    transactions : number or Series
        Transactions of the whole firm per year.
    price : number or Series
        Average price of one.
    margin : number or Series
        Share of revenue that is profit, in [0, 1].
    years : number or Series
        Average customer lifespan.
    customers : number or Series
        Customers of the whole firm.

    Returns
    -------
    number or Series
        Money per customer; NaN without customers.

    Warnings
    --------
    Right only if `transactions` is the firm's total: an average per customer has been divided once already.

    Notes
    -----
    .. math:: CLV = T \cdot p \cdot g \cdot ACL / C

    Examples
    --------
    >>> clv_with_margin(transactions=400, price=50, margin=0.3, years=5, customers=100)
    300.0
    """
    require_money(price=price)
    require_shares(margin=margin)
    require_counts(transactions=transactions, years=years, customers=customers)
    return ratio(transactions * price * margin * years, customers)


def clv_naive(order_value: Number, repeat_rate: Number, cac: Number) -> Number:
    r"""Order value times repeat rate, less acquisition cost: often printed, and without a lifetime.

    Parameters
    ----------
    order_value : number or Series
        Average order value.
    repeat_rate : number or Series
        Repeat purchase rate, in [0, 1].
    cac : number or Series
        Cost to acquire one customer.

    Returns
    -------
    number or Series
        Money; not a lifetime value.

    Warnings
    --------
    Counts a fifth of one order as a lifetime and leaves out the first order, so it condemns healthy shops.

    Notes
    -----
    .. math:: AOV \cdot RPR - CAC

    Examples
    --------
    >>> clv_naive(order_value=50, repeat_rate=0.2, cac=20)
    -10.0
    """
    require_money(order_value=order_value)
    require_counts(repeat_rate=repeat_rate, cac=cac)
    return order_value * repeat_rate - cac


def ltv_from_churn(arpa: Number, churn: Number) -> Number:
    r"""Lifetime revenue if every customer left at the same constant rate.

    Parameters
    ----------
    arpa : number or Series by period
        Revenue per account and period.
    churn : number or Series by period
        Churn rate of the same period length, in [0, 1].

    Returns
    -------
    number or Series by period
        Money; NaN where churn is 0, because a lifetime without an end has no value.

    Warnings
    --------
    Churn is not constant: those likely to leave go first, and survivors churn less, so the value comes out too low.

    Notes
    -----
    .. math:: LTV = ARPA / c

    Baremetrics divides by the churn of the month, ChartMogul by `trailing_churn`.

    Examples
    --------
    >>> ltv_from_churn(arpa=50, churn=0.05)
    1000.0
    >>> ltv_from_churn(arpa=50, churn=0)
    nan
    """
    require_money(arpa=arpa)
    require_shares(churn=churn)
    return ratio(arpa, churn)


def cac_payback(cac: Number, arpa: Number, margin: Any = 1.0) -> Number:
    r"""Periods until a customer's margin has paid back what acquiring them cost.

    Parameters
    ----------
    cac : number or Series
        Cost to acquire one customer.
    arpa : number or Series
        Revenue per account and period.
    margin : number or Series
        Share of revenue that is profit, in [0, 1].

    Returns
    -------
    number or Series
        Periods, months for a monthly ARPA; NaN where nothing is earned.

    Notes
    -----
    .. math:: CAC / (ARPA \cdot g)

    The formula assumes that nobody leaves before, so the true time is longer.

    Examples
    --------
    >>> cac_payback(cac=300, arpa=50, margin=0.5)
    12.0
    """
    require_money(arpa=arpa)
    require_counts(cac=cac)
    require_shares(margin=margin)
    earned: Number = arpa * margin
    return ratio(cac, earned)


def ltv_to_cac(ltv: Number, cac: Number) -> Number:
    r"""Lifetime value for each unit of acquisition cost.

    Parameters
    ----------
    ltv, cac : number or Series
        Lifetime value and cost to acquire, both per customer.

    Returns
    -------
    number or Series
        Ratio; NaN where acquiring costs nothing.

    Notes
    -----
    .. math:: LTV / CAC

    Compare margins with costs: revenue over CAC flatters.

    Examples
    --------
    >>> ltv_to_cac(ltv=900, cac=300)
    3.0
    """
    require_money(ltv=ltv)
    require_counts(cac=cac)
    return ratio(ltv, cac)
