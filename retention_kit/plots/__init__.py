"""Figures: each takes a finished table, draws it, and returns its Axes."""

from __future__ import annotations

from retention_kit.plots.bars import coverage, histogram
from retention_kit.plots.curves import retention_curves
from retention_kit.plots.heatmap import retention_heatmap
from retention_kit.plots.purchases import frequency_fit, prediction_grid, value_concentration
from retention_kit.plots.revenue import revenue_split
from retention_kit.plots.segments import rfm_grid, segment_shares
from retention_kit.plots.show import show
from retention_kit.plots.survey import nps_bar, nps_trend
from retention_kit.plots.tracking import tracking
from retention_kit.plots.trend import sparklines, trend
from retention_kit.plots.waterfall import customer_movements, waterfall

__all__ = [
    "coverage",
    "customer_movements",
    "frequency_fit",
    "histogram",
    "nps_bar",
    "nps_trend",
    "prediction_grid",
    "retention_curves",
    "retention_heatmap",
    "revenue_split",
    "rfm_grid",
    "segment_shares",
    "show",
    "sparklines",
    "tracking",
    "trend",
    "value_concentration",
    "waterfall",
]
