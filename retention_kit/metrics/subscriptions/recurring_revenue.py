"""Recurring revenue of running subscriptions, and its movements."""

from __future__ import annotations

from typing import Any

import numpy as np

from retention_kit.metrics.common.formula_inputs import require_counts, require_money
from retention_kit.metrics.common.ratios import Number, ratio


def mrr(price: Number, months: Any = 1, quantity: Any = 1) -> float:
    r"""Monthly recurring revenue: what the running subscriptions bring per month.

    Parameters
    ----------
    price : number or Series by subscription
        Price of one billing period, without tax, trials and one-off fees.
    months : number or Series by subscription
        Months in a billing period, 12 for a yearly plan.
    quantity : number or Series by subscription
        Number of subscriptions at that price.

    Returns
    -------
    float
        Money per month.

    Notes
    -----
    .. math:: MRR = \sum_i q_i p_i / m_i

    Say whether discounts are taken off.

    Examples
    --------
    >>> mrr(price=50, quantity=100)
    5000.0
    >>> mrr(price=600, months=12)
    50.0
    """
    require_counts(price=price, months=months, quantity=quantity)
    return float(np.sum(ratio(price * quantity, months)))


def arr(mrr: Number) -> Number:
    r"""Annual recurring revenue: twelve times the monthly.

    Parameters
    ----------
    mrr : number or Series by period
        Monthly recurring revenue.

    Returns
    -------
    number or Series by period
        Money per year at the present level.

    Notes
    -----
    .. math:: ARR = 12 \cdot MRR

    A level, not a forecast: nobody has to stay a year.

    Examples
    --------
    >>> arr(5000)
    60000
    """
    require_money(mrr=mrr)
    return 12 * mrr


def mrr_end(
    start: Number,
    new: Any = 0,
    expansion: Any = 0,
    reactivation: Any = 0,
    contraction: Any = 0,
    churn: Any = 0,
    exchange: Any = 0,
) -> Number:
    r"""MRR at the end of a period, from the MRR at its start and every movement.

    Parameters
    ----------
    start, new, expansion, reactivation, contraction, churn : number or Series by period
        Money per month; losses are given as positive numbers.
    exchange : number or Series by period
        Effect of exchange rates, with its sign.

    Returns
    -------
    number or Series by period
        Money per month.

    Notes
    -----
    .. math:: E = S + New + Exp + React - Contr - Churn + Fx

    A table of movements that does not reach the counted end misses a movement.

    Examples
    --------
    >>> mrr_end(start=100, new=20, expansion=10, contraction=10, churn=10)
    110
    """
    require_counts(
        start=start, new=new, expansion=expansion, reactivation=reactivation, contraction=contraction, churn=churn
    )
    require_money(exchange=exchange)
    end: Number = start + new + expansion + reactivation - contraction - churn + exchange
    return end


def quick_ratio(new: Number, expansion: Number, contraction: Number, churn: Number, reactivation: Any = 0) -> Number:
    r"""MRR gained for each unit of MRR lost.

    Parameters
    ----------
    new, expansion, contraction, churn : number or Series by period
        Movements of MRR, as positive numbers.
    reactivation : number or Series by period
        MRR of customers who came back, if it counts as a gain.

    Returns
    -------
    number or Series by period
        At least 0; NaN where nothing was lost, because the denominator is 0.

    Notes
    -----
    .. math:: (New + Exp + React) / (Contr + Churn)

    A young firm's ratio is high because it has little to lose yet.

    Examples
    --------
    >>> quick_ratio(new=30, expansion=10, contraction=5, churn=5)
    4.0
    >>> quick_ratio(new=30, expansion=10, contraction=0, churn=0)
    nan
    """
    require_counts(new=new, expansion=expansion, contraction=contraction, churn=churn, reactivation=reactivation)
    gained: Number = new + expansion + reactivation
    return ratio(gained, contraction + churn)
