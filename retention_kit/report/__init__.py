"""Notebooks become a monthly report: papermill runs them, each becomes a page, an index holds them together."""

from retention_kit.report.config import Config, Source, month_range
from retention_kit.report.plan import read_parameters
from retention_kit.report.run import Month, run

__all__ = ["Config", "Month", "Source", "month_range", "read_parameters", "run"]
