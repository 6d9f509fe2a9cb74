"""Shifted beta-geometric: everybody renews with a constant chance of her own."""

from __future__ import annotations

from dataclasses import dataclass

from retention_kit.models.contracts.renewal_model import RenewalModel

__all__ = ["ShiftedBetaGeometric"]


@dataclass(frozen=True)
class ShiftedBetaGeometric(RenewalModel):
    """Shifted beta-geometric (sBG) model of how long contracts are kept.

    At every renewal a customer leaves with her own constant probability θ; the probabilities differ between customers
    as a beta distribution. Nobody becomes more loyal, and still the retention rate of a cohort rises: those who leave
    easily leave first.

    Parameters
    ----------
    alpha, beta : float
        Of the probabilities of leaving; alpha / (alpha + beta) is the share lost at the first renewal.
    unit : str
        Time from one renewal to the next; only discounting needs it.

    References
    ----------
    Fader & Hardie (2007), How to Project Customer Retention, J. of Interactive Marketing 21(1).

    Examples
    --------
    >>> model = ShiftedBetaGeometric(alpha=0.668, beta=3.806, unit="year")
    >>> model.survival([8, 12]).round(3)
    array([0.46 , 0.378])
    """

    alpha: float
    beta: float

    _names = ("alpha", "beta")
    _start = (1.0, 2.0)
