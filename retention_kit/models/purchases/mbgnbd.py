"""MBG/NBD: as BG/NBD, but the first purchase can be the last."""

from __future__ import annotations

from dataclasses import dataclass

from retention_kit.models.purchases.beta_geometric import BetaGeometric

__all__ = ["MBGNBD"]


@dataclass(frozen=True)
class MBGNBD(BetaGeometric):
    """MBG/NBD model of repeat purchases without a contract.

    The story of BGNBD with one change: a customer can leave right after the first purchase too. One-time buyers then
    are no longer certain to be there, and the longer they have been silent the less likely they are.

    Parameters
    ----------
    r, alpha : float
        Of the purchase rates, as in BGNBD.
    a, b : float
        Of the dropout probabilities; a / (a + b) of the new customers never come back.
    unit : str
        Unit of time of recency and T; published parameters are those of weeks unless it says otherwise.

    References
    ----------
    Batislam, Denizel & Filiztekin (2007), Intern. J. of Research in Marketing 24(3). Their appendix prints (b + x)/(a
    - 1) in the conditional expectation; correct is (a + b + x)/(a - 1), which the mean over p used here gives.

    Examples
    --------
    >>> import pandas as pd
    >>> model = MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614)
    >>> round(model.probability_alive(pd.DataFrame({"frequency": [0], "recency": [0], "T": [38.86]})).item(), 2)
    0.39
    """

    _chances_before = 1
