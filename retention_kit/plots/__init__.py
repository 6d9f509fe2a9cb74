"""Figures: each takes a finished table, draws it, and returns its Axes."""

from __future__ import annotations

from retention_kit.plots.cohorts.retention_curves import retention_curves
from retention_kit.plots.cohorts.retention_heatmap import retention_heatmap
from retention_kit.plots.cohorts.revenue_layers import cohort_lines, revenue_layers
from retention_kit.plots.customers.rfm_grid import rfm_grid, segment_shares
from retention_kit.plots.customers.rfm_map import rfm_map
from retention_kit.plots.customers.segment_flow import segment_flow
from retention_kit.plots.customers.survival import survival_curves
from retention_kit.plots.drawing.display import show
from retention_kit.plots.models.alive_history import alive_history
from retention_kit.plots.models.calibration import calibration
from retention_kit.plots.models.expected_curve import expected_curve
from retention_kit.plots.models.fan import fan
from retention_kit.plots.models.parameter_densities import parameter_densities
from retention_kit.plots.models.past_forecasts import track_record
from retention_kit.plots.models.pit_histogram import pit_histogram
from retention_kit.plots.models.purchase_fit import frequency_fit, prediction_grid, value_concentration
from retention_kit.plots.models.tracking import tracking
from retention_kit.plots.models.value_comparison import value_comparison
from retention_kit.plots.periods.bars import coverage, histogram
from retention_kit.plots.periods.causes import causes
from retention_kit.plots.periods.decomposition import decomposition
from retention_kit.plots.periods.movement_waterfalls import customer_movements, mrr_movements
from retention_kit.plots.periods.revenue_split import revenue_split
from retention_kit.plots.periods.trend import sparklines, trend, trends
from retention_kit.plots.periods.waterfall import waterfall
from retention_kit.plots.surveys.band_retention import band_retention
from retention_kit.plots.surveys.survey_bars import survey_bars, survey_trend

__all__ = [
    "alive_history",
    "band_retention",
    "calibration",
    "causes",
    "cohort_lines",
    "coverage",
    "customer_movements",
    "decomposition",
    "expected_curve",
    "fan",
    "frequency_fit",
    "histogram",
    "mrr_movements",
    "parameter_densities",
    "pit_histogram",
    "prediction_grid",
    "retention_curves",
    "retention_heatmap",
    "revenue_layers",
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
    "track_record",
    "tracking",
    "trend",
    "trends",
    "value_comparison",
    "value_concentration",
    "waterfall",
]
