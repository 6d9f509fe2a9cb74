"""Notebooks become a monthly report: papermill runs them, each becomes a page, an index holds them together."""

from retention_kit.report.config import Config, Source
from retention_kit.report.dates import month_range
from retention_kit.report.plan import read_parameters
from retention_kit.report.run import Month, run
from retention_kit.report.scaffold import init
from retention_kit.report.settings import read_config

__all__ = ["Config", "Month", "Source", "init", "month_range", "read_config", "read_parameters", "run"]
