"""From row-level tables to small ones: one row per customer, per cohort and age, per period."""

from retention_kit.summarise.cohorts import cohorts
from retention_kit.summarise.customers import customers
from retention_kit.summarise.intervals import wilson
from retention_kit.summarise.periods import periods
from retention_kit.summarise.restated import restated
from retention_kit.summarise.rules import SubscriptionRules
from retention_kit.summarise.surveys import surveys
from retention_kit.summarise.survival import LogRank, logrank, survival

__all__ = [
    "LogRank",
    "SubscriptionRules",
    "cohorts",
    "customers",
    "logrank",
    "periods",
    "restated",
    "surveys",
    "survival",
    "wilson",
]
