"""Probability models of who will buy again, how often, for how much."""

from retention_kit.models.beta_discrete_weibull import BetaDiscreteWeibull
from retention_kit.models.bgbb import BGBB
from retention_kit.models.bgnbd import BGNBD
from retention_kit.models.gamma_gamma import GammaGamma
from retention_kit.models.interval import interval
from retention_kit.models.mbgnbd import MBGNBD
from retention_kit.models.pareto_nbd import ParetoNBD
from retention_kit.models.renewals import renewals
from retention_kit.models.shifted_beta_geometric import ShiftedBetaGeometric
from retention_kit.models.value import lifetime_value

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGNBD",
    "BetaDiscreteWeibull",
    "GammaGamma",
    "ParetoNBD",
    "ShiftedBetaGeometric",
    "interval",
    "lifetime_value",
    "renewals",
]
