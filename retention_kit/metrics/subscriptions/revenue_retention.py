"""Shares of the starting recurring revenue that were lost or kept, before and after growth."""

from __future__ import annotations

from typing import Any

from retention_kit.metrics.common.formula_inputs import require_counts
from retention_kit.metrics.common.ratios import Number, ratio


def revenue_churn_rate(start: Number, churn: Number) -> Number:
    r"""Share of the starting MRR lost with customers who left.

    Parameters
    ----------
    start, churn : number or Series by period
        MRR at the start, and MRR of it lost to cancellations, as a positive number.

    Returns
    -------
    number or Series by period
        Fraction in [0, 1]; NaN where there was no MRR.

    Notes
    -----
    .. math:: Churn / S

    Leaves smaller plans out of sight: `gross_revenue_churn` counts them.

    Examples
    --------
    >>> revenue_churn_rate(start=5000, churn=250)
    0.05
    """
    require_counts(start=start, churn=churn)
    return ratio(churn, start)


def gross_revenue_churn(start: Number, contraction: Number, churn: Number) -> Number:
    r"""Share of the starting MRR lost to cancellations and smaller plans.

    Parameters
    ----------
    start, contraction, churn : number or Series by period
        MRR at the start, lost to smaller plans and to cancellations, as positive numbers.

    Returns
    -------
    number or Series by period
        Fraction in [0, 1]; NaN where there was no MRR.

    Notes
    -----
    .. math:: (Churn + Contr) / S

    Examples
    --------
    >>> gross_revenue_churn(start=100, contraction=10, churn=10)
    0.2
    """
    require_counts(start=start, contraction=contraction, churn=churn)
    return ratio(contraction + churn, start)


def net_revenue_churn(
    start: Number, expansion: Number, contraction: Number, churn: Number, reactivation: Any = 0
) -> Number:
    r"""Share of the starting MRR lost, after subtracting the growth of customers who stayed.

    Parameters
    ----------
    start, expansion, contraction, churn : number or Series by period
        MRR at the start, and its movements as positive numbers.
    reactivation : number or Series by period
        MRR of customers who came back; ChartMogul subtracts it, Baremetrics does not.

    Returns
    -------
    number or Series by period
        Fraction, negative when growth outweighs losses; NaN where there was no MRR.

    Notes
    -----
    .. math:: (Churn + Contr - Exp - React) / S

    Examples
    --------
    >>> net_revenue_churn(start=100, expansion=10, contraction=10, churn=10)
    0.1
    """
    require_counts(start=start, expansion=expansion, contraction=contraction, churn=churn, reactivation=reactivation)
    lost: Number = churn + contraction - expansion - reactivation
    return ratio(lost, start)


def net_revenue_retention(start: Number, expansion: Number, contraction: Number, churn: Number) -> Number:
    r"""What the customers of the start pay at the end, relative to the start (NRR).

    Parameters
    ----------
    start, expansion, contraction, churn : number or Series by period
        MRR at the start, and its movements as positive numbers.

    Returns
    -------
    number or Series by period
        Fraction, above 1 when growth outweighs losses; NaN where there was no MRR.

    Notes
    -----
    .. math:: NRR = (S + Exp - Contr - Churn) / S

    Customers active at the start only: reactivation and new business belong elsewhere.

    Examples
    --------
    >>> net_revenue_retention(start=100, expansion=10, contraction=10, churn=10)
    0.9
    """
    require_counts(start=start, expansion=expansion, contraction=contraction, churn=churn)
    return ratio(start + expansion - contraction - churn, start)


def gross_revenue_retention(start: Number, contraction: Number, churn: Number) -> Number:
    r"""Share of the starting MRR that is left before any growth (GRR).

    Parameters
    ----------
    start, contraction, churn : number or Series by period
        MRR at the start, and its losses as positive numbers.

    Returns
    -------
    number or Series by period
        Fraction in [0, 1]; NaN where there was no MRR.

    Notes
    -----
    .. math:: GRR = (S - Contr - Churn) / S \le 1

    Never above net retention, never above 1.

    Examples
    --------
    >>> gross_revenue_retention(start=100, contraction=10, churn=10)
    0.8
    """
    require_counts(start=start, contraction=contraction, churn=churn)
    return ratio(start - contraction - churn, start)
