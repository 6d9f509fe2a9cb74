"""The notebooks of a report: found, checked against the parameters, and planned for each month."""
