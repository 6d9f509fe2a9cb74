"""Small tables for the figures of cohorts, survival, movements and decomposition, and how each figure is called."""

import numpy as np
import pandas as pd

MONTHS = pd.date_range("1998-01-01", periods=4, freq="MS")
MONEY_COHORTS = pd.DataFrame(
    {
        "cohort": np.repeat(MONTHS[:3], 3), "age": [0, 1, 2] * 3, "size": np.repeat([10, 20, 5], 3),
        "revenue": [100, 30, 20, 200, 50, np.nan, 70, np.nan, np.nan],
        "revenue_per_customer": [10, 13, 15, 10, 12.5, np.nan, 14, np.nan, np.nan],
        "complete": [True, True, False, True, False, False, False, False, False],
    }
)  # fmt: skip
KM = pd.DataFrame(
    {
        "group": ["a"] * 3 + ["b"] * 3, "time": [0.0, 5, 10] * 2, "survival": [1, 0.8, 0.3, 1, 0.9, 0.9],
        "low": [1, 0.6, 0.1, 1, 0.7, 0.7], "high": [1, 0.9, 0.5, 1, 0.97, 0.97], "at_risk": [9, 8, 3, 20, 20, 7],
    }
)  # fmt: skip
SEEN = pd.DataFrame(
    {
        "age": [0, 1, 2, 3], "rate": [1, 0.3, 0.2, np.nan], "low": [0.98, 0.25, 0.1, np.nan],
        "high": [1, 0.36, 0.33, np.nan], "complete": [True, True, False, False],
    }
)  # fmt: skip
EXPECTED = pd.DataFrame(
    {
        "age": [0, 1, 2, 3, 4], "expected": [1, 0.28, 0.21, 0.17, 0.15], "predicted_low": [1, 0.22, 0.15, 0.12, 0.1],
        "predicted_high": [1, 0.34, 0.27, 0.22, 0.2],
    }
)  # fmt: skip
PARTS = pd.DataFrame(
    {
        "channel": ["app", "web", "total"], "share_before": [0.5, 0.5, 1], "share_after": [0.2, 0.8, 1],
        "rate_before": [0.6, 0.2, 0.4], "rate_after": [0.6, 0.25, 0.32], "mix": [-0.072, -0.0405, -0.1125],
        "within": [0, 0.0325, 0.0325],
    }
)  # fmt: skip
SHOP = pd.DataFrame(
    {
        "period": MONTHS[:2], "first_time_revenue": [300.0, 350], "repeat_revenue": [200.0, 160], "refunds": [0.0, 20],
        "revenue": [500.0, 490],
    }
)  # fmt: skip
CAUSES = pd.DataFrame(
    {
        "against": ["previous"] * 6 + ["last_year"] * 2,
        "split": ["total", "days", "orders", "orders", "dimension:country", "dimension:country", "total", "factors"],
        "part": ["revenue", "days", "first", "repeat", "PL", "<b>TW</b>", "revenue", "customers"],
        "change": [90.0, 3, 100, -10, 80, 10, -50, -50], "low": [60, np.nan, 80, -30, 60, -10, -90, -90],
        "high": [120, np.nan, 120, 10, 100, 30, -10, -10], "p": [0.01, np.nan, 0.001, 0.4, 0.002, 0.5, 0.02, 0.02],
    }
)  # fmt: skip
MRR = pd.Series(
    {
        "period": MONTHS[0], "mrr_start": 5000.0, "mrr_new": 400.0, "mrr_expansion": 90.0, "mrr_reactivation": 0.0,
        "mrr_contraction": 50.0, "mrr_churn": 300.0, "mrr_exchange": 0.0, "mrr_end": 5140.0,
    }
)  # fmt: skip
SHARES_OVER_TIME = pd.DataFrame(
    {
        "label": ["NRR"] * 4 + ["GRR"] * 4, "period": [*MONTHS, *MONTHS],
        "value": [1.02, 0.99, np.nan, 1.01, 0.96, 0.95, 0.97, 0.94], "complete": [True, True, True, False] * 2,
    }
)  # fmt: skip

CALLS = {
    "cohort_lines": (MONEY_COHORTS, {}),
    "decomposition": (PARTS, {"by": "channel"}),
    "expected_curve": (SEEN, {"expected": EXPECTED}),
    "mrr_movements": (MRR, {}),
    "revenue_layers": (MONEY_COHORTS, {}),
    "causes": (CAUSES, {}),
    "survival_curves": (KM, {}),
    "trends": (SHARES_OVER_TIME, {"label": "Share of MRR"}),
}
