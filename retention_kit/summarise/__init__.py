"""From row-level tables to small ones: one row per customer, per cohort and age, per period."""

from retention_kit.summarise.affinity import product_pairs, second_orders
from retention_kit.summarise.band_behaviour import band_behaviour
from retention_kit.summarise.band_value import band_value
from retention_kit.summarise.cohorts import cohorts
from retention_kit.summarise.comments import comments
from retention_kit.summarise.curves import age_over_time, pooled_curve
from retention_kit.summarise.customer_products import customer_products
from retention_kit.summarise.customers import customers
from retention_kit.summarise.decomposition import decompose
from retention_kit.summarise.gaps import order_gaps
from retention_kit.summarise.intervals import wilson
from retention_kit.summarise.movements import movements
from retention_kit.summarise.orders_so_far import orders_so_far
from retention_kit.summarise.overdue import overdue
from retention_kit.summarise.periods import periods
from retention_kit.summarise.renewals import billing_months, renewals
from retention_kit.summarise.repeats_at_age import repeats_at_age
from retention_kit.summarise.restated import restated
from retention_kit.summarise.rules import SubscriptionRules
from retention_kit.summarise.subscription_cohorts import subscription_cohorts
from retention_kit.summarise.surveys import surveys
from retention_kit.summarise.survival import LogRank, logrank, survival
from retention_kit.summarise.tenures import tenures
from retention_kit.summarise.timing import median_times, time_to_order

__all__ = [
    "LogRank",
    "SubscriptionRules",
    "age_over_time",
    "band_behaviour",
    "band_value",
    "billing_months",
    "cohorts",
    "comments",
    "customer_products",
    "customers",
    "decompose",
    "logrank",
    "median_times",
    "movements",
    "order_gaps",
    "orders_so_far",
    "overdue",
    "periods",
    "pooled_curve",
    "product_pairs",
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
]
