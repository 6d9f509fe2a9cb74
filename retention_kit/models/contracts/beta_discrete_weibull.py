"""Beta-discrete-Weibull: everybody's own chance of leaving can rise or fall with time."""

from __future__ import annotations

from dataclasses import dataclass

from retention_kit.models.contracts.renewal_model import RenewalModel

__all__ = ["BetaDiscreteWeibull"]


@dataclass(frozen=True)
class BetaDiscreteWeibull(RenewalModel):
    """Beta-discrete-Weibull (BdW) model of how long contracts are kept.

    As ShiftedBetaGeometric, but a customer's own chance of leaving changes with time: it falls for c below 1 and rises
    for c above 1. With c = 1 it is the sBG.

    Parameters
    ----------
    alpha, beta : float
        Of the probabilities of leaving at the first renewal.
    c : float
        Shape of the duration dependence.
    unit : str
        Time from one renewal to the next; only discounting needs it.

    References
    ----------
    Fader, Hardie, Liu, Davin & Steenburgh (2018), J. of Interactive Marketing 43.

    Examples
    --------
    >>> model = BetaDiscreteWeibull(alpha=0.668, beta=3.806, c=1, unit="year")
    >>> model.survival([8, 12]).round(3)
    array([0.46 , 0.378])
    """

    alpha: float
    beta: float
    c: float

    _names = ("alpha", "beta", "c")
    _start = (1.0, 2.0, 1.0)
