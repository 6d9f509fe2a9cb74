"""Notebooks become a monthly report: papermill runs them, each becomes a page, an index holds them together."""

from retention_kit import extras

extras.require("report")  # before the modules below import what may be missing

from retention_kit.report.inputs.first_report.scaffold import init
from retention_kit.report.notebooks.plan import read_parameters
from retention_kit.report.run import Month, run
from retention_kit.report.settings.config import Config, Source
from retention_kit.report.settings.months import month_range
from retention_kit.report.settings.report_toml import read_config

__all__ = ["Config", "Month", "Source", "init", "month_range", "read_config", "read_parameters", "run"]
