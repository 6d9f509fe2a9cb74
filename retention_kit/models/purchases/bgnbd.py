"""BG/NBD: buying goes on until one repeat purchase turns out to have been the last."""

from __future__ import annotations

from dataclasses import dataclass

from retention_kit.models.purchases.beta_geometric import BetaGeometric

__all__ = ["BGNBD"]


@dataclass(frozen=True)
class BGNBD(BetaGeometric):
    """BG/NBD model of repeat purchases without a contract.

    A customer buys at random at her own rate λ while she is there. After every repeat purchase she leaves for good with
    her own probability p. Rates differ between customers as a gamma distribution, probabilities as a beta distribution.
    Nobody tells us who has left; long silence of a frequent buyer does. A customer who never bought again has had no
    occasion to leave, so the model calls every one-time buyer alive: read it beside MBGNBD or ParetoNBD.

    Parameters
    ----------
    r : float
        Shape of the purchase rates: small means that customers differ much.
    alpha : float
        Rate parameter of the purchase rates, in units of time; r / alpha is the mean rate.
    a, b : float
        Of the dropout probabilities; a / (a + b) is their mean.
    unit : str
        Unit of time of recency and T; published parameters are those of weeks unless it says otherwise.

    References
    ----------
    Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2).

    Examples
    --------
    >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> round(model.expected_purchases_new(78), 2)
    1.86
    """
