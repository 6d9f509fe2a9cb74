"""Customer lifetime value: how many more purchases, each worth what it will bring, discounted to today."""

from __future__ import annotations

from typing import Any

import pandas as pd

from retention_kit.errors import ConfigError
from retention_kit.models.gamma_gamma import GammaGamma
from retention_kit.models.purchases import PurchaseModel
from retention_kit.models.rows import Customers
from retention_kit.schema import DAYS_PER_MONTH, UNIT_DAYS

__all__ = ["lifetime_value"]


def lifetime_value(
    transactions: PurchaseModel,
    spend: GammaGamma,
    customers: Customers,
    *,
    months: float,
    annual_discount_rate: float,
    margin: float = 1.0,
) -> Any:
    r"""Expected value of each customer's purchases in the coming months, in today's money.

    Parameters
    ----------
    transactions : fitted model of purchases
        Its unit says how long a month is: one month is 365.25/12 days.
    spend : GammaGamma
        Expected value per purchase.
    customers : DataFrame or Ibis table
        From `summarise.customers`.
    months : float
        Horizon.
    annual_discount_rate : float
        0.1 for 10 % a year, compounded continuously: every purchase is discounted from its own moment.
    margin : float
        Share of revenue that is kept.

    Returns
    -------
    Series or Ibis table
        Money per customer; what has been earned so far is not in it.

    Notes
    -----
    .. math:: CLV = m \cdot E[M \mid x, \bar z] \int_0^t e^{-\delta u} \, E[\lambda(T + u) \mid x, t_x, T] \, du

    Examples
    --------
    >>> from retention_kit.models import BGNBD, GammaGamma
    >>> one = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86], "monetary_value": [22.35]})
    >>> purchases, spend = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426), GammaGamma(p=6.25, q=3.744, gamma=15.44)
    >>> lifetime_value(purchases, spend, one, months=12, annual_discount_rate=1.01**12 - 1).round(2).item()
    36.48
    """
    if not months > 0 or not 0 < margin <= 1:
        raise ConfigError(
            f"lifetime_value needs months above 0 and a margin in (0, 1]; got months={months}, margin={margin}."
        )
    t = months * DAYS_PER_MONTH / UNIT_DAYS[transactions.unit]
    often = transactions.discounted_purchases(customers, t, annual_discount_rate=annual_discount_rate)
    if isinstance(customers, pd.DataFrame):
        return (often * spend.expected_value(customers) * margin).rename("lifetime_value")
    both = spend.expected_value(often)
    value = both.discounted_purchases * both.expected_value * margin
    return both.mutate(lifetime_value=value).drop("discounted_purchases", "expected_value")
