"""Summaries of row-level tables: one row per customer, per cohort and age, per period."""

from retention_kit.summarise.answers.band_behaviour import band_behaviour
from retention_kit.summarise.answers.band_value import band_value
from retention_kit.summarise.answers.comments import comments
from retention_kit.summarise.answers.survey_counts import surveys
from retention_kit.summarise.by_cohort.cohort_curves import age_over_time, pooled_curve
from retention_kit.summarise.by_cohort.cohort_customers import cohort_customers
from retention_kit.summarise.by_cohort.order_cohorts import cohorts
from retention_kit.summarise.by_customer.customer_table import customers
from retention_kit.summarise.by_customer.early_returns import early_returns
from retention_kit.summarise.by_customer.order_gaps import order_gaps
from retention_kit.summarise.by_customer.overdue import overdue
from retention_kit.summarise.by_customer.survival import LogRank, logrank, survival
from retention_kit.summarise.by_customer.time_to_order import median_times, time_to_order
from retention_kit.summarise.by_period.customer_windows import customer_windows
from retention_kit.summarise.by_period.decomposition import decompose
from retention_kit.summarise.by_period.period_products import period_products
from retention_kit.summarise.by_period.period_table import periods
from retention_kit.summarise.by_period.product_sums import customer_products, recurring_squares
from retention_kit.summarise.by_period.repeat_customers import orders_so_far, repeats_at_age
from retention_kit.summarise.by_period.revisions import restated
from retention_kit.summarise.by_period.window_sums import window_sums
from retention_kit.summarise.common.wilson import wilson
from retention_kit.summarise.products.affinity import product_pairs, second_orders
from retention_kit.summarise.subscriptions.movements import movements
from retention_kit.summarise.subscriptions.renewal_counts import billing_months, renewals
from retention_kit.summarise.subscriptions.subscription_cohorts import subscription_cohorts
from retention_kit.summarise.subscriptions.subscription_rules import SubscriptionRules
from retention_kit.summarise.subscriptions.tenures import tenures

__all__ = [
    "LogRank",
    "SubscriptionRules",
    "age_over_time",
    "band_behaviour",
    "band_value",
    "billing_months",
    "cohort_customers",
    "cohorts",
    "comments",
    "customer_products",
    "customer_windows",
    "customers",
    "decompose",
    "early_returns",
    "logrank",
    "median_times",
    "movements",
    "order_gaps",
    "orders_so_far",
    "overdue",
    "period_products",
    "periods",
    "pooled_curve",
    "product_pairs",
    "recurring_squares",
    "renewals",
    "repeats_at_age",
    "restated",
    "second_orders",
    "subscription_cohorts",
    "surveys",
    "survival",
    "tenures",
    "time_to_order",
    "wilson",
    "window_sums",
]
