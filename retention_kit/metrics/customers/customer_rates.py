"""Rates of people: how many stay, leave, come back and come in."""

from __future__ import annotations

from retention_kit.metrics.common.formula_inputs import require_counts, require_part
from retention_kit.metrics.common.ratios import Number, ratio


def retention_rate(start: Number, end: Number, new: Number) -> Number:
    r"""Share of a period's starting customers who are still customers at its end.

    Parameters
    ----------
    start, end, new : number or Series by period
        Customers at the start, customers at the end, and those of the latter who were won in between.

    Returns
    -------
    number or Series by period
        Fraction; NaN if there were no customers at the start.

    Notes
    -----
    .. math:: (E - N) / S

    Customers who are back after a gap belong in N; otherwise the rate can exceed 1.
    With a list of customers `kept_rate` is exact.

    Examples
    --------
    >>> retention_rate(start=100, end=100, new=10)
    0.9
    >>> retention_rate(start=10, end=12, new=4)
    0.8
    """
    require_counts(start=start, end=end, new=new)
    return ratio(end - new, start)


def kept_rate(start: Number, kept: Number) -> Number:
    r"""Share of a list of starting customers who are still customers: retention from a list.

    Parameters
    ----------
    start, kept : number or Series by period
        Customers on the opening list, and those of them who are still customers at the end.

    Returns
    -------
    number or Series by period
        Fraction in [0, 1]; NaN where the list is empty.

    Notes
    -----
    .. math:: K / S

    Equals `retention_rate` when everyone else at the end is counted as new, and cannot exceed 1.

    Examples
    --------
    >>> kept_rate(start=10, kept=8)
    0.8
    """
    require_part(kept=kept, start=start)
    return ratio(kept, start)


def churn_rate(start: Number, lost: Number) -> Number:
    r"""Share of a period's starting customers who left during it.

    Parameters
    ----------
    start, lost : number or Series by period
        Customers at the start, and those of them who had left by the end.

    Returns
    -------
    number or Series by period
        Fraction in [0, 1]; NaN if there were no customers at the start.

    Notes
    -----
    .. math:: L / S

    Equals 1 − retention only on one fixed opening list. Vendors also count people who joined and left inside the
    period: `compare_definitions("churn_rate", …)` shows them side by side.

    Examples
    --------
    >>> churn_rate(start=100, lost=10)
    0.1
    >>> churn_rate(start=1000, lost=50)
    0.05
    """
    require_counts(start=start, lost=lost)
    return ratio(lost, start)


def repeat_purchase_rate(customers: Number, repeat_customers: Number) -> Number:
    r"""Share of customers with at least two orders.

    Parameters
    ----------
    customers, repeat_customers : number or Series by period
        Everyone who ordered in the window, and those of them with two orders or more by its end.

    Returns
    -------
    number or Series by period
        Fraction in [0, 1]; NaN where there are no customers.

    Notes
    -----
    .. math:: C_{\ge 2} / C

    State the window, and do not look ahead: customers who buy again in December are not yet repeat customers in
    November.

    Examples
    --------
    >>> repeat_purchase_rate(customers=1000, repeat_customers=200)
    0.2
    """
    require_part(repeat_customers=repeat_customers, customers=customers)
    return ratio(repeat_customers, customers)


def repeat_rate_at_age(reached: Number, repeated: Number) -> Number:
    r"""Share of customers who had bought again by a fixed age, such as 90 days after their first order.

    Parameters
    ----------
    reached, repeated : number or Series by period
        Customers who reached the age in the period, and those of them with an order on a later day than their first,
        at most that many days after it; see `summarise.repeats_at_age`.

    Returns
    -------
    number or Series by period
        Fraction in [0, 1]; NaN where nobody reached the age.

    Notes
    -----
    .. math:: R_a / C_a

    Everybody has had the same time to come back, so that periods can be compared. `repeat_purchase_rate` counts all
    customers so far, whatever their age: it rises as long as a log grows, even if behaviour does not change.

    Examples
    --------
    >>> repeat_rate_at_age(reached=400, repeated=120)
    0.3
    """
    require_part(repeated=repeated, reached=reached)
    return ratio(repeated, reached)


def loyal_customer_rate(customers: Number, loyal_customers: Number) -> Number:
    r"""Share of customers with more than k orders; the shop chooses k, usually 2.

    Parameters
    ----------
    customers, loyal_customers : number or Series by period
        Everyone who ordered in the window, and those of them with more than k orders.

    Returns
    -------
    number or Series by period
        Fraction in [0, 1]; NaN where there are no customers.

    Notes
    -----
    .. math:: C_{> k} / C

    Two shops' rates compare only at the same k and the same window.

    Examples
    --------
    >>> loyal_customer_rate(customers=500, loyal_customers=60)
    0.12
    """
    require_part(loyal_customers=loyal_customers, customers=customers)
    return ratio(loyal_customers, customers)


def customer_growth_rate(start: Number, end: Number) -> Number:
    r"""Change of the number of customers, relative to the start.

    Parameters
    ----------
    start, end : number or Series by period
        Customers at the start and at the end.

    Returns
    -------
    number or Series by period
        Fraction, negative when the number shrinks; NaN if there were no customers at the start.

    Notes
    -----
    .. math:: (E - S) / S

    Growth can hide churn: 20 lost and 30 won is +10 on 100.

    Examples
    --------
    >>> customer_growth_rate(start=100, end=110)
    0.1
    """
    require_counts(start=start, end=end)
    return ratio(end - start, start)


def conversion_rate(visitors: Number, conversions: Number) -> Number:
    r"""Share of visitors who bought.

    Parameters
    ----------
    visitors, conversions : number or Series by period
        People who came, and those of them who bought.

    Returns
    -------
    number or Series by period
        Fraction; NaN where nobody came.

    Notes
    -----
    .. math:: V_{bought} / V

    People and sessions are different denominators: one person may come three times.

    Examples
    --------
    >>> conversion_rate(visitors=2000, conversions=50)
    0.025
    """
    require_counts(visitors=visitors, conversions=conversions)
    return ratio(conversions, visitors)
