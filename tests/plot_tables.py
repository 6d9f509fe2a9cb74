"""Small tables for the figures of segments, models and surveys."""

import pandas as pd

MONTHS = pd.date_range("1998-01-01", periods=3, freq="MS")

SEGMENTS = pd.DataFrame(
    {
        "segment": ["champions", "can't lose", "<b>hibernating</b> & sons", "nobody"],
        "customers": [300, 2, 698, 0],
        "customer_share": [0.3, 0.002, 0.698, 0],
        "revenue_share": [0.8, 0.01, 0.19, 0],
    }
)
MOVES = pd.DataFrame(
    {
        "before": ["loyal", "loyal", "at risk", "(not yet there)", "at risk"],
        "after": ["loyal", "at risk", "loyal", "loyal", "at risk"],
        "customers": [60, 20, 10, 5, 30],
        "revenue_before": [600.0, 100, 50, 0, 40],
    }
)
HISTORY = pd.DataFrame(
    {
        "time": [0, 2, 3, 40] * 2,
        "frequency": [0, 1, 2, 2] * 2,
        "recency": [0, 2, 3, 3] * 2,
        "probability_alive": [1, 0.9, 0.95, 0.2, 0.6, 0.7, 0.8, 0.1],
        "model": ["BGNBD"] * 4 + ["MBGNBD"] * 4,
    }
)
CALIBRATION = pd.DataFrame(
    {
        "model": ["BGNBD"] * 3 + ["ParetoNBD"] * 3,
        "frequency": [0, 1, 2] * 2,
        "n": [700, 200, 100] * 2,
        "expected": [0.22, 0.9, 2.4, 0.25, 1.0, 2.6],
        "actual": [0.24, 1.1, 2.5] * 2,
    }
)
DENSITIES = pd.DataFrame(
    {
        "parameter": ["r"] * 3 + ["alpha"] * 3 + ["s"] * 3,
        "value": [0.5, 0.6, 0.7, 12.0, 13.5, 15.0, 1e-3, 1e-1, 10.0],
        "posterior": [0.1, 9.0, 0.1, 0.2, 5.0, 0.1, 0.1, 0.2, 0.1],
        "prior": [0.13] * 9,
    }
)
METHODS = pd.DataFrame(
    {
        "label": ["AOV × orders per year", "A long name of a formula that needs two lines", "model"],
        "value": [120.0, -10.0, 35.0],
        "low": [float("nan"), float("nan"), 33.0],
        "high": [float("nan"), float("nan"), 38.0],
        "chosen": [False, False, True],
    }
)
BEHAVIOUR = pd.DataFrame(
    {
        "band": ["promoters"] * 2 + ["detractors"] * 2,
        "age": [1, 2] * 2,
        "rate": [0.3, 0.25, 0.1, float("nan")],
        "low": [0.25, 0.2, 0.05, float("nan")],
        "high": [0.36, 0.31, 0.2, float("nan")],
        "revenue_per_customer": [15.0, 12, 4, float("nan")],
        "revenue_low": [12.0, 9, -1, float("nan")],
        "revenue_high": [18.0, 15, 9, float("nan")],
    }
)
NPS = pd.DataFrame(
    {
        "label": ["May", "June"], "period": MONTHS[:2], "n": [80, 100], "detractors": [20, 10], "passives": [20, 20],
        "promoters": [40, 70], "score": [25.0, 60.0], "low": [7.0, 45.3], "high": [41.0, 71.2],
    }
)  # fmt: skip
CSAT = pd.DataFrame(
    {
        "label": ["May", "June", "July"], "period": MONTHS, "n": [500, 100, 3], "answers": [500, 100, 3],
        "satisfied": [400, 90, 3], "score": [0.8, 0.9, None], "low": [0.76, 0.82, None], "high": [0.83, 0.95, None],
    }
).astype({"score": float, "low": float, "high": float})  # fmt: skip
ENDS = pd.date_range("1998-01-30", periods=4, freq="30D")
RECORD = pd.DataFrame(
    {
        "horizon": 30, "origin": ENDS - pd.Timedelta(days=30), "end": ENDS, "forecast": "combination",
        "expected": [90.0, 100, 80, 95], "low": [60.0, 70, 55, 70], "high": [130.0, 140, 120, 130],
        "actual": [100.0, 150, 50, 95], "inside": [True, False, False, True],
    }
)  # fmt: skip
STEPS_OVER = pd.DataFrame({"end": ENDS, "value": [120.0, 110, 130, 100]})
PATH = pd.DataFrame(
    {
        "end": [ENDS[-1] + pd.Timedelta(days=30 * step) for step in (1, 1, 2, 2)], "expected": [105.0, 105, 104, 104],
        "level": [0.5, 0.9] * 2, "low": [97.0, 86, 95, 80], "high": [114.0, 128, 115, 135],
    }
)  # fmt: skip
PAST = pd.DataFrame({"origin": ENDS[1], "end": ENDS[2:], "expected": [112.0, 108]})

PIT = pd.DataFrame(
    {
        "model": ["BGNBD"] * 2 + ["ParetoNBD"] * 2,
        "low": [0.0, 0.5] * 2, "high": [0.5, 1.0] * 2, "share": [0.6, 0.4, 0.45, 0.55],
    }
)  # fmt: skip

CALLS = {
    "alive_history": (HISTORY, {}),
    "band_retention": (BEHAVIOUR, {}),
    "calibration": (CALIBRATION, {}),
    "fan": (STEPS_OVER, {"path": PATH, "past": PAST}),
    "parameter_densities": (DENSITIES, {}),
    "pit_histogram": (PIT, {}),
    "rfm_map": (SEGMENTS, {}),
    "segment_flow": (MOVES, {"order": ["loyal", "at risk"]}),
    "survey_bars": (NPS, {}),
    "survey_trend": (NPS, {}),
    "track_record": (RECORD, {}),
    "value_comparison": (METHODS, {}),
}
