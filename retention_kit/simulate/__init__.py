"""Simulated data with known parameters: a complete shop, customers of probability models, surveys of CDNOW's customers.

All data come from a random number generator and are marked as simulated; the same seed gives the same bytes.
"""

from retention_kit.simulate.discrete_processes import bdw_lifetimes, bgbb_customers, sbg_lifetimes
from retention_kit.simulate.driven_orders import dynamic_covariate_orders
from retention_kit.simulate.order_amounts import gamma_gamma_values
from retention_kit.simulate.order_moments import bgnbd_orders, orders_of
from retention_kit.simulate.purchase_processes import bgnbd_customers, mbgnbd_customers, pareto_nbd_customers
from retention_kit.simulate.regular_processes import bgcnbd_customers, mbgcnbd_customers
from retention_kit.simulate.storefront import STORE_TRUTH, store, write
from retention_kit.simulate.survey_waves import cdnow_surveys

__all__ = [
    "STORE_TRUTH",
    "bdw_lifetimes",
    "bgbb_customers",
    "bgcnbd_customers",
    "bgnbd_customers",
    "bgnbd_orders",
    "cdnow_surveys",
    "dynamic_covariate_orders",
    "gamma_gamma_values",
    "mbgcnbd_customers",
    "mbgnbd_customers",
    "orders_of",
    "pareto_nbd_customers",
    "sbg_lifetimes",
    "store",
    "write",
]
