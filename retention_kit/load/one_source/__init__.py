"""One source on its way to a table."""
