"""Which header is which column of a table, and its cells as values."""
