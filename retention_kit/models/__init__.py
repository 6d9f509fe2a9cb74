"""Probability models of who will buy again, how often, for how much."""

from retention_kit.models.checks.densities import parameter_densities
from retention_kit.models.checks.expected_cohorts import expected_cohorts
from retention_kit.models.checks.expected_subscriptions import cohort_renewals, expected_subscription_cohorts
from retention_kit.models.checks.holdout import Scorecard, holdout
from retention_kit.models.checks.holdout_split import holdout_split
from retention_kit.models.checks.model_checks import (
    alive_history,
    frequency_histogram,
    frequency_recency_grid,
)
from retention_kit.models.checks.tracking import tracking
from retention_kit.models.checks.value_model import ValueModel, value_model
from retention_kit.models.contracts.renewal_model import BetaDiscreteWeibull, ShiftedBetaGeometric
from retention_kit.models.contracts.renewal_rows import renewals
from retention_kit.models.covariates.covariate_fit import fit_covariates
from retention_kit.models.covariates.covariate_model import CovariateModel
from retention_kit.models.dynamic.covariate_history import CovariateHistory, covariate_history
from retention_kit.models.dynamic.dynamic_fit import fit_dynamic_covariates
from retention_kit.models.dynamic.dynamic_model import DynamicCovariateModel
from retention_kit.models.futures.prediction_interval import interval
from retention_kit.models.outlook.forecast_mrr import MrrForecast, forecast_mrr
from retention_kit.models.outlook.forecast_shop import ShopForecast, forecast_shop
from retention_kit.models.purchases.beta_geometric import BGNBD, MBGNBD
from retention_kit.models.purchases.bgbb import BGBB
from retention_kit.models.purchases.pareto_nbd import ParetoNBD
from retention_kit.models.purchases.regular_buyers import BGCNBD, MBGCNBD
from retention_kit.models.segments.break_even import break_even_cost
from retention_kit.models.segments.segment_fit import fit_segments
from retention_kit.models.segments.segment_model import SegmentModel
from retention_kit.models.spend.customer_value import lifetime_value
from retention_kit.models.spend.gamma_gamma import GammaGamma
from retention_kit.models.spend.independence import spend_independence
from retention_kit.models.spend.spend_model import ConstantSpend, SpendModel
from retention_kit.models.totals.forecast_total import TotalForecast, forecast_total
from retention_kit.models.totals.past_orders import PastOrders
from retention_kit.models.totals.track_record import TrackRecord, track_record

__all__ = [
    "BGBB",
    "BGCNBD",
    "BGNBD",
    "MBGCNBD",
    "MBGNBD",
    "BetaDiscreteWeibull",
    "ConstantSpend",
    "CovariateHistory",
    "CovariateModel",
    "DynamicCovariateModel",
    "GammaGamma",
    "MrrForecast",
    "ParetoNBD",
    "PastOrders",
    "Scorecard",
    "SegmentModel",
    "ShiftedBetaGeometric",
    "ShopForecast",
    "SpendModel",
    "TotalForecast",
    "TrackRecord",
    "ValueModel",
    "alive_history",
    "break_even_cost",
    "cohort_renewals",
    "covariate_history",
    "expected_cohorts",
    "expected_subscription_cohorts",
    "fit_covariates",
    "fit_dynamic_covariates",
    "fit_segments",
    "forecast_mrr",
    "forecast_shop",
    "forecast_total",
    "frequency_histogram",
    "frequency_recency_grid",
    "holdout",
    "holdout_split",
    "interval",
    "lifetime_value",
    "parameter_densities",
    "renewals",
    "spend_independence",
    "track_record",
    "tracking",
    "value_model",
]
