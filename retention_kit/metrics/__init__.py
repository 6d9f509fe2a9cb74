"""Every metric as its formula: pure functions on numbers or Series."""

from retention_kit.metrics import catalogue
from retention_kit.metrics.catalogue import definitions
from retention_kit.metrics.catalogue.definitions import by_definition, compare_definitions
from retention_kit.metrics.catalogue.explain import Explanation, explain
from retention_kit.metrics.changes.revenue_causes import revenue_causes
from retention_kit.metrics.changes.share_tests import benjamini_hochberg, holm, share_change_test
from retention_kit.metrics.common.count_intervals import poisson_interval
from retention_kit.metrics.common.ratios import Number, ratio
from retention_kit.metrics.common.share_intervals import Change, Interval, wilson_interval
from retention_kit.metrics.customers.customer_rates import (
    churn_rate,
    conversion_rate,
    customer_growth_rate,
    kept_rate,
    loyal_customer_rate,
    repeat_purchase_rate,
    repeat_rate_at_age,
    retention_rate,
)
from retention_kit.metrics.customers.order_averages import arpu, average_order_value, purchase_frequency
from retention_kit.metrics.customers.scorecard import scorecard, scorecard_history
from retention_kit.metrics.customers.simple_lifetime import (
    cac_payback,
    clv_naive,
    clv_simple,
    clv_with_margin,
    ltv_from_churn,
    ltv_to_cac,
)
from retention_kit.metrics.customers.worth_of_returns import WorthOfReturns, worth_of_returns
from retention_kit.metrics.subscriptions.recurring_revenue import arr, mrr, mrr_end, quick_ratio
from retention_kit.metrics.subscriptions.revenue_retention import (
    gross_revenue_churn,
    gross_revenue_retention,
    net_revenue_churn,
    net_revenue_retention,
    revenue_churn_rate,
)
from retention_kit.metrics.subscriptions.subscription_numbers import mrr_history, subscription_numbers
from retention_kit.metrics.subscriptions.trailing_churn import trailing_churn
from retention_kit.metrics.surveys.nps_tests import nps_change_test, nps_interval
from retention_kit.metrics.surveys.score_formulas import ces, ces_agreement, csat, nps, response_rate
from retention_kit.metrics.surveys.survey_groups import survey_breakdown, survey_drivers
from retention_kit.metrics.surveys.survey_numbers import survey_numbers
from retention_kit.metrics.surveys.survey_tables import survey_scores, survey_trend

__all__ = [
    "Change",
    "Explanation",
    "Interval",
    "Number",
    "WorthOfReturns",
    "arpu",
    "arr",
    "average_order_value",
    "benjamini_hochberg",
    "by_definition",
    "cac_payback",
    "catalogue",
    "ces",
    "ces_agreement",
    "churn_rate",
    "clv_naive",
    "clv_simple",
    "clv_with_margin",
    "compare_definitions",
    "conversion_rate",
    "csat",
    "customer_growth_rate",
    "definitions",
    "explain",
    "gross_revenue_churn",
    "gross_revenue_retention",
    "holm",
    "kept_rate",
    "loyal_customer_rate",
    "ltv_from_churn",
    "ltv_to_cac",
    "mrr",
    "mrr_end",
    "mrr_history",
    "net_revenue_churn",
    "net_revenue_retention",
    "nps",
    "nps_change_test",
    "nps_interval",
    "poisson_interval",
    "purchase_frequency",
    "quick_ratio",
    "ratio",
    "repeat_purchase_rate",
    "repeat_rate_at_age",
    "response_rate",
    "retention_rate",
    "revenue_causes",
    "revenue_churn_rate",
    "scorecard",
    "scorecard_history",
    "share_change_test",
    "subscription_numbers",
    "survey_breakdown",
    "survey_drivers",
    "survey_numbers",
    "survey_scores",
    "survey_trend",
    "trailing_churn",
    "wilson_interval",
    "worth_of_returns",
]
