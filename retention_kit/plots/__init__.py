"""Figures: each takes a finished table, draws it, and returns its Axes."""

from __future__ import annotations

from retention_kit.plots.alive import alive_history
from retention_kit.plots.bands import band_retention
from retention_kit.plots.bars import coverage, histogram
from retention_kit.plots.calibration import calibration
from retention_kit.plots.comparison import value_comparison
from retention_kit.plots.curves import retention_curves
from retention_kit.plots.decomposition import decomposition
from retention_kit.plots.densities import parameter_densities
from retention_kit.plots.expected import expected_curve
from retention_kit.plots.flow import segment_flow
from retention_kit.plots.heatmap import retention_heatmap
from retention_kit.plots.layers import cohort_lines, revenue_layers
from retention_kit.plots.movements import customer_movements, mrr_movements, revenue_movements
from retention_kit.plots.purchases import frequency_fit, prediction_grid, value_concentration
from retention_kit.plots.revenue import revenue_split
from retention_kit.plots.segments import rfm_grid, segment_shares
from retention_kit.plots.show import show
from retention_kit.plots.survey import survey_bars, survey_trend
from retention_kit.plots.survival import survival_curves
from retention_kit.plots.tracking import tracking
from retention_kit.plots.treemap import rfm_map
from retention_kit.plots.trend import sparklines, trend
from retention_kit.plots.trends import trends
from retention_kit.plots.waterfall import waterfall

__all__ = [
    "alive_history",
    "band_retention",
    "calibration",
    "cohort_lines",
    "coverage",
    "customer_movements",
    "decomposition",
    "expected_curve",
    "frequency_fit",
    "histogram",
    "mrr_movements",
    "parameter_densities",
    "prediction_grid",
    "retention_curves",
    "retention_heatmap",
    "revenue_layers",
    "revenue_movements",
    "revenue_split",
    "rfm_grid",
    "rfm_map",
    "segment_flow",
    "segment_shares",
    "show",
    "sparklines",
    "survey_bars",
    "survey_trend",
    "survival_curves",
    "tracking",
    "trend",
    "trends",
    "value_comparison",
    "value_concentration",
    "waterfall",
]
