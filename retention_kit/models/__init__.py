"""Probability models of who will buy again, how often, for how much."""

from retention_kit.models.beta_discrete_weibull import BetaDiscreteWeibull
from retention_kit.models.bgbb import BGBB
from retention_kit.models.bgnbd import BGNBD
from retention_kit.models.checks import (
    alive_history,
    frequency_histogram,
    frequency_recency_grid,
)
from retention_kit.models.covariate_fit import fit_covariates
from retention_kit.models.covariates import CovariateModel
from retention_kit.models.densities import parameter_densities
from retention_kit.models.expected_cohorts import expected_cohorts
from retention_kit.models.expected_subscriptions import cohort_renewals, expected_subscription_cohorts
from retention_kit.models.gamma_gamma import GammaGamma
from retention_kit.models.holdout import Scorecard, holdout
from retention_kit.models.holdout_split import holdout_split
from retention_kit.models.independence import spend_independence
from retention_kit.models.interval import interval
from retention_kit.models.mbgnbd import MBGNBD
from retention_kit.models.pareto_nbd import ParetoNBD
from retention_kit.models.renewal_rows import renewals
from retention_kit.models.shifted_beta_geometric import ShiftedBetaGeometric
from retention_kit.models.spend import ConstantSpend, SpendModel
from retention_kit.models.tracking import tracking
from retention_kit.models.value import lifetime_value
from retention_kit.models.value_model import ValueModel, value_model

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGNBD",
    "BetaDiscreteWeibull",
    "ConstantSpend",
    "CovariateModel",
    "GammaGamma",
    "ParetoNBD",
    "Scorecard",
    "ShiftedBetaGeometric",
    "SpendModel",
    "ValueModel",
    "alive_history",
    "cohort_renewals",
    "expected_cohorts",
    "expected_subscription_cohorts",
    "fit_covariates",
    "frequency_histogram",
    "frequency_recency_grid",
    "holdout",
    "holdout_split",
    "interval",
    "lifetime_value",
    "parameter_densities",
    "renewals",
    "spend_independence",
    "tracking",
    "value_model",
]
