"""A table and options for every figure of the package."""

import numpy as np
import pandas as pd
from plot_cases import CALLS as RETENTION
from plot_tables import CALLS as MORE

MONTHS = pd.date_range("1998-01-01", periods=4, freq="MS")
COHORTS = pd.DataFrame(
    {
        "cohort": np.repeat(MONTHS[:3], 3), "age": [0, 1, 2] * 3, "size": np.repeat([100, 200, 50], 3),
        "rate": [1, 0.3, 0.2, 1, 0.25, np.nan, 1, np.nan, np.nan],
        "complete": [True, True, True, True, False, False, True, False, False],
    }
)  # fmt: skip
MONEY_OF_COHORTS = COHORTS.assign(
    active=COHORTS["rate"] * COHORTS["size"],
    revenue=COHORTS["rate"] * COHORTS["size"] * 20,
    revenue_per_customer=[20, 26, 30, 20, 25, np.nan, 20, np.nan, np.nan],
)
POOLED = pd.DataFrame({"age": [0, 1, 2], "rate": [1, 0.3, 0.2], "low": [0.98, 0.25, 0.15], "high": [1, 0.36, 0.26]})
MOVES = pd.Series({"period": MONTHS[0], "start": 100, "lost": 10, "new": 5, "returned": 3, "end": 98})
MONEY = pd.DataFrame(
    {"period": MONTHS, "first_time_revenue": [60.0, 20, 0, 5], "repeat_revenue": [40.0, 80, 90, 0], "complete": True}
)
SEGMENTS = pd.DataFrame(
    {
        "segment": ["loyal", "<b>new</b>"],
        "customers": [30, 70],
        "customer_share": [0.3, 0.7],
        "revenue_share": [0.8, 0.2],
    }
)
GRID = pd.DataFrame({"R": [5, 1], "F": [2, 1], "customers": [30, 70]})
FIT = pd.DataFrame({"frequency": ["0", "1", "2+"], "actual": [70, 20, 10], "expected": [68.0, 21.5, 10.5]})
CELLS = pd.DataFrame(
    {"frequency": [1, 1, 2, 2], "recency": [10, 30, 10, 30], "probability_alive": [0.3, 0.7, 0.2, 0.8]}
)
SHARES = pd.DataFrame({"customer_share": [0, 0.1, 0.5, 1], "value_share": [0, 0.5, 0.9, 1]})
STEPS = pd.DataFrame({"label": ["Start", "Lost", "End"], "value": [100, -10, 90], "total": [True, False, True]})
TREND = pd.DataFrame(
    {"period": MONTHS, "value": [1.0, np.nan, 3, 4], "low": 0.5, "high": 5.0, "complete": [True] * 3 + [False]}
)
SPARKS = pd.DataFrame({"label": "Churn", "unit": "rate", "period": MONTHS, "value": [0.1, 0.2, 0.1, 0.05]})
TRACKS = pd.DataFrame(
    {
        "end": pd.date_range("1997-01-07", periods=3, freq="7D"), "actual": [10, 30, 20], "expected": [12.0, 26, 27],
        "cumulative_actual": [10, 40, 60], "cumulative_expected": [12.0, 38, 65], "fitted": [True, True, False],
    }
)  # fmt: skip

MONTHLY = pd.DataFrame(
    {"period": MONTHS, "rows": [9, 8, 7, 2], "days": [31, 28, 31, 9], "days_in_period": [31, 28, 31, 30]}
)
BINS = pd.DataFrame({"lower": [0, 10], "upper": [10, 20], "rows": [30, 70]})

CALLS = RETENTION | {
    "coverage": (MONTHLY, {}),
    "histogram": (BINS, {}),
    "customer_movements": (MOVES, {}),
    "frequency_fit": (FIT, {}),
    "prediction_grid": (CELLS, {}),
    "retention_curves": (POOLED, {"cohorts": COHORTS}),
    "retention_heatmap": (MONEY_OF_COHORTS, {}),
    "revenue_split": (MONEY, {}),
    "rfm_grid": (GRID, {}),
    "segment_shares": (SEGMENTS, {}),
    "sparklines": (SPARKS, {}),
    "tracking": (TRACKS, {}),
    "trend": (TREND, {"label": "Churn", "unit": "rate"}),
    "value_concentration": (SHARES, {}),
    "waterfall": (STEPS, {}),
    **MORE,
}
