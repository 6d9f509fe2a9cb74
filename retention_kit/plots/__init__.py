"""Figures: each takes a finished table, draws it, and returns its Axes."""

from __future__ import annotations

from retention_kit.plots.alive import alive_history
from retention_kit.plots.bands import band_retention
from retention_kit.plots.bars import coverage, histogram
from retention_kit.plots.calibration import calibration
from retention_kit.plots.comparison import value_comparison
from retention_kit.plots.curves import retention_curves
from retention_kit.plots.densities import parameter_densities
from retention_kit.plots.flow import segment_flow
from retention_kit.plots.heatmap import retention_heatmap
from retention_kit.plots.purchases import frequency_fit, prediction_grid, value_concentration
from retention_kit.plots.revenue import revenue_split
from retention_kit.plots.segments import rfm_grid, segment_shares
from retention_kit.plots.show import show
from retention_kit.plots.survey import survey_bars, survey_trend
from retention_kit.plots.tracking import tracking
from retention_kit.plots.treemap import rfm_map
from retention_kit.plots.trend import sparklines, trend
from retention_kit.plots.waterfall import customer_movements, waterfall

__all__ = [
    "alive_history",
    "band_retention",
    "calibration",
    "coverage",
    "customer_movements",
    "frequency_fit",
    "histogram",
    "parameter_densities",
    "prediction_grid",
    "retention_curves",
    "retention_heatmap",
    "revenue_split",
    "rfm_grid",
    "rfm_map",
    "segment_flow",
    "segment_shares",
    "show",
    "sparklines",
    "survey_bars",
    "survey_trend",
    "tracking",
    "trend",
    "value_comparison",
    "value_concentration",
    "waterfall",
]
