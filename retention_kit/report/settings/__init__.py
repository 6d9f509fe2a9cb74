"""The settings of a report: report.toml and its plain values, checked before any data are read."""
